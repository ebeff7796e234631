"""The three programs that every newcomer knows: they print what Rust's would print, and end by themselves."""

import pathlib
import subprocess
import time

from outcomes import Outcome

# What is printed, and whether the order of the lines is given.
PROGRAMS = {
    "one_message": (["got: hello from the thread"], True),
    "three_messages": (["got: one", "got: two", "got: three"], True),
    "three_workers": ([f"got: message from worker {n}" for n in (1, 2, 3)], False),
}
PATIENCE_SECONDS = 60


def run_newcomers(directory, outcomes):
    for program, (expected, in_order) in PROGRAMS.items():
        began = time.monotonic()
        try:
            done = subprocess.run([pathlib.Path(directory) / program], capture_output=True, text=True,
                                  timeout=PATIENCE_SECONDS)
            lines = done.stdout.splitlines()
            printed = lines if in_order else sorted(lines)
            failure = "" if (printed, done.returncode) == (expected, 0) else (
                f"expected {expected}, printed {lines}, status {done.returncode} {done.stderr.strip()}")
        except subprocess.TimeoutExpired:
            failure = "it does not end"
        outcomes.add(Outcome("newcomers", program, time.monotonic() - began, failure))
