"""What is known of the sizes of finite sets: all of it is true of every finite set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ferry_tools import logic
from ferry_tools.logic import Term
from ferry_tools.tla_values import Set, sort_of


def facts(sizes: Iterable[tuple[Term, Set, Term]], points: Sequence[Term]) -> list[Term]:
    """A set that is within another has no more elements; if but for one element, but for one. `points`: which ones."""
    found: list[Term] = []
    known = [(n, s) for n, s, _ in sizes]
    for n, s in known:
        sort = sort_of(s)
        mine = [p for p in points if p.sort == sort]
        empty = logic.of_every([sort], lambda x, s=s: logic.negation(s.has(x)))
        one = logic.of_every(
            [sort, sort], lambda x, y, s=s: logic.implies(logic.conjunction(s.has(x), s.has(y)), logic.equal(x, y))
        )
        found += [
            logic.at_most(logic.integer(0), n),
            logic.equal(logic.equal(n, logic.integer(0)), empty),
            logic.equal(logic.at_most(n, logic.integer(1)), one),
        ]
        for p in mine:
            for q in mine:
                if p is not q:
                    two = logic.of_every([sort], lambda x, s=s, p=p, q=q: logic.implies(s.has(x), _either(x, p, q)))
                    found.append(logic.implies(two, logic.at_most(n, logic.integer(2))))
        for m, t in known:
            if s is not t and sort == sort_of(t):
                found += _compared(n, s, m, t, mine)
    return found


def _either(x: Term, p: Term, q: Term) -> Term:
    return logic.disjunction(logic.equal(x, p), logic.equal(x, q))


def _compared(n: Term, s: Set, m: Term, t: Set, points: Sequence[Term]) -> list[Term]:
    sort = sort_of(s)
    within = logic.of_every([sort], lambda x: logic.implies(s.has(x), t.has(x)))
    found = [logic.implies(within, logic.at_most(n, m))]
    for p in points:
        but_for_p = logic.of_every([sort], lambda x, p=p: logic.disjunction(
            logic.equal(x, p), logic.implies(s.has(x), t.has(x))
        ))  # fmt: skip
        without = logic.at_most(_less_one_if(n, s.has(p)), _less_one_if(m, t.has(p)))
        found.append(logic.implies(but_for_p, without))
    return found


def _less_one_if(n: Term, has: Term) -> Term:
    return logic.minus(n, logic.if_then_else(has, logic.integer(1), logic.integer(0)))
