"""Whether the translation says what TLC says, of states and steps of a small model.

Steps: from a state, the courses that can be taken lead to exactly the states that TLC finds. Lemmas: in states that
can be reached, and in such with some variables exchanged, each is true or false as TLC says, and where the translation
says that TLA+ leaves nothing open, TLC has an answer. Nothing is vacuous: the assumptions hold there, and each course
of the proof is taken.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ferry_tools import logic, tla_states
from ferry_tools import tla_values as values
from ferry_tools.logic import BOOL, FALSE, INT, STRING, TRUE, Term
from ferry_tools.proof import Proof
from ferry_tools.proof_bounds import Bounded
from ferry_tools.results import Clock, Result
from ferry_tools.tla_actions import Actions, Course
from ferry_tools.tla_meaning import State
from ferry_tools.tla_states import Graph, Plain, read_dump
from ferry_tools.tla_values import FunctionType, SetType, TranslationError
from ferry_tools.tlc import run_tlc

STATES, MOST_STATES = 100, 1200  # more than the first only for courses that are still missing
DISTURBED = 60
SEED = 1
Way = tuple[str, tuple[tuple[int, str], ...]]


def way_of(proof: Proof, course: Course) -> Way:
    return proof.action(course), tuple((line, part) for _, line, part in course.way)


def universe(proof: Proof, constants: dict[str, Plain], graph: Graph) -> dict[str, tuple[Term, ...]]:
    """Every element, and every number that is not beyond all that there are."""
    names: dict[str, set[str]] = {}
    for name, value in proof.meaning.constants.items():
        type_, plain = values.type_of(value), constants[name]
        sort = type_.element if isinstance(type_, SetType) else type_
        if isinstance(sort, str) and sort not in (INT, STRING):
            found = plain[1] if isinstance(type_, SetType) else [plain]
            names.setdefault(sort, set()).update(model for _, model in found)
    texts = [str(constants), *(text for state in graph.states.values() for text in state.values())]
    numbers = [int(n) for text in texts for n in re.findall(r"(?<![\w])-?\d+", text)]
    elements = {sort: tuple(logic.model_value(n, sort) for n in sorted(of)) for sort, of in names.items()}
    strings = tuple(map(logic.string, proof.syntax.strings))
    numbers += [0, *map(len, names.values())]  # no sequence is longer
    integers = tuple(map(logic.integer, range(min(numbers) - 1, max(numbers) + 3)))
    return elements | {STRING: strings, BOOL: (TRUE, FALSE), INT: integers}


class Small:
    """The translation, with the constants of the small model instead of any.

    What is said of all elements is said of each there is: so formulas are made in the same way as for the solver.
    """

    def __init__(self, proof: Proof, constants: dict[str, Plain], graph: Graph) -> None:
        self.proof, self.graph = proof, graph
        self.universe = universe(proof, constants, graph)
        self.problems: list[str] = []
        found: dict[str, values.Value] = {}
        for name, value in proof.meaning.constants.items():
            type_ = values.type_of(value)
            if isinstance(type_, FunctionType):
                domain = found[values.sort_of(type_.domain)]
                assert isinstance(domain, values.Set)
                type_ = FunctionType(domain, type_.value)
            found[name] = tla_states.of_type(type_, constants[name])
        self.meaning = Actions(proof.syntax, found)
        with self.everything():
            self.meaning.declare(*proof.typed_by)
            assumptions = [self.meaning.truth(a) for a in proof.syntax.assumptions()]
        self.problems += ["an assumption does not hold" for a in assumptions if a is not TRUE]

    @contextmanager
    def everything(self) -> Iterator[None]:
        """While formulas are evaluated in this model."""
        logic.universe.update(self.universe)
        try:
            yield
        finally:
            logic.universe.clear()

    def state(self, texts: dict[str, str]) -> State:
        types = self.meaning.types
        return {v: tla_states.of_type(types[v], tla_states.parse(text)) for v, text in texts.items()}

    def plain(self, state: State) -> frozenset[tuple[str, Plain]]:
        return frozenset((v, tla_states.plain(self.meaning.types[v], x)) for v, x in state.items())

    # ---- steps -----------------------------------------------------------------------------------------------------

    def in_order(self) -> list[str]:
        """Of the states that TLC has left: at first, those in which threads are elsewhere than in any before."""
        numbers = [n for n in self.graph.states if n in self.graph.after]
        random.Random(SEED).shuffle(numbers)
        seen: dict[str, str] = {}
        for n in numbers:
            seen.setdefault(
                " ".join(v for k, v in sorted(self.graph.states[n].items()) if '"' in v and ">>" not in v), n
            )
        first = list(seen.values())
        return [*first, *(n for n in numbers if n not in set(first))]

    def compare_steps(self, numbers: list[str], wanted: set[Way] | None = None) -> tuple[int, int, set[Way]]:
        """How many states were looked at, how many steps were found, and which courses were taken: until `wanted`."""
        taken: set[Way] = set()
        steps = looked = 0
        for number in numbers:
            if wanted is not None and taken >= wanted:
                break
            looked += 1
            found, ways = self.successors(number, compared=wanted is None)
            taken |= ways
            expected = {self.plain(self.state(self.graph.states[n])) for n in self.graph.after[number]}
            steps += len(expected)
            mine = set(found)
            if missed := expected - mine:
                self.problems.append(f"TLC takes a step that is not translated: {self.difference(number, missed)}")
            if more := mine - expected - {self.plain(self.state(self.graph.states[number]))}:
                ways_of = sorted({found[m][0] for m in more})
                self.problems.append(f"TLC does not take {ways_of}: {self.difference(number, more)}")
        return looked, steps, taken

    def successors(self, number: str, compared: bool) -> tuple[dict[frozenset[tuple[str, Plain]], Way], set[Way]]:
        m = self.meaning
        m.state = self.state(self.graph.states[number])
        m.axioms.clear()
        found: dict[frozenset[tuple[str, Plain]], Way] = {}
        ways: set[Way] = set()
        for course in m.courses(self.proof.next):
            if FALSE in course.obligations:
                self.problems.append(f"{way_of(self.proof, course)}: TLA+ leaves open what happens, and TLC takes it")
            ways.add(way_of(self.proof, course))
            found[self.plain(course.primed)] = way_of(self.proof, course)
            if compared:
                self.compare_equality(course.primed)
        return found, ways

    def compare_equality(self, primed: State) -> None:
        """What is equal to what it was, and what is not: as it is printed."""
        types = self.meaning.types
        for v, now in self.meaning.state.items():
            same = tla_states.plain(types[v], primed[v]) == tla_states.plain(types[v], now)
            for a, b in ((primed[v], now), (now, primed[v])):
                if values.equal(a, b) is not logic.truth(same):
                    self.problems.append(
                        f"{v} is {'equal' if same else 'not equal'} to what it was, and not so translated"
                    )

    def difference(self, number: str, states: set[frozenset[tuple[str, Plain]]]) -> str:
        """Of one of them, the variables that no step of TLC's makes so."""
        now = dict(self.plain(self.state(self.graph.states[number])))
        changed = [f"{v} = {x}" for v, x in sorted(min(states, key=repr), key=repr) if now[v] != x]
        return f"to {'; '.join(changed)[:400]}"

    # ---- lemmas ----------------------------------------------------------------------------------------------------

    def verdicts(self, texts: dict[str, str], names: list[str]) -> dict[str, bool]:
        """Of those of which TLA+ leaves nothing open."""
        m = self.meaning
        m.state = m.primed = self.state(texts)
        found: dict[str, bool] = {}
        for name in names:
            m.obligations.clear()
            formula = m.formula(name)
            if FALSE in m.obligations:
                continue
            if not formula.is_literal or any(not o.is_literal for o in m.obligations):
                self.problems.append(f"{name} is neither true nor false in a state")
            found[name] = formula is TRUE
        return found

    def disturbed(self, count: int) -> list[dict[str, str]]:
        """Some that can be reached, and most with some variables from another state."""
        draw = random.Random(SEED)
        states = list(self.graph.states.values())
        cases = []
        for k in range(count):
            case, other = dict(draw.choice(states)), draw.choice(states)
            for v in draw.sample(sorted(case), (0, 1, 1, 1, 2, 3)[k % 6]):
                case[v] = other[v]
            cases.append(case)
        return cases


