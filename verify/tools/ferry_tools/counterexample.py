"""A counterexample as a table: a line for each step, with its parameters and only what it changed.

Counterexamples of the algorithm have a column for each thread, with the action that it took.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ferry_tools.tlc import Run, Step

TOKEN = re.compile(r"<<|>>|:>|@@|\|->|[{}()\[\],]|\"[^\"]*\"|-?\w+")
Value = Any  # str, tuple, frozenset or dict, and so on inside


def table(run: Run, modules: list[Path]) -> list[str]:
    """The lines of the table; `modules` define the actions that may occur in it."""
    if run.steps and "at" in run.steps[0].state:
        return table_of_threads(run)
    signatures = action_signatures(modules)
    rows = []
    before: Step | None = None
    for step in run.steps:
        rows.append((str(step.number), title(step, before, signatures), "; ".join(changes(before, step))))
        before = step
    width = max((len(name) for _, name, _ in rows), default=0)
    lines = [f"  {number:>2}  {name:<{width}}  {what}".rstrip() for number, name, what in rows]
    return lines + ([f"      {run.ending}"] if run.ending else [])


RECEIVER = "rx"
SHARED_NAMES = {"Leave"}  # actions of both sides
NOT_SHOWN = {"at"}  # the columns say it


def table_of_threads(run: Run) -> list[str]:
    threads = sorted(parse_value(run.steps[0].state["at"]), key=lambda name: (name == RECEIVER, name))
    rows = [["", *threads, ""]]
    before: Step | None = None
    for step in run.steps:
        if before is None:
            rows.append([str(step.number), *["" for _ in threads], initially(step)])
        else:
            who = actor(before, step)
            actions = [step.action if thread == who else "" for thread in threads]
            rows.append([str(step.number), *actions, "; ".join(nested_changes(before, step)) or "(nothing changes)"])
        before = step
    widths = [max(len(row[column]) for row in rows) for column in range(len(threads) + 1)]
    lines = []
    for row in rows:
        columns = "  ".join(text.ljust(width) for text, width in zip(row, widths))
        lines.append(f"  {columns}  {row[-1]}".rstrip())
    return lines + ([f"      {run.ending}"] if run.ending else [])


def initially(step: Step) -> str:
    held = ", ".join(f"held[{name}] = {show(content)}" for name, content in parse_value(step.state["held"]).items())
    return f"{held}; tail = {show(parse_value(step.state['tail']))}"


def actor(before: Step, step: Step) -> str:
    """Whose action it was: the thread's own variables changed, or the action is the receiver's."""
    if step.action.startswith(("Recv", "TryRecv", "Close", "DropSpare")):
        return RECEIVER
    old, new = parse_all(before), parse_all(step)
    for name in ("at", "word"):
        for thread in old[name]:
            if old[name][thread] != new[name][thread]:
                return str(thread)
    refused = new["givenBack"] - old["givenBack"]
    for thread, content in old["held"].items():
        if refused & content:
            return str(thread)
    dropped = [thread for thread, life in new["handle"].items() if life != old["handle"][thread]]
    if dropped and new["handle"][dropped[0]] == "dropped":
        return str(dropped[0])
    # Cloned from some live handle.
    return str(next(thread for thread, life in old["handle"].items() if life == "live"))


def nested_changes(before: Step, step: Step) -> list[str]:
    lines: list[str] = []
    for name, text in step.state.items():
        if name not in NOT_SHOWN and before.state[name] != text:
            lines += difference(name, parse_value(before.state[name]), parse_value(text))
    return lines


def difference(name: str, old: Value, new: Value) -> list[str]:
    """What changed, down to the single slot or field; of a sequence that grew, what it gained."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        is_record = all(key in {"block", "count", "parked", "closed", "done"} for key in new)
        places = [(f"{name}.{key}" if is_record else f"{name}[{key}]", old[key], new[key]) for key in new]
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        places = [(f"{name}[{i}]", a, b) for i, (a, b) in enumerate(zip(old, new), 1)]
    elif isinstance(old, tuple) and isinstance(new, tuple) and new[:-1] == old:
        return [f"{name} gains {show(new[-1])}"]
    else:
        return [f"{name} = {show(new)}"]
    return [line for place, a, b in places if a != b for line in difference(place, a, b)]


