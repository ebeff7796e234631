"""Tests that must fail: a bug is planted by the name of a step (verify/platforms/plant.hpp), and the test with the
number of a shipped bug is run alone."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ferry_tools.results import Clock, Result, Results

# A test, and the step. A thread that nobody wakes is a failure, too: these take milliseconds where no bug is planted.
PATIENCE = 5.0
SEEN_RED = {
    "S10_a_send_between_the_receivers_look_and_its_sleep_is_seen_B22": "Wake=omitted",
    "S15_a_clone_made_while_the_receiver_waits_with_a_deadline_keeps_the_channel_open_B9": "CloneSender=omitted",
    "S16_a_value_in_a_new_block_wakes_a_receiver_that_sleeps_B17": "Wake=omitted",
    "S16_the_last_drop_between_the_receivers_look_and_its_sleep_is_seen_B11_B23": "DropLastSender=omitted",
    "S19_dropping_the_receiver_destroys_also_what_a_send_is_still_putting_in_B7": "Close=omitted",
}


def run_seen_red(program: Path, results: Results) -> None:
    def look(test: str) -> Result:
        clock, plant = Clock(), SEEN_RED[test]
        process = subprocess.Popen(
            [program, test],
            env=os.environ | {"FERRY_PLANT": plant},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            said, _ = process.communicate(timeout=PATIENCE)
            red = process.returncode < 0 or "\nfailed\t" in said
        except subprocess.TimeoutExpired:
            process.kill()
            said, red = process.communicate()[0], True
        red = red and f"begin\t{test}\n" in said
        failure = "" if red else f"passes with FERRY_PLANT={plant}, or is not there: {said}"
        return Result("fails as it must", test, clock.seconds, failure)

    with ThreadPoolExecutor() as pool:
        for result in pool.map(look, SEEN_RED):
            results.add(result)
