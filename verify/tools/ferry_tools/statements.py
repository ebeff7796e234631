"""Which scenario, and which test, shows which statement and which shipped bug."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from ferry_tools.paths import BUG_LIST
from ferry_tools.results import Result, Results

STATEMENTS = [f"S{n}" for n in range(1, 30)]
BUGS = re.findall(r"^\| (B\d+) \|", BUG_LIST.read_text(), re.MULTILINE)

# What no schedule touches, and where it is shown instead.
ELSEWHERE = {
    "S2": "whether a program compiles, and what the lint says: tests/must_not_compile/, tests/lint/",
    "S28": "what a loop or a pipeline asks of an iterator: tests/unit/iterating.cpp",
    "S25": "whether a program compiles: tests/must_not_compile/",
    "B19": "a destructor that fails inside: S19_a_destructor_that_fails_inside_does_not_end_the_drain_early_B19",
}


class Shows(Protocol):
    shows: list[str]


def not_shown_by(scenarios: Iterable[Shows]) -> list[str]:
    """By the scenarios' lines `shows`."""
    shown = {number for s in scenarios for number in s.shows}
    found = [
        f"no scenario shows {n}, and nothing says why" for n in STATEMENTS + BUGS if n not in shown | ELSEWHERE.keys()
    ]
    return found + [f"{n} is shown by a scenario, and said to be shown elsewhere" for n in ELSEWHERE if n in shown]


def numbers_of(test: str) -> list[str]:
    """The numbers are in a test's name."""
    prefix = re.match(r"(?:S\d+_)*", test)
    return re.findall(r"(S\d+)(?=_)", prefix[0]) if prefix else []


def check_families(tests: list[str], path: Path, results: Results) -> None:
    """What the table of families names must be there."""
    for name in sorted(set(re.findall(r"`(S\d+_\w+)`", path.read_text())) - set(tests)):
        results.add(Result("families", name, failure=f"is named in {path}, and no test"))


def report_statements(tests: list[str], path: Path, results: Results) -> None:
    """Prints the table, in short, and writes it out in full. A statement without a test is a failure."""
    shown_by: dict[str, list[str]] = {statement: [] for statement in STATEMENTS}
    for name in sorted(set(tests)):
        numbers = numbers_of(name)
        unknown = [number for number in numbers if number not in shown_by]
        if unknown or not numbers:
            results.add(Result("statements", name, failure=f"shows {unknown or 'no statement'}"))
        for number in numbers:
            shown_by.get(number, []).append(name)
    for statement, of in shown_by.items():
        results.add(Result("statements", statement, failure="" if of else "no test shows it"))
    path.write_text("".join(f"{s}\n" + "".join(f"    {name}\n" for name in of) for s, of in shown_by.items()))
    print(f"\n  statement   tests   (all of them are named in {path})")
    for statement, of in shown_by.items():
        sentence = re.sub(r"^(S\d+_)+", "", of[0]).replace("_", " ") if of else "NONE"
        print(f"  {statement:9} {len(of):7}   {sentence[:96]}")
    print()
