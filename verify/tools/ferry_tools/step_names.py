"""Holds three things against each other, in both directions: the actions of ChannelAlgorithm.tla and the modules that
it is made of, the steps of the header (each atomic instruction there is told a name), and the table in MAPPING.md,
which is written by hand.

The table says of each step which instruction it is, its memory order, and the steps with which this order
synchronises. The comments of the header say the latter: a step synchronises with each step that its comment names, if
one of the two releases and the other acquires. Nothing here depends on a line number, or on what else a comment says.

  ferry_tools.step_names                       what differs
  ferry_tools.step_names SendClaim             where an action is, on both sides
  ferry_tools.step_names core.hpp:190 Settle   the actions that a line of either, or another definition, belongs to
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ferry_tools.paths import ALGORITHM, CORE, HEADERS, MAPPING, OF_RING, ROOT, SYNC_ALGORITHM, SYNC_MAPPING
from ferry_tools.tla_modules import definitions, extends

# object.operation("Name", ... or object(where).operation("Name", ...: the shape of every instruction in the header
STEP = re.compile(r'(\w+)(?:\([^()]*\))?(?:\.|->)(\w+)\("(\w+)"')
ORDERS = ("relaxed", "acquire", "release", "acq_rel")
PARKER, LOCK = "(parker)", "(lock)"
# What implements the operations, and so has them without names.
UNNAMED = ("platform.hpp", "parker.hpp", "condition_parker.hpp")


@dataclass(frozen=True)
class Algorithm:
    """What is held against each other."""

    module: Path
    mapping: Path
    headers: list[Path]


UNBOUNDED = Algorithm(ALGORITHM, MAPPING, CORE)
BOUNDED = Algorithm(SYNC_ALGORITHM, SYNC_MAPPING, OF_RING)


@dataclass
class Step:
    """An atomic instruction of the header, or an operation on the parker."""

    name: str
    file: Path
    line: int
    what: str  # the variable and the operation
    orders: str  # as the call says, "(parker)" for the parker's, "(lock)" for the lock's
    comment: str  # the comments between the step before and this one

    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    def acquires(self) -> bool:
        return "acquire" in self.orders or "acq_rel" in self.orders

    def releases(self) -> bool:
        return "release" in self.orders or "acq_rel" in self.orders

    def names(self, other: Step) -> bool:
        return re.search(rf"\b{other.name}\b", self.comment) is not None

    def row(self, steps: list[Step]) -> tuple[str, str, frozenset[str]]:
        """What is pinned."""
        return self.what, self.orders, frozenset(partners(self, steps))


def header_steps(headers: list[Path] = CORE) -> list[Step]:
    steps = []
    for file in headers:
        text = file.read_text()
        end = 0
        for match in STEP.finditer(text):
            orders = re.findall(rf"\b({'|'.join(ORDERS)})\b", arguments(text, match.end()))
            steps.append(
                Step(
                    name=match[3],
                    file=file,
                    line=text.count("\n", 0, match.start()) + 1,
                    what=f"{match[1].rstrip('_')}.{match[2]}",
                    orders=", ".join(orders) or (LOCK if match[2] in ("lock", "unlock") else PARKER),
                    comment=" ".join(re.findall(r"//+(?! *--) *(.*)", text[end : match.start()])),
                )
            )
            end = match.end()
    return steps


def arguments(text: str, start: int) -> str:
    """What stands between the name and the parenthesis that closes the call, without comments and inner bodies."""
    depth, end = 1, start
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return re.sub(r"//.*", "", re.sub(r"\{[^{}]*\}", "", text[start : end - 1]))


def partners(step: Step, steps: list[Step]) -> list[str]:
    """The steps with which this one synchronises, by its comment."""
    return [
        other.name
        for other in steps
        if step.names(other) and ((step.releases() and other.acquires()) or (step.acquires() and other.releases()))
    ]


@dataclass
class Definition:
    """In one of the algorithm's modules."""

    file: Path
    line: int
    text: str  # without comments and strings

    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def definitions_of_the_algorithm(of: Algorithm = UNBOUNDED) -> dict[str, Definition]:
    nothing = r'\\\*.*|\(\*.*?\*\)|"\w*"'
    return {
        name: Definition(file, text.count("\n", 0, start) + 1, re.sub(nothing, "", text[start:end]))
        for file in extends(of.module)
        for text in [file.read_text()]
        for name, (start, end) in definitions(text).items()
    }


