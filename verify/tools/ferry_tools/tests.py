"""Runs everything that `make test` has built, and ends in a table and the line `test: N passed, N failed`."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from ferry_tools.builds import run_builds
from ferry_tools.coverage import forget_earlier_runs, report_coverage
from ferry_tools.cppunit import list_tests, run_tests
from ferry_tools.errors import ToolError, guarded
from ferry_tools.examples import run_examples
from ferry_tools.from_spec import run_from_spec
from ferry_tools.gdb_printer import check_gdb
from ferry_tools.installs import run_installs
from ferry_tools.instructions import check_instructions
from ferry_tools.must_not_compile import run_must_not_compile
from ferry_tools.readme_pictures import check_pictures
from ferry_tools.results import Clock, Result, Results
from ferry_tools.seen_red import run_seen_red
from ferry_tools.statements import check_families, report_statements
from ferry_tools.use_after_move import classic_mistake

# Its tests are about the assertions on traces; they are not evidence of a statement.
ABOUT_TESTS = "complaints"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--race-build", type=Path)
    parser.add_argument("--cover-build", type=Path)
    parser.add_argument("--builds", action="store_true", help="those of tests/BUILDS.md, too")
    parser.add_argument("--gxx", required=True, help="g++ with flags")
    parser.add_argument("--clangxx", required=True, help="clang++ with flags")
    parser.add_argument("--jar", type=Path, required=True, help="TLC")
    parser.add_argument("--counts", type=Path, help="the program whose instructions are counted")
    parser.add_argument("--tidy", default="clang-tidy-19")
    parser.add_argument("--only", default="")
    a = parser.parse_args()

    results = Results()
    unit = [str(a.build / "unit")]
    run_tests(unit, a.only, results.add)
    if a.race_build:
        run_tests([str(a.race_build / "unit")], a.only, results.add, prefix="race: ")
    if a.only and not results.all:
        raise ToolError(f"no test has {a.only} in its name")
    if not a.only:
        run_seen_red(a.build / "unit", a.race_build / "unit" if a.race_build else None, results)
        run_examples(a.build / "examples", results)
        commands = {"g++": a.gxx, "clang": a.clangxx}
        refused = run_must_not_compile(
            Path("tests/must_not_compile"), commands, a.build / "must_not_compile.json", results
        )
        if a.builds:
            run_builds(a.build / "builds.json", results)
            run_installs(a.build / "installs", shlex.split(a.gxx)[0], results)
            check_gdb(shlex.split(a.gxx)[0], a.build / "gdb", results)
        clock = Clock()
        failure = classic_mistake(a.tidy, shlex.split(a.clangxx)[1:])
        results.add(Result("lint", "S2_use_after_send", clock.seconds, failure))
        if a.counts:
            check_instructions(a.counts, shlex.split(a.gxx)[0], results)
        check_pictures(a.jar, a.build / "pictures", results)
        run_from_spec(a.build / "replay", a.jar, a.build, results)
        if a.cover_build:
            forget_earlier_runs(a.cover_build)
            run_tests([str(a.cover_build / "unit")], "", results.add, prefix="coverage: ")
            report_coverage(a.cover_build, Path("tests/UNREACHABLE.md"), results)
        shown = [name for name, file in list_tests(unit).items() if file != ABOUT_TESTS]
        check_families(shown, Path("tests/FAMILIES.md"), results)
        report_statements(shown + refused, a.build / "statements.txt", results)
    results.print_table()
    results.write_junit(a.build / "results.xml")
    return results.end("test")


if __name__ == "__main__":
    raise SystemExit(guarded("test", main))
