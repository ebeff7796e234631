"""The operators of the standard modules that are translated: all but Cardinality, which no term of logic says."""

from __future__ import annotations

from collections.abc import Callable

from ferry_tools import logic
from ferry_tools.logic import INT, TRUE, Term
from ferry_tools.tla_values import (
    SequenceOf,
    SequenceType,
    Set,
    TranslationError,
    Tuple,
    Value,
    chosen,
    for_all_in,
    interval,
    is_empty,
    sequence,
    term,
)

STANDARD_MODULES = {"Naturals", "Integers", "Sequences", "FiniteSets"}
Oblige = Callable[[Term], None]
ONE = logic.integer(1)


def _arithmetic(make: Callable[[Term, Term], Term]) -> Callable[..., Value]:
    return lambda oblige, a, b: make(term(a), term(b))


def _interval(oblige: Oblige, a: Value, b: Value) -> Value:
    return interval(term(a), term(b))


def _naturals(oblige: Oblige) -> Value:
    return Set(INT, lambda x: logic.at_most(logic.integer(0), term(x)))


def _integers(oblige: Oblige) -> Value:
    return Set(INT, lambda x: TRUE)


def _negative(oblige: Oblige, a: Value) -> Value:
    return logic.minus(logic.integer(0), term(a))


def _length(oblige: Oblige, s: Value) -> Value:
    return sequence(s).length


def _append(oblige: Oblige, s: Value, x: Value) -> Value:
    old = sequence(s)
    last = logic.plus(old.length, ONE)
    if is_empty(old):
        return SequenceOf(last, lambda i: x)
    return SequenceOf(last, lambda i: chosen(logic.equal(i, last), lambda: x, lambda: old.at(i)))


def _head(oblige: Oblige, s: Value) -> Value:
    oblige(logic.at_most(ONE, sequence(s).length))
    return sequence(s).at(ONE)


def _tail(oblige: Oblige, s: Value) -> Value:
    old = sequence(s)
    oblige(logic.at_most(ONE, old.length))
    return SequenceOf(logic.minus(old.length, ONE), lambda i: old.at(logic.plus(i, ONE)))


def _part(oblige: Oblige, s: Value, first: Value, last: Value) -> Value:
    old, m, n = sequence(s), term(first), term(last)
    within = logic.conjunction(logic.at_most(ONE, m), logic.at_most(n, old.length))
    oblige(logic.disjunction(logic.less(n, m), within))
    length = logic.if_then_else(logic.at_most(m, n), logic.plus(logic.minus(n, m), ONE), logic.integer(0))
    return SequenceOf(length, lambda i: old.at(logic.minus(logic.plus(i, m), ONE)))


def _concatenated(oblige: Oblige, s: Value, t: Value) -> Value:
    a, b = sequence(s), sequence(t)
    if is_empty(a) or is_empty(b):
        return b if is_empty(a) else a
    length = logic.plus(a.length, b.length)
    return SequenceOf(
        length, lambda i: chosen(logic.at_most(i, a.length), lambda: a.at(i), lambda: b.at(logic.minus(i, a.length)))
    )


def _sequences(oblige: Oblige, of: Value) -> Value:
    if not isinstance(of, Set) or of.element is None:
        raise TranslationError("Seq of something else than a set")

    def is_sequence(s: Value) -> Term:
        if not isinstance(s, SequenceOf | Tuple):
            return logic.FALSE
        found = sequence(s)
        elements = for_all_in(interval(ONE, found.length), lambda i: of.has(found.at(term(i))))
        return logic.conjunction(logic.at_most(logic.integer(0), found.length), elements)

    return Set(SequenceType(of.element), is_sequence)


def _finite(oblige: Oblige, s: Value) -> Value:
    return TRUE  # assumed of whatever is counted


STANDARD_OPERATORS: dict[str, Callable[..., Value]] = {
    "+": _arithmetic(logic.plus),
    "-": _arithmetic(logic.minus),
    "*": _arithmetic(logic.times),
    "<": _arithmetic(logic.less),
    ">": _arithmetic(lambda a, b: logic.less(b, a)),
    "\\leq": _arithmetic(logic.at_most),
    "\\geq": _arithmetic(lambda a, b: logic.at_most(b, a)),
    "-.": _negative,
    "..": _interval,
    "Nat": _naturals,
    "Int": _integers,
    "Len": _length,
    "Append": _append,
    "Head": _head,
    "Tail": _tail,
    "SubSeq": _part,
    "\\o": _concatenated,
    "Seq": _sequences,
    "IsFiniteSet": _finite,
}
