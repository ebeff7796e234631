"""Counts the instructions of an operation, by callgrind: the same in every run, whatever else the machine does. They are
pinned, so that nobody makes the hot path longer without noticing.

    python3 tests/drive/instructions.py build/test/counts --pin     writes the pins anew, after a deliberate change
"""

import json
import pathlib
import re
import subprocess
import sys
import time

from outcomes import Outcome

PINS = pathlib.Path("tests/instructions/pins.json")
OPERATIONS = ("send", "send_and_recv", "send_and_try_recv", "try_recv_of_nothing", "clone_and_drop", "create_and_drop")
SHORT, LONG = 5_000, 25_000
# One instruction more on the hot path is to be seen, a locked one above all. Allocation is the C library's.
MARGIN, MARGIN_OF_ALL = 0.6, 0.005


def run(program, operation, times):
    ran = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, operation, str(times)],
                         capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode != 0 or not collected:
        raise RuntimeError(f"valgrind gave no count of {operation}: {ran.stderr.strip().splitlines()[-1:]}")
    return int(collected[1])


def count(program, operation):
    return (run(program, operation, LONG) - run(program, operation, SHORT)) / (LONG - SHORT)


def check_instructions(program, outcomes):
    pins = json.loads(PINS.read_text())
    for operation in OPERATIONS:
        began = time.monotonic()
        try:
            counted = count(program, operation)
            margin = max(MARGIN, MARGIN_OF_ALL * pins[operation])
            failure = "" if abs(counted - pins[operation]) <= margin else (
                f"{counted:.1f} instructions, and not the {pins[operation]} (by {margin:.1f}) that are pinned in {PINS}; "
                f"if that is meant: python3 tests/drive/instructions.py {program} --pin")
        except (OSError, RuntimeError, KeyError) as error:
            failure = str(error)
        outcomes.add(Outcome("instructions", operation, time.monotonic() - began, failure))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] != "--pin":
        sys.exit(__doc__)
    PINS.write_text(json.dumps({operation: round(count(sys.argv[1], operation), 1) for operation in OPERATIONS}, indent=1) + "\n")
