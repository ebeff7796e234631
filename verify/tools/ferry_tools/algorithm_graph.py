"""What the threads of an algorithm do in scenarios, many in one run of TLC for each size of block, or capacity.

spec/AlgorithmScenario.tla drives the unbounded channel's algorithm and prints it, spec/SyncScenario.tla the bounded
one's; verify/relacy/algorithm.hpp holds executions against it.
"""

from __future__ import annotations

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ferry_tools.paths import SPEC
from ferry_tools.results import Json
from ferry_tools.scenarios import RECEIVER, SENDS, Scenario
from ferry_tools.tla_modules import tla
from ferry_tools.tlc import HOLDS, run_tlc
from ferry_tools.tlc_java import TlcError

UNBOUNDED, BOUNDED = SPEC / "AlgorithmScenario.tla", SPEC / "SyncScenario.tla"
LOCAL = re.compile(r'"local (\d+) (.*)"')
# How the algorithm calls what an operation calls, and whether it does so until nothing comes.
CALLS = {"iterate": ("recv", True), "try_iterate": ("try_recv", True), "see": ("await", False)}
# How a call returns: of what AlgorithmScenario.tla prints, what is not what the caller is shown.
RETURNS = {"": "returns", "[": "ends", "destroyed[": "returns"}
MOST_AT_ONCE = 200  # scenarios in one run of TLC
CAPACITY_TO_NOTE = 2  # as on the explored platform
NO_STEPS = ("write", "read", "move")  # nothing that is shared, or plain data


class LocalStep(NamedTuple):
    """What a thread does in an operation of its program, as AlgorithmScenario.tla prints it."""

    thread: int
    operation: int
    before: str  # the thread's own variables
    action: str  # "": no instruction
    touched: tuple[str, int, int, int, int]  # atomic, block, slot; what the action finds there and leaves
    after: str
    shown: str  # "...": the call goes on
    plain: frozenset[tuple[str, int, int, int]]  # plain data that is shared: name, which; what it is before and after
    freed: frozenset[int]  # blocks


@dataclass
class LocalGraph:
    """What all threads do in a scenario."""

    scenario: Scenario
    # Whether only a load that reads an older store leads there.
    steps: dict[LocalStep, bool] = field(default_factory=dict)

    def add(self, step: LocalStep, missed: bool) -> None:
        self.steps[step] = self.steps.get(step, True) and missed

    def kind(self, step: LocalStep) -> str:
        """What the step is, whatever the scenario: in which call, which action, and how it goes on.

        A bounded channel's is another one.
        """
        op = self.scenario.threads[step.thread].ops[step.operation]
        call = "drop rx" if op.text == "drop rx" else CALLS.get(op.kind, (op.kind,))[0]
        goes_on = step.after.split(",")[0]
        if step.shown != "...":
            shown = step.shown.lstrip("+")
            goes_on = "a value" if shown.isdigit() else RETURNS.get(shown, shown)
        channel = "bounded, " if self.scenario.is_bounded else ""
        return f"{channel}{call}: {step.action or 'no instruction'} -> {goes_on}"

    def for_explorer(self, kinds: list[str]) -> Json:
        """As verify/relacy/algorithm.hpp reads it."""
        states = {state: i for i, state in enumerate(at_start(self.scenario))}
        names: dict[str, int] = {"": 0, "...": 1}
        places: dict[str, int] = {}

        def number(of: dict[str, int], what: str) -> int:
            return of.setdefault(what, len(of))

        steps = []
        for s in self.steps:
            atomic, block, slot, found, left = s.touched
            steps.append(
                [
                    s.thread, s.operation, number(states, s.before), number(names, s.action), number(names, atomic),
                    block, slot, found, left, number(states, s.after), number(names, s.shown),
                    sum(1 << b for b in s.freed), kinds.index(self.kind(s)),
                ]
            )  # fmt: skip
        plain = [[[number(places, f"{name} {i}"), *values] for name, i, *values in s.plain] for s in self.steps]
        graph = {"names": list(names), "states": len(states), "places": len(places), "idle": 0, "receiver": 1}
        return graph | {"steps": steps, "plain": plain}


def enumerate_threads(chosen: list[Scenario], jar: Path, build: Path, jobs: int) -> dict[str, LocalGraph]:
    """Of each scenario, by its name."""
    of_size: dict[tuple[int, ...], list[Scenario]] = {}
    for s in chosen:
        of_size.setdefault((s.slots, s.first_slots, s.capacity), []).append(s)
    parts = [of[i : i + MOST_AT_ONCE] for of in of_size.values() for i in range(0, len(of), MOST_AT_ONCE)]
    with ThreadPoolExecutor(jobs) as pool:
        asked = [
            pool.submit(enumerate_some, some, jar, build / "spec" / f"algorithm-{i}") for i, some in enumerate(parts)
        ]
        return {g.scenario.name: g for some in asked for g in some.result()}


