"""The values of TLA+, as terms of logic and as functions of terms.

A number, a string, a truth value or an element of a constant set is a term. A function, a set, a sequence or a record
is what Python does to get a term from it: so a variable of which only one element changes needs no axiom that says
that the others stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ferry_tools import logic
from ferry_tools.errors import ToolError
from ferry_tools.logic import BOOL, FALSE, INT, TRUE, Term


class TranslationError(ToolError):
    """Something that is not translated: it is never passed over."""


@dataclass(frozen=True)
class RecordType:
    fields: dict[str, Type]


@dataclass(frozen=True)
class FunctionType:
    domain: Set
    value: Type


@dataclass(frozen=True)
class SequenceType:
    element: Type


@dataclass(frozen=True)
class SetType:
    element: Type


Type = str | RecordType | FunctionType | SequenceType | SetType  # a str is a sort


@dataclass(frozen=True, eq=False)
class Record:
    fields: dict[str, Value]


@dataclass(frozen=True, eq=False)
class Function:
    domain: Set
    at: Callable[[Term], Value]


@dataclass(frozen=True, eq=False)
class SequenceOf:
    """Elements 1 .. length."""

    length: Term
    at: Callable[[Term], Value]


@dataclass(frozen=True, eq=False)
class Tuple:
    items: tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class Set:
    """`elements`, if it is finite by its form: each with the condition on which it is in the set."""

    element: Type | None  # None: of {}
    has: Callable[[Value], Term]
    elements: tuple[tuple[Term, Value], ...] | None = None
    length: Term | None = None  # of a sequence whose domain it is: a function on this is a sequence


@dataclass(frozen=True, eq=False)
class OperatorValue:
    """An operator that is an argument."""

    call: Callable[..., Value]


Value = Term | Record | Function | SequenceOf | Tuple | Set | OperatorValue


def term(value: Value) -> Term:
    if isinstance(value, Term):
        return value
    raise TranslationError(f"{type(value).__name__} where a number, a string, a truth value or an element is wanted")


def made(type_: Type, name: str, args: tuple[Term, ...] = ()) -> Value:
    """A variable of that type, of which nothing else is known: uninterpreted functions."""
    match type_:
        case str():
            return logic.apply(name, args, type_)
        case RecordType():
            return Record({f: made(t, f"{name}.{f}", args) for f, t in type_.fields.items()})
        case FunctionType():
            return Function(type_.domain, lambda x: made(type_.value, name, (*args, x)))
        case SequenceType():
            return SequenceOf(logic.apply(f"Len.{name}", args, INT), lambda i: made(type_.element, name, (*args, i)))
        case SetType():
            return Set(type_.element, lambda x: logic.apply(name, (*args, term(x)), BOOL))


def listed(items: Sequence[Value]) -> Set:
    """{a, b, c}"""
    element = type_of(items[0]) if items else None
    return filtered(element, [(TRUE, item) for item in items])


def filtered(element: Type | None, items: Sequence[tuple[Term, Value]]) -> Set:
    kept = tuple((c, e) for c, e in items if c is not FALSE)
    return Set(element, lambda x: logic.disjunction(*(logic.conjunction(c, equal(e, x)) for c, e in kept)), kept)


def type_of(value: Value) -> Type:
    match value:
        case Term():
            return value.sort
        case Record():
            return RecordType({f: type_of(v) for f, v in value.fields.items()})
        case Set() if value.element is not None:
            return SetType(value.element)
        case Function():
            return FunctionType(value.domain, type_of(value.at(logic.apply("any", (), sort_of(value.domain)))))
    raise TranslationError(f"the type of a {type(value).__name__} is not known")


def interval(low: Term, high: Term) -> Set:
    def has(x: Value) -> Term:
        return logic.conjunction(logic.at_most(low, term(x)), logic.at_most(term(x), high))

    return Set(INT, has)


def places(s: SequenceOf) -> Set:
    """The domain of a sequence: what is made for each of its elements is a sequence again."""
    return replace(interval(logic.integer(1), s.length), length=s.length)


def sequence(value: Value) -> SequenceOf:
    match value:
        case SequenceOf():
            return value
        case Tuple():
            items = value.items

            def at(i: Term) -> Value:
                if not items:
                    raise TranslationError("an element of <<>>")
                result = items[-1]
                for n in range(len(items) - 1, 0, -1):
                    result = if_then_else(logic.equal(i, logic.integer(n)), items[n - 1], result)
                return result

            return SequenceOf(logic.integer(len(items)), at)
    raise TranslationError(f"{type(value).__name__} where a sequence is wanted")


def as_typed(type_: Type, value: Value) -> Value:
    """<<>> says nothing of the type of its elements: those beyond it, which are nothing, have it from here."""
    if isinstance(type_, SequenceType) and isinstance(value, Tuple) and not value.items:
        return SequenceOf(logic.integer(0), lambda i: made(type_.element, "beyond", (i,)))
    return value


def is_empty(value: SequenceOf | Set) -> bool:
    """By its form."""
    return value.elements == () if isinstance(value, Set) else value.length is logic.integer(0)


def in_range(i: Term, length: Term) -> Term:
    return logic.conjunction(logic.at_most(logic.integer(1), i), logic.at_most(i, length))


def members(s: Set) -> list[Value]:
    """In a small model: all that it has."""
    if s.elements is not None:
        return [x for c, x in s.elements if c is TRUE]
    return [x for x in logic.universe[sort_of(s)] if s.has(x) is TRUE]


def sort_of(s: Set) -> str:
    if isinstance(s.element, str):
        return s.element
    raise TranslationError("a quantifier over something else than numbers, strings, truth values or elements")


def for_all_in(s: Set, body: Callable[[Value], Term]) -> Term:
    if s.elements is not None:
        return logic.conjunction(*(logic.implies(c, body(e)) for c, e in s.elements if c is not FALSE))
    return logic.for_all([sort_of(s)], lambda x: logic.implies(s.has(x), body(x)))


def some_in(s: Set, body: Callable[[Value], Term]) -> Term:
    if s.elements is not None:
        return logic.disjunction(*(logic.conjunction(c, body(e)) for c, e in s.elements if c is not FALSE))
    return logic.exists([sort_of(s)], lambda x: logic.conjunction(s.has(x), body(x)))


def subset(a: Set, b: Set) -> Term:
    return for_all_in(a, b.has)


def equal(a: Value, b: Value) -> Term:
    match a, b:
        case Term(), Term():
            return logic.equal(a, b)
        case Record(), Record():
            if a.fields.keys() != b.fields.keys():
                return FALSE
            return logic.conjunction(*(equal(a.fields[f], b.fields[f]) for f in a.fields))
        case Set(), Set():
            if is_empty(a) or is_empty(b) or (a.elements is not None and b.elements is not None):
                return logic.conjunction(subset(a, b), subset(b, a))
            sort = sort_of(a if a.element is not None else b)
            return logic.for_all([sort], lambda x: logic.equal(a.has(x), b.has(x)))
        case Function(), Function():
            same = equal(a.domain, b.domain) if a.domain is not b.domain else TRUE
            return logic.conjunction(same, for_all_in(a.domain, lambda x: equal(a.at(term(x)), b.at(term(x)))))
        case Tuple(), Tuple() if len(a.items) == len(b.items):
            return logic.conjunction(*(equal(x, y) for x, y in zip(a.items, b.items)))
        case ((SequenceOf() | Tuple()), (SequenceOf() | Tuple())):
            return _equal_sequences(sequence(a), sequence(b))
    raise TranslationError(f"{type(a).__name__} compared with {type(b).__name__}")


def _equal_sequences(a: SequenceOf, b: SequenceOf) -> Term:
    same = logic.equal(a.length, b.length)
    if same is FALSE or is_empty(a) or is_empty(b):
        return same
    domain = places(a if a.length.is_literal else b)
    return logic.conjunction(same, for_all_in(domain, lambda i: equal(a.at(term(i)), b.at(term(i)))))


def if_then_else(c: Term, a: Value, b: Value) -> Value:
    if c.is_literal:
        return a if c is TRUE else b
    match a, b:
        case Term(), Term():
            return logic.if_then_else(c, a, b)
        case Record(), Record():
            return Record({f: if_then_else(c, a.fields[f], b.fields[f]) for f in a.fields})
        case Set(), Set():
            return _either_set(c, a, b)
        case Function(), Function():
            return Function(_either_set(c, a.domain, b.domain), lambda x: if_then_else(c, a.at(x), b.at(x)))
        case ((SequenceOf() | Tuple()), (SequenceOf() | Tuple())):
            return _either_sequence(c, sequence(a), sequence(b))
    raise TranslationError(f"IF with {type(a).__name__} and {type(b).__name__}")


def chosen(c: Term, a: Callable[[], Value], b: Callable[[], Value]) -> Value:
    """As `if_then_else`, for values of which one may not be there."""
    if c.is_literal:
        return a() if c is TRUE else b()
    return if_then_else(c, a(), b())


def _either_set(c: Term, a: Set, b: Set) -> Set:
    if a is b:
        return a
    elements = None
    if a.elements is not None and b.elements is not None:
        first = [(logic.conjunction(c, k), e) for k, e in a.elements]
        elements = (*first, *((logic.conjunction(logic.negation(c), k), e) for k, e in b.elements))
    element = a.element if a.element is not None else b.element
    return Set(element, lambda x: logic.if_then_else(c, a.has(x), b.has(x)), elements)


def _either_sequence(c: Term, a: SequenceOf, b: SequenceOf) -> SequenceOf:
    length = logic.if_then_else(c, a.length, b.length)
    if is_empty(a):
        return SequenceOf(length, b.at)
    return SequenceOf(length, a.at if is_empty(b) else lambda i: if_then_else(c, a.at(i), b.at(i)))
