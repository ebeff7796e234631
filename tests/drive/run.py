"""Runs everything that `make test` has built, and ends in a table and the line `test: N passed, N failed`."""

import argparse
import pathlib
import shlex
import sys
import time

from builds import HEADERS, run_builds
from coverage import forget_earlier_runs, report_coverage
from from_spec import run_from_spec
from instructions import check_instructions
from lint import classic_mistake
from must_not_compile import run_must_not_compile
from newcomers import run_newcomers
from outcomes import Outcome, Outcomes
from statements import check_families, report_statements
from unit import list_tests, run_tests

# Its tests are about the assertions on traces; they are not evidence of a statement.
ABOUT_TESTS = "complaints"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--race-build", type=pathlib.Path)
    parser.add_argument("--cover-build", type=pathlib.Path)
    parser.add_argument("--builds", action="store_true", help="those of tests/BUILDS.md, too")
    parser.add_argument("--gxx", required=True, help="g++ with flags")
    parser.add_argument("--clangxx", required=True, help="clang++ with flags")
    parser.add_argument("--jar", type=pathlib.Path, required=True, help="TLC")
    parser.add_argument("--counts", type=pathlib.Path, help="the program whose instructions are counted")
    parser.add_argument("--tidy", default="clang-tidy-19")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()

    outcomes = Outcomes()
    unit = arguments.build / "unit"
    run_tests([unit], arguments.only, outcomes)
    if arguments.race_build:
        run_tests([arguments.race_build / "unit"], arguments.only, outcomes, prefix="race: ")
    if not arguments.only:
        run_newcomers(arguments.build / "examples", outcomes)
        refused = run_must_not_compile(pathlib.Path("tests/must_not_compile"),
                                       HEADERS,
                                       {"g++": arguments.gxx, "clang": arguments.clangxx},
                                       arguments.build / "must_not_compile.json", outcomes)
        if arguments.builds:
            run_builds(HEADERS, arguments.build / "builds.json", outcomes)
        began = time.monotonic()
        failure = classic_mistake(arguments.tidy, shlex.split(arguments.clangxx)[1:])
        outcomes.add(Outcome("lint", "S2_use_after_send", time.monotonic() - began, failure))
        if arguments.counts:
            check_instructions(arguments.counts, outcomes)
        run_from_spec(arguments.build / "replay", arguments.jar, arguments.build / "from_spec", outcomes)
        if arguments.cover_build:
            forget_earlier_runs(arguments.cover_build)
            run_tests([arguments.cover_build / "unit"], "", outcomes, prefix="coverage: ")
            report_coverage(arguments.cover_build, HEADERS, pathlib.Path("tests/UNREACHABLE.md"), outcomes)
        shown = [name for name, file in list_tests([unit]).items() if file != ABOUT_TESTS]
        check_families(shown, pathlib.Path("tests/FAMILIES.md"), outcomes)
        report_statements(shown + refused, arguments.build / "statements.txt", outcomes)
    outcomes.print_table()
    outcomes.write_junit(arguments.build / "results.xml")
    failed = outcomes.failed()
    print(f"test: {len(outcomes.all) - failed} passed, {failed} failed")
    return 1 if failed or not outcomes.all else 0


if __name__ == "__main__":
    sys.exit(main())
