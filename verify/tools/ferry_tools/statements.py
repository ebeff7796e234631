"""Which scenario, and which test, shows which statement and which shipped bug."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ferry_tools.paths import BUG_LIST, TESTS
from ferry_tools.results import Result, Results

STATEMENTS = [f"S{n}" for n in range(1, 41)]
BUGS = re.findall(r"^\| (B\d+) \|", BUG_LIST.read_text(), re.MULTILINE)


@dataclass(frozen=True)
class Elsewhere:
    """What no schedule touches."""

    why: str
    shown_by: tuple[str, ...]  # tests, by name; of what must not compile, the file
    red: str  # how these were seen to fail


TWIN = "its twin differs by the mistake alone, and compiles: each `make test` compiles both"
BY_HAND = "by hand, in a copy of the header: "
ELSEWHERE = {
    "S2": Elsewhere(
        "whether a program compiles; use after a send is a lint", ("S2_send_an_lvalue", "S2_use_after_send"), TWIN
    ),
    "S25": Elsewhere(
        "whether a program compiles",
        ("S25_a_const_value", "S25_a_destructor_that_may_throw", "S25_a_move_that_may_throw"),
        TWIN,
    ),
    "S28": Elsewhere(
        "what a loop or a pipeline asks of an iterator",
        (
            "S28_take_takes_what_it_says_and_the_rest_is_for_the_next_call",
            "S28_take_does_not_wait_for_a_value_behind_its_last",
        ),
        BY_HAND + "`Iterator::operator++` receives at once",
    ),
    "S39": Elsewhere(
        "a loop over `recv` and `try_recv`, which takes no step of its own",
        (
            "S39_recv_many_takes_what_is_there_up_to_the_limit",
            "S39_recv_many_waits_for_the_first_value_and_for_no_other",
            "S39_S19_a_value_may_drop_the_receiver_of_recv_many",
        ),
        BY_HAND + "it takes one more than the limit, looks for the first, waits for each, or does without `kept`",
    ),
    "B42": Elsewhere(
        "a channel that is never made",
        ("S24_a_capacity_that_would_just_wrap_throws_bad_alloc_B42",),
        "`make mutants` plants it, and the test fails",
    ),
    "B19": Elsewhere(
        "a destructor that fails inside",
        ("S19_a_destructor_that_fails_inside_does_not_end_the_drain_early_B19",),
        BY_HAND + "the loop of `destroy_rest` ends after one value",
    ),
}


class Shows(Protocol):
    shows: list[str]


def not_shown_by(scenarios: Iterable[Shows]) -> list[str]:
    """By the scenarios' lines `shows`."""
    shown = {number for s in scenarios for number in s.shows}
    found = [
        f"no scenario shows {n}, and nothing says why" for n in STATEMENTS + BUGS if n not in shown | ELSEWHERE.keys()
    ]
    found += [f"{n} is shown by a scenario, and said to be shown elsewhere" for n in ELSEWHERE if n in shown]
    tests = tests_by_name()
    return found + [
        f"{n} is said to be shown by {name}, and there is no such test"
        for n, elsewhere in ELSEWHERE.items()
        for name in elsewhere.shown_by
        if name not in tests
    ]


def tests_by_name() -> dict[str, Path]:
    """All tests, with the file; of what must not compile, the name is the file's."""
    tests = {path.stem: path for path in sorted(TESTS.rglob("S*.cpp"))}
    for path in sorted(TESTS.rglob("*.cpp")):
        tests |= dict.fromkeys(re.findall(r"\bTEST\((\w+)", path.read_text()), path)
    return tests


def numbers_of(test: str) -> list[str]:
    """The numbers are in a test's name."""
    prefix = re.match(r"(?:S\d+_)*", test)
    return re.findall(r"(S\d+)(?=_)", prefix[0]) if prefix else []


def bugs_in(name: str) -> list[str]:
    return re.findall(r"(?<![A-Za-z0-9])B\d+(?![A-Za-z0-9])", name.replace("_", " "))


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
