"""Scenarios: litmus tests for channels. One plain text file each; from it come the program that the contract's outcomes
are enumerated for (spec/outcomes.py) and the program that is explored on the header (verify/relacy/explore.cpp).

The format is described in verify/README.md. A wrong file is reported with its name, the line, and what was expected.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "scenarios"
SUFFIX = ".scenario"
RECEIVER = "rx"
# (slots of a block, of the first block): one explorer is built for each. The last has groups of eight, as blocks that ship.
BLOCKS = ((1, 1), (2, 1), (2, 2), (4, 4), (16, 8))
THREADS = (2, 3, 4)
MOST = {"handle": 8, "event": 8, "datum": 4}  # as many as relacy/explore.cpp has room for
ALSO = {"handle": "as"}
RESULTS = ("ok", "refused", "no_memory", "disconnected", "empty", "timeout")

# What an operation is followed by: handle (a sender), either (a sender or rx), value, as (a new sender), event, datum.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "send": ("handle", "value"),
    "clone": ("handle", "as"),
    "drop": ("either",),
    "move": ("either",),
    "recv": (),
    "try_recv": (),
    "recv_for": (),
    "iterate": (),
    "try_iterate": (),
    "close": (),
    "signal": ("event",),
    "await": ("event",),
    "see": ("event",),
    "write": ("datum",),
    "read": ("datum",),
}
NAME = re.compile(r"[a-z][a-z0-9_]*")


class ScenarioError(Exception):
    """A scenario file that is not one: file, line, what was expected."""


@dataclass
class Operation:
    kind: str
    text: str
    arguments: dict[str, str] = field(default_factory=dict)
    condition: str = ""

    def for_contract(self) -> dict | None:
        """The operation as spec/outcomes.py takes it. Plain data is not the contract's business."""
        if self.kind in ("write", "read"):
            return None
        names = {"either": "handle"}
        kind = "await" if self.kind == "see" else self.kind
        return {"op": kind} | {
            names.get(k, k): int(v) if k == "value" else v for k, v in self.arguments.items()
        }


@dataclass
class Scenario:
    name: str
    about: str
    shows: list[str]
    slots: int
    first_slots: int
    senders: list[str]
    allocations: int
    looks: int  # how often the receiver looks on before it parks
    slow_wake_up: bool  # the waker touches the parker once more after the token is there
    reuse: bool  # also branch on whether freed memory is reused at once
    deep: bool  # for `make verify-deep` only
    also_full: str  # the planted bug that the plain full search is to find as well; empty: too large for it
    threads: list[tuple[str, list[Operation]]]

    @property
    def can_run_out_of_memory(self) -> bool:
        return self.allocations >= 0

    def for_contract(self) -> dict:
        """The scenario as spec/outcomes.py takes it."""
        threads = [{"name": n, "ops": [o for op in ops if (o := op.for_contract())]} for n, ops in self.threads]
        return {"name": self.name, "senders": self.senders, "may_fail": self.can_run_out_of_memory, "threads": threads}

    def program(self) -> dict:
        """The program as verify/relacy/explore.cpp reads it: names have become numbers."""
        numbers: dict[str, dict[str, int]] = {"handle": {h: i for i, h in enumerate(self.senders)}, "event": {}, "datum": {}}

        def number(what: str, name: str) -> int:
            return numbers[what].setdefault(name, len(numbers[what]))

        def translate(op: Operation) -> dict:
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

        return {
            "senders_at_start": len(self.senders),
            "allocations": self.allocations,
            "looks": self.looks,
            "slow_wake_up": self.slow_wake_up,
            "threads": [{"name": n, "ops": [translate(op) for op in ops]} for n, ops in self.threads],
        }


def parse(path: Path) -> Scenario:
    return parse_text(path.stem, path.name, path.read_text())


