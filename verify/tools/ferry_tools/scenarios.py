"""Scenarios: litmus tests for channels. One plain text file each; from it come the program that the contract's outcomes
are enumerated for (contract_outcomes.py) and the program that is explored on the header (verify/relacy/explore.cpp).

The format is described in verify/README.md. A wrong file is reported with its name, the line, and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from ferry_tools.errors import ToolError
from ferry_tools.paths import PROGRAM, SCENARIOS
from ferry_tools.results import Json
from ferry_tools.statements import BUGS, STATEMENTS

Fail = Callable[[int, str], NoReturn]  # of a line

SUFFIX = ".scenario"
RECEIVER = "rx"
# (slots of a block, of the first block): one explorer is built for each. The last has groups of eight, as blocks that
# ship.
BLOCKS = ((1, 1), (2, 1), (2, 2), (4, 4), (16, 8))
THREADS = (2, 3, 4)
# As many as relacy/execution.cpp has room for.
MOST = {"handle": 8, "event": 8, "datum": 4}
MOST_OPERATIONS = 64
RESULTS = ("ok", "refused", "full", "no_memory", "disconnected", "connected", "empty", "timeout", "unwound", "stopped")

# What an operation is followed by: handle (a sender), either (a sender or rx), value, as (a new sender), event, datum.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "send": ("handle", "value"),
    "try_send": ("handle", "value"),
    "send_for": ("handle", "value"),
    "send_unwound": ("handle", "value"),
    "send_stoppable": ("handle", "value"),
    "clone": ("handle", "as"),
    "drop": ("either",),
    "move": ("either",),
    "recv": (),
    "try_recv": (),
    "recv_for": (),
    "recv_unwound": (),
    "recv_stoppable": (),
    "iterate": (),
    "try_iterate": (),
    "close": (),
    "is_disconnected": ("either",),
    "signal": ("event",),
    "await": ("event",),
    "see": ("event",),
    "stop": (),
    "write": ("datum",),
    "read": ("datum",),
}
REQUEST = "stop"  # an event, which `stop` signals
SENDS = ("send", "try_send", "send_for", "send_unwound", "send_stoppable")
OF_BOUNDED = SENDS[1:]  # bounded channels alone have these
RING_EXPLORER = "explore-ring"
NAME = r"[a-z][a-z0-9_]{0,59}"
NUMBER = r"[0-9]{1,2}"

# What the contract allows and the header never does, by name. Nothing but this can be: each way through the contract,
# in which one operation follows the other, is a way through the header, but for a send that throws without need.
NARROWER = {
    "throws_only_for_want_of_a_block": "a send throws exactly when it has to install a block and none can be had"
}

# The lines that are no thread: what follows the key, and how a person would say that.
FIELDS: dict[str, tuple[str, str]] = {
    "shows": (
        rf"all|(({'|'.join(STATEMENTS + BUGS)})( |$))+",
        f"numbers of S1 to {STATEMENTS[-1]} and B1 to {BUGS[-1]}",
    ),
    "block": ("|".join(f"{s} {f}" for s, f in BLOCKS), "one of " + ", ".join(f"`{s} {f}`" for s, f in BLOCKS)),
    "capacity": (NUMBER, "a number below 100"),
    "senders": (rf"{NAME}( {NAME})*", "names, of small letters, digits and _"),
    "allocations": (NUMBER, "a number below 100"),
    "narrower": ("|".join(NARROWER), "one of " + ", ".join(NARROWER)),
    "looks": (NUMBER, "a number below 100"),
    "slow_wake_up": ("", "nothing"),
    "reuse": ("", "nothing"),
    "deep": ("", "nothing"),
    "graphs": (r"[0-9]{1,9}", "a number"),
}
NEEDED = ("shows", "senders")


def differences_from_program() -> list[str]:
    """What runs a scenario (verify/program.hpp) has just these operations, and just these results."""
    receivers = {f"{kind}_receiver" for kind, of in OPERATIONS.items() if "either" in of}
    ours = {"Kind": OPERATIONS.keys() | receivers, "Answer": {*RESULTS, "value"}}
    text = PROGRAM.read_text()
    found = []
    for enum, names in ours.items():
        listed = re.search(rf"VERIFY_NAMED\({enum}, \w+, ([^)]*)\)", text)
        theirs = set(re.findall(r"\w+", listed[1])) if listed else set()
        if names != theirs:
            found.append(f"{PROGRAM.name} and scenarios.py differ in {enum}: {', '.join(sorted(names ^ theirs))}")
    return found


class ScenarioError(ToolError):
    """A scenario file that is not one: file, line, what was expected."""


@dataclass
class Operation:
    kind: str
    text: str
    arguments: dict[str, str] = field(default_factory=dict)
    condition: str = ""

    def for_contract(self) -> Json | None:
        """The operation as Scenario.tla takes it. Plain data is not the contract's business."""
        if self.kind in ("write", "read"):
            return None
        kind = "await" if self.kind == "see" else self.kind
        names = {"either": "handle"}
        return {"op": kind} | {names.get(k, k): int(v) if k == "value" else v for k, v in self.arguments.items()}


