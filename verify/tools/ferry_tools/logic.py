"""First-order logic with integers: terms, and what they are in SMT-LIB.

Two terms that look alike are one object. Terms without variables are folded: `1 + 1` is `2`, and a conjunction of
which one part is false is false. So a formula about a concrete state is TRUE or FALSE by the time it is made.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ferry_tools.errors import ToolError

INT, BOOL, STRING = "Int", "Bool", "String!"  # "!" keeps the last from SMT-LIB's own sort of strings


class SortError(ToolError):
    """Two things are compared that are of different kinds."""


@dataclass(frozen=True, eq=False)
class Term:
    """`op` is a literal (bool, int, or a string's text), the name of a function, an operator or a quantifier."""

    op: str | bool | int
    args: tuple[Term, ...]
    sort: str
    kind: str  # "literal", "function", "variable" (a bound one), "operator", "quantifier"
    bound: tuple[Term, ...] = ()
    patterns: tuple[tuple[Term, ...], ...] = ()

    @property
    def is_literal(self) -> bool:
        return self.kind == "literal"

    def __repr__(self) -> str:
        return smt(self)


_terms: dict[object, Term] = {}


def _term(
    op: str | bool | int,
    args: tuple[Term, ...],
    sort: str,
    kind: str,
    bound: tuple[Term, ...] = (),
    patterns: tuple[tuple[Term, ...], ...] = (),
) -> Term:
    key = (type(op), op, args, sort, kind, bound, patterns)
    if key not in _terms:
        _terms[key] = Term(op, args, sort, kind, bound, patterns)
    return _terms[key]


def integer(value: int) -> Term:
    return _term(value, (), INT, "literal")


def string(value: str) -> Term:
    return _term(value, (), STRING, "literal")


def model_value(name: str, sort: str) -> Term:
    """One that differs from every other of its sort."""
    return _term(name, (), sort, "literal")


TRUE, FALSE = _term(True, (), BOOL, "literal"), _term(False, (), BOOL, "literal")


def truth(value: bool) -> Term:
    return TRUE if value else FALSE


def apply(name: str, args: Sequence[Term], sort: str) -> Term:
    """An uninterpreted function; without arguments, a constant."""
    return _term(name, tuple(args), sort, "function")


_fresh = 0


def fresh(sort: str, hint: str = "x") -> Term:
    global _fresh
    _fresh += 1
    return apply(f"{hint}!{_fresh}", (), sort)


# ---- connectives ---------------------------------------------------------------------------------------------------


def _junction(op: str, absorbing: Term, parts: Iterable[Term]) -> Term:
    flat: dict[Term, None] = {}
    for part in parts:
        for p in part.args if part.kind == "operator" and part.op == op else (part,):
            if p is absorbing:
                return absorbing
            if p.kind != "literal":
                flat[p] = None
    if not flat:
        return negation(absorbing)
    return next(iter(flat)) if len(flat) == 1 else _term(op, tuple(flat), BOOL, "operator")


def conjunction(*parts: Term) -> Term:
    return _junction("and", FALSE, parts)


def disjunction(*parts: Term) -> Term:
    return _junction("or", TRUE, parts)


def negation(a: Term) -> Term:
    if a.is_literal:
        return truth(a is FALSE)
    return a.args[0] if a.op == "not" and a.kind == "operator" else _term("not", (a,), BOOL, "operator")


def implies(a: Term, b: Term) -> Term:
    if a is TRUE or b is TRUE:
        return b
    if a is FALSE:
        return TRUE
    return negation(a) if b is FALSE else _term("=>", (a, b), BOOL, "operator")


def equal(a: Term, b: Term) -> Term:
    if a is b:
        return TRUE
    if a.is_literal and b.is_literal:
        return FALSE
    if a.sort != b.sort:
        raise SortError(f"compared: {a} of {a.sort} with {b} of {b.sort}")
    for x, y in ((a, b), (b, a)):
        if x.sort == BOOL and x.is_literal:
            return y if x is TRUE else negation(y)
    return _term("=", (a, b), BOOL, "operator")


def if_then_else(c: Term, a: Term, b: Term) -> Term:
    if c.is_literal or a is b:
        return a if c is not FALSE else b
    return _term("ite", (c, a, b), a.sort, "operator")


def _number(a: Term) -> int | None:
    return a.op if a.kind == "literal" and isinstance(a.op, int) else None


def plus(a: Term, b: Term) -> Term:
    x, y = _number(a), _number(b)
    if x is not None and y is not None:
        return integer(x + y)
    return b if x == 0 else a if y == 0 else _term("+", (a, b), INT, "operator")


def minus(a: Term, b: Term) -> Term:
    x, y = _number(a), _number(b)
    if x is not None and y is not None:
        return integer(x - y)
    return a if y == 0 else _term("-", (a, b), INT, "operator")


def times(a: Term, b: Term) -> Term:
    x, y = _number(a), _number(b)
    return integer(x * y) if x is not None and y is not None else _term("*", (a, b), INT, "operator")


def at_most(a: Term, b: Term) -> Term:
    x, y = _number(a), _number(b)
    return truth(x <= y) if x is not None and y is not None else _term("<=", (a, b), BOOL, "operator")


def less(a: Term, b: Term) -> Term:
    return negation(at_most(b, a))


# ---- quantifiers ---------------------------------------------------------------------------------------------------

# Functions whose terms are no reason to look at a formula: they occur everywhere. It decides what a solver finds, and
# how soon, never what is true.
quiet: set[str] = set()
# Of each sort, all that there is; empty, unless a formula is evaluated in a small model.
universe: dict[str, tuple[Term, ...]] = {}
_depth = 0


def quantified(which: str, sorts: Sequence[str], body: Callable[..., Term]) -> Term:
    """Bound variables are named for their depth: so the same formula is the same term, whenever it is made."""
    global _depth
    if sorts and all(sort in universe for sort in sorts):
        join = conjunction if which == "forall" else disjunction
        return join(*(body(*xs) for xs in itertools.product(*(universe[sort] for sort in sorts))))
    xs = tuple(_term(f"{sort}${_depth + k}", (), sort, "variable") for k, sort in enumerate(sorts))
    _depth += len(xs)
    try:
        inner = body(*xs)
    finally:
        _depth -= len(xs)
    return bind(which, xs, inner)


def bind(which: str, xs: tuple[Term, ...], body: Term) -> Term:
    if body.is_literal or not xs:
        return body
    return _term(which, (body,), BOOL, "quantifier", xs, patterns(xs, body))


def of_every(sorts: Sequence[str], body: Callable[..., Term]) -> Term:
    """As `for_all`; the solver itself finds where to use it."""
    e = for_all(sorts, body)
    return e if e.kind != "quantifier" else _term(e.op, e.args, e.sort, e.kind, e.bound)


def for_all(sorts: Sequence[str], body: Callable[..., Term]) -> Term:
    return quantified("forall", sorts, body)


def exists(sorts: Sequence[str], body: Callable[..., Term]) -> Term:
    return quantified("exists", sorts, body)


def patterns(xs: tuple[Term, ...], body: Term) -> tuple[tuple[Term, ...], ...]:
    """Where a solver uses a formula: at the terms that a function in it is applied to."""
    applications: dict[Term, frozenset[Term]] = {}
    parts = list(subterms(body))
    inner = {x for e in parts for x in e.bound}
    for e in parts:
        bound = frozenset(a for a in e.args if a in xs)
        if e.kind == "function" and bound and not any(a.args or a in inner for a in e.args):
            applications[e] = bound
    loud = {e: v for e, v in applications.items() if e.op not in quiet}
    for some in (loud, applications):
        if whole := [e for e, v in some.items() if len(v) == len(xs)]:
            return tuple((e,) for e in whole)
        by_name: dict[str, list[Term]] = {}
        for e in some:
            by_name.setdefault(str(e.op), []).append(e)
        if together := [es for es in by_name.values() if len(frozenset().union(*(some[e] for e in es))) == len(xs)]:
            return tuple(tuple(es) for es in together)
    return ()


# ---- looking into terms --------------------------------------------------------------------------------------------


def subterms(*of: Term) -> Iterator[Term]:
    seen: set[Term] = set()
    pending = list(of)
    while pending:
        e = pending.pop()
        if e not in seen:
            seen.add(e)
            yield e
            pending += e.args


def free_variables(e: Term) -> frozenset[Term]:
    if e.kind == "variable":
        return frozenset({e})
    return frozenset().union(*map(free_variables, e.args)) - frozenset(e.bound)


def variable(sort: str) -> Term:
    """One that has no other's name."""
    global _fresh
    _fresh += 1
    return _term(f"{sort}$own{_fresh}", (), sort, "variable")


def substituted(e: Term, by: dict[Term, Term]) -> Term:
    """Variables or constants, by terms that have no bound variables."""
    done: dict[Term, Term] = dict(by)

    def go(e: Term) -> Term:
        if e not in done and any(x in by for x in e.bound):  # another variable of the same name
            done[e] = substituted(e, {x: y for x, y in by.items() if x not in e.bound})
        if e not in done:
            args = tuple(map(go, e.args))
            same = all(x is y for x, y in zip(args, e.args))
            done[e] = e if same else rebuilt(e, args)
        return done[e]

    return go(e)


def rebuilt(e: Term, args: tuple[Term, ...]) -> Term:
    match e.kind, e.op:
        case "quantifier", which:
            return bind(str(which), e.bound, args[0])
        case "operator", "and":
            return conjunction(*args)
        case "operator", "or":
            return disjunction(*args)
        case "operator", "not":
            return negation(*args)
        case "operator", "=>":
            return implies(*args)
        case "operator", "=":
            return equal(*args)
        case "operator", "ite":
            return if_then_else(*args)
        case "operator", "+":
            return plus(*args)
        case "operator", "-":
            return minus(*args)
        case "operator", "*":
            return times(*args)
        case "operator", "<=":
            return at_most(*args)
    return _term(e.op, args, e.sort, e.kind)


def instantiated(e: Term, points: Sequence[Term]) -> Term:
    """The body of a quantifier, with these for its variables."""
    return substituted(e.args[0], dict(zip(e.bound, points)))


# ---- SMT-LIB -------------------------------------------------------------------------------------------------------

_texts: dict[Term, str] = {}


def symbol(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_.!$?=<>*+-][\w.!$?=<>*+-]*", name) else f"|{name}|"


def smt(e: Term) -> str:
    if e not in _texts:
        _texts[e] = _text(e)
    return _texts[e]


def _text(e: Term) -> str:
    if e.kind == "literal":
        match e.op:
            case bool():
                return "true" if e.op else "false"
            case int():
                return str(e.op) if e.op >= 0 else f"(- {-e.op})"
        return symbol(f"{e.sort}:{e.op}")
    if e.kind == "quantifier":
        bound = " ".join(f"({symbol(str(x.op))} {symbol(x.sort)})" for x in e.bound)
        body = smt(e.args[0])
        if e.patterns:
            told = " ".join(f":pattern ({' '.join(map(smt, p))})" for p in e.patterns)
            body = f"(! {body} {told})"
        return f"({e.op} ({bound}) {body})"
    name = symbol(str(e.op))
    return f"({name} {' '.join(map(smt, e.args))})" if e.args else name


def declarations(terms: Iterable[Term]) -> list[str]:
    """What SMT-LIB wants to be told of the functions in these terms, in the order of their names."""
    functions: dict[str, str] = {}
    for e in subterms(*terms):
        if e.kind == "function":
            arguments = " ".join(symbol(a.sort) for a in e.args)
            functions[str(e.op)] = f"(declare-fun {symbol(str(e.op))} ({arguments}) {symbol(e.sort)})"
    return [functions[name] for name in sorted(functions)]


def sort_declarations(uninterpreted: Iterable[str], strings: Iterable[str]) -> list[str]:
    """Sorts of which nothing is known, and the sort of the strings, of which each differs from the others."""
    constructors = " ".join(f"({smt(string(s))})" for s in sorted(strings))
    return [
        f"(declare-datatypes (({symbol(STRING)} 0)) (({constructors})))",
        *(f"(declare-sort {symbol(sort)} 0)" for sort in sorted(uninterpreted)),
    ]
