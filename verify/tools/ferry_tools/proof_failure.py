"""What a reader is told of a question that was not answered: the state before and after, in the words of the module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ferry_tools import tla_values as values
from ferry_tools.logic import TRUE, Term, smt
from ferry_tools.smt_solver import Solver
from ferry_tools.tla_meaning import State
from ferry_tools.tla_values import Function, Record, SequenceOf, Tuple, Value


def leaves(name: str, value: Value, points: Sequence[Term]) -> Iterator[tuple[str, Term]]:
    """What can be shown of a value: of a function, at these points; of a sequence, how long it is."""
    match value:
        case Term():
            yield name, value
        case Record():
            for f, v in value.fields.items():
                yield from leaves(f"{name}.{f}", v, points)
        case SequenceOf() | Tuple():
            yield f"Len({name})", values.sequence(value).length
        case Function() if isinstance(value.domain.element, str):
            for p in (p for p in points if p.sort == value.domain.element):
                if shown_name(p) != p.op or value.domain.has(p) is TRUE:  # of the step, or of this domain
                    yield from leaves(f"{name}[{shown_name(p)}]", value.at(p), points)


def shown_name(point: Term) -> str:
    return re.sub(r"!\d+$", "", str(point.op))


def shown(value: str) -> str:
    """An element that the solver has made up has the name of its sort, and a number."""
    value = value.strip("|").removeprefix("String!:")
    value = re.sub(r"^\(- (\d+)\)$", r"-\1", value)
    return re.sub(r"^(\w+)!val!(\d+)$", lambda m: f"{m[1]}{int(m[2]) + 1}", value)


def table(solver: Solver, before: State, after: State, points: Sequence[Term]) -> list[str]:
    """Of the solver's last answer, if it has a state for it."""
    named = [(f"{shown_name(p)} is", p, p) for p in dict.fromkeys(points)]
    for name, value in before.items():
        then = dict(leaves(name, after.get(name, value), points))
        named += [(n, t, then.get(n, t)) for n, t in leaves(name, value, points)]
    answers = solver.values([t for _, a, b in named for t in (a, b)])
    if len(answers) != 2 * len(named):
        return ["the solver has no state to show"]
    lines = ["a state in which the first of the lemmas hold, and what it becomes:"]
    for k, (name, a, b) in enumerate(named):
        x, y = shown(answers[2 * k]), shown(answers[2 * k + 1])
        lines.append(f"{name:24} {x:18}" + ("" if smt(a) == smt(b) or x == y else f" -> {y}"))
    return [line.rstrip() for line in lines]