def crosscheck(
    module: str, proof: Proof, all_bounded: list[Bounded], jar: Path, all_courses: bool = True
) -> list[Result]:
    results: list[Result] = []
    taken: set[Way] = set()
    models = [Small(proof, constants_printed(b), read_dump(b.dump)) for b in all_bounded]
    for number, (small, bounded) in enumerate(zip(models, all_bounded), 1):
        with small.everything():
            results.append(compare_steps(f"{module}: steps, bounds {number}", small, taken))
            results.append(compare_lemmas(f"{module}: lemmas, bounds {number}", small, bounded, jar))
    return [*results, every_course(module, proof, models, taken)] if all_courses else results


def compare_steps(name: str, small: Small, taken: set[Way]) -> Result:
    """`taken`: the courses, together with those of other bounds."""
    clock = Clock()
    states, steps, ways = small.compare_steps(small.in_order()[:STATES])
    taken |= ways
    known = {way_of(small.proof, c) for c in small.proof.courses}
    problems = small.problems + [f"a course of {a}, {w}, is none of the proof's" for a, w in sorted(ways - known)]
    said = f"{steps:,} steps from {states} states, {len(ways)} courses: TLC's, and no others"
    return _result(name, clock.seconds, problems, said, {"states": states, "compared": steps, "courses": len(ways)})


