"""Actions of TLA+: the courses that one can take, ENABLED, and CHOOSE.

A course is a way through the actions' ORs, IFs and EXISTSs, as TLC takes a next-state relation, from left to right: the
conditions under which it is taken, and the value of each primed variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ferry_tools import logic
from ferry_tools import tla_values as values
from ferry_tools.logic import FALSE, TRUE, Term
from ferry_tools.tla_meaning import EMPTY, JUNCTIONS, Environment, Meaning, State
from ferry_tools.tla_standard import STANDARD_MODULES
from ferry_tools.tla_syntax import LEVEL_OF_ACTIONS, Expression
from ferry_tools.tla_values import Set, SetType, TranslationError, Value, term


@dataclass(frozen=True)
class Course:
    guards: tuple[Term, ...] = ()
    assigned: State | None = None
    points: tuple[Term, ...] = ()  # what has been named: of each EXISTS, and of each CHOOSE
    names: tuple[tuple[str, tuple[Value, ...]], ...] = ()  # the definitions on the way, with their arguments
    obligations: tuple[Term, ...] = ()
    way: tuple[tuple[int, int, str], ...] = ()  # of each OR and IF: how many names came before, its line, which part

    @property
    def primed(self) -> State:
        return self.assigned or {}

    def assume(self, guard: Term) -> Course:
        return self if guard is TRUE else replace(self, guards=(*self.guards, guard))

    def by(self, line: int, part: str) -> Course:
        return replace(self, way=(*self.way, (len(self.names), line, part)))

    @property
    def impossible(self) -> bool:
        return FALSE in self.guards


class Actions(Meaning):
    def goals(self, e: Expression, env: Environment = EMPTY) -> list[Term]:
        """Formulas that together are this one: what is said of all is said of one of which nothing is known."""
        if e.kind == "apply" and e.applied.kind == "defined" and e.applied.module not in STANDARD_MODULES:
            arguments = [self.value(a, env) for a in e.arguments]
            return self.goals(e.applied.body, env.with_(e.applied.parameters, arguments))
        if JUNCTIONS.get(e.name) == "and":
            return [goal for a in e.arguments for goal in self.goals(a, env)]
        if e.name == "=>":
            first = self.truth(e.arguments[0], env)
            with self.given(first):
                return [logic.implies(first, goal) for goal in self.goals(e.arguments[1], env)]
        if e.name == "$BoundedForall":
            premise = TRUE
            for p, s in [(p, self.set(b.of, env)) for b in e.bounds for p in b.parameters]:
                x = logic.fresh(values.sort_of(s))
                premise, env = logic.conjunction(premise, s.has(x)), env.with_([p], [x])
            with self.given(premise):
                return [logic.implies(premise, goal) for goal in self.goals(e.arguments[0], env)]
        return [self.truth(e, env)]

    def declare(self, *names: str) -> None:
        """The variables' types are what these definitions say: conjuncts `v \\in S` and `v \\subseteq S`."""

        def typed(e: Expression) -> Iterator[tuple[str, Expression, Expression]]:
            if e.kind == "substituted" or JUNCTIONS.get(e.name) == "and":
                for a in e.arguments:
                    yield from typed(a)
            elif e.name in ("\\in", "\\subseteq"):
                variable, of = e.arguments
                yield e.name, variable, of
            elif e.kind == "apply" and not e.arguments and e.applied.kind == "defined":
                yield from typed(e.applied.body)

        for name in names:
            for relation, variable, of in typed(self.syntax.definition(name).body):
                if variable.name in self.syntax.variables and variable.name not in self.types:
                    element = self.set(of, EMPTY).element
                    if element is None:
                        raise TranslationError(f"{variable.name} is in {{}}")
                    self.types[variable.name] = element if relation == "\\in" else SetType(element)
        if missing := set(self.syntax.variables) - self.types.keys():
            raise TranslationError(f"no type for {', '.join(sorted(missing))}")
        self.state = {v: values.made(self.types[v], v) for v in self.syntax.variables}

    def courses(self, e: Expression, env: Environment = EMPTY, course: Course | None = None) -> Iterator[Course]:
        for found in self._courses(e, env, course or Course()):
            if not found.impossible:
                yield found

    def _courses(self, e: Expression, env: Environment, course: Course) -> Iterator[Course]:
        if course.impossible:
            return
        if e.level < LEVEL_OF_ACTIONS:
            yield self._guard(e, env, course)
        elif e.kind == "substituted":
            yield from self._courses(e.arguments[0], replace(env, by=dict(e.by)), course)
        elif e.kind == "apply" and e.applied.kind == "defined":
            operator = e.applied
            arguments = []
            for a in e.arguments:
                value, course = self._evaluated(a, env, course)
                arguments.append(value)
            course = replace(course, names=(*course.names, (operator.name, tuple(arguments))))
            yield from self._courses(operator.body, env.with_(operator.parameters, arguments), course)
        elif e.kind == "apply" and e.applied.kind == "builtin":
            yield from self._builtin_courses(e, env, course)
        else:
            raise TranslationError(f"line {e.line}: an action that is not translated")

    def _builtin_courses(self, e: Expression, env: Environment, course: Course) -> Iterator[Course]:
        name, args = e.name, e.arguments
        if JUNCTIONS.get(name) == "and":
            yield from self._one_after_another(args, env, course)
        elif JUNCTIONS.get(name) == "or":
            for k, a in enumerate(args, 1):
                yield from self._courses(a, env, course.by(e.line, f"part {k}"))
        elif name == "$IfThenElse":
            value, course = self._evaluated(args[0], env, course)
            condition = term(value)
            yield from self._courses(args[1], env, course.assume(condition).by(e.line, "THEN"))
            yield from self._courses(args[2], env, course.assume(logic.negation(condition)).by(e.line, "ELSE"))
        elif name == "$BoundedExists":
            yield from self._for_some(e, env, course)
        elif name == "UNCHANGED":
            for same in self._variables_of(args[0]):
                course = self._assign(same, self.state[same], course)
            yield course
        elif name == "=" and (v := self._primed_variable(args[0])):
            value, course = self._evaluated(args[1], env, course)
            yield self._assign(v, value, course)
        else:
            yield self._guard(e, env, course)

    def _one_after_another(self, parts: Sequence[Expression], env: Environment, course: Course) -> Iterator[Course]:
        if not parts:
            yield course
            return
        for c in self._courses(parts[0], env, course):
            yield from self._one_after_another(parts[1:], env, c)

    def _for_some(self, e: Expression, env: Environment, course: Course) -> Iterator[Course]:
        """An element of the set is named; in a small model, each is taken."""
        variables = [(p, b.of) for b in e.bounds for p in b.parameters]

        def go(k: int, inner: Environment, course: Course) -> Iterator[Course]:
            if k == len(variables):
                yield from self._courses(e.arguments[0], inner, course)
                return
            parameter, of = variables[k]
            s, course = self._evaluated(of, env, course)
            if not isinstance(s, Set):
                raise TranslationError(f"line {e.line}: \\E over something else than a set")
            if values.is_empty(s):
                return
            if values.sort_of(s) in logic.universe:
                for x in values.members(s):
                    yield from go(k + 1, inner.with_([parameter], [x]), course)
                return
            x = logic.fresh(values.sort_of(s), self.syntax.operator(parameter).name)
            named = replace(course.assume(s.has(x)), points=(*course.points, x))
            yield from go(k + 1, inner.with_([parameter], [x]), named)

        yield from go(0, env, course)

    # ---- what a course is made of ----------------------------------------------------------------------------------

    def _evaluated(self, e: Expression, env: Environment, course: Course) -> tuple[Value, Course]:
        self.primed, self.points, kept, self.obligations = course.primed, [], self.obligations, []
        with self.given(*course.guards):
            value = self.value(e, env)
        asked, self.obligations = self.obligations, kept
        points = (*course.points, *(p for p in self.points if p not in course.points))
        return value, replace(course, points=points, obligations=(*course.obligations, *asked))

    def _guard(self, e: Expression, env: Environment, course: Course) -> Course:
        value, course = self._evaluated(e, env, course)
        return course.assume(term(value))

    def _assign(self, variable: str, value: Value, course: Course) -> Course:
        if variable in course.primed:
            return course.assume(values.equal(course.primed[variable], value))
        typed = values.as_typed(self.types[variable], value)
        return replace(course, assigned={**course.primed, variable: typed})

    def _primed_variable(self, e: Expression) -> str | None:
        if e.name != "'" or e.arguments[0].kind != "apply":
            return None
        operator = e.arguments[0].applied
        return operator.name if operator.kind == "variable" else None

    def _variables_of(self, e: Expression) -> list[str]:
        if e.name == "$Tuple":
            return [v for a in e.arguments for v in self._variables_of(a)]
        if e.kind == "apply" and e.applied.kind == "variable":
            return [e.name]
        if e.kind == "apply" and e.applied.kind == "defined" and not e.arguments:
            return self._variables_of(e.applied.body)
        raise TranslationError(f"line {e.line}: UNCHANGED of something else than variables")

    # ---- ENABLED and CHOOSE ----------------------------------------------------------------------------------------

    def enabled(self, e: Expression, env: Environment) -> Term:
        """One of its courses can be taken: for what has been named there is something."""
        after = self.primed
        found = []
        for course in self.courses(e, env):
            if missing := set(self.syntax.variables) - course.primed.keys():
                raise TranslationError(f"line {e.line}: ENABLED, and {', '.join(sorted(missing))} may be anything")
            for obligation in course.obligations:
                self.oblige(obligation)
            own = {p: logic.variable(p.sort) for p in course.points}
            body = logic.substituted(logic.conjunction(*course.guards), own)
            found.append(logic.bind("exists", tuple(own.values()), body))
        self.primed = after
        return logic.disjunction(*found)

    def _chosen_value(self, e: Expression, env: Environment, primed: bool) -> Value:
        """Some element, if there is any: a function of what the set is made of."""
        (bound,) = e.bounds
        (parameter,) = bound.parameters
        if primed:
            raise TranslationError(f"line {e.line}: CHOOSE of the second of two states")

        s = self.set(bound.of, env)
        if values.sort_of(s) in logic.universe:  # as TLC chooses among model values
            fit = [x for x in values.members(s) if self.truth(e.arguments[0], env.with_([parameter], [x])) is TRUE]
            if not fit:
                raise TranslationError(f"line {e.line}: CHOOSE from nothing")
            return min(fit, key=repr)
        free = sorted(self._parameters_in(e, set()) & env.parameters.keys())
        arguments = [term(env.parameters[p]) for p in free]
        name, sort = f"choose.{e.applied.module}.{e.line}.{bound.of.line}", values.sort_of(s)
        chosen = logic.apply(name, arguments, sort)
        if name not in self._chosen:
            self._chosen.add(name)

            def says(*xs: Term) -> Term:
                inner = env.with_(free, xs)
                s = self.set(bound.of, inner)

                def fits(x: Value) -> Term:
                    return self.truth(e.arguments[0], inner.with_([parameter], [x]))

                own = logic.apply(name, xs, sort)
                return logic.implies(values.some_in(s, fits), logic.conjunction(s.has(own), fits(own)))

            kept, self.obligations = self.obligations, []  # of any arguments, whatever they are: nothing is asked
            self.axioms.append(logic.for_all([a.sort for a in arguments], says) if free else says())
            self.obligations = kept
        self.oblige(values.some_in(s, lambda x: self.truth(e.arguments[0], env.with_([parameter], [x]))))
        self.points.append(chosen)
        return chosen

    def _parameters_in(self, e: Expression, seen: set[str]) -> set[str]:
        """Those that it refers to, by way of what it names."""
        found = set()
        for part in e.walk():
            operator = part.operator
            if operator is not None and operator.kind == "parameter":
                found.add(operator.uid)
            elif operator is not None and operator.kind == "defined" and operator.uid not in seen:
                seen.add(operator.uid)
                if operator.module not in STANDARD_MODULES:
                    found |= self._parameters_in(operator.body, seen)
        return found
