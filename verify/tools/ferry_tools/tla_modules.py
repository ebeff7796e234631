"""Finds the definitions of a TLA+ module, and makes the module that differs from it by given replacements."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from ferry_tools.errors import ToolError
from ferry_tools.paths import SPEC_FOLDERS

COMMENT = re.compile(r"\\\*.*|\(\*.*?\*\)")
HEAD = re.compile(r"^(\w+)(\([\w, ]*\))?\s*==", re.MULTILINE)
# What a theorem says: all that is indented below its first line belongs to it.
THEOREM = re.compile(r"^THEOREM .*(?:\n[ ]+\S.*)*", re.MULTILINE)


class ChangeError(ToolError):
    """A replacement that cannot be made."""


def definitions(text: str) -> dict[str, tuple[int, int]]:
    """Where each definition begins and ends, by its name; what stands between two belongs to the first."""
    heads = list(HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {head[1]: (head.start(), end) for head, end in zip(heads, ends)}


def changed(text: str, changes: list[dict[str, str]]) -> str:
    """`text` with each change made: {"in": a definition, "replace": what occurs in it exactly once, "by": what else}.

    Blanks and line breaks do not count, so that a line that is wrapped anew breaks no change; comments are not
    searched.
    """
    code = COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    places = sorted((*place(code, change), change["by"]) for change in changes)
    for (_, end, _), (start, _, _) in itertools.pairwise(places):
        if start < end:
            raise ChangeError("two changes overlap")
    for start, end, by in reversed(places):
        text = text[:start] + by + text[end:]
    return text


def changed_modules(modules: list[Path], changes: list[dict[str, str]]) -> dict[Path, str]:
    """Of `modules`, those that the changes change, with their new text."""
    of: dict[Path, list[dict[str, str]]] = {}
    texts = {module: module.read_text() for module in modules}
    defined = {name: module for module, text in texts.items() for name in definitions(text)}
    for change in changes:
        if change["in"] not in defined:
            raise ChangeError(f"there is no definition {change['in']}")
        of.setdefault(defined[change["in"]], []).append(change)
    return {module: changed(texts[module], of_it) for module, of_it in of.items()}


def claims(text: str, premise: str = "") -> list[str]:
    """What the theorems of a module say, by name: all behind their `=>`. `premise`: of those with this before it."""
    theorems = (theorem[0].split("=>", 1) for theorem in THEOREM.finditer(text))
    return [name for of, claimed in theorems if re.search(premise, of) for name in re.findall(r"[A-Za-z]\w+", claimed)]


def place(code: str, change: dict[str, str]) -> tuple[int, int]:
    name, old = change["in"], change["replace"]
    if name not in (found := definitions(code)):
        raise ChangeError(f"there is no definition {name}")
    matches = list(as_pattern(old).finditer(code, *found[name]))
    if len(matches) != 1:
        raise ChangeError(f"`{old}` occurs {len(matches)} times in {name}, not once")
    return matches[0].span()


def as_pattern(fragment: str) -> re.Pattern[str]:
    """The same symbols, with any white space between them."""
    symbols = re.findall(r"\w+|\S", fragment)
    return re.compile(r"\s*".join(rf"\b{s}\b" if re.match(r"\w", s) else re.escape(s) for s in symbols))


def extends(module: Path) -> list[Path]:
    """The modules of this repository that a module is made of: itself, and on to what these extend."""
    found = [module]
    for file in found:
        extended = re.search(r"^EXTENDS (.*)", file.read_text(), re.MULTILINE)
        names = re.findall(r"\w+", extended[1]) if extended else []
        paths = [folder / f"{name}.tla" for name in names for folder in (file.parent, *SPEC_FOLDERS)]
        found += [path for path in dict.fromkeys(paths) if path.is_file() and path not in found]
    return found


def tla(value: object) -> str:
    """A value as TLA+ writes it: records, sequences, sets, strings, numbers, TRUE and FALSE."""
    match value:
        case bool():
            return str(value).upper()
        case dict():
            return "[" + ", ".join(f"{key} |-> {tla(item)}" for key, item in value.items()) + "]"
        case list():
            return "<<" + ", ".join(map(tla, value)) + ">>"
        case set():
            return "{" + ", ".join(map(tla, sorted(value))) + "}"
        case str():
            return f'"{value}"'
    return str(value)