def action_signatures(modules: list[Path]) -> dict[str, list[str]]:
    heads = re.compile(r"^(\w+)\((\w+(?:, \w+)*)\)\s*==", re.MULTILINE)
    return {name: params.split(", ") for module in modules for name, params in heads.findall(module.read_text())}


def title(step: Step, before: Step | None, signatures: dict[str, list[str]]) -> str:
    if before is None:
        return "(initial state)"
    names = signatures.get(step.action, [])
    if not names:
        return step.action
    found = arguments(parse_all(before), parse_all(step))
    return f"{step.action}({', '.join(found.get(name, '_') for name in names)})"


def arguments(before: dict[str, Value], after: dict[str, Value]) -> dict[str, str]:
    """What a step was about. TLC does not print it, but it can be seen: a value by moving, a handle
    by its own entry changing, or by holding the value that moved. In the modules v is always the
    value, h the acting handle and c the new one; who was cloned cannot be seen."""
    changed = [name for name in after if before[name] != after[name]]
    found: dict[str, str] = {}
    for name in changed:
        if isinstance(after[name], dict):
            entries = [key for key in after[name] if before[name][key] != after[name][key]]
            found["c" if after[name][entries[0]] == "live" else "h"] = entries[0]
        elif moved := moved_values(before[name], after[name]):
            found["v"] = moved[0]
    for key, content in before["held"].items():
        if "h" not in found and found.get("v") in content:
            found["h"] = key
    return found


def moved_values(before: Value, after: Value) -> list[str]:
    if not isinstance(after, tuple | frozenset):
        return []
    longer, shorter = sorted((list(before), list(after)), key=len, reverse=True)
    return [value for value in longer if isinstance(value, str) and longer.count(value) != shorter.count(value)]


def changes(before: Step | None, step: Step) -> list[str]:
    if before is None:
        return [f"{name} = {value}" for name, value in step.state.items()]
    lines = []
    for name, text in step.state.items():
        if before.state[name] == text:
            continue
        old, new = parse_value(before.state[name]), parse_value(text)
        if isinstance(new, dict):
            lines += [f"{name}[{key}] = {show(new[key])}" for key in new if old[key] != new[key]]
        else:
            lines.append(f"{name} = {text}")
    return lines or ["(nothing changes)"]


def parse_all(step: Step) -> dict[str, Value]:
    return {name: parse_value(text) for name, text in step.state.items()}


def parse_value(text: str) -> Value:
    """A value as TLC prints it. Strings and model values become str, records and functions dict."""
    tokens = TOKEN.findall(text)
    value, rest = parse_tokens(tokens)
    assert not rest, f"cannot read TLC's value {text!r}"
    return value


def parse_tokens(tokens: list[str]) -> tuple[Value, list[str]]:
    head, rest = tokens[0], tokens[1:]
    if head == "<<":
        items, rest = parse_items(rest, ">>")
        return tuple(items), rest
    if head == "{":
        items, rest = parse_items(rest, "}")
        return frozenset(items), rest
    if head == "(":
        return parse_pairs(rest, ":>", "@@", ")")
    if head == "[":
        return parse_pairs(rest, "|->", ",", "]")
    return head.strip('"'), rest


def parse_items(tokens: list[str], end: str) -> tuple[list[Value], list[str]]:
    items = []
    while tokens[0] != end:
        item, tokens = parse_tokens(tokens)
        items.append(HashableRecord(item) if isinstance(item, dict) else item)
        tokens = tokens[1:] if tokens[0] == "," else tokens
    return items, tokens[1:]


def parse_pairs(tokens: list[str], arrow: str, separator: str, end: str) -> tuple[Value, list[str]]:
    pairs: dict[str, Value] = {}
    while tokens[0] != end:
        key, sign = tokens[0].strip('"'), tokens[1]
        assert sign == arrow, f"{arrow} expected, not {sign}"
        pairs[key], tokens = parse_tokens(tokens[2:])
        tokens = tokens[1:] if tokens[0] == separator else tokens
    return pairs, tokens[1:]


class HashableRecord(dict[str, Value]):
    """A record inside a set or a sequence."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def show(value: Value) -> str:
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(show, value))) + "}"
    if isinstance(value, tuple):
        return "<<" + ", ".join(map(show, value)) + ">>"
    if isinstance(value, dict):
        return "[" + ", ".join(f"{key} |-> {show(item)}" for key, item in value.items()) + "]"
    return str(value)
