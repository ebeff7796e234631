"""Tests that must fail: a bug is planted at a step (plants.py), and a test with the number of a shipped bug is run
alone.
No test has the number of a bug that nothing has shown it to notice."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ferry_tools.cppunit import SANITIZERS, list_tests
from ferry_tools.plants import TESTS
from ferry_tools.results import Clock, Result, Results
from ferry_tools.statements import ELSEWHERE, bugs_in

# Seconds. A thread that nobody wakes is a failure, too: these take milliseconds where no bug is planted.
PATIENCE = 5.0
PART = "fails as it must"


def run_seen_red(unit: Path, race: Path | None, results: Results) -> None:
    """`race`: under ThreadSanitizer, for weaker memory orders; without, these are left out."""

    def look(test: str, plant: str) -> Result:
        clock = Clock()
        program = race if race and plant.endswith("=relaxed") else unit
        process = subprocess.Popen(
            [program, test],
            env=SANITIZERS | os.environ | {"FERRY_PLANT": plant},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            said, _ = process.communicate(timeout=PATIENCE)
            red = process.returncode != 0 or "\nfailed\t" in said
        except subprocess.TimeoutExpired:
            process.kill()
            said, red = process.communicate()[0], True
        red = red and f"begin\t{test}\n" in said
        failure = "" if red else f"passes, or is not there; again: FERRY_PLANT={plant} {program} {test}"
        return Result(PART, f"{test} ({plant})", clock.seconds, failure)

    seen = {test for test, _ in TESTS}
    for test in list_tests([str(unit)]):
        if test not in seen and (numbers := [bug for bug in bugs_in(test) if bug not in ELSEWHERE]):
            failure = f"plants.py plants no bug that this test, named for {', '.join(numbers)}, is to fail with"
            results.add(Result(PART, test, failure=failure))
    chosen = [(test, plant) for test, plant in TESTS if race or not plant.endswith("=relaxed")]
    with ThreadPoolExecutor() as pool:
        for result in pool.map(look, *zip(*chosen)):
            results.add(result)