def every_course(module: str, proof: Proof, models: list[Small], taken: set[Way]) -> Result:
    """One that no state leads to would be proved of nothing, unless just that is proved."""
    clock = Clock()
    left = [c for c in proof.courses if way_of(proof, c) not in taken]
    possible = {way_of(proof, c): c for c in left if not proof.is_impossible(c)}
    for small in models:
        small.problems.clear()
        steps = {f'"{action}"' for action, _ in possible}
        rest = small.in_order()[STATES:MOST_STATES]
        rest.sort(key=lambda n: not any(step in text for text in small.graph.states[n].values() for step in steps))
        with small.everything():
            found = small.compare_steps(rest, set(possible))[2]
        possible = {way: c for way, c in possible.items() if way not in found}
    problems = [f"no state leads to a course of {proof.action(c)} ({proof.way(c)})" for c in possible.values()]
    problems += [problem for small in models for problem in small.problems]
    courses = len(proof.courses)
    said = f"each of {courses} courses is taken in some state, or it is proved that none leads there"
    return _result(f"{module}: courses", clock.seconds, problems, said, {"courses": courses})


def compare_lemmas(name: str, small: Small, bounded: Bounded, jar: Path) -> Result:
    clock, proof = Clock(), small.proof
    small.problems = []
    cases = small.disturbed(DISTURBED)
    names = [*proof.lemmas.formulas, *proof.parts("state")]
    mine = [small.verdicts(case, names) for case in cases]
    theirs, problems = ask_tlc(bounded, cases, mine, jar)
    problems += small.problems
    for k, verdicts in enumerate(mine):
        problems += [
            f"{n} is {str(theirs[k][n]).lower()} in a state, says TLC, and the translation says that it is not"
            for n in verdicts if k in theirs and theirs[k][n] != verdicts[n]
        ]  # fmt: skip
    false = [n for verdicts in mine for n, holds in verdicts.items() if not holds]
    count = sum(map(len, mine))
    said = f"{count:,} verdicts in {len(cases)} states, {len(false):,} of them false: as TLC's"
    figures = {"states": len(cases), "compared": count, "false": len(false), "formulas false": len(set(false))}
    return _result(name, clock.seconds, problems, said, figures)


def _result(name: str, seconds: float, problems: list[str], said: str, figures: dict[str, int]) -> Result:
    failure = f"{len(problems)} differences: {problems[0]}" if problems else ""
    return Result("translation", name, seconds, failure, said, figures, [*problems[:10], "again: make prove"])


def constants_printed(bounded: Bounded) -> dict[str, Plain]:
    """By the module itself: what TLC takes them to be."""
    text = " ".join(bounded.run.printed)
    found = re.search(r'<<\s*"constants",\s*(\[.*?\])\s*>>', text)
    if not found:
        raise TranslationError(f"{bounded.module}'s bounds do not print the constants")
    return dict(tla_states.parse(found[1])[1])


def ask_tlc(
    bounded: Bounded, cases: list[dict[str, str]], mine: list[dict[str, bool]], jar: Path
) -> tuple[dict[int, dict[str, bool]], list[str]]:
    """TLC's verdicts in these states, on what has one."""
    folder = bounded.dump.parent
    variables = [*cases[0], "nr"]
    inits = [f"nr = {k} /\\ " + " /\\ ".join(tla_states.text_of(case)) for k, case in enumerate(cases)]
    shown = [
        f'nr = {k} => PrintT(<<"verdicts", {k}, [{", ".join(f"{n} |-> {n}" for n in of)}]>>)'
        for k, of in enumerate(mine) if of
    ]  # fmt: skip
    text = [
        "---- MODULE Verdicts ----",
        f"EXTENDS {bounded.bounds}",
        "VARIABLE nr",
        "EvalInit ==",
        *(f"  \\/ {init}" for init in inits),
        f"EvalSpec == EvalInit /\\ [][UNCHANGED <<{', '.join(variables)}>>]_nr",
        "Show ==",
        *(f"  /\\ {line}" for line in shown),
        "====",
    ]
    eval_module, cfg = folder / "Verdicts.tla", folder / "Verdicts.cfg"
    eval_module.write_text("\n".join(text) + "\n")
    own = bounded.cfg.read_text().split("INVARIANTS")[0]
    own = re.sub(r"SPECIFICATION \w+", "SPECIFICATION EvalSpec", own)
    cfg.write_text(own + "INVARIANT Show\n")
    run = run_tlc(jar, eval_module, cfg, folder, brief=True, options=("-deadlock",))
    theirs: dict[int, dict[str, bool]] = {}
    for k, record in re.findall(r'<<\s*"verdicts",\s*(\d+),\s*(\[[^\]]*\])\s*>>', " ".join(run.printed)):
        theirs[int(k)] = dict(tla_states.parse(record)[1])
    problems = [f"TLC stops where the translation has an answer: {e[:300]}" for e in run.errors]
    if not problems and len(theirs) != sum(bool(of) for of in mine):
        problems.append(f"TLC has answered in {len(theirs)} states")
    return theirs, problems
