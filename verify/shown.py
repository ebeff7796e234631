"""Whether each statement and each shipped bug is shown by a scenario, by its lines `shows`."""

from __future__ import annotations

from scenario import BUGS, STATEMENTS, Scenario

# What no schedule touches, and where it is shown instead.
ELSEWHERE = {
    "S2": "whether a program compiles, and what the lint says: tests/must_not_compile/, tests/lint/",
    "S28": "what a loop or a pipeline asks of an iterator: tests/unit/iterating.cpp",
    "S25": "whether a program compiles: tests/must_not_compile/",
    "B19": "a destructor that fails inside: S19_a_destructor_that_fails_inside_does_not_end_the_drain_early_B19 in tests/unit/",
}


def problems(chosen: list[Scenario]) -> list[str]:
    shown = {number for s in chosen for number in s.shows}
    found = [f"no scenario shows {n}, and nothing says why" for n in STATEMENTS + BUGS if n not in shown and n not in ELSEWHERE]
    return found + [f"{n} is shown by a scenario, and said to be shown elsewhere" for n in ELSEWHERE if n in shown]
