"""The three programs that every newcomer knows: they print what Rust's would print, and end by themselves."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ferry_tools.results import Clock, Result, Results

# What is printed, and whether the order of the lines is given.
PROGRAMS = {
    "one_message": (["got: hello from the thread"], True),
    "three_messages": (["got: one", "got: two", "got: three"], True),
    "three_workers": ([f"got: message from worker {n}" for n in (1, 2, 3)], False),
}
PATIENCE = 60  # seconds


def run_examples(folder: Path, results: Results) -> None:
    for program, (expected, in_order) in PROGRAMS.items():
        clock = Clock()
        try:
            done = subprocess.run([folder / program], capture_output=True, text=True, timeout=PATIENCE)
            lines, failure = done.stdout.splitlines(), ""
            if (lines if in_order else sorted(lines)) != expected or done.returncode != 0:
                failure = f"expected {expected}, printed {lines}, status {done.returncode} {done.stderr.strip()}"
        except subprocess.TimeoutExpired:
            failure = "it does not end"
        results.add(Result("newcomers", program, clock.seconds, failure))