def actions_of_the_algorithm(of: Algorithm = UNBOUNDED) -> dict[str, Definition]:
    """The actions that Next is made of, by way of Sender and Receiver."""
    defined = definitions_of_the_algorithm(of)
    body = defined["Sender"].text + defined["Receiver"].text
    found = dict.fromkeys(re.findall(r"\\/ (?:\\E \w+ \\in \w+ : )?(\w+)", body))
    return {name: defined[name] for name in found if name in defined}


def steps_of_a_thread(of: Algorithm = UNBOUNDED) -> set[str]:
    """Where a thread may be within a call."""
    text = "".join(file.read_text() for file in extends(of.module))
    return set(re.findall(r'"(\w+)"', text.split("\nSteps ==", 1)[1].split("AtType", 1)[0]))


def check_names(build: Path | None = None, of: Algorithm = UNBOUNDED) -> list[str]:
    """What differs between the header, the algorithm and its table; nothing, if all is well.

    The table with files and lines is written below `build`, if that is given.
    """
    steps, actions = header_steps(of.headers), actions_of_the_algorithm(of)
    named = [step.name for step in steps]
    differing = [f"{name}: a step of the header, no action of the algorithm" for name in named if name not in actions]
    library = actions_of_the_library(of.mapping)
    differing += [
        f"{name}: an action of the algorithm, no step of the header"
        for name in actions
        if name not in [*named, *library]
    ]
    differing += [f"{of.mapping.name}: {name}: no action of the algorithm" for name in library if name not in actions]
    differing += [f"{name}: two steps of the header" for name in sorted({n for n in named if named.count(n) > 1})]
    differing += [f"{name}: no action, but in Steps" for name in sorted(steps_of_a_thread(of) - set(actions))]
    differing += unnamed_instructions(of.headers)
    synchronises = {step.name: partners(step, steps) for step in steps}
    differing += [
        f"{step.place()}: {step.name} has an order, and its comment names no step that it synchronises with"
        for step in steps
        if (step.acquires() or step.releases()) and not synchronises[step.name]
    ]
    differing += [
        f"{step.place()}: the comment of {step.name} does not name {other}, whose comment names {step.name}"
        for step in steps
        for other in synchronises
        if step.name in synchronises[other] and other not in synchronises[step.name]
    ]
    differing += differing_rows(steps, of.mapping)
    if build is not None:
        Path(build).mkdir(parents=True, exist_ok=True)
        (Path(build) / of.mapping.name).write_text(with_lines(steps, actions))
    return differing


def pinned_rows(mapping: Path) -> list[tuple[str, tuple[str, str, frozenset[str]]]]:
    """The table: action, instruction, memory order, partners."""
    rows = re.findall(r"^\| (\w+) \| `(\S+)` \| (.+?) \| (.+?) \|$", mapping.read_text(), re.MULTILINE)
    return [(name, (what, orders, frozenset(re.findall(r"\w+", partner)))) for name, what, orders, partner in rows]


def actions_of_the_library(mapping: Path) -> list[str]:
    """What the standard library does: no step of the header."""
    return re.findall(r"^\| (\w+) \| `std::\S+`.* \|$", mapping.read_text(), re.MULTILINE)


def differing_rows(steps: list[Step], mapping: Path) -> list[str]:
    rows = pinned_rows(mapping)
    pinned, found = dict(rows), {step.name: step.row(steps) for step in steps}
    differing = [f"{mapping.name}: {name} has two rows" for name in pinned if [n for n, _ in rows].count(name) > 1]
    for name in pinned | found:
        if name not in pinned or name not in found:
            what = "no row, but a step" if name in found else "a row, but no step"
            differing.append(f"{mapping.name}: {name}: {what} of the header")
            continue
        for what, here, there in zip(
            ("instruction", "memory order", "partners"), pinned[name], found[name], strict=True
        ):
            if here != there:
                differing.append(
                    f"{mapping.name}: {name}: {what}: {told(here)} in the table, {told(there)} in the header"
                )
    return differing


def told(cell: Collection[str]) -> str:
    return cell if isinstance(cell, str) else ", ".join(sorted(cell)) or "none"