def enumerate_some(chosen: list[Scenario], jar: Path, folder: Path) -> list[LocalGraph]:
    """Of scenarios whose blocks, or capacities, are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "AlgorithmData.tla").write_text(data_module(chosen))
    module = BOUNDED if chosen[0].is_bounded else UNBOUNDED
    run = run_tlc(jar, module, module.with_suffix(".cfg"), folder, brief=True)
    if run.result != HOLDS:
        raise TlcError("\n".join([f"{module.name}: {run.result}", *run.errors]))
    graphs = [LocalGraph(s) for s in chosen]
    for line in run.printed:
        if match := LOCAL.fullmatch(line):
            graphs[int(match[1]) - 1].add(*read_step(match[2]))
    return graphs


def at_start(s: Scenario) -> tuple[str, str]:
    """What are a sender's own variables between calls, and the receiver's before its first."""
    if s.is_bounded:
        return "idle", "idle, none, 0, 0, 0, 0, nobody"
    return "idle, 0, 0, 0, memory", f"idle, none, 0, 0, 1, {s.slots - s.first_slots}, 0"


def read_step(text: str) -> tuple[LocalStep, bool]:
    text = text.replace('\\"', '"').replace("<<", "(").replace(">>", ",)").replace("{}", "()").replace("{", "(")
    text = text.replace("TRUE", "True").replace("FALSE", "False")
    thread, operation, before, action, touched, after, shown, plain, freed, missed = ast.literal_eval(
        text.replace("}", ",)")
    )
    own = [", ".join(map(str, variables)) for variables in (before, after)]
    data = frozenset(plain), frozenset(freed)
    step = LocalStep(thread - 1, operation, own[0], action, touched, own[1], shown, *data)
    return step, missed


def data_module(chosen: list[Scenario]) -> str:
    scenarios = [for_algorithm(s) for s in chosen]
    handles = max((s["handles"] for s in scenarios), default=1)
    texts = ",\n  ".join(tla(s["scenario"]) for s in scenarios)
    return f"""\
--------------------------- MODULE AlgorithmData ---------------------------
(* Written by algorithm_graph.py. *)
EXTENDS Integers

AllHandles == {tla({handle(i) for i in range(handles)})}
AllValues == 1 .. 31
{sizes(chosen, handles)}
Scenarios == <<
  {texts}
>>
=============================================================================
"""


def sizes(chosen: list[Scenario], handles: int) -> str:
    s = chosen[0]
    if s.is_bounded:
        slots = 1 << max(s.capacity - 1, 0).bit_length()
        notes = s.capacity >= CAPACITY_TO_NOTE
        numbers = tla({handle(i): i + 1 for i in range(handles)})
        ring = f"RingCapacity == {s.capacity}\nRingSlots == {slots}\nRingNotes == {tla(notes)}"
        return f"{ring}\nNumbers == {numbers}"
    # Of each scenario: at most one block for each value, and the first one.
    blocks = max((1 + len(s.names_of("value")) for s in chosen), default=1)
    return f"BlockSlots == {s.slots}\nFirstBlockSlots == {s.first_slots}\nMostBlocks == {blocks // s.slots + 1}"


def handle(number: int) -> str:
    return f"h{number}"


def for_algorithm(s: Scenario) -> Json:
    """The scenario as AlgorithmScenario.tla takes it. Handles are numbered, so that scenarios have the same ones."""
    numbers: dict[tuple[str, str], str] = {}  # (name, thread) -> handle; of a handle's first user, thread is ""
    users: dict[str, list[str]] = {}

    def number(name: str, user: str) -> str:
        return numbers.setdefault((name, user), handle(len(numbers)))

    live = {number(h, "") for h in s.senders}
    lent: set[str] = set()
    threads = []
    for thread in s.threads:
        operations = []
        for place, op in enumerate(thread.ops):
            if op.kind in NO_STEPS:
                continue
            name = op.arguments.get("handle", op.arguments.get("either", ""))
            call, repeats = CALLS.get(op.kind, (op.kind, False))
            by = "" if "event" in op.arguments else RECEIVER
            if name and name != RECEIVER:
                known = users.setdefault(name, [])
                # Whoever sends through a handle that another thread uses as well, is lent one.
                is_lent = op.kind in SENDS and known and thread.name not in known
                known.append(thread.name)
                by = number(name, thread.name if is_lent else "")
                if is_lent:
                    lent.add(by)
            if op.kind == "stop":  # needs no handle, but whoever does something has one
                by = number("", thread.name)
                lent.add(by)
            operations.append(
                {
                    "number": place, "by": by, "call": call, "repeats": repeats,
                    "value": int(op.arguments.get("value", 0)),
                    "as": number(op.arguments["as"], "") if "as" in op.arguments else "",
                    "event": op.arguments.get("event", ""),
                }
            )  # fmt: skip
        threads.append(operations)
    memory = {"runsOut": s.can_run_out_of_memory, "blocks": max(s.allocations, 0)}
    scenario = {"live": live, "lent": lent, "memory": memory, "looksAgain": s.looks > 0, "threads": threads}
    return {"scenario": scenario, "handles": len(numbers)}
