"""How a solver is asked whether something follows: in parts, first from few lemmas, at last from all.

A solver is lost if it is told too much. What is tried, and in which order, decides how soon a proof is found, never
what is proved.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from ferry_tools import logic
from ferry_tools.logic import Term
from ferry_tools.smt_solver import cvc5, z3

# In thousands of the solver's steps.
FEW, SOME, MANY, ALL = 300, 1000, 2000, 4000
FACTS = "facts"  # of this place: the assumptions, and the conditions of the step
Sizes = Callable[[], list[Term]]


def split(goal: Term) -> list[Term]:
    """Goals that together are this one. What is said of all is said of one of which nothing is known."""
    if goal.kind == "quantifier" and goal.op == "forall":
        return split(logic.instantiated(goal, [logic.fresh(x.sort) for x in goal.bound]))
    if goal.kind != "operator":
        return [goal]
    match goal.op:
        case "and":
            return [part for a in goal.args for part in split(a)]
        case "=>":
            return [logic.implies(goal.args[0], part) for part in split(goal.args[1])]
        case "ite":
            c, a, b = goal.args
            return split(logic.conjunction(logic.implies(c, a), logic.implies(logic.negation(c), b)))
        case "=" if goal.args[0].sort == logic.BOOL:
            a, b = goal.args
            return split(logic.conjunction(logic.implies(a, b), logic.implies(b, a)))
    return [goal]


def witnessed(goal: Term, points: Sequence[Term]) -> Term:
    """A stronger goal: where something has to exist, one of these."""
    if goal.kind == "quantifier" and goal.op == "exists":
        choices = itertools.product(*[candidates(goal, x, points) for x in goal.bound])
        found = [witnessed(logic.instantiated(goal, chosen), points) for chosen in choices]
        return logic.disjunction(*found) if found else goal
    if goal.kind == "operator" and goal.op == "=>":
        first, second = goal.args
        if first.kind == "operator" and first.op == "not":
            return logic.disjunction(witnessed(first.args[0], points), witnessed(second, points))
        return logic.implies(first, witnessed(second, points))
    if goal.kind == "operator" and goal.op in ("and", "or"):
        return logic.rebuilt(goal, tuple(witnessed(a, points) for a in goal.args))
    return goal


def candidates(e: Term, x: Term, points: Sequence[Term]) -> list[Term]:
    """For x: the points, and what x is said to be equal to."""
    found = [p for p in points if p.sort == x.sort]
    for part in logic.subterms(e.args[0]):
        if part.op == "=" and part.kind == "operator" and x in part.args:
            other = part.args[1 - part.args.index(x)]
            if not logic.free_variables(other) and other not in found:
                found.append(other)
    return found


def makes_new_terms(e: Term, inside: bool = False) -> bool:
    """An "exists" within a "for all" makes new terms of old ones, without end: such lemmas are told one at a time."""
    if e.kind == "quantifier":
        if inside and e.op == "exists":
            return True
        inside = inside or e.op == "forall"
    return any(makes_new_terms(a, inside) for a in e.args)


@dataclass(frozen=True)
class Lemmas:
    """What is known of the state before the step. `first`: what most follow from; `by`: what one follows from."""

    formulas: Mapping[str, Term] = field(default_factory=dict)
    first: frozenset[str] = frozenset()
    by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sized: frozenset[str] = frozenset()  # those that speak of the size of a set

    @cached_property
    def new_terms(self) -> list[str]:
        return [n for n, f in self.formulas.items() if makes_new_terms(f)]


NO_LEMMAS = Lemmas()


def no_sizes() -> list[Term]:
    return []


@dataclass(frozen=True)
class Attempt:
    how: str
    lemmas: Sequence[str]
    sizes: Sizes
    limit: int


@dataclass
class Answer:
    question: str  # the place, and what was asked there
    how: str  # what it was proved from; empty: it was not
    seconds: float
    state: list[str] = field(default_factory=list)  # of what was not proved: before and after


class Questions:
    """What is asked in one place: of a step, or of a state."""

    def __init__(self, preamble: Sequence[str], lemmas: Lemmas, facts: Sequence[Term]) -> None:
        self.lemmas, self._preamble = lemmas, preamble
        self.solver, self._by_models = z3(preamble), z3(preamble, by_models=True)
        for solver in (self.solver, self._by_models):
            solver.define(FACTS, logic.conjunction(*facts))
        for name, formula in lemmas.formulas.items():
            self.solver.define(name, formula)
        self.proved: list[tuple[Term, list[str], list[Term]]] = []  # each with what it follows from

    def second_opinions(self) -> dict[str, int]:
        """Of cvc5, on what has been proved: how often it says which."""
        found = dict.fromkeys(("unsat", "unknown", "sat"), 0)
        solver = cvc5(self._preamble)
        for name in {name for _, names, _ in self.proved for name in names}:
            solver.define(name, self.solver.formula(name))
        for goal, names, told in self.proved:
            found[solver.answer(goal, told, names)] += 1
        solver.close()
        return found

    def close(self) -> None:
        self.solver.close()
        self._by_models.close()

    def follows(self, about: str, goal: Term, own_sizes: Sizes = no_sizes, sizes: Sizes = no_sizes) -> str:
        """From what; empty if it has not been proved. `own_sizes`: of the sets that are spoken of; `sizes`: of all."""
        if goal is logic.TRUE:
            return "form"
        for attempt in self._attempts(about, cache(own_sizes), cache(sizes)):
            told = attempt.sizes()
            names = [FACTS, *attempt.lemmas]
            if self.solver.follows(goal, told, names, attempt.limit):
                self.proved.append((goal, names, told))
                return attempt.how
        # A search for models makes use of what has no patterns; it is lost in many lemmas.
        return "models" if not self.lemmas.formulas and self._by_models.follows(goal, [], [FACTS], ALL) else ""

    def at_once(self, about: str, goal: Term) -> bool:
        """Whether the parts of a goal follow together: most do, and are asked together."""
        names = self.few(about)
        if not self.solver.follows(goal, [], names, FEW):
            return False
        self.proved.append((goal, names, []))
        return True

    def is_impossible(self) -> bool:
        """No state in which the lemmas hold is such a place. It is not asked for long, because most are possible."""
        asked = ((self.few(""), FEW), ([FACTS, *self.lemmas.formulas], MANY))
        return any(self.solver.follows(logic.FALSE, [], names, limit) for names, limit in asked)

    def few(self, about: str) -> list[str]:
        return [FACTS, *(n for n in self.lemmas.formulas if n in self.lemmas.first or n == about)]

    def _attempts(self, about: str, own_sizes: Sizes, sizes: Sizes) -> list[Attempt]:
        known = self.lemmas
        few = [n for n in known.formulas if n in known.first or n == about]
        tried = [Attempt("by", known.by[about], own_sizes, SOME)] if about in known.by and known.formulas else []
        tried.append(Attempt("few", few, own_sizes, FEW))
        if known.formulas:
            plain = [n for n in known.formulas if n not in known.new_terms]
            ones = sorted(known.new_terms, key=lambda n: n != about)
            sized = [n for n in known.formulas if n in few or n in known.sized]
            tried.append(Attempt("sizes", sized, sizes, FEW))
            for of in (own_sizes, sizes):
                tried.append(Attempt("plain", plain, of, MANY))
                tried += [Attempt("one", [*plain, n], of, SOME) for n in ones]
            tried.append(Attempt("all", list(known.formulas), sizes, ALL))
        return tried
