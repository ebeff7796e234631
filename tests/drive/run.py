"""Runs everything that `make test` has built, and ends in a table and the line `test: N passed, N failed`."""

import argparse
import pathlib
import sys

from newcomers import run_newcomers
from outcomes import Outcomes
from unit import run_tests


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--race-build", type=pathlib.Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()

    outcomes = Outcomes()
    run_tests(arguments.build / "unit", arguments.only, outcomes)
    if arguments.race_build:
        run_tests(arguments.race_build / "unit", arguments.only, outcomes, prefix="race: ")
    if not arguments.only:
        run_newcomers(arguments.build / "examples", outcomes)
    outcomes.print_table()
    outcomes.write_junit(arguments.build / "results.xml")
    failed = outcomes.failed()
    print(f"test: {len(outcomes.all) - failed} passed, {failed} failed")
    return 1 if failed or not outcomes.all else 0


if __name__ == "__main__":
    sys.exit(main())
