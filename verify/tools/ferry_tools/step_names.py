"""Holds the names of the algorithm's actions against the names of the header's steps, and lists both.

Each atomic instruction of the header is told a name, and is to be one action of ChannelAlgorithm.tla, and the
other way round. `spec/MAPPING.md` is made from both files; it is committed, and must be up to date.

  ferry_tools.step_names                              what differs
  ferry_tools.step_names --write                      MAPPING.md anew
  ferry_tools.step_names SendClaim                    where an action is, on both sides
  ferry_tools.step_names channel.hpp:190 Settle       the actions that a line, or another definition, belongs to
"""

from __future__ import annotations

import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from ferry_tools.paths import ALGORITHM, HEADER, MAPPING
from ferry_tools.tla_modules import definitions

# What follows "The properties" in the module without being one.
WORDS = {"Gone", "Asleep", "Owed", "One"}

# object.operation("Name", ... or object(where).operation("Name", ...: the shape of every instruction in the header
STEP = re.compile(r'(\w+)(?:\([^()]*\))?(?:\.|->)(\w+)\("(\w+)"')
ORDERS = ("relaxed", "acquire", "release", "acq_rel")


@dataclass
class Step:
    """An atomic instruction of the header, or an operation on the parker."""

    name: str
    line: int
    what: str  # the variable and the operation
    orders: str  # as the call says, "parker" for the parker's
    comment: str  # what the header says of it


def header_steps(header: Path = HEADER) -> list[Step]:
    text = header.read_text()
    lines = text.splitlines()
    steps = []
    for match in STEP.finditer(text):
        number = text.count("\n", 0, match.start()) + 1
        orders = re.findall(rf"\b({'|'.join(ORDERS)})\b", arguments(text, match.end()))
        steps.append(
            Step(
                name=match[3],
                line=number,
                what=f"{match[1].rstrip('_')}.{match[2]}",
                orders=", ".join(orders) or "(parker)",
                comment=comment_above(lines, number),
            )
        )
    return steps


def arguments(text: str, start: int) -> str:
    """What stands between the name and the parenthesis that closes the call, without comments and inner bodies."""
    depth, end = 1, start
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return re.sub(r"//.*", "", re.sub(r"\{[^{}]*\}", "", text[start : end - 1]))


def comment_above(lines: list[str], number: int) -> str:
    """The comment before the statement that line `number` (from 1) belongs to, or the one right below its head."""
    above = number - 2
    for _ in range(3):  # the head of a loop or a function, or a local predicate
        if is_comment(lines, above) or lines[above].strip().startswith("}") or STEP.search(lines[above]):
            break
        above -= 1
    found: list[str] = []
    while is_comment(lines, above):
        found.insert(0, lines[above].strip().lstrip("/"))
        above -= 1
    below = number
    while (not found and is_comment(lines, below)) or (found and below > number and is_comment(lines, below)):
        found.append(lines[below].strip().lstrip("/"))
        below += 1
    return " ".join(found)


def is_comment(lines: list[str], index: int) -> bool:
    return 0 <= index < len(lines) and lines[index].strip().startswith("//")


def partners(step: Step, steps: list[Step]) -> list[str]:
    """The steps that the comment of this one names, or whose comments name this one."""
    return [
        other.name
        for other in steps
        if other.name != step.name
        and (re.search(rf"\b{other.name}\b", step.comment) or re.search(rf"\b{step.name}\b", other.comment))
    ]


def actions_of_the_algorithm(algorithm: Path = ALGORITHM) -> dict[str, int]:
    """The actions that Next is made of, by way of Sender and Receiver, and the lines that define them."""
    text = algorithm.read_text()
    body = text[text.index("\nSender(h) ==") : text.index("\nNext ==")]
    found = dict.fromkeys(re.findall(r"\\/ (?:\\E \w+ \\in \w+ : )?(\w+)", body))
    return {name: definition_line(text, name) for name in found}