@dataclass
class Thread:
    name: str
    ops: list[Operation]
    line: int


@dataclass
class Scenario:
    name: str
    source: str  # what SCENARIO= takes
    file: str
    about: str
    shows: list[str]
    slots: int  # of an unbounded channel; 0: it is bounded
    first_slots: int
    capacity: int  # of a bounded channel; negative: it is unbounded
    senders: list[str]
    allocations: int  # so many blocks can be had; negative: always
    narrower: str  # what of NARROWER the header is, or nothing
    looks: int  # how often the receiver looks before it parks
    slow_wake_up: bool  # the waker touches the parker once more after the token is there
    reuse: bool  # also branch on whether freed memory is reused at once
    deep: bool  # for `make verify-deep` only
    graphs: int  # distinct reads-from graphs; 0: not said
    threads: list[Thread]

    @property
    def is_bounded(self) -> bool:
        return self.capacity >= 0

    @property
    def is_recorded(self) -> bool:
        """On real threads. With capacity 0, nothing that these note tells when a receive is interrupted."""
        return self.capacity != 0 or all(op.kind != "recv_stoppable" for t in self.threads for op in t.ops)

    @property
    def thread_names(self) -> list[str]:
        return [thread.name for thread in self.threads]

    @property
    def explorer(self) -> str:
        """The program that explores it."""
        return RING_EXPLORER if self.is_bounded else f"explore-{self.slots}-{self.first_slots}"

    @property
    def can_run_out_of_memory(self) -> bool:
        return self.allocations >= 0

    def for_contract(self, contract: str) -> Json:
        """The scenario as Scenario.tla takes it, by the right contract or a wrong one. Its name is not part of it."""
        memory = (self.allocations, self.slots, self.first_slots) if self.can_run_out_of_memory else (0, 1, 1)
        return {
            "senders": set(self.senders),
            "contract": contract,
            "capacity": self.capacity,
            "memory": {"runsOut": self.can_run_out_of_memory, **dict(zip(("blocks", "slots", "first"), memory))},
            "threads": [{"name": t.name, "ops": [o for op in t.ops if (o := op.for_contract())]} for t in self.threads],
        }

    def names_of(self, what: str) -> set[str]:
        """Of that kind: as, value, ..."""
        return {op.arguments[what] for t in self.threads for op in t.ops if what in op.arguments}

    def program(self) -> Json:
        """The program as verify/program.hpp reads it: names have become numbers."""
        numbers: dict[str, dict[str, int]] = {
            "handle": {h: i for i, h in enumerate(self.senders)},
            "event": {REQUEST: 0},  # as verify/program.hpp has it
            "datum": {},
        }

        def number(what: str, name: str) -> int:
            return numbers[what].setdefault(name, len(numbers[what]))

        def translate(op: Operation) -> Json:
            a = b = 0
            kind = op.kind
            for what, name in op.arguments.items():
                if what == "either" and name == RECEIVER:
                    kind += "_receiver"
                elif what in ("handle", "either"):
                    a = number("handle", name)
                elif what == "as":
                    b = number("handle", name)
                elif what == "value":
                    b = int(name)
                else:
                    a = number(what, name)
            return {"kind": kind, "a": a, "b": b, "condition": op.condition, "text": op.text}

        threads = [{"name": t.name, "ops": [translate(op) for op in t.ops]} for t in self.threads]
        return {
            "name": self.name,
            "block": [self.slots, self.first_slots],
            "senders_at_start": len(self.senders),
            "handles": list(numbers["handle"]),
            "allocations": self.allocations,
            "capacity": self.capacity,
            "looks": self.looks,
            "slow_wake_up": self.slow_wake_up,
            "recorded": self.is_recorded,
            "threads": threads,
        }

    def wrong(self, thread: int, what: str) -> ScenarioError:
        """What only the contract can tell: at the line of that thread."""
        return ScenarioError(f"{self.file}:{self.threads[thread].line}: {what}")


