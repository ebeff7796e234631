"""A proof's lemmas, and its properties of states, within bounds: TLC goes through all states that there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ferry_tools.counterexample import table
from ferry_tools.paths import SPEC
from ferry_tools.proof import Proof
from ferry_tools.results import Result
from ferry_tools.tlc import HOLDS, Run, run_tlc

# Of each proof: the constants that its MC module leaves open.
PROOFS: dict[str, dict[str, str]] = {
    "ChannelProof": {
        "Owner <-": "Two1",
        "Slots =": "1",
        "FirstSlots =": "1",
        "MaxBlock =": "3",
        "Failures =": "1",
        "Calls =": '{"recv", "try_recv", "recv_for", "recv_unwound", "is_disconnected", "close", "drop"}',
    }
}


@dataclass
class Bounded:
    module: str
    bounds: str  # the module that has them
    cfg: Path
    run: Run
    result: Result
    dump: Path

    def verdict(self, lemma: str) -> str:
        """Whether a lemma that is not proved is false, as far as TLC can tell."""
        if self.run.result == HOLDS:
            return "TLC finds no state within its bounds in which it is false: it is not proved, or needs another lemma"
        if self.run.result == lemma:
            return f"it is false: TLC finds such a state after {len(self.run.steps) - 1} steps (below)"
        return f"TLC stops at {self.run.result}, which is false within its bounds (below): that one first"


def check_in_bounds(module: str, proof: Proof, jar: Path, build: Path, folder: Path | None = None) -> Bounded:
    """`folder`: where changed modules are, if there are any."""
    name = f"MC{module.removeprefix('Channel')}"
    folder = folder or build / "proof" / module
    folder.mkdir(parents=True, exist_ok=True)
    cfg, dump = folder / f"{module}.cfg", folder.resolve() / "states"
    constants = "".join(f"CONSTANT {constant} {value}\n" for constant, value in PROOFS[module].items())
    lemmas = list(proof.lemmas.formulas)
    cfg.write_text((SPEC / f"{name}.cfg").read_text() + constants + f"INVARIANTS {' '.join(lemmas)}\n")
    options = ("-deadlock", "-dump", "dot", str(dump))
    run = run_tlc(jar, SPEC / f"{name}.tla", cfg, folder, brief=True, options=options)
    figures = {"generated": run.generated, "distinct": run.distinct, "lemmas": len(lemmas)}
    said = f"{len(lemmas)} lemmas hold in {run.distinct:,} states"
    failure = "" if run.result == HOLDS else f"{run.result} is false in a state that can be reached, within bounds"
    details = [*run.errors, *table(run, [SPEC / "ChannelAlgorithm.tla", SPEC / f"{module}.tla"])]
    details += [f"again: make prove LEMMA={run.result}"]
    result = Result("bounds", f"{module}: lemmas", run.seconds, failure, said, figures, details)
    return Bounded(module, name, cfg, run, result, dump.with_suffix(".dot"))
