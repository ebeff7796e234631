"""The algorithm is followed: executions of the header are held against what its threads do (algorithm_graph.py).

followed   the explorer reports each step of an execution that is not the algorithm's (exploration.py, with `graph`)
taken      what a thread of the algorithm does in a scenario, some execution does
missed     each kind of steps, left out of the graph, is missed where an execution takes it
planted    a header that leaves an instruction out, or splits a read-modify-write, is not the algorithm
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ferry_tools import step_names
from ferry_tools.algorithm_graph import LocalGraph, LocalStep
from ferry_tools.exploration import Explorer, again
from ferry_tools.paths import CORE, OF_RING
from ferry_tools.results import Clock, Json, Result
from ferry_tools.scenarios import Scenario

# How the explorer says that an execution is not the algorithm's.
NOT_ITS = re.compile("the header takes a step that the algorithm has not|a call ends as the algorithm's does not")
# Kinds of steps that the algorithm takes in the scenarios that are followed, and no execution does, with the reason.
NEVER_TAKEN: dict[str, str] = {}
# Plants that leave the algorithm's steps as they are, or are not met, with the reason.
UNNOTICED = {
    "RecvRecycle=split": "a block is then freed that a sender has taken, and Relacy reports its use first",
    **dict.fromkeys(
        ["Ring::DismissLook=omitted", "Ring::DismissLook=split", "Ring::DismissWake=omitted"],
        "sends that can be asked to stop are not followed",
    ),
    "Ring::AdmitRoom=split": "nobody else changes `room` while the receiver has the lock",
    "Ring::AdmitClaim=split": "nobody else changes `tail`: no position is open, and who waits in the line is alive",
}
# The actions that what a thread finds does not determine, with what does.
CHOICES = {
    "SendClaim": "whether an installer will get memory is foretold",
    "SendLook": "a send may be left by unwinding",
    "SendRoom": "a send may be left by unwinding",
    "RecvReady": "a receive may be left by unwinding",
    "RecvNext": "a receive may be left by unwinding",
}
MOST_SHOWN = 5
FEW_THREADS = 3  # in the scenarios that are followed through the algorithm, in each run: those with four take long


def all_kinds(graphs: Iterable[LocalGraph]) -> list[str]:
    return sorted({graph.kind(step) for graph in graphs for step in graph.steps})


def check_taken(graphs: list[LocalGraph], reports: dict[str, Json]) -> Result:
    """Where only a load that reads an older store leads, the memory may rule it out; all else has to be taken."""
    problems, untaken, steps = list[str](), set[str](), 0
    for graph in graphs:
        taken = set(reports[graph.scenario.name]["algorithm_taken"])
        for number, (step, only_by_older_stores) in enumerate(graph.steps.items()):
            steps += not only_by_older_stores
            if number not in taken and not only_by_older_stores:
                untaken.add(kind := graph.kind(step))
                if kind not in NEVER_TAKEN:
                    thread = graph.scenario.threads[step.thread].name
                    problems.append(f"{graph.scenario.name}: {thread}: {kind}, {step.touched}, from {step.before}")
    problems += [f"{kind} is taken, although {why}" for kind, why in NEVER_TAKEN.items() if kind not in untaken]
    failure = f"{len(problems)} steps of the algorithm that no execution takes" if problems else ""
    more = [f"and {len(problems) - MOST_SHOWN} more"] if len(problems) > MOST_SHOWN else []
    said = f"each of the {steps:,} steps that its threads take in {len(graphs)} scenarios, some execution takes"
    figures = {"scenarios": len(graphs), "steps": steps}
    return Result("algorithm", "all is taken", 0.0, failure, said, figures, problems[:MOST_SHOWN] + more)


def found_in_plain_data(s: LocalStep) -> frozenset[object]:
    """What an action puts into an empty slot it has not found there."""
    return frozenset((name, i, before) for name, i, before, _ in s.plain if name != "cell" or before)


def check_determined(graphs: list[LocalGraph]) -> Result:
    """What a thread does depends on its own variables and on what it finds: it can be followed by itself."""
    problems, chosen = list[str](), set[str]()
    for graph in graphs:
        courses: dict[object, set[object]] = {}
        for s in graph.steps:
            finds = (s.thread, s.operation, s.before, s.action, s.touched[:4], found_in_plain_data(s))
            courses.setdefault(finds, set()).add((s.touched[4], s.after, s.shown, s.plain, s.freed))
        for s in graph.steps:
            finds = (s.thread, s.operation, s.before, s.action, s.touched[:4], found_in_plain_data(s))
            if s.action and len(courses[finds]) > 1:
                unwound = graph.scenario.threads[s.thread].ops[s.operation].kind.endswith("_unwound")
                of_installer = s.action == "SendClaim" and not graph.scenario.is_bounded
                chosen.add(s.action)
                if s.action not in CHOICES or not (unwound or of_installer):
                    problems.append(f"{graph.scenario.name}: {graph.kind(s)}, {s.touched}, from {s.before}")
    problems += [f"{action} is determined, although {why}" for action, why in CHOICES.items() if action not in chosen]
    failure = (
        f"{len(problems)} steps that the thread's own variables and what it finds do not determine" if problems else ""
    )
    said = f"what a thread finds determines its step, but for {', '.join(CHOICES)}"
    return Result("algorithm", "determined", 0.0, failure, said, {}, problems[:MOST_SHOWN])


def smallest_with(graphs: list[LocalGraph], reports: dict[str, Json]) -> dict[str, LocalGraph]:
    """Of each kind of steps that some execution takes, the smallest scenario in which one does."""
    smallest_first = sorted(graphs, key=lambda g: int(reports[g.scenario.name]["executions"]))
    smallest: dict[str, LocalGraph] = {}
    for graph in smallest_first:
        steps = list(graph.steps)
        for number in reports[graph.scenario.name]["algorithm_taken"]:
            smallest.setdefault(graph.kind(steps[number]), graph)
    return smallest


def miss_kind(kind: str, number: int, graph: LocalGraph, explorer: Explorer) -> Result:
    clock, s = Clock(), graph.scenario
    options = ["--reuse"] if s.reuse else []
    report = explorer.run(s, "--algorithm", "--without-kind", str(number), *options, label=f"{s.name} without {kind}")
    said = report.get("failure", "")
    failure = (
        "" if NOT_ITS.match(said) else f"taken in {s.name}, but not missed when it is left out: {said or 'passed'}"
    )
    return Result("algorithm", f"{kind}, left out", clock.seconds, failure, f"missed in {s.name}", {}, [again(s)])


def choose(scenarios: list[Scenario], every_one: bool) -> list[Scenario]:
    """Which are followed: without sends that can be asked to stop."""
    return [
        s for s in scenarios
        if (every_one or len(s.threads) <= FEW_THREADS)
        and not any(op.kind == "send_stoppable" for t in s.threads for op in t.ops)
    ]  # fmt: skip


def instruction_plants() -> list[str]:
    """Each instruction left out, and each read-modify-write split in two. `Ring::`: in the bounded channel."""
    return plants_in(CORE) + ["Ring::" + plant for plant in plants_in(OF_RING)]


def plants_in(headers: list[Path]) -> list[str]:
    steps = step_names.header_steps(headers)
    splits = re.compile(r"\.(fetch_\w+|exchange)$")
    omits = re.compile(r"\.(store|unpark|release|fetch_\w+|exchange|take_token)$")
    return [f"{s.name}=omitted" for s in steps if omits.search(s.what)] + [
        f"{s.name}=split" for s in steps if splits.search(s.what)
    ]


def notice_plant(plant: str, graphs: list[LocalGraph], reports: dict[str, Json], explorer: Explorer) -> Result:
    clock, is_bounded, planted = Clock(), plant.startswith("Ring::"), plant.removeprefix("Ring::")
    step = planted.split("=")[0]
    having = [g for g in graphs if g.scenario.is_bounded == is_bounded and any(s.action == step for s in g.steps)]
    by = ""
    for graph in sorted(having, key=lambda g: int(reports[g.scenario.name]["executions"])):
        s = graph.scenario
        report = explorer.run(s, "--algorithm", "--plant", planted, label=f"{plant} (algorithm)")
        if NOT_ITS.match(report.get("failure", "")):
            by = f"{s.name}: {report['failure']}"
            break
    failure = "" if by else "the header with it is followed through the algorithm in each scenario"
    if plant in UNNOTICED:
        failure = f"noticed by {by}, although {UNNOTICED[plant]}" if by else ""
    said = f"not the algorithm: {by}" if by else f"unnoticed: {UNNOTICED.get(plant, '')}"
    return Result("algorithm", plant, clock.seconds, failure, said, {"noticed_by": by} if by else {})