def unnamed_instructions(headers: list[Path]) -> list[str]:
    """Operations on atomics without a name, which the pattern above would overlook; and what the search can't do."""
    names = r"load|store|exchange|fetch_\w+|compare_exchange\w*|await|park|park_until|unpark|release|lock|unlock"
    operations = rf'(?:\.|->)({names})\((?!")'
    found = []
    for file in headers:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            code, place = line.split("//")[0], f"{file.relative_to(ROOT)}:{number}"
            if file.name not in UNNAMED:
                found += [f"{place}: {match[1]} without a name" for match in re.finditer(operations, code)]
            found += [f"{place}: {word}, which the search does not know (verify/relacy/stores.hpp)"
                      for word in ("fence", "seq_cst") if word in code]  # fmt: skip
    return found


def with_lines(steps: list[Step], actions: dict[str, Definition]) -> str:
    rows = [
        "# Actions and instructions, with their lines",
        "",
        "| action | spec | header | instruction | memory order | synchronises with |",
        "|---|---|---|---|---|---|",
    ]
    for step in steps:
        where = actions[step.name].place() if step.name in actions else "nowhere"
        partner = told(set(partners(step, steps)))
        rows.append(f"| {step.name} | {where} | {step.place()} | `{step.what}` | {step.orders} | {partner} |")
    return "\n".join(rows) + "\n"


# ---- from a place to its actions ---------------------------------------------------------------------------------


def actions_at(place: str, steps: list[Step], actions: dict[str, Definition]) -> list[str]:
    """The actions that a line of one of the files belongs to, or an action or another definition by its name."""
    file, _, line = place.rpartition(":")
    header = next((path for path in HEADERS if path.name == Path(file).name), None)
    if line.isdigit() and header:
        return actions_of_header_line(header, int(line), steps)
    defined = definitions_of_the_algorithm()
    if line.isdigit():
        above = {n: d.line for n, d in defined.items() if d.file.name == Path(file).name and d.line <= int(line)}
        place = max(above, key=lambda name: above[name], default="")
    if place in actions:
        return [place]
    return [action for action in actions if place in uses(action, defined)]


def actions_of_header_line(file: Path, number: int, steps: list[Step]) -> list[str]:
    """Plain code belongs to the instruction that it follows, a comment to the one below: within its paragraph."""
    lines = file.read_text().splitlines()
    if not 0 < number <= len(lines):
        return []
    first = max((i for i in range(1, number) if not lines[i - 1].strip()), default=0)
    last = min((i for i in range(number, len(lines) + 1) if not lines[i - 1].strip()), default=len(lines) + 1)
    within = [step.line for step in steps if step.file == file and first < step.line < last]
    above, below = [n for n in within if n <= number], [n for n in within if n > number]
    chosen = below[:1] or above[-1:] if lines[number - 1].strip().startswith("//") else above[-1:] or below[:1]
    return [step.name for step in steps if step.file == file and step.line in chosen]


def uses(name: str, defined: dict[str, Definition]) -> set[str]:
    """The definitions that a definition is made of, with those that these are made of."""
    found, to_read = set[str](), {name}
    while to_read:
        words = set(re.findall(r"\w+", defined[to_read.pop()].text)) & defined.keys()
        to_read |= words - found
        found |= words
    return found


def show_action(name: str, steps: list[Step], actions: dict[str, Definition]) -> None:
    step = next(step for step in steps if step.name == name)
    print(name)
    print(f"  spec      {actions[name].place()}")
    print(f"  header    {step.place()}  {step.what}, {step.orders}")
    print(f"  partners  {told(frozenset(partners(step, steps)))}")
    if step.comment:
        print(textwrap.fill(step.comment.strip(), 110, initial_indent="  says      ", subsequent_indent=" " * 12))


def main() -> int:
    if sys.argv[1:]:
        steps, actions = header_steps(), actions_of_the_algorithm()
        named = {step.name for step in steps}
        for place in sys.argv[1:]:
            found = [name for name in actions_at(place, steps, actions) if name in named and name in actions]
            if not found:
                print(
                    f"names: {place}: no action here (plain code belongs to the action whose step calls it)",
                    file=sys.stderr,
                )
                return 2
            for name in found:
                show_action(name, steps, actions)
        return 0
    differing = check_names() + check_names(of=BOUNDED)
    for line in differing:
        print(f"names: {line}")
    print(f"names: {len(actions_of_the_algorithm())} actions, {len(differing)} differences")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