def parse_text(scenario: str, file: str, text: str) -> Scenario:
    about: list[str] = []
    fields: dict[str, list[str]] = {}
    threads: list[tuple[str, list[Operation]]] = []

    def fail(line: int, expected: str) -> None:
        raise ScenarioError(f"{file}:{line}: {expected}")

    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("#"):
            if not fields and not threads:
                about.append(line[1:].strip())
            continue
        if not line:
            continue
        key, *rest = line.split(None, 1)
        value = rest[0] if rest else ""
        if key == "thread":
            name, colon, body = value.partition(":")
            if not colon or not NAME.fullmatch(name.strip()):
                fail(number, "expected `thread NAME: OPERATION; OPERATION; ...`")
            threads.append((name.strip(), [_operation(o.strip(), lambda e: fail(number, e)) for o in body.split(";") if o.strip()]))
        elif key in ("shows", "block", "senders", "allocations", "looks", "slow_wake_up", "reuse", "deep", "also_full"):
            if key in fields:
                fail(number, f"`{key}` stands here a second time")
            fields[key] = value.split()
        else:
            fail(number, f"expected thread, shows, block, senders, allocations, looks, slow_wake_up, reuse, deep or also_full, found `{key}`")

    if not about:
        fail(1, "expected a first comment that says what the scenario is there to show")
    for key in ("shows", "block", "senders"):
        if not fields.get(key):
            fail(1, f"expected a line `{key} ...`")
    if len(threads) not in THREADS:
        fail(1, f"expected 2 to 4 threads, found {len(threads)}")
    if len({name for name, _ in threads}) != len(threads):
        fail(1, "two threads have one name")
    try:
        blocks = tuple(int(n) for n in fields["block"])
    except ValueError:
        blocks = ()
    if blocks not in BLOCKS:
        fail(1, "expected `block SLOTS FIRST_SLOTS`, one of " + ", ".join(f"`{s} {f}`" for s, f in BLOCKS))
    counts = {"allocations": -1, "looks": 0}
    for key in counts.keys() & fields.keys():
        if len(fields[key]) != 1 or not fields[key][0].isdigit():
            fail(1, f"expected `{key} N`")
        counts[key] = int(fields[key][0])
    names = {what: {v for _, ops in threads for op in ops for k, v in op.arguments.items() if k in (what, ALSO.get(what))} for what in MOST}
    for what, used in names.items():
        if len(used | set(fields["senders"] if what == "handle" else ())) > MOST[what]:
            fail(1, f"expected no more than {MOST[what]} names of one kind ({what}), found {', '.join(sorted(used))}")
    values = [op.arguments["value"] for _, ops in threads for op in ops if op.kind == "send"]
    if len(set(values)) != len(values):
        fail(1, "a value is sent twice; each send needs a value of its own")
    return Scenario(scenario, " ".join(about), fields["shows"], blocks[0], blocks[1], fields["senders"],
                    counts["allocations"], counts["looks"], "slow_wake_up" in fields, "reuse" in fields, "deep" in fields, " ".join(fields.get("also_full", [])), threads)


def _operation(text: str, fail) -> Operation:
    words = text.split()
    kind = words[0]
    if kind not in OPERATIONS:
        fail(f"unknown operation `{kind}`; known: {', '.join(OPERATIONS)}")
    condition = ""
    if kind == "read" and "if" in words:
        condition = words[-1]
        if len(words) != 4 or not (condition in RESULTS or condition.isdigit()):
            fail(f"expected `read DATUM if RESULT`, RESULT a value or one of {', '.join(RESULTS)}")
        words = words[:2]
    if kind == "clone" and len(words) == 4 and words[2] == "as":
        words.remove("as")
    wanted = OPERATIONS[kind]
    if len(words) != 1 + len(wanted):
        fail(f"expected `{' '.join([kind, *(w.upper() for w in wanted)])}`, found `{text}`")
    for what, word in zip(wanted, words[1:]):
        if what == "value" and not (word.isdigit() and 1 <= int(word) < 32):
            fail(f"expected a value from 1 to 31, found `{word}`")
        if what != "value" and not NAME.fullmatch(word):
            fail(f"expected a name, found `{word}`")
        if what in ("handle", "as") and word == RECEIVER:
            fail(f"expected a sender, found the receiver in `{text}`")
    return Operation(kind, text, dict(zip(wanted, words[1:])), condition)


def load(only: str | None = None, deep: bool = False) -> list[Scenario]:
    """All scenarios in the order of their names, or the one of that name. The deep ones only if asked for."""
    import systematic  # which needs this module

    if only is not None and only.startswith(systematic.PREFIX):
        return systematic.load([only])
    paths = sorted(FOLDER.glob("*" + SUFFIX))
    if only is not None:
        known = [p.stem for p in paths]
        if only not in known:
            raise ScenarioError(f"no scenario `{only}`; there are: {', '.join(known)}")
        paths = [FOLDER / (only + SUFFIX)]
    return [s for s in map(parse, paths) if deep or only or not s.deep]


def main() -> int:
    """Checks the scenarios, or the one that is named, and prints the sizes of block that they want explorers for."""
    try:
        chosen = load(sys.argv[1] if len(sys.argv) > 1 else None)
    except ScenarioError as error:
        print(f"verify: {error}", file=sys.stderr)
        return 2
    print(" ".join(f"{slots}-{first}" for slots, first in sorted({(s.slots, s.first_slots) for s in chosen})))
    return 0


if __name__ == "__main__":
    sys.exit(main())
