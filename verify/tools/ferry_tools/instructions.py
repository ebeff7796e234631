"""Counts the instructions of an operation, by callgrind: the same in every run, whatever else the machine does. They
are pinned for each compiler, by its version, so that nobody makes the hot path longer without noticing. Fewer are no
failure; under a compiler without pins nothing is compared, and that is said.

    python3 -m ferry_tools.instructions build/test/counts g++     writes that compiler's pins anew
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from ferry_tools.errors import ToolError, guarded
from ferry_tools.results import Clock, Result, Results

PINS = Path("tests/instructions/pins.json")
OPERATIONS = ("send", "send_and_recv", "send_and_try_recv", "try_recv_of_nothing", "clone_and_drop", "create_and_drop")
SHORT, LONG = 5_000, 25_000
# One instruction more on the hot path is to be seen, a locked one above all. Allocation is the C library's.
MARGIN, MARGIN_OF_ALL = 0.6, 0.005


def said_by(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise ToolError(str(error)) from None


def name_of(compiler: str) -> str:
    """With its version, to the patch level: g++ 12.2.0."""
    version = said_by(compiler, "-dumpfullversion", "-dumpversion").stdout.strip()
    return f"{'clang++' if 'clang' in said_by(compiler, '--version').stdout else 'g++'} {version}"


def run(program: Path, operation: str, times: int) -> int:
    callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    ran = said_by(*callgrind, str(program), operation, str(times))
    collected = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode != 0 or not collected:
        raise ToolError(f"valgrind gave no count of {operation}: {ran.stderr.strip().splitlines()[-1:]}")
    return int(collected[1])


def count(program: Path, operation: str) -> float:
    return (run(program, operation, LONG) - run(program, operation, SHORT)) / (LONG - SHORT)


def check_instructions(program: Path, compiler: str, results: Results) -> None:
    name = name_of(compiler)
    pins: dict[str, float] = json.loads(PINS.read_text()).get(name, {})
    if not pins:
        print(f"\n  instructions: not compared, {PINS} has no pins for {name}")
        return
    for operation in OPERATIONS:
        clock, failure = Clock(), ""
        try:
            counted, pinned = count(program, operation), pins.get(operation, 0.0)
            margin = max(MARGIN, MARGIN_OF_ALL * pinned)
            if counted > pinned + margin:
                again = f"PYTHONPATH=verify/tools python3 -m ferry_tools.instructions {program} {compiler}"
                failure = f"{counted:.1f} instructions; {PINS} has {pinned} for {name}; if that is meant: {again}"
            elif counted < pinned - margin:
                print(f"\n  instructions: {operation} takes {counted:.1f}, fewer than the {pinned} of {name}'s pins")
        except ToolError as error:
            failure = str(error)
        results.add(Result("instructions", operation, clock.seconds, failure))


def main() -> int:
    if len(sys.argv) != 3:
        raise ToolError(__doc__ or "")
    pins = json.loads(PINS.read_text())
    pins[name_of(sys.argv[2])] = {operation: round(count(Path(sys.argv[1]), operation), 1) for operation in OPERATIONS}
    PINS.write_text(json.dumps(pins, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded("instructions", main))
