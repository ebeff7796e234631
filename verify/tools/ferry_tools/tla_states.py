"""States as TLC prints them: what it has dumped, and what each value is for the translation.

A plain value is a number, a string, a truth value, a model value (its name, in a tuple), a tuple (a sequence), or a
frozenset (a set; with a tag, the pairs of a record or of a function).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferry_tools import logic
from ferry_tools import tla_values as values
from ferry_tools.logic import Term
from ferry_tools.tla_values import (
    Function,
    FunctionType,
    Record,
    RecordType,
    SequenceOf,
    SequenceType,
    Set,
    SetType,
    TranslationError,
    Tuple,
    Type,
    Value,
    term,
)

Plain = Any  # see above
TOKEN = re.compile(r'\s*(<<|>>|\|->|:>|@@|[\[\](){},]|"[^"]*"|-?\d+|\w+)')
EDGE = re.compile(r'(-?\d+) -> (-?\d+)(?: \[label="(\w+))?')
NODE = re.compile(r'(-?\d+) \[label="(.*?)"(?:,style = filled)?\];?$')
VARIABLE = re.compile(r"/\\ (\w+) = ((?:.|\n)*?)(?=\n/\\ |\Z)")


@dataclass
class Graph:
    """Each state by TLC's number: its variables as text; the numbers of the states after it; and which actions lead
    there, if TLC was asked for these."""

    states: dict[str, dict[str, str]] = field(default_factory=dict)
    after: dict[str, set[str]] = field(default_factory=dict)
    actions: set[tuple[str, str, str]] = field(default_factory=set)


def read_dump(path: Path) -> Graph:
    graph = Graph()
    for line in path.read_text().splitlines():
        if edge := EDGE.match(line):
            graph.after.setdefault(edge[1], set()).add(edge[2])
            if edge[3]:
                graph.actions.add((edge[1], edge[3], edge[2]))
        elif node := NODE.match(line):
            text = node[2].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
            graph.states[node[1]] = dict(VARIABLE.findall(text))
    return graph


def parse(text: str) -> Plain:
    tokens = TOKEN.findall(text)
    value, rest = _parse(tokens, 0)
    if rest != len(tokens):
        raise TranslationError(f"TLC's {text} is not understood")
    return value


def _parse(tokens: list[str], at: int) -> tuple[Plain, int]:
    first = tokens[at]
    if first in ("<<", "{"):
        items, at = _items(tokens, at + 1, {"<<": ">>", "{": "}"}[first])
        return (("seq", *items) if first == "<<" else ("set", frozenset(items))), at
    if first == "[":
        pairs, at = [], at + 1
        while tokens[at] != "]":
            value, after = _parse(tokens, at + 2)
            pairs.append((tokens[at], value))
            at = after + (tokens[after] == ",")
        return ("record", frozenset(pairs)), at + 1
    if first == "(":
        pairs = []
        while tokens[at] != ")":
            key, at = _parse(tokens, at + 1)
            value, at = _parse(tokens, at + 1)
            pairs.append((key, value))
        return ("function", frozenset(pairs)), at + 1
    if first[0] == '"':
        return first[1:-1], at + 1
    if first in ("TRUE", "FALSE"):
        return first == "TRUE", at + 1
    return (int(first) if re.fullmatch(r"-?\d+", first) else ("model", first)), at + 1


def _items(tokens: list[str], at: int, end: str) -> tuple[list[Plain], int]:
    items = []
    while tokens[at] != end:
        value, at = _parse(tokens, at)
        items.append(value)
        at += tokens[at] == ","
    return items, at + 1


def of_type(type_: Type, plain: Plain) -> Value:
    """The value of the translation."""
    match type_:
        case str():
            return _scalar(type_, plain)
        case RecordType():
            fields = dict(plain[1])
            return Record({f: of_type(t, fields[f]) for f, t in type_.fields.items()})
        case SetType():
            items = [of_type(type_.element, x) for x in _ordered(plain[1])]
            return Set(type_.element, lambda x: logic.disjunction(*(values.equal(item, x) for item in items)))
        case SequenceType():
            places = {logic.integer(k): of_type(type_.element, x) for k, x in enumerate(plain[1:], 1)}
            beyond = values.made(type_.element, "outside")
            return SequenceOf(logic.integer(len(places)), lambda i: places.get(i, beyond))
        case FunctionType():
            pairs = {k: of_type(type_.value, x) for k, x in pairs_of(plain)}
            table = {term(_scalar(values.sort_of(type_.domain), k)): x for k, x in pairs.items()}
            other = values.made(type_.value, "outside")
            return Function(type_.domain, lambda key: table.get(key, other))


def pairs_of(plain: Plain) -> list[tuple[Plain, Plain]]:
    """Of a function; one on 1 .. n is printed as a sequence."""
    return list(enumerate(plain[1:], 1)) if plain[0] == "seq" else list(plain[1])


def _ordered(items: frozenset[Plain]) -> list[Plain]:
    return sorted(items, key=repr)


def _scalar(sort: str, plain: Plain) -> Term:
    match plain:
        case bool():
            return logic.truth(plain)
        case int():
            return logic.integer(plain)
        case str():
            return logic.string(plain)
        case ("model", name):
            return logic.model_value(name, sort)
    raise TranslationError(f"{plain} where an element of {sort} is wanted")


def plain(type_: Type, value: Value) -> Plain:
    """Back again; functions and sequences are pairs."""
    match type_, value:
        case str(), Term() if value.is_literal:
            return value.op if value.sort in (logic.INT, logic.BOOL, logic.STRING) else ("model", value.op)
        case RecordType(), Record():
            return ("record", frozenset((f, plain(t, value.fields[f])) for f, t in type_.fields.items()))
        case SetType(), Set():
            return ("set", frozenset(plain(type_.element, x) for x in values.members(value)))
        case SequenceType(), SequenceOf() | Tuple():
            found = values.sequence(value)
            elements = (found.at(logic.integer(k)) for k in range(1, int(found.length.op) + 1))
            return ("seq", *(plain(type_.element, x) for x in elements))
        case FunctionType(), Function():
            pairs = ((k, value.at(term(k))) for k in values.members(type_.domain))
            return ("function", frozenset((plain(values.type_of(k), k), plain(type_.value, x)) for k, x in pairs))
    raise TranslationError(f"{value!r} is not a value by itself")


def normal(type_: Type, printed: Plain) -> Plain:
    """As `plain` writes it."""
    return plain(type_, of_type(type_, printed))


def text_of(state: dict[str, str]) -> Iterator[str]:
    """As TLA+."""
    for variable, value in state.items():
        yield f"{variable} = {' '.join(value.split())}"
