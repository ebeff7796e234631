"""A proof by an inductive invariant, of a TLA+ module that says what it is.

The module's theorems say what is proved: each is `Spec => what follows`, with Spec == Init /\\ [][Next]_vars.
`[]Invariant` is proved by induction: it holds at the start, and each course of each action leads from a state in which
all its lemmas hold to one in which each does. From it follow other `[]Formulas`, what is said of each step
(`[][A]_vars`), and that the specification refines another. By_X == A /\\ B, for a lemma or a property X, names what X
follows from; it is tried first. By_Any names what most follow from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ferry_tools import finite_sets, logic
from ferry_tools import tla_values as values
from ferry_tools.errors import ToolError
from ferry_tools.logic import FALSE, TRUE, Term
from ferry_tools.proof_failure import table
from ferry_tools.proof_questions import MANY, NO_LEMMAS, Answer, Lemmas, Questions, split, witnessed
from ferry_tools.results import Clock
from ferry_tools.tla_actions import Actions, Course
from ferry_tools.tla_meaning import EMPTY, JUNCTIONS, Environment
from ferry_tools.tla_syntax import Expression, Syntax
from ferry_tools.tla_values import SetType, TranslationError, Value

INVARIANT, TYPES = "Invariant", "Types"


def conjuncts(e: Expression) -> Iterator[Expression]:
    if e.kind == "apply" and JUNCTIONS.get(e.name) == "and":
        for a in e.arguments:
            yield from conjuncts(a)
    else:
        yield e


def names_in(e: Expression) -> list[str]:
    return [c.name for c in conjuncts(e)]


def constants_of(syntax: Syntax) -> dict[str, Value]:
    """Each has the type that an assumption says: IsFiniteSet(C), c \\in S, c \\notin S or C \\subseteq S."""
    found: dict[str, Value] = {}
    said = [c for a in syntax.assumptions() for c in conjuncts(a)]
    for e in said:
        name = e.arguments[0].name if e.arguments else ""
        if name not in syntax.constants or name in found:
            continue
        if e.name == "IsFiniteSet":
            found[name] = values.made(SetType(name), name)
        elif e.name in ("\\in", "\\notin", "\\subseteq"):
            of = Actions(syntax, found).set(e.arguments[1], EMPTY).element
            if of is not None:
                found[name] = values.made(SetType(of) if e.name == "\\subseteq" else of, name)
    if missing := [name for name in syntax.constants if name not in found]:
        raise TranslationError(f"{syntax.name}: no assumption says what {', '.join(missing)} is")
    return found


@dataclass(frozen=True)
class Theorem:
    """`kind`: of the start, of every state, of every step, or a refinement."""

    name: str
    kind: str
    parts: tuple[str, ...]


@dataclass
class Job:
    """What is asked in one place."""

    name: str
    way: str  # for who reads of a failure
    ask: Callable[[], list[Answer]]


@dataclass(frozen=True)
class Chosen:
    """Which questions are asked: all, or those of some actions, or of some lemmas."""

    actions: frozenset[str] = frozenset()
    lemmas: frozenset[str] = frozenset()
    module: str = ""

    @property
    def everything(self) -> bool:
        return not self.actions and not self.lemmas

    def action(self, name: str) -> bool:
        return not self.actions or name in self.actions

    def lemma(self, name: str) -> bool:
        return not self.lemmas or name in self.lemmas

    def check(self, proof: Proof) -> None:
        """A name that nothing has would be proved at once."""
        places = {"Init", "Properties", "Refinement"} | proof.actions()
        said = {*proof.lemmas.formulas, *(part for t in proof.theorems for part in t.parts)} | places
        for name, there in [(a, places) for a in self.actions] + [(n, said) for n in self.lemmas]:
            if name not in there:
                raise ToolError(f"{proof.syntax.name} has no {name}; there are: {', '.join(sorted(there))}")


ALL_OF_IT = Chosen()


class Proof:
    def __init__(
        self, syntax: Syntax, chosen: Chosen = ALL_OF_IT, first_open: bool = False, second: bool = False
    ) -> None:
        self.syntax, self.chosen = syntax, chosen
        self.first_open, self._open = first_open, False  # whether nothing more is asked once a question is open
        self.second, self.opinions = second, dict[str, int]()  # whether cvc5 is asked, too, and what it has said
        self.meaning = m = Actions(syntax, constants_of(syntax))
        self.typed_by = names_in(syntax.definition(TYPES).body)
        m.declare(*self.typed_by)
        logic.quiet.update(name for name, c in m.constants.items() if isinstance(c, values.Set))
        logic.quiet.update(names_in(syntax.definition("Quiet").body) if "Quiet" in syntax.definitions else [])
        self._definitions = syntax.definitions
        self.theorems = [self._theorem(name, e) for name, e in syntax.theorems().items()]
        self.assumptions = [m.truth(a) for a in syntax.assumptions()]
        self.needed: dict[str, list[Term]] = {}  # so that a lemma says something
        self.lemmas = self._lemmas()
        self.always_sized = len(m.sizes)
        self.courses = list(m.courses(self.next, EMPTY))
        for course in self.courses:
            if missing := set(syntax.variables) - course.primed.keys():
                raise TranslationError(
                    f"{self.action(course)} does not say what becomes of {', '.join(sorted(missing))}"
                )
        sorts = {s.element for s in m.constants.values() if isinstance(s, values.Set) and isinstance(s.element, str)}
        self.preamble = logic.sort_declarations(sorts - {logic.INT, logic.STRING, logic.BOOL}, syntax.strings)

    # ---- what the module says --------------------------------------------------------------------------------------

    def _theorem(self, name: str, e: Expression) -> Theorem:
        if e.name != "=>":
            raise TranslationError(f"theorem {name} is no implication")
        premise, says = e.arguments
        if premise.level < 2:
            return Theorem(name, "start", tuple(names_in(says)))
        self._take_specification(premise)
        if says.name == "[]":
            return Theorem(name, "state", tuple(names_in(says.arguments[0])))
        parts = list(conjuncts(says))
        if all(p.applied.kind == "defined" and p.applied.body.name == "[]" for p in parts):
            return Theorem(name, "step", tuple(p.name for p in parts))
        return Theorem(name, "refinement", tuple(p.name for p in parts))

    def _take_specification(self, e: Expression) -> None:
        self.init, always = conjuncts(e.applied.body)
        square = always.arguments[0]
        if always.name != "[]" or square.name != "$SquareAct":
            raise TranslationError(f"{e.name} is not Init /\\ [][Next]_vars")
        self.next = square.arguments[0]

    def parts(self, kind: str) -> list[str]:
        return [part for t in self.theorems if t.kind == kind for part in t.parts if part != INVARIANT]

    def _lemmas(self) -> Lemmas:
        if INVARIANT not in {p for t in self.theorems if t.kind == "state" for p in t.parts}:
            raise TranslationError(f"{self.syntax.name}: no theorem says []{INVARIANT}")
        names = names_in(self.syntax.definition(INVARIANT).body)
        formulas = {}
        for name in names:
            self.meaning.obligations.clear()
            formulas[name] = self.meaning.formula(name)
            self.needed[name] = list(self.meaning.obligations)
        by = {
            name.removeprefix("By_"): [n for n in names_in(op.body) if n in formulas]
            for name, op in self.syntax.definitions.items()
            if name.startswith("By_")
        }
        first = frozenset(by.pop("Any", []))
        sizes = {n for n, _, _ in self.meaning.sizes}
        sized = frozenset(name for name, f in formulas.items() if sizes & set(logic.subterms(f)))
        return Lemmas(formulas, first, by, sized)

    def action(self, course: Course) -> str:
        """The innermost name on the way that is an alternative of the next-state relation: the action."""
        return course.names[self._depth(course)][0]

    def _depth(self, course: Course) -> int:
        """Definitions that are no more than alternatives (Next, and whose) lead to the action."""
        for k, (name, _) in enumerate(course.names):
            if name != self.next.name and not self._only_alternatives(self._definitions[name].body):
                return k
        raise TranslationError("a course without an action")

    def _only_alternatives(self, e: Expression) -> bool:
        if JUNCTIONS.get(e.name) == "or" or e.name == "$BoundedExists":
            return all(self._only_alternatives(a) for a in e.arguments)
        return e.kind == "apply" and e.applied.kind == "defined"

    # ---- what is asked ---------------------------------------------------------------------------------------------

    def jobs(self) -> list[Job]:
        jobs = []
        if self.chosen.action("Properties"):
            jobs.append(Job("Properties", "in each state", self.in_each_state))
        if self.chosen.action("Init"):
            jobs.append(Job("Init", "at the start", self.at_the_start))
        if self.parts("refinement") and self.chosen.action("Refinement"):
            jobs.append(Job("Refinement", "from the steps", self.refinement))
        count: dict[str, int] = {}
        for course in self.courses:
            action = self.action(course)
            count[action] = count.get(action, 0) + 1
            if self.chosen.action(action):
                name = f"{action}#{count[action]}"
                jobs.append(Job(name, self.way(course), partial(self.of_course, name, course)))
        return jobs

    def way(self, course: Course) -> str:
        """Through which definitions, and through which parts of ORs and IFs."""
        depth = self._depth(course)
        inner = [name for name, _ in course.names[depth + 1 :]]
        parts = [f"line {line} {part}" for names, line, part in course.way if names > depth]
        return "; ".join(filter(None, [", ".join(dict.fromkeys(inner)), ", ".join(parts)]))

    def at_the_start(self) -> list[Answer]:
        m = self.meaning
        m.primed = m.state
        questions = Questions(self.preamble, NO_LEMMAS, [*self.assumptions, m.truth(self.init)])
        names = [*self.lemmas.formulas, *self.parts("start")]
        answers = [a for n in names for a in self._asked(questions, "Init", n, partial(self._formula, n))]
        self._close(questions)
        return answers

    def in_each_state(self) -> list[Answer]:
        """What follows from the lemmas, and that each lemma says something: by those before it."""
        m = self.meaning
        m.primed = m.state
        facts, answers = [*self.assumptions, *m.axioms], []
        points = [v for v in (*m.constants.values(), *m.state.values()) if isinstance(v, Term)]
        questions = Questions(self.preamble, self.lemmas, facts)
        for name in self.parts("state"):
            m.obligations.clear()
            goals = partial(m.goals, self.syntax.definition(name).body)
            answers += self._asked(questions, "Properties", name, goals, points)
            answers += self._defined(questions, "Properties", name, list(m.obligations))
        earlier: dict[str, Term] = {}
        for name, formula in self.lemmas.formulas.items():
            questions.lemmas = replace(self.lemmas, formulas=dict(earlier), by={})
            answers += self._defined(questions, "Properties", name, self.needed[name])
            earlier[name] = formula
        self._close(questions)
        return answers

    def of_course(self, name: str, course: Course) -> list[Answer]:
        m = self.meaning
        m.primed = course.primed
        points = list(course.points)
        facts = [*self.assumptions, *m.axioms]
        before = Questions(self.preamble, self.lemmas, facts)
        answers = self._defined(before, name, self.action(course), list(course.obligations))
        self._close(before)
        questions = Questions(self.preamble, self.lemmas, [*facts, *course.guards])
        for lemma in self.lemmas.formulas:
            answers += self._asked(questions, name, lemma, partial(self._formula, lemma, True), points)
        action, arguments = course.names[self._depth(course)]
        taken = {n: self._is_it(n == action, arguments) for n in self.actions()}
        witnesses = [*points, *(v for v in m.constants.values() if isinstance(v, Term) and v.sort != logic.INT)]
        for step in self.parts("step"):
            m.obligations.clear()
            answers += self._asked(questions, name, step, partial(self._step, step, taken), points, witnesses)
            answers += self._defined(questions, name, step, list(m.obligations))
        self._close(questions)
        return answers

    def is_impossible(self, course: Course) -> bool:
        """No state in which the lemmas hold leads there."""
        questions = Questions(self.preamble, self.lemmas, [*self.assumptions, *self.meaning.axioms, *course.guards])
        impossible = questions.is_impossible()
        self._close(questions)
        return impossible

    def _close(self, questions: Questions) -> None:
        if self.second and questions.proved:
            for answer, count in questions.second_opinions().items():
                self.opinions[answer] = self.opinions.get(answer, 0) + count
        questions.close()

    def actions(self) -> set[str]:
        return {self.action(course) for course in self.courses}

    def _formula(self, name: str, primed: bool = False) -> list[Term]:
        return [self.meaning.formula(name, primed)]

    def _step(self, name: str, known: dict[str, Callable[..., Term]]) -> list[Term]:
        return [self.of_step(name, known)]

    def of_step(self, name: str, known: dict[str, Callable[..., Term]]) -> Term:
        """Of [][A]_v: A."""
        self.meaning.known = known
        try:
            return self.meaning.truth(self.syntax.definition(name).body.arguments[0].arguments[0])
        finally:
            self.meaning.known = {}

    def _is_it(self, is_it: bool, arguments: Sequence[Value]) -> Callable[..., Term]:
        """Of an action's application: whether it is the step that is taken. Of the others nothing is needed."""
        if not is_it:
            return lambda *args: FALSE
        return lambda *args: logic.conjunction(*(values.equal(x, y) for x, y in zip(args, arguments)))

    def _asked(
        self, questions: Questions, place: str, name: str, make: Callable[[], list[Term]],
        points: Sequence[Term] = (), witnesses: Sequence[Term] = (),
    ) -> list[Answer]:  # fmt: skip
        if not self._is_asked(name):
            return []
        clock, m = Clock(), self.meaning
        del m.sizes[self.always_sized :]
        goals, lemmas = make(), questions.lemmas.formulas
        if goals == [lemmas.get(name)]:
            return [Answer(f"{place}/{name}", "unchanged", clock.seconds)]
        near = [lemmas[n] for n in (name, *questions.lemmas.by.get(name, ())) if n in lemmas]
        mentioned, sizes = set(logic.subterms(*goals, *near)), list(m.sizes)
        mine = [s for s in sizes if s[0] in mentioned]
        if not witnesses and not mine and questions.at_once(name, logic.conjunction(*goals)):
            return [Answer(f"{place}/{name}", "at once", clock.seconds)]
        answers = []
        for k, part in enumerate((part for goal in goals for part in split(goal)), 1):
            # Of a step, the witnesses are known; of a state, they are a hint.
            wanted = witnessed(part, witnesses) if witnesses else logic.disjunction(part, witnessed(part, points))
            how = questions.follows(
                name, wanted, lambda: finite_sets.facts(mine, points), lambda: finite_sets.facts(sizes, points)
            )
            self._open |= not how
            state = [] if how or self.first_open else self._shown(questions, name, wanted, points)
            answers.append(Answer(f"{place}/{name}/{k}", how, clock.seconds, state))
            clock = Clock()
        return answers

    def _is_asked(self, name: str) -> bool:
        return self.chosen.lemma(name) and not (self.first_open and self._open)

    def _shown(self, questions: Questions, about: str, goal: Term, points: Sequence[Term]) -> list[str]:
        """Of few lemmas the solver has a state sooner than of all."""
        m = self.meaning
        elements = [v for v in m.constants.values() if isinstance(v, Term) and v.sort != logic.INT]
        questions.solver.follows(goal, [], questions.few(about), MANY)
        return table(questions.solver, m.state, m.primed, list(dict.fromkeys([*points, *elements])))

    def _defined(self, questions: Questions, place: str, name: str, needed: Sequence[Term]) -> list[Answer]:
        """That TLA+ says what it is: functions are applied within their domains, some case of a CASE holds."""
        if not needed or not self._is_asked(name):
            return []
        clock = Clock()
        how = questions.follows(name, logic.conjunction(*needed))
        self._open |= not how
        return [Answer(f"{place}/{name} is defined", how, clock.seconds)]

    def refinement(self) -> list[Answer]:
        """Each case of what it follows from, a property of each step, is a step of the other specification, or none."""
        m, answers = self.meaning, []
        m.primed = {v: values.made(m.types[v], f"{v}'") for v in self.syntax.variables}
        any_action = dict.fromkeys(self.actions(), lambda *args: TRUE)
        for name in self.parts("refinement"):
            square, env = self._other_next(name)
            alternatives = list(disjuncts(m.truth(square, env)))
            (by,) = names_in(self.syntax.definition(f"By_{name}").body)
            for k, case in enumerate(disjuncts(self.of_step(by, any_action)), 1):
                clock = Clock()
                facts, points = opened(case)
                questions = Questions(self.preamble, NO_LEMMAS, [*self.assumptions, *facts])
                how = next((h for a in alternatives if (h := questions.follows(name, witnessed(a, points)))), "")
                self._close(questions)
                answers.append(Answer(f"Refinement/{name}/{k}", how, clock.seconds))
        return answers

    def _other_next(self, name: str) -> tuple[Expression, Environment]:
        """[Next]_vars of the specification that this one refines."""
        e, env = self.syntax.definition(name).body, EMPTY
        while e.kind == "substituted" or (e.kind == "apply" and e.applied.kind == "defined"):
            if e.kind == "substituted":
                env, e = Environment(by=dict(e.by)), e.arguments[0]
            else:
                e = e.applied.body
        return next(c for c in conjuncts(e) if c.name == "[]").arguments[0], env


def disjuncts(e: Term) -> Iterator[Term]:
    if e.kind == "operator" and e.op == "or":
        for a in e.args:
            yield from disjuncts(a)
    else:
        yield e


def opened(e: Term) -> tuple[list[Term], list[Term]]:
    """What a conjunction says, with names for what it says that exists."""
    facts, points, pending = [], [], [e]
    while pending:
        e = pending.pop()
        if e.kind == "operator" and e.op == "and":
            pending += e.args
        elif e.kind == "quantifier" and e.op == "exists":
            own = [logic.fresh(x.sort) for x in e.bound]
            points += own
            pending.append(logic.instantiated(e, own))
        else:
            facts.append(e)
    return facts, points
