"""What expressions of TLA+ mean, in first-order logic. It knows the language, and nothing of any module.

Whatever is not known here is an error. What TLA+ leaves open (a function outside of its domain, the head of <<>>, a
CASE of which no case holds) is an obligation: that it does not happen has to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ferry_tools import logic
from ferry_tools import tla_values as values
from ferry_tools.logic import BOOL, FALSE, TRUE, Term
from ferry_tools.tla_standard import STANDARD_MODULES, STANDARD_OPERATORS
from ferry_tools.tla_syntax import Expression, Operator, Syntax
from ferry_tools.tla_values import (
    Function,
    FunctionType,
    OperatorValue,
    Record,
    RecordType,
    SequenceOf,
    Set,
    SetType,
    TranslationError,
    Tuple,
    Type,
    Value,
    sequence,
    term,
)

State = dict[str, Value]


@dataclass(frozen=True)
class Environment:
    """What parameters stand for, and @, and what an INSTANCE substitutes."""

    parameters: dict[str, Value] = field(default_factory=dict)
    at: Value | None = None
    by: dict[str, Expression] = field(default_factory=dict)

    def with_(self, parameters: Sequence[str], arguments: Sequence[Value]) -> Environment:
        return replace(self, parameters=self.parameters | dict(zip(parameters, arguments)))


EMPTY = Environment()
# Through these, what is known of an operator's applications is used: there, more of them can't make a formula false.
POSITIVE = {"$ConjList", "\\land", "$DisjList", "\\lor", "$BoundedForall", "$BoundedExists", "$SquareAct", "[]"}
JUNCTIONS = {"$ConjList": "and", "\\land": "and", "$DisjList": "or", "\\lor": "or"}


class Meaning:
    """`state` and `primed`: what the variables are before and after the step."""

    def __init__(self, syntax: Syntax, constants: dict[str, Value]) -> None:
        self.syntax, self.constants = syntax, constants
        self.types: dict[str, Type] = {}
        self.state: State = {}
        self.primed: State = {}
        # Of an operator: what its applications are known to be (which step is taken), where that is POSITIVE.
        self.known: dict[str, Callable[..., Term]] = {}
        self.sizes: list[tuple[Term, Set, Term]] = []  # each Cardinality, its set, and what tells it from others
        self.axioms: list[Term] = []  # of CHOOSE
        self.points: list[Term] = []  # what has been chosen
        self.obligations: list[Term] = []
        self._chosen: set[str] = set()
        self._context: list[Term | tuple[Term, ...]] = []  # on which condition, and for which variables

    # ---- what is asked of it ---------------------------------------------------------------------------------------

    def formula(self, name: str, primed: bool = False) -> Term:
        return self.truth(self.syntax.definition(name).body, EMPTY, primed)

    def truth(self, e: Expression, env: Environment = EMPTY, primed: bool = False) -> Term:
        return term(self.value(e, env, primed))

    # ---- conditions and obligations --------------------------------------------------------------------------------

    @contextmanager
    def given(self, *conditions: Term | tuple[Term, ...]) -> Iterator[None]:
        self._context += conditions
        try:
            yield
        finally:
            if conditions:
                del self._context[-len(conditions) :]

    def oblige(self, condition: Term) -> None:
        for c in reversed(self._context):
            condition = logic.implies(c, condition) if isinstance(c, Term) else logic.bind("forall", c, condition)
        # An element of a set that Python goes through has a name, and no place in the context.
        condition = logic.bind("forall", tuple(sorted(logic.free_variables(condition), key=repr)), condition)
        if condition is not TRUE and condition not in self.obligations:
            self.obligations.append(condition)

    # ---- expressions -----------------------------------------------------------------------------------------------

    def value(self, e: Expression, env: Environment = EMPTY, primed: bool = False) -> Value:
        match e.kind:
            case "number":
                return logic.integer(int(e.text))
            case "string":
                return logic.string(e.text)
            case "at" if env.at is not None:
                return env.at
            case "substituted":
                if env.by and env.by.keys() != dict(e.by).keys():
                    raise TranslationError(f"line {e.line}: an INSTANCE within an INSTANCE")
                return self.value(e.arguments[0], replace(env, by=dict(e.by)), primed)
            case "operator":
                return OperatorValue(lambda *args: self.called(e.applied, args, env, primed))
            case "apply":
                return self._applied(e, env, primed)
        raise TranslationError(f"line {e.line}: {e.kind} is not translated")

    def set(self, e: Expression, env: Environment, primed: bool = False) -> Set:
        found = self.value(e, env, primed)
        if isinstance(found, Set):
            return found
        raise TranslationError(f"line {e.line}: {type(found).__name__} where a set is wanted")

    def _applied(self, e: Expression, env: Environment, primed: bool) -> Value:
        operator = e.applied
        match operator.kind:
            case "builtin":
                return self._builtin(e, env, primed)
            case "parameter":
                found = env.parameters[operator.uid]
                if isinstance(found, OperatorValue):
                    return found.call(*[self.value(a, env, primed) for a in e.arguments])
                return found
            case "constant" | "variable":
                if operator.uid in env.by:
                    return self.value(env.by[operator.uid], replace(env, by={}), primed)
                if operator.name in self.constants:
                    return self.constants[operator.name]
                state = self.primed if primed else self.state
                if operator.name not in state:
                    raise TranslationError(f"line {e.line}: nothing says yet what {operator.name} is")
                return state[operator.name]
        arguments = [self.value(a, env, primed) for a in e.arguments]
        simple = operator.name.split("!")[-1]
        if operator.module in STANDARD_MODULES:
            if simple == "Cardinality":
                return self.size(arguments[0])
            if simple not in STANDARD_OPERATORS:
                raise TranslationError(f"line {e.line}: {simple} of {operator.module} is not translated")
            return STANDARD_OPERATORS[simple](self.oblige, *arguments)
        if operator.name in self.known:
            return self.known[operator.name](*arguments)
        return self.called(operator, arguments, env, primed)

    def called(self, operator: Operator, arguments: Sequence[Value], env: Environment, primed: bool) -> Value:
        if len(arguments) != len(operator.parameters):
            raise TranslationError(f"{operator.name} with {len(arguments)} arguments")
        return self.value(operator.body, env.with_(operator.parameters, arguments), primed)

    def _junction(self, which: str, parts: Sequence[Expression], env: Environment, primed: bool) -> Term:
        """From left to right: a part may rely on those before it."""
        join, end = (logic.conjunction, FALSE) if which == "and" else (logic.disjunction, TRUE)
        found: list[Term] = []
        for part in parts:
            with self.given(*(found if which == "and" else map(logic.negation, found))):
                found.append(self.truth(part, env, primed))
            if found[-1] is end:
                break
        return join(*found)

    def _quantified(self, e: Expression, env: Environment, primed: bool) -> Term:
        which = "forall" if e.name == "$BoundedForall" else "exists"
        variables = [(p, s) for b in e.bounds for s in [self.set(b.of, env, primed)] for p in b.parameters]
        body = e.arguments[0]
        if any(s.elements is not None for _, s in variables):

            def go(k: int, env: Environment) -> Term:
                if k == len(variables):
                    return self.truth(body, env, primed)
                over = values.for_all_in if which == "forall" else values.some_in

                def inside(x: Value) -> Term:
                    s = variables[k][1]
                    bound = [(x,)] if s.elements is None and isinstance(x, Term) else []
                    with self.given(*bound, s.has(x)):
                        return go(k + 1, env.with_([variables[k][0]], [x]))

                return over(variables[k][1], inside)

            return go(0, env)

        def inside(*xs: Term) -> Term:
            has = logic.conjunction(*(s.has(x) for (_, s), x in zip(variables, xs)))
            with self.given(xs, has):
                said = self.truth(body, env.with_([p for p, _ in variables], xs), primed)
            return logic.implies(has, said) if which == "forall" else logic.conjunction(has, said)

        return logic.quantified(which, [values.sort_of(s) for _, s in variables], inside)

    def _builtin(self, e: Expression, env: Environment, primed: bool) -> Value:
        name, args = e.name, e.arguments
        if self.known and name not in POSITIVE:
            known, self.known = self.known, {}
            try:
                return self._builtin(e, env, primed)
            finally:
                self.known = known

        def ev(a: Expression) -> Value:
            return self.value(a, env, primed)

        match name:
            case "TRUE" | "FALSE":
                return logic.truth(name == "TRUE")
            case "BOOLEAN":
                return Set(BOOL, lambda x: TRUE, ((TRUE, TRUE), (TRUE, FALSE)))
            case "$ConjList" | "\\land" | "$DisjList" | "\\lor":
                return self._junction(JUNCTIONS[name], args, env, primed)
            case "\\lnot":
                return logic.negation(term(ev(args[0])))
            case "=>":
                first = term(ev(args[0]))
                if first is FALSE:
                    return TRUE
                with self.given(first):
                    return logic.implies(first, term(ev(args[1])))
            case "\\equiv":
                return logic.equal(term(ev(args[0])), term(ev(args[1])))
            case "=":
                return values.equal(ev(args[0]), ev(args[1]))
            case "/=":
                return logic.negation(values.equal(ev(args[0]), ev(args[1])))
            case "'":
                if any(a.operator is not None and a.operator.kind == "parameter" for a in args[0].walk()):
                    raise TranslationError(f"line {e.line}: a primed parameter")  # it has been evaluated already
                return self.value(args[0], env, True)
            case "UNCHANGED":
                return values.equal(self.value(args[0], env, False), self.value(args[0], env, True))
            case "$SquareAct":
                same = values.equal(self.value(args[1], env, False), self.value(args[1], env, True))
                return logic.disjunction(term(ev(args[0])), same)
            case "[]":  # of an action property: what it says of a step
                return ev(args[0])
            case "ENABLED":
                if primed:
                    raise TranslationError(f"line {e.line}: a primed ENABLED")
                return self.enabled(args[0], env)
            case "$IfThenElse":
                return self._choice([(args[0], args[1])], args[2], env, primed)
            case "$Case":
                *cases, last = [(a.arguments[0], a.arguments[1]) for a in args]
                others = [term(ev(c)) for c, _ in cases]
                with self.given(*map(logic.negation, others)):
                    self.oblige(term(ev(last[0])))
                return self._choice(cases, last[1], env, primed)
            case "$Tuple":
                return Tuple(tuple(ev(a) for a in args))
            case "$BoundedForall" | "$BoundedExists":
                return self._quantified(e, env, primed)
            case "$BoundedChoose":
                return self._chosen_value(e, env, primed)
            case "$FcnApply":
                return self._at(e, ev(args[0]), term(ev(args[1])))
            case "$RcdSelect":
                record = ev(args[0])
                if not isinstance(record, Record) or args[1].text not in record.fields:
                    raise TranslationError(f"line {e.line}: there is no .{args[1].text}")
                return record.fields[args[1].text]
            case "$RcdConstructor":
                return Record({a.arguments[0].text: ev(a.arguments[1]) for a in args})
            case "DOMAIN":
                f = ev(args[0])
                if isinstance(f, Function):
                    return f.domain
                return values.places(sequence(f))
            case "$Except":
                value = ev(args[0])
                for a in args[1:]:
                    path, new = a.arguments
                    value = self._updated(value, path.arguments, new, env, primed)
                return value
        return self._set_operator(e, env, primed)

    def _choice(
        self, cases: Sequence[tuple[Expression, Expression]], other: Expression, env: Environment, primed: bool
    ) -> Value:
        """The first case that holds; a case that cannot hold is not looked into."""
        if not cases:
            return self.value(other, env, primed)
        condition = term(self.value(cases[0][0], env, primed))
        if condition is TRUE:
            return self.value(cases[0][1], env, primed)
        if condition is FALSE:
            return self._choice(cases[1:], other, env, primed)
        with self.given(condition):
            first = self.value(cases[0][1], env, primed)
        with self.given(logic.negation(condition)):
            return values.if_then_else(condition, first, self._choice(cases[1:], other, env, primed))

    def _set_operator(self, e: Expression, env: Environment, primed: bool) -> Value:
        def sets() -> list[Set]:
            return [self.set(a, env, primed) for a in e.arguments]

        match e.name:
            case "\\in" | "\\notin":
                within = self.set(e.arguments[1], env, primed).has(self.value(e.arguments[0], env, primed))
                return within if e.name == "\\in" else logic.negation(within)
            case "\\subseteq":
                return values.subset(*sets())
            case "\\union":
                a, b = sets()
                element = a.element if a.element is not None else b.element
                if a.elements is not None and b.elements is not None:
                    return values.filtered(element, [*a.elements, *b.elements])
                return Set(element, lambda x: logic.disjunction(a.has(x), b.has(x)))
            case "\\":
                a, b = sets()
                if a.elements is not None:
                    left = [(logic.conjunction(c, logic.negation(b.has(x))), x) for c, x in a.elements]
                    return values.filtered(a.element, left)
                return Set(a.element, lambda x: logic.conjunction(a.has(x), logic.negation(b.has(x))))
            case "$SetEnumerate":
                return values.listed([self.value(a, env, primed) for a in e.arguments])
            case "SUBSET":
                (of,) = sets()
                if of.element is None:
                    raise TranslationError(f"line {e.line}: SUBSET {{}}")
                return Set(SetType(of.element), lambda x: values.subset(x, of) if isinstance(x, Set) else FALSE)
            case "$SetOfFcns":
                a, b = sets()
                if a.element is None or b.element is None:
                    raise TranslationError(f"line {e.line}: functions from or to {{}}")

                def is_function(f: Value) -> Term:
                    if not isinstance(f, Function):
                        return FALSE
                    same = TRUE if f.domain is a else values.equal(f.domain, a)
                    return logic.conjunction(same, values.for_all_in(a, lambda x: b.has(f.at(term(x)))))

                return Set(FunctionType(a, b.element), is_function)
            case "$SetOfRcds":
                fields = {a.arguments[0].text: self.set(a.arguments[1], env, primed) for a in e.arguments}
                types = {f: s.element for f, s in fields.items() if s.element is not None}

                def is_record(r: Value) -> Term:
                    if not isinstance(r, Record) or r.fields.keys() != fields.keys():
                        return FALSE
                    return logic.conjunction(*(s.has(r.fields[f]) for f, s in fields.items()))

                return Set(RecordType(types), is_record)
            case "$SubsetOf" | "$FcnConstructor":
                return self._made_of(e, env, primed)
        raise TranslationError(f"line {e.line}: {e.name} is not translated")

    def _made_of(self, e: Expression, env: Environment, primed: bool) -> Value:
        """{x \\in S : P}, [x \\in S |-> v]"""
        (bound,) = e.bounds
        (parameter,) = bound.parameters
        s = self.set(bound.of, env, primed)
        # Python gets its terms from it later, when the state may be another.
        state, after = self.state, self.primed

        def body(x: Value) -> Value:
            now, self.state, self.primed = (self.state, self.primed), state, after
            try:
                with self.given(s.has(x)):
                    return self.value(e.arguments[0], env.with_([parameter], [x]), primed)
            finally:
                self.state, self.primed = now

        if e.name == "$SubsetOf":
            if s.elements is not None:
                return values.filtered(s.element, [(logic.conjunction(c, term(body(x))), x) for c, x in s.elements])
            return Set(s.element, lambda x: logic.conjunction(s.has(x), term(body(x))))
        return Function(s, body) if s.length is None else SequenceOf(s.length, body)

    # ---- functions, choices, sizes ---------------------------------------------------------------------------------

    def _at(self, e: Expression, f: Value, key: Term) -> Value:
        if isinstance(f, Function):
            self.oblige(f.domain.has(key))
            return f.at(key)
        if isinstance(f, SequenceOf | Tuple):
            self.oblige(values.in_range(key, sequence(f).length))
            return sequence(f).at(key)
        raise TranslationError(f"line {e.line}: {type(f).__name__} where a function is wanted")

    def _updated(
        self, value: Value, path: Sequence[Expression], new: Expression, env: Environment, primed: bool
    ) -> Value:
        if not path:
            return self.value(new, replace(env, at=value), primed)
        if isinstance(value, Record):
            f = path[0].text
            if f not in value.fields:
                raise TranslationError(f"line {path[0].line}: there is no .{f}")
            return Record({**value.fields, f: self._updated(value.fields[f], path[1:], new, env, primed)})
        if not isinstance(value, Function):
            raise TranslationError(f"line {new.line}: EXCEPT of a {type(value).__name__}")
        key = term(self.value(path[0], env, primed))
        self.oblige(value.domain.has(key))
        there = self._updated(value.at(key), path[1:], new, env, primed)
        return Function(value.domain, lambda x: values.chosen(logic.equal(x, key), lambda: there, lambda: value.at(x)))

    def _chosen_value(self, e: Expression, env: Environment, primed: bool) -> Value:
        raise TranslationError(f"line {e.line}: CHOOSE is not translated here")

    def enabled(self, e: Expression, env: Environment) -> Term:
        raise TranslationError(f"line {e.line}: ENABLED is not translated here")

    def size(self, of: Value) -> Term:
        """A number; what is known of it is said by `sizes`."""
        if not isinstance(of, Set) or of.element is None:
            raise TranslationError("Cardinality of something else than a set")
        if values.sort_of(of) in logic.universe:
            return logic.integer(len(set(values.members(of))))
        key = of.has(logic.apply(f"any.{values.sort_of(of)}", (), values.sort_of(of)))
        if any(e.kind == "variable" for e in logic.free_variables(key)):
            raise TranslationError("the size of a set that depends on a bound variable")
        for number, _, other in self.sizes:
            if key is other:
                return number
        self.sizes.append((logic.fresh(logic.INT, "size"), of, key))
        return self.sizes[-1][0]