# ---- reading -----------------------------------------------------------------------------------------------------


def parse(path: Path) -> Scenario:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ScenarioError(f"{path.name}:{line}: expected text in UTF-8") from None
    except OSError as error:
        raise ScenarioError(f"{path.name}:1: expected a file that can be read: {error.strerror}") from None
    if not re.fullmatch(NAME, path.stem):
        raise ScenarioError(f"{path.name}:1: expected a file's name of small letters, digits and _")
    return parse_text(path.stem, path.stem if SCENARIOS in path.parents else str(path), path.name, text)


def parse_text(name: str, source: str, file: str, text: str) -> Scenario:
    about: list[str] = []
    fields: dict[str, tuple[int, str]] = {}
    threads: list[Thread] = []

    def fail(line: int, what: str) -> NoReturn:
        raise ScenarioError(f"{file}:{line}: {what}")

    lines = text.split("\n")
    for number, raw in enumerate(lines, 1):
        key, *rest = raw.split() or ["#"]
        value = " ".join(rest)
        if key.startswith("#"):
            if not fields and not threads:
                about += raw.strip(" \t\r#").split()
        elif key == "thread":
            threads.append(_thread(value, number, fail))
        elif key not in FIELDS:
            fail(number, f"expected thread, {', '.join(FIELDS)} or a comment, found {key!r}")
        elif key in fields:
            fail(number, f"`{key}` stands here a second time, after line {fields[key][0]}")
        else:
            pattern, people = FIELDS[key]
            if not re.fullmatch(pattern, value):
                fail(number, f"expected `{key}`, and behind it {people}, found {value!r}")
            fields[key] = (number, value)

    if not about:
        fail(1, "expected a first comment that says what the scenario is there to show")
    for key in NEEDED:
        if key not in fields:
            fail(len(lines), f"expected a line `{key}`, and behind it {FIELDS[key][1]}")
    if ("block" in fields) == ("capacity" in fields):
        either = f"`block`, and behind it {FIELDS['block'][1]}; or `capacity`, and behind it {FIELDS['capacity'][1]}"
        fail(len(lines), f"expected either a line {either}")
    if len(threads) not in THREADS:
        line = threads[THREADS[-1]].line if threads[THREADS[-1] :] else len(lines)
        fail(line, f"expected 2 to 4 threads, found {len(threads)}")
    if "narrower" in fields and "allocations" not in fields:
        why = "where memory never runs out, nothing is narrower"
        fail(fields["narrower"][0], f"expected a line `allocations` as well: {why}")
    senders = fields["senders"][1].split()
    for what, words in (("shows", fields["shows"][1].split()), ("senders", senders)):
        _require_once(words, lambda w: fail(fields[what][0], f"{w} stands here twice"))  # noqa: B023
    _check_names(threads, senders, fields["senders"][0], fail)
    for t in threads:
        if "block" in fields and (found := [op.text for op in t.ops if op.kind in OF_BOUNDED]):
            fail(t.line, f"expected a line `capacity` for {found[0]!r}")

    def of(key: str, absent: str = "") -> str:
        return fields.get(key, (0, absent))[1]

    slots, first_slots = map(int, of("block", "0 0").split())
    return Scenario(
        name, source, file, " ".join(about), of("shows").split(), slots, first_slots, int(of("capacity", "-1")),
        senders, int(of("allocations", "-1")), of("narrower"), int(of("looks", "0")), "slow_wake_up" in fields,
        "reuse" in fields, "deep" in fields, int(of("graphs", "0")), threads,
    )  # fmt: skip


def _require_once(words: list[str], fail: Callable[[str], NoReturn]) -> None:
    for i, word in enumerate(words):
        if word in words[:i]:
            fail(word)


