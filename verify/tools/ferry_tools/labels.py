"""Which label of a scenario (S6, B17: behind `shows`) is justified: something that violates it is noticed there.

What violates it is a wrong contract, with which the outcomes of the scenario would not be the header's.
Or, where no wrong contract does, it is a bug that is planted in the header at a step, and found as is said here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path

from ferry_tools import plants
from ferry_tools.exploration import Explorer, again
from ferry_tools.models import Model, load_models
from ferry_tools.paths import TESTS
from ferry_tools.results import Clock, Result
from ferry_tools.scenarios import Scenario
from ferry_tools.statements import BUGS, ELSEWHERE, bugs_in

EXECUTIONS = 5_000  # in which a planted bug has to be found

# What a wrong contract, or a wrong algorithm, violates beside the number in its name and in its property's.
ALSO = {
    "LeavesWhenEmpty": "S9",  # the drop waits until all that was accepted is received
    "B12_AnyDropEnds": "S17",
    "B23_LastDropWakesNobody": "S17",
    "NeverEmpty": "S18",
    "B16_DisconnectedThoughSent": "B1 S11",
    "B25_UnwindingTakesTheValue": "S27",
    "UnwindingCloses": "S27",
    "B13_EmptyThoughSent": "B14",
    "EmptyThoughTwoAreThere": "B14",
    "TimeOutThoughAValueIsThere": "B14 S40",
    "TimeOutAtTheEnd": "S40",
    "NeverTimesOut": "S40",
    "B1_NoSecondLook": "B14",
    "CapacityZeroIsOne": "S34 S35 B30",
    "ring_ZeroIsOne": "B30",
    "OneMoreThanTheCapacity": "B31",
    "CloseLeavesTheLine": "B26",
    "ring_CloseWakesNobody": "B26",
    "ring_GivesUpThoughAnswered": "B27 B33",
    "ring_ReceiveTellsNobody": "B28",
    "ring_FullAndWaitingAreTwoSteps": "B29",
    "ring_ClosedIsNotAskedUnderTheLock": "B32",
    "ring_OneIsWokenTheOthersSleepOn": "B35",
    "RecvMeetsOnlyACrowd": "B37",
    "mutant_NeitherSideFrees": "B3",
    "mutant_WaitingSendOverlooksClosed": "B15 B24",
    "mutant_B1_DoneAloneIsTheEnd": "B16",
}
# The operation that a statement is about, where what violates it may be noticed without.
ONLY_WITH = {"S17": "iterate", "S18": "try_iterate", "S27": "recv_unwound", "B25": "recv_unwound", "S40": "stop"}


def violated_by(model: Model) -> set[str]:
    """By a wrong contract or a wrong algorithm."""
    statement = re.match(r"S\d+(?=_)", model.expected)
    return {*bugs_in(model.name), *ALSO.get(model.name, "").split(), *([statement[0]] if statement else [])}


def can_show(label: str, s: Scenario) -> bool:
    """Whether the scenario has what the label is about."""
    kinds = [op.kind for thread in s.threads for op in thread.ops]
    if label == "B14":
        return kinds.count("send") > s.first_slots
    return label not in ONLY_WITH or ONLY_WITH[label] in kinds


def justify(s: Scenario, noticed: Mapping[str, Mapping[str, str]], explorer: Explorer) -> Result:
    """`noticed`: wrong contract -> scenario -> what is noticed there."""
    clock, by, missing = Clock(), dict[str, str](), list[str]()
    contracts = {m.name: violated_by(m) for m in load_models() if m.name in noticed}
    for label in s.shows:
        of = (name for name, labels in contracts.items() if label in labels and noticed[name].get(s.name))
        planted = (
            step
            for step, labels, told in (plants.EXPLORED_RING if s.is_bounded else plants.EXPLORED)
            if label in labels.split() and is_found(s, step, told, explorer)
        )
        found = next(itertools.chain(of, planted), None) if can_show(label, s) else None
        if found:
            by[label] = found
        else:
            missing.append(label)
    failure = f"nothing that violates {', '.join(missing)} is noticed here" if missing else ""
    said = ", ".join(f"{label} by {what}" for label, what in by.items())
    return Result("labels", s.name, clock.seconds, failure, said, {"labels": by}, [again(s)])


def is_found(s: Scenario, step: str, told: str, explorer: Explorer) -> bool:
    options = ["--plant", step, "--executions", str(EXECUTIONS), *(["--reuse"] if s.reuse else [])]
    report = explorer.run(s, *options, label=f"{s.name} ({step})")
    return bool(report["plant_met"] and re.search(told, report.get("failure", "")))


def write_bugs(path: Path, justified: list[Result]) -> None:
    """For each shipped bug: where it is planted, and which scenarios and tests are about it."""
    tests = sorted({name for file in TESTS.rglob("*.cpp") for name in re.findall(r"\bS\d+_\w+", file.read_text())})
    lines = ["# Where the bugs of spec/BUGS.md are planted, and what notices them", ""]
    lines += ["Written by `make verify`. A scenario stands with what it was seen to notice.", ""]
    for bug, places in planted_at().items():
        lines += [f"## {bug}", "", *(f"- planted: `{place}`" for place in places)]
        by = [(r.name, r.figures["labels"][bug]) for r in justified if bug in r.figures["labels"]]
        lines += [f"- scenario: `{name}`, by `{what}`" for name, what in by]
        lines += [*(f"- test: `{name}`" for name in tests if bug in bugs_in(name)), ""]
    path.write_text("\n".join(lines))


def planted_at() -> dict[str, list[str]]:
    """Of each shipped bug: the wrong contracts and algorithms, and the planted steps."""
    wrong = [(model.name, violated_by(model)) for model in load_models() if model.change]
    steps = [(step, set(labels.split())) for step, labels, _ in plants.EXPLORED + plants.EXPLORED_RING]
    return {bug: list(dict.fromkeys(name for name, violated in wrong + steps if bug in violated)) for bug in BUGS}


def planted_nowhere() -> list[str]:
    return [f"{bug} is planted nowhere" for bug, places in planted_at().items() if not places and bug not in ELSEWHERE]
