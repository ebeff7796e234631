"""`make prove`: what the theorems of a TLA+ module say is proved, for any number of everything.

An SMT solver (z3) answers; the questions are made of the module's own text, as TLC's parser reads it. TLC checks the
lemmas within bounds, and what the solver is told of the modules is held against TLC (proof_bounds, proof_crosscheck).
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ferry_tools.errors import ToolError, guarded
from ferry_tools.paths import SPEC
from ferry_tools.proof import ALL_OF_IT, Chosen, Proof
from ferry_tools.proof_bounds import PROOFS, Bounded, check_in_bounds, verdict
from ferry_tools.proof_crosscheck import crosscheck
from ferry_tools.proof_questions import Answer
from ferry_tools.results import Clock, Result, Results, Screen
from ferry_tools.tla_modules import claims
from ferry_tools.tla_syntax import Syntax

PARTS = {
    "proof": "proofs, any number of all",
    "bounds": "lemmas within bounds",
    "translation": "translation is TLC's",
    "second": "second opinion",
}

# What each proof is of.
CLAIMED_IN = {"ChannelProof": ("AlgorithmProperties", "AlgorithmRefinement"), "ContractProof": ("ChannelProperties",)}
LIVENESS = r"\b(Fair|Iterating)\b"  # the premise of those

_proof: Proof | None = None  # of the processes that ask: each has a copy


def _ask(position: int) -> tuple[list[Answer], float, dict[str, int]]:
    assert _proof is not None
    clock = Clock()
    _proof.opinions.clear()
    return _proof.jobs()[position].ask(), clock.seconds, dict(_proof.opinions)


def _hold_against_tlc(module: str, jar: Path, build: Path, every_course: bool) -> tuple[list[Bounded], list[Result]]:
    assert _proof is not None
    bounded = check_in_bounds(module, _proof, jar, build)
    if not (all(b.result.passed for b in bounded) and _proof.chosen.everything):
        return bounded, []
    return bounded, crosscheck(module, _proof, bounded, jar, every_course)


def prove(
    module: str,
    jar: Path,
    build: Path,
    screen: Screen,
    jobs: int,
    chosen: Chosen = ALL_OF_IT,
    second: bool = False,
    every_course: bool = True,
) -> list[Result]:
    """Of one module: a result for each action, and one for each other place in which something is asked."""
    global _proof
    screen.line(f"\n{module}.tla: for any number of everything")
    proof = Proof(Syntax(jar, SPEC / f"{module}.tla"), chosen, second=second)
    chosen.check(proof)
    _proof = proof
    places = proof.jobs()
    opinions: Counter[str] = Counter()
    with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
        held = pool.submit(_hold_against_tlc, module, jar, build, every_course)  # first, because it takes longest
        asked = {pool.submit(_ask, k): places[k].name for k in range(len(places))}
        for count, done in enumerate(as_completed(asked), 1):
            opinions.update(done.result()[2])
            screen.running(module, f"{count} of {len(places)} places, last {asked[done]}")
        screen.running(module, "the translation is held against TLC")
        bounded, translation = held.result()
    screen.ended(module)
    by_action: dict[str, list[tuple[list[Answer], float]]] = {}
    for done, name in asked.items():
        by_action.setdefault(name.split("#")[0], []).append(done.result()[:2])
    results = []
    for action, of in by_action.items():
        answers = [a for some, _ in of for a in some]
        results.append(_result(module, proof, action, answers, sum(seconds for _, seconds in of), bounded))
    results += [b.result for b in bounded]
    if second:
        results.append(_second(module, opinions))
    return results + translation


def check_claims(module: str) -> Result:
    """Whether the proof's theorems say all that the theorems of the modules claim that it is of."""
    texts = [(SPEC / f"{name}.tla").read_text() for name in CLAIMED_IN[module]]
    lively = {name for text in texts for name in claims(text, LIVENESS)}
    claimed = [name for text in texts for name in claims(text) if name not in lively]
    proved = set(claims((SPEC / f"{module}.tla").read_text()))
    problems = [f"{name} is claimed, and no theorem of {module}.tla says so" for name in claimed if name not in proved]
    said = f"all {len(claimed)} that are about safety; not the {len(lively)} about liveness"
    figures = {"claimed": len(claimed), "liveness": len(lively)}
    return Result("proof", f"{module}: what is claimed", 0.0, "; ".join(problems), said, figures)


def _second(module: str, opinions: Counter[str]) -> Result:
    """Another solver need not find each proof; it must not find a counterexample, and it has to find most."""
    sat, unsat, unknown = (opinions[answer] for answer in ("sat", "unsat", "unknown"))
    failure = f"cvc5 has a counterexample to {sat} of what z3 has proved" if sat else ""
    if not failure and unknown > unsat:
        failure = f"cvc5 proves {unsat} of what z3 has proved, and of {unknown} it does not know"
    said = f"cvc5 proves {unsat:,} of what z3 has proved; of {unknown:,} it does not know"
    return Result("second", f"{module}: cvc5", 0.0, failure, said, {"questions": unsat, "unknown": unknown})


def _result(
    module: str, proof: Proof, action: str, answers: list[Answer], seconds: float, bounded: list[Bounded]
) -> Result:
    opened = [a for a in answers if not a.how]
    figures = {"questions": len(answers), "proved": len(answers) - len(opened), "open": len(opened)}
    said = f"{len(answers)} questions, all proved"
    lemmas = list(dict.fromkeys(a.question.split("/")[1] for a in opened))
    failure = f"{len(opened)} of {len(answers)} questions are open: {', '.join(lemmas)}" if opened else ""
    details = []
    ways = {job.name: job.way for job in proof.jobs()}
    for a in opened[:3]:
        place, lemma = a.question.split("/")[:2]
        details += [f"{action}: {lemma} may be wrong after it" if "defined" not in lemma else f"{action}: {lemma}?"]
        details += [f"  by way of: {ways[place]}", *(f"  {line}" for line in a.state)]
        details += [f"  {verdict(bounded, lemma)}"]
        details += [f"  again: make prove ACTION={action} LEMMA={lemma.split()[0]}", ""]
    return Result("proof", f"{module}: {action}", seconds, failure, said, figures, details)


def run_proof(module: str, jar: Path, build: Path, results: Results, jobs: int, **how: Any) -> None:
    """`how`: chosen; second, whether cvc5 is asked, too; every_course, whether TLC has to take each."""
    found = prove(module, jar, build, results.screen, jobs, **how)
    results.take("", [*([check_claims(module)] if how.get("chosen", ALL_OF_IT).everything else []), *found])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--module", default="", help=f"one of {', '.join(PROOFS)}")
    parser.add_argument("--action", default="", help="of these actions only; also Init, Properties, Refinement")
    parser.add_argument("--lemma", default="", help="of these lemmas and properties only")
    parser.add_argument("--second", action="store_true", help="ask cvc5, too")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    a = parser.parse_args()
    some = [frozenset(filter(None, names.split(","))) for names in (a.action, a.lemma)]
    results = Results()
    chosen = Chosen(some[0], some[1], a.module)
    if a.module and a.module not in PROOFS:
        raise ToolError(f"there is no proof named {a.module}; there are: {', '.join(PROOFS)}")
    for module in [a.module] if a.module else PROOFS:
        run_proof(module, a.jar, a.build, results, a.jobs, chosen=chosen, second=a.second)
    results.print_table(PARTS, "questions, states")
    results.write_json(a.build / "proof" / "report.json", PARTS)
    return results.end("prove")


if __name__ == "__main__":
    raise SystemExit(guarded("prove", main))
