"""Whether the proof would notice: each wrong algorithm that is wrong in safety leaves a question open.

Only the actions are asked that a change can change, and the rest of the proof where it can; the first open question
ends it.
"""

from __future__ import annotations

import argparse
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ferry_tools.errors import ToolError, guarded
from ferry_tools.models import Model, load_models
from ferry_tools.paths import ALGORITHM, SPEC
from ferry_tools.proof import Chosen, Proof
from ferry_tools.results import Clock, Result, Results
from ferry_tools.tla_modules import changed_modules, claims, extends
from ferry_tools.tla_standard import STANDARD_MODULES
from ferry_tools.tla_syntax import Expression, Syntax
from ferry_tools.tla_values import TranslationError

PROOF = "ChannelProof"
# Those that every run looks at: one of the receiver, and one of the installer.
SAMPLE = ("mutant_B9_ParkingIsNotWithdrawn", "mutant_GiveUpLosesParked")


def notice_each(models: list[Model], jar: Path, build: Path, results: Results, jobs: int) -> None:
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        title = "Wrong algorithms leave a question of the proof open"
        results.run(title, lambda m: pool.submit(notice, m, jar, build).result(), models, jobs)


def wrong_algorithms(every_one: bool = True) -> list[Model]:
    """Those that violate what the proof's theorems say; what is said of others (that calls end) is not proved."""
    said = set(claims((SPEC / f"{PROOF}.tla").read_text()))
    wrong = [m for m in load_models() if m.change and m.subject == ALGORITHM and m.expected in said]
    if missing := set(SAMPLE) - {m.name for m in wrong}:
        raise ToolError(f"no wrong algorithm is named {', '.join(sorted(missing))}")
    return wrong if every_one else [m for m in wrong if m.name in SAMPLE]


def refers_to(e: Expression, changed: set[str], seen: set[str]) -> bool:
    for part in e.walk():
        op = part.operator
        if op is not None and op.kind == "defined" and op.module not in STANDARD_MODULES and op.uid not in seen:
            seen.add(op.uid)
            if op.name in changed or refers_to(op.body, changed, seen):
                return True
    return any(refers_to(b.of, changed, seen) for part in e.walk() for b in part.bounds)


def affected(proof: Proof, changed: set[str]) -> set[str]:
    """The actions that a change of these definitions changes; and the start."""
    syntax = proof.syntax
    places = {a for a in proof.actions() if a in changed or refers_to(syntax.definition(a).body, changed, set())}
    return places | ({"Init"} if refers_to(proof.init, changed, set()) else set())


def notice(model: Model, jar: Path, build: Path) -> Result:
    clock = Clock()
    folder = build / "proof" / "wrong" / model.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(SPEC / f"{PROOF}.tla", folder)
    again = [f"again: python3 -m ferry_tools.proof_of_wrong --jar JAR {model.name}"]
    opened = ""
    try:
        right = Proof(Syntax(jar, SPEC / f"{PROOF}.tla"))
        # Not what a type says: of a wrong algorithm, too, the variables' types are known.
        changes = [change for change in model.change if affected(right, {change["in"]})]
        for module, text in changed_modules(extends(SPEC / f"{PROOF}.tla"), changes).items():
            (folder / module.name).write_text(text)
        chosen = Chosen(frozenset(affected(right, {change["in"] for change in changes})))
        proof = Proof(Syntax(jar, folder / f"{PROOF}.tla", (SPEC,)), chosen, first_open=True)
        opened = next((a.question for job in proof.jobs() for a in job.ask() if not a.how), "")
        failure = "" if opened else f"all is proved, although it violates {model.expected}"
    except TranslationError as error:
        failure = f"it is not translated: {error}"
    said = f"{opened} is open" + ("" if opened.split("/")[-2:-1] != [model.expected] else ", as TLC says")
    return Result("unproved", model.name, clock.seconds, failure, said, {"open": opened}, again)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jar", type=Path, required=True)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("name", nargs="*", help="these only")
    a = parser.parse_args()
    results = Results()
    notice_each([m for m in wrong_algorithms() if not a.name or m.name in a.name], a.jar, a.build, results, a.jobs)
    return results.end("wrong algorithms")


if __name__ == "__main__":
    raise SystemExit(guarded("wrong algorithms", main))