def definition_line(text: str, name: str) -> int:
    match = re.search(rf"^{name}(?:\([\w, ]*\))?\s*==", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 0


def check_names(build: Path | None = None, header: Path = HEADER, algorithm: Path = ALGORITHM) -> list[str]:
    """What differs between the header, the algorithm and MAPPING.md; nothing, if all is well.

    The mapping as it should be is written below `build`, if that is given.
    """
    steps, actions = header_steps(header), actions_of_the_algorithm(algorithm)
    named = [step.name for step in steps]
    differing = [f"{name}: a step of the header, no action of the algorithm" for name in named if name not in actions]
    differing += [f"{name}: an action of the algorithm, no step of the header" for name in actions if name not in named]
    differing += [f"{name}: two steps of the header" for name in sorted({n for n in named if named.count(n) > 1})]
    differing += [f"{name}: not defined" for name, line in actions.items() if not line]
    at = set(re.findall(r'"(\w+)"', (algorithm.read_text().split("\nSteps ==", 1)[1]).split("AtType", 1)[0]))
    differing += [f"{name}: no action, but in Steps" for name in sorted(at - set(actions) - {"idle"})]
    if unnamed := unnamed_instructions(header):
        differing += unnamed
    text = mapping(steps, actions)
    if build is not None:
        Path(build).mkdir(parents=True, exist_ok=True)
        (Path(build) / MAPPING.name).write_text(text)
    if not differing and (not MAPPING.is_file() or MAPPING.read_text() != text):
        differing.append(f"{MAPPING.name} is out of date: python3 -m ferry_tools.step_names --write")
    return differing


def unnamed_instructions(header: Path) -> list[str]:
    """Operations on atomics without a name, which the pattern above would overlook; and what the search can't do."""
    operations = r"(?:\.|->)(load|store|exchange|fetch_\w+|compare_exchange\w*|await|park|park_until|unpark)\((?!\")"
    found = []
    for number, line in enumerate(header.read_text().splitlines(), 1):
        code = line.split("//")[0]
        found += [f"line {number} of the header: {match[1]} without a name" for match in re.finditer(operations, code)]
        found += [f"line {number} of the header: {word}, which the search does not know (verify/relacy/stores.hpp)"
                  for word in ("fence", "seq_cst") if word in code]  # fmt: skip
    return found


def mapping(steps: list[Step], actions: dict[str, int]) -> str:
    rows = [
        "# Actions and instructions",
        "",
        "Made by `ferry_tools.step_names --write` from `ChannelAlgorithm.tla` and `impl/include/ferry/channel.hpp`;",
        "not edited by hand. One action of the algorithm is one atomic instruction of the header, or one operation on",
        "the parker. A partner is a step that the instruction's comment names, or whose comment names it: what the",
        "order pairs with.",
        "",
        "| action | spec | header | instruction | memory order | partners |",
        "|---|---|---|---|---|---|",
    ]
    for step in steps:
        spec = f"[{actions[step.name]}](ChannelAlgorithm.tla#L{actions[step.name]})" if actions.get(step.name) else "-"
        header = f"[{step.line}](../impl/include/ferry/channel.hpp#L{step.line})"
        partner = ", ".join(partners(step, steps)) or "-"
        rows.append(f"| {step.name} | {spec} | {header} | `{step.what}` | {step.orders} | {partner} |")
    return "\n".join(rows) + "\n"


# ---- from a place to its actions ---------------------------------------------------------------------------------


def actions_at(place: str, steps: list[Step], actions: dict[str, int]) -> list[str]:
    """The actions that a line of one of the files belongs to, or an action or another definition by its name."""
    file, _, line = place.rpartition(":")
    if line.isdigit() and Path(file).name == HEADER.name:
        return actions_of_header_line(int(line), steps)
    defined = definitions_of_the_algorithm()
    if line.isdigit() and Path(file).name == ALGORITHM.name:
        place = next((name for name in reversed(defined) if defined[name][0] <= int(line)), "")
    if place in actions:
        return [place]
    return [action for action in actions if place in uses(action, defined)]


def actions_of_header_line(number: int, steps: list[Step]) -> list[str]:
    """Plain code belongs to the instruction that it follows, a comment to the one below: within its paragraph."""
    lines = HEADER.read_text().splitlines()
    if not 0 < number <= len(lines):
        return []
    first = max((i for i in range(1, number) if not lines[i - 1].strip()), default=0)
    last = min((i for i in range(number, len(lines) + 1) if not lines[i - 1].strip()), default=len(lines) + 1)
    within = [step.line for step in steps if first < step.line < last]
    above, below = [n for n in within if n <= number], [n for n in within if n > number]
    chosen = below[:1] or above[-1:] if is_comment(lines, number - 1) else above[-1:] or below[:1]
    return [step.name for step in steps if step.line in chosen]


def definitions_of_the_algorithm() -> dict[str, tuple[int, str]]:
    """The first line of each, and its text without comments and strings."""
    text = ALGORITHM.read_text()
    nothing = r'\\\*.*|\(\*.*?\*\)|"\w*"'
    return {
        name: (text.count("\n", 0, start) + 1, re.sub(nothing, "", text[start:end]))
        for name, (start, end) in definitions(text).items()
    }


def uses(name: str, defined: dict[str, tuple[int, str]]) -> set[str]:
    """The definitions that a definition is made of, with those that these are made of."""
    found, to_read = set[str](), {name}
    while to_read:
        words = set(re.findall(r"\w+", defined[to_read.pop()][1])) & defined.keys()
        to_read |= words - found
        found |= words
    return found


def show_action(name: str, steps: list[Step], actions: dict[str, int]) -> None:
    step = next(step for step in steps if step.name == name)
    print(name)
    print(f"  spec      spec/{ALGORITHM.name}:{actions[name]}")
    print(f"  header    impl/include/ferry/{HEADER.name}:{step.line}  {step.what}, {step.orders}")
    print(f"  partners  {', '.join(partners(step, steps)) or '-'}")
    if step.comment:
        print(textwrap.fill(step.comment.strip(), 110, initial_indent="  says      ", subsequent_indent=" " * 12))


def main() -> int:
    if sys.argv[1:] == ["--write"]:
        MAPPING.write_text(mapping(header_steps(), actions_of_the_algorithm()))
    elif sys.argv[1:]:
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
    differing = check_names()
    for line in differing:
        print(f"names: {line}")
    print(f"names: {len(actions_of_the_algorithm())} actions, {len(differing)} differences")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
