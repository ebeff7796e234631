"""The parkers that ship, explored in programs of their own: runs verify/relacy/parker.cpp."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from ferry_tools.results import Clock, Json, Result

PROGRAM = "parker"
NOT_ENDED = "not ended after"
LINES_SHOWN = 60  # of a failing execution: its last ones


def explore_parker(folder: Path, patience: int) -> list[Result]:
    """A result for each program; the execution that failed comes with it."""
    clock = Clock()
    program = folder / PROGRAM
    again = [f"again: make {program} && {program}"]
    try:
        done = subprocess.run([program], capture_output=True, text=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return [Result("parker", "all programs", clock.seconds, f"{NOT_ENDED} {patience} s", "", {}, again)]
    results, execution = list[Result](), list[str]()
    for line in done.stdout.splitlines():
        if not line.startswith("{"):
            execution.append(line)
            continue
        report: Json = json.loads(line)
        said = f"{report['executions']:,} executions: each token is taken once, and no time-out is early"
        details = execution[-LINES_SHOWN:] + again
        figures = {"executions": report["executions"]}
        results.append(Result("parker", report["program"], 0.0, report["failure"], said, figures, details))
        execution = []
    if done.returncode not in (0, 1) or not results or (done.returncode == 1 and all(r.passed for r in results)):
        results.append(Result("parker", "all programs", clock.seconds, f"status {done.returncode}", "", {}, again))
    results[0].seconds = clock.seconds
    return results
