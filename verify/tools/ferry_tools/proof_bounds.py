"""A proof's lemmas, and its properties of states, within bounds: TLC goes through all states that there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ferry_tools.counterexample import table
from ferry_tools.paths import ALGORITHM, CONTRACT, SPEC
from ferry_tools.proof import Proof
from ferry_tools.results import Result
from ferry_tools.tlc import HOLDS, Run, run_tlc

ALL_CALLS = '{"recv", "try_recv", "recv_for", "recv_unwound", "is_disconnected", "close", "drop"}'
# Of each proof: the constants that its MC module leaves open, once or more often.
PROOFS: dict[str, list[dict[str, str]]] = {
    "ChannelProof": [
        {"Owner <-": "Two1", "MaxBlock =": "3", "Failures =": "1", "Calls =": ALL_CALLS},
        {"Owner <-": "One3", "MaxBlock =": "4", "Failures =": "0", "Calls =": '{"try_recv", "drop"}'},
        {"Owner <-": "Two21", "MaxBlock =": "3", "Failures =": "0", "Calls =": '{"recv_stoppable", "close"}'},
    ],
    "ContractProof": [{}],
}
ONE_SLOT = {"Slots =": "1", "FirstSlots =": "1"}


@dataclass
class Bounded:
    module: str
    bounds: str  # the module that has them
    cfg: Path
    run: Run
    result: Result
    dump: Path
    checked: tuple[str, ...]  # lemmas


def verdict(bounded: list[Bounded], lemma: str) -> str:
    """Whether what is not proved is false, as far as TLC can tell."""
    for b in bounded:
        if b.run.result == lemma:
            return f"it is false: TLC finds such a state after {len(b.run.steps) - 1} steps, see below"
    for b in bounded:
        if b.run.result != HOLDS:
            return f"TLC stops at {b.run.result}, which is false within its bounds, see below: look at that one first"
    if lemma in bounded[0].checked:
        return "TLC finds no state within its bounds in which it is false: it is true, or false beyond them"
    return "TLC finds every lemma true within its bounds; this property is checked by the models of spec/models"


def check_in_bounds(module: str, proof: Proof, jar: Path, build: Path) -> list[Bounded]:
    return [_check(module, k, constants, proof, jar, build) for k, constants in enumerate(PROOFS[module], 1)]


def _check(module: str, number: int, constants: dict[str, str], proof: Proof, jar: Path, build: Path) -> Bounded:
    bounds = f"MC{module.removeprefix('Channel')}"
    folder = build / "proof" / f"{module}{number}"
    folder.mkdir(parents=True, exist_ok=True)
    cfg, dump = folder / f"{module}.cfg", folder.resolve() / "states"
    if "Slots" in proof.syntax.constants:
        constants = constants | ONE_SLOT
    lines = [f"CONSTANT {constant} {value}" for constant, value in constants.items()]
    lemmas = list(proof.lemmas.formulas)
    lines.append(f"INVARIANTS {' '.join(lemmas)}")
    cfg.write_text((SPEC / f"{bounds}.cfg").read_text() + "\n".join(lines) + "\n")
    run = run_tlc(
        jar, SPEC / f"{bounds}.tla", cfg, folder, brief=True, options=("-deadlock", "-dump", "dot", str(dump))
    )
    figures = {"generated": run.generated, "distinct": run.distinct, "lemmas": len(lemmas)}
    said = f"{len(lemmas)} lemmas hold in {run.distinct:,} states"
    failure = "" if run.result == HOLDS else f"{run.result} is false in a state that can be reached, within bounds"
    details = [*run.errors, *table(run, [CONTRACT, ALGORITHM, SPEC / f"{module}.tla"])]
    details += [f"again: make prove LEMMA={run.result}"]
    result = Result("bounds", f"{module}: lemmas, bounds {number}", run.seconds, failure, said, figures, details)
    return Bounded(module, bounds, cfg, run, result, dump.with_suffix(".dot"), tuple(lemmas))