def _thread(value: str, line: int, fail: Fail) -> Thread:
    name, colon, body = value.partition(":")
    if not colon or not re.fullmatch(NAME, name.strip()):
        fail(line, "expected `thread NAME: OPERATION; OPERATION; ...`")
    operations = [o.strip() for o in body.split(";") if o.strip()]
    return Thread(name.strip(), [_operation(o, lambda what: fail(line, what)) for o in operations], line)


def _operation(text: str, fail: Callable[[str], NoReturn]) -> Operation:
    words = text.split()
    kind = words[0]
    if kind not in OPERATIONS:
        fail(f"unknown operation {kind!r}; known: {', '.join(OPERATIONS)}")
    condition = ""
    if kind in ("read", "write") and len(words) > 2:
        condition = words[-1]
        if words[2:-1] != ["if"] or not (condition in RESULTS or _is_value(condition)):
            fail(f"expected `{kind} DATUM if RESULT`, RESULT a value or one of {', '.join(RESULTS)}, found {text!r}")
        words = words[:2]
    if kind == "clone" and len(words) == 4 and words[2] == "as":
        words.remove("as")
    wanted = OPERATIONS[kind]
    if len(words) != 1 + len(wanted):
        fail(f"expected `{' '.join([kind, *(w.upper() for w in wanted)])}`, found {text!r}")
    for what, word in zip(wanted, words[1:]):
        if what == "value" and not _is_value(word):
            fail(f"expected a value from 1 to 31, found {word!r}")
        if what != "value" and not re.fullmatch(NAME, word):
            fail(f"expected a name of small letters, digits and _, found {word!r}")
        if what in ("handle", "as") and word == RECEIVER:
            fail(f"expected a sender, found the receiver in {text!r}")
    return Operation(kind, text, dict(zip(wanted, words[1:])), condition)


def _is_value(word: str) -> bool:
    return re.fullmatch(NUMBER, word) is not None and 1 <= int(word) < 32


def _check_names(threads: list[Thread], senders: list[str], senders_line: int, fail: Fail) -> None:
    """Every name is brought in by something, and only once."""
    if RECEIVER in senders:
        fail(senders_line, f"expected senders, found the receiver's name, {RECEIVER}")
    names = [t.name for t in threads]
    last = {t.name: t.line for t in threads}
    _require_once(names, lambda name: fail(last[name], f"another thread is called {name}"))
    operations = [(t.line, op) for t in threads for op in t.ops]
    if len(operations) > MOST_OPERATIONS:
        too_many = f"expected no more than {MOST_OPERATIONS} operations, found {len(operations)}"
        fail(operations[MOST_OPERATIONS][0], too_many)
    handles = dict.fromkeys(senders, senders_line)
    values: dict[str, int] = {}
    for line, op in operations:
        if op.kind in SENDS and (value := str(int(op.arguments["value"]))) in values:
            twice = f"the value {value} is sent a second time, after line {values[value]}"
            fail(line, f"{twice}: each send needs a value of its own")
        elif op.kind in SENDS:
            values[value] = line
        elif op.kind == "clone" and (new := op.arguments["as"]) in handles:
            fail(line, f"expected a new name for a clone, found {new}, of line {handles[new]}")
        elif op.kind == "clone":
            handles[new] = line
    made = {
        kind: {op.arguments[what] for _, op in operations if op.kind == kind}
        for kind, what in (("signal", "event"), ("write", "datum"))
    }
    for line, op in operations:
        if op.kind in ("send_stoppable", "recv_stoppable") and not any(other.kind == "stop" for _, other in operations):
            fail(line, f"expected a `stop` for {op.text!r}")
        for what, name in op.arguments.items():
            if what in ("handle", "either") and name not in (*handles, RECEIVER):
                fail(line, f"expected a sender that `senders` or `clone` names, found {name} in {op.text!r}")
            if what == "event" and name == REQUEST:
                fail(line, f"expected another name than {REQUEST}, which is the request to stop, for {op.text!r}")
            if what == "event" and name not in made["signal"]:
                fail(line, f"expected a `signal {name}` for {op.text!r}")
            if what == "datum" and name not in made["write"]:
                fail(line, f"expected a `write {name}` for {op.text!r}")
    for what, used in (("handle", set(handles)), ("event", made["signal"]), ("datum", made["write"])):
        if len(used) > MOST[what]:
            kind = f"names of one kind ({what}), found {', '.join(sorted(used))}"
            fail(threads[-1].line, f"expected no more than {MOST[what]} {kind}")
