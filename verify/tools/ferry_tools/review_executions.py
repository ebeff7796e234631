"""Executions for the review page's stepper, all in one form: of the header, as the explorer reports them, and of
models, as TLC does.

A step says which thread took it, its name, its text, and what it changed: places, and what is there now. What a place
is called says what is drawn: `tail` is the word, `b1.ready[0]` a slot's flag, `b1.value[0]` its value.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field

from ferry_tools.counterexample import RECEIVER, Value, actor, parse_all, show
from ferry_tools.results import Json
from ferry_tools.tlc import Run, Step

NOTHING, TAKEN, FREED = "", "taken", "freed"
WAITED = "of one that waited"  # the receiver puts it there


@dataclass
class Taken:
    """One step."""

    thread: int  # -1: nobody's
    text: str
    step: str = ""  # its name, if it is an action of the algorithm
    sets: dict[str, str] = field(default_factory=dict)


@dataclass
class Execution:
    title: str
    source: str  # the header, or a model
    threads: list[str]
    start: dict[str, str]
    steps: list[Taken]
    ending: str = ""
    again: str = ""

    def as_json(self) -> Json:
        return asdict(self)


# ---- of the header ----------------------------------------------------------------------------------------------


def of_header(title: str, threads: list[str], steps: list[Json], ending: str = "", again: str = "") -> Execution:
    """`steps`: as Journal::execution of verify/relacy/journal.hpp writes them."""
    made = Execution(title, "the header", threads, {}, [], ending, again)
    sends = [NOTHING for _ in threads]  # the value that each thread's call sends
    slots: dict[str, str] = {}  # of each value, the slot that it was put into
    for told in steps:
        taken = Taken(told["thread"], told["text"], told.get("step", ""))
        if "where" not in told:
            if sending := re.match(r"(?:try_)?send(?:_for)? \w+ (\d+)", told["text"]):
                sends[taken.thread] = sending[1]
            # What a call returns, the receiver has taken; so have the calls before it, which yielded a list.
            received = re.findall(r"\d+", told["text"]) if told["text"].startswith("= ") else []
            taken.sets = {slots.pop(value): TAKEN for value in received if value in slots}
        elif told["frees"]:
            taken.sets = {f"{told['where']}.memory": FREED}
        elif "after" in told:
            place = placed(told["where"])
            made.start.setdefault(place, told["before"])
            if not told["stale"]:
                taken.sets = {place: told["after"]}
            flag = re.fullmatch(r"(\w+)\.ready(.*)", place)
            if flag and told["before"] == told["after"]:
                taken.sets = {}
            elif flag:  # a value is there now. In the bounded channel, each lap says so by the other truth value
                slot = f"{flag[1]}.value{flag[2]}"
                slots = {value: at for value, at in slots.items() if at != slot}
                slots[sends[taken.thread]] = slot
                taken.sets = {place: "1", slot: sends[taken.thread] or WAITED}
        made.steps.append(taken)
    return made


def placed(where: str) -> str:
    """The first block lies in the channel, and its slots have no block before their names."""
    inside = re.fullmatch(r"(?:(b\d+)\.)?(ready|next)(\[\d+\])?", where)
    if not inside:
        return where
    index = inside[3] or ("[0]" if inside[2] == "ready" else "")
    return f"{inside[1] or 'b0'}.{inside[2]}{index}"


# ---- of models --------------------------------------------------------------------------------------------------


def of_model(title: str, run: Run, again: str = "") -> Execution | None:
    if not run.steps:
        return None
    is_algorithm = {"at", "tail"} <= run.steps[0].state.keys()
    threads = threads_of(run.steps[0]) if is_algorithm else ["step"]
    states = [placed_state(parse_all(step)) for step in run.steps]
    ending = f"{run.result} is violated" + (f", {run.ending}" if run.ending else "")
    made = Execution(title, "a model under TLC", threads, states[0], [], ending, again)
    for before, after, old, new in zip(run.steps, run.steps[1:], states, states[1:]):
        who = threads.index(actor(before, after)) if is_algorithm and "word" in after.state else 0
        changed = {place: new.get(place, NOTHING) for place in {**old, **new} if old.get(place) != new.get(place)}
        made.steps.append(Taken(who, after.action, after.action, changed))
    return made


def threads_of(step: Step) -> list[str]:
    return sorted(parse_all(step)["at"], key=lambda name: (name == RECEIVER, name))


def placed_state(state: dict[str, Value]) -> dict[str, str]:
    """The algorithm's variables, as places of the same names as the header has."""
    if not {"tail", "cell", "ready"} <= state.keys():
        return {name: show(value) for name, value in state.items()}
    state, found = dict(state), dict[str, str]()
    tail = state.pop("tail")
    if "block" in tail:
        found["tail"] = f"b{tail['block']}:{tail['count']}" + flags(tail)
        ready, cell, follows, memory = (numbered(state.pop(name)) for name in ("ready", "cell", "next", "memory"))
        for block, life in memory.items():
            found[f"b{block}.memory"] = life
            if life == "unused":
                continue
            for index, is_ready in numbered(ready[block]).items():
                value = numbered(cell[block])[index]
                found[f"b{block}.ready[{index}]"] = "1" if is_ready == "TRUE" else "0"
                found[f"b{block}.value[{index}]"] = NOTHING if value == "NoValue" else value
            found[f"b{block}.next"] = f"b{follows[block]}" if follows[block] != "0" else "none"
        found["receiver's position"] = f"b{state.pop('head')}:{state.pop('taken')}"
    else:
        found["tail"] = f"{tail['at']}{flags(tail)}"
    threads = set(state["at"])
    for name, value in state.items():
        if isinstance(value, dict) and value.keys() <= threads:
            found |= {f"{name} of {thread}": show(item) for thread, item in value.items()}
        else:
            found[name] = show(value)
    return found


def numbered(value: Value) -> dict[str, Value]:
    """A function from numbers, which TLC prints as a sequence if they begin with 1."""
    return value if isinstance(value, dict) else {str(i): item for i, item in enumerate(value, 1)}


def flags(word: dict[str, Value]) -> str:
    return "".join(f" {name.upper()}" for name in ("parked", "closed", "done") if word[name] == "TRUE")
