#!/usr/bin/env python3
"""Checks the models of manifest.json with TLC and compares what it finds with what is written there.

A model that is to hold must hold, with exactly the pinned numbers of states and depth, and, where the
manifest says so, with every action taken, by itself or together with others. A wrong contract, or a wrong
algorithm, must violate exactly the property that it names, in a counterexample of exactly the pinned length.
Whatever differs fails the run, and so does an action of the algorithm that has another name in the header.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import names
from counterexample import table
from manifest import ALGORITHM, CONTRACT, MANIFEST, ManifestError, Model
from manifest import check_manifest, find_model, load_manifest, models_table, module_to_check, read_cfg
from tlc import ERROR, HOLDS, LONGEST, TEMPORAL, Run, TlcUnavailable, require_tlc, run_tlc

AT_ONCE = 2  # TLCs, each with one worker
PROGRESS_EVERY = 2.0  # seconds
LONGEST_DEEP = 6 * 3600.0  # seconds
BRIEF = 100_000  # states generated, in some eight seconds

Report = Callable[[str], None]


@dataclass
class Outcome:
    """What became of one model. `differences` is empty exactly if it passed."""

    model: Model
    run: Run
    differences: list[str]

    def as_json(self) -> dict:
        return {
            "name": self.model.name,
            "result": "failed" if self.differences else "passed",
            "expected": self.model.expected,
            "got": self.run.result,
            **figures(self.run),
            "seconds": round(self.run.seconds, 2),
            "shows": self.model.shows,
            "actions": self.run.actions,
            "differences": self.differences,
        }


def figures(run: Run) -> dict[str, int]:
    return {"distinct": run.distinct, "generated": run.generated, "depth": run.depth, "length": len(run.steps)}


def check_models(
    jar: Path | str, build_dir: Path | str, only: str | None = None, report: Report = print, deep: bool = False
) -> list[dict]:
    """Checks all models, or the one named `only`; one entry for each, "result" is passed or failed.

    `deep` chooses the deep models, which are not among "all" otherwise.
    Raises TlcUnavailable without java or jar, and ManifestError for an unknown name or a bad manifest.
    """
    return [outcome.as_json() for outcome in check(Path(jar), Path(build_dir), only, report, deep=deep)]


def check(
    jar: Path, build_dir: Path, only: str | None, report: Report, accept_counts: bool = False, deep: bool = False
) -> list[Outcome]:
    require_tlc(jar)
    models = load_manifest()
    (build_dir / "spec").mkdir(parents=True, exist_ok=True)
    (build_dir / "spec" / "MODELS.md").write_text(models_table(models))
    check_manifest(models)
    chosen = [find_model(models, only)] if only else [model for model in models if model.deep == deep]
    report = one_at_a_time(report)

    def outcome(position: int, model: Model) -> Outcome:
        progress = progress_line(f"[{position}/{len(chosen)}] {model.name}", report)
        run = run_model(model, jar, build_dir / "spec" / model.name, progress)
        result = Outcome(model, run, differences(model, run, accept_counts))
        report_outcome(result, report)
        return result

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(outcome, range(1, len(chosen) + 1), chosen))
    if not only:
        require_every_action_of_groups(outcomes, report)
    return outcomes


def one_at_a_time(report: Report) -> Report:
    lock = threading.Lock()

    def locked(line: str) -> None:
        with lock:
            report(line)

    return locked


def require_names(build_dir: Path) -> None:
    if differing := names.check_names(build_dir):
        raise ManifestError("the algorithm and the header differ:\n  " + "\n  ".join(differing))


def require_every_action_of_groups(outcomes: list[Outcome], report: Report) -> None:
    """An action that no model of a group takes is a difference of the last of them."""
    for group in sorted({outcome.model.together for outcome in outcomes} - {""}):
        members = [outcome for outcome in outcomes if outcome.model.together == group]
        if any(member.run.result != HOLDS for member in members):
            continue  # that is told already, and nothing was counted
        taken = {name: 0 for member in members for name in member.run.actions}
        for member in members:
            for name, times in member.run.actions.items():
                taken[name] += times
        if group == "algorithm":
            taken = {name: taken.get(name, 0) for name in names.actions_of_the_algorithm()}
        for name in [name for name, times in taken.items() if times == 0]:
            members[-1].differences.append(f"action {name} is taken in none of {group}'s models")
            report(f"FAILED  {members[-1].model.name}: {members[-1].differences[-1]}")


def progress_line(label: str, report: Report) -> Callable[[int, int], None]:
    report(f"{label} ...")
    last = time.monotonic()

    def progress(generated: int, distinct: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            report(f"{label}: {generated:,} states generated, {distinct:,} distinct so far")

    return progress


def run_model(model: Model, jar: Path, folder: Path, progress: Callable[[int, int], None]) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    cfg = folder / f"{model.name}.cfg"
    cfg.write_text(configuration(model))
    coverage = model.every_action or bool(model.together)
    brief = model.expected != HOLDS or model.generated is not None and model.generated < BRIEF
    module = module_to_check(model, folder)
    limit = LONGEST_DEEP if model.deep else LONGEST
    run = run_tlc(jar, module, cfg, folder, coverage, progress, keep=model.deep, brief=brief, limit=limit)
    if run.result == TEMPORAL:
        run = name_the_temporal_property(model, module, jar, folder, run)
    return run


def configuration(model: Model) -> str:
    constants = "".join(f"CONSTANT {name} = {value}\n" for name, value in model.constants.items() if name != "Holding")
    if "Holding" in model.constants:
        constants += f"CONSTANT Holding <- {model.constants['Holding']}\n"
    return read_cfg(model) + constants


def name_the_temporal_property(model: Model, module: Path, jar: Path, folder: Path, all_together: Run) -> Run:
    """TLC does not say which of several temporal properties is violated: ask for them one by one."""
    before, after = configuration(model).split("PROPERTIES", 1)
    names, replacements = re.match(r"\s*((?:(?!CONSTANT)\w+\s+)+)(.*)", after, re.DOTALL).groups()
    for name in names.split():
        cfg = folder / f"{model.name}.{name}.cfg"
        cfg.write_text(f"{before}PROPERTY {name}\n{replacements}")
        run = run_tlc(jar, module, cfg, folder, brief=True)
        if run.result == TEMPORAL:
            run.result = name
            return run
    return all_together


def differences(model: Model, run: Run, accept_counts: bool) -> list[str]:
    if run.result != model.expected:
        return [f"expected {model.expected}, got {run.result}"]
    return never_taken(model, run) + ([] if accept_counts else drift(model, run))


def drift(model: Model, run: Run) -> list[str]:
    found = figures(run)
    return [
        f"drift: {name} expected {getattr(model, name)}, got {found[name]} (--pin accepts it)"
        for name in model.pinned()
        if getattr(model, name) != found[name] and not (run.taken_up and name == "generated")
    ]


def never_taken(model: Model, run: Run) -> list[str]:
    if not model.every_action:
        return []
    if not run.actions:
        return ["TLC reported no action coverage"]
    return [f"action {name} is never taken" for name, times in run.actions.items() if times == 0]


def report_outcome(outcome: Outcome, report: Report) -> None:
    model, run = outcome.model, outcome.run
    verdict = "FAILED" if outcome.differences else "passed"
    found = f"{run.distinct:,} states, {run.generated:,} generated, depth {run.depth}"
    if run.steps:
        found = f"in {len(run.steps)} states" + (", and for ever" if run.ending else "")
    taken_up = ", taken up again from a checkpoint" if run.taken_up else ""
    report(f"{verdict}  {model.name}: {run.result}, {found}, {run.seconds:.1f} s{taken_up}")
    for difference in outcome.differences:
        report(f"  {model.name}: {difference}")
    if outcome.differences:
        explain(outcome, report)


def explain(outcome: Outcome, report: Report) -> None:
    model, run = outcome.model, outcome.run
    for error in run.errors if run.result == ERROR else []:
        report(f"  TLC: {error}")
    if run.steps and run.result != model.expected:
        report(f"  counterexample of model {model.name} to {run.result}:")
        for line in table(run, [CONTRACT, ALGORITHM, model.module_path]):
            report("  " + line)
    report(f"  reproduce: make verify MODEL={model.name}")


def pin(outcomes: list[Outcome]) -> None:
    """Writes the numbers that were found into the manifest; expected results are never rewritten."""
    manifest = json.loads(MANIFEST.read_text())
    for entry in manifest["models"]:
        for outcome in outcomes:
            if outcome.model.name == entry["name"] and outcome.run.result == entry["expected"] and not outcome.run.taken_up:
                entry.update({name: figures(outcome.run)[name] for name in outcome.model.pinned()})
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check the models of the contract with TLC.")
    parser.add_argument("--jar", type=Path, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where TLC may write (default: build)")
    parser.add_argument("--model", help="check this model only")
    parser.add_argument("--list", action="store_true", help="list the models, what each shows, and in how many states")
    parser.add_argument("--pin", action="store_true", help="write the counts that are found into the manifest")
    parser.add_argument("--deep", action="store_true", help="check the deep models, which take long")
    parser.add_argument("--trace", action="store_true", help="show the counterexamples of what fails as it should, too")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    arguments = parser.parse_args()
    if not arguments.list and not arguments.jar:
        parser.error("--jar is needed")
    return arguments


def print_at_once(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.list:
            print(models_table(load_manifest()), end="")
            return 0
        require_names(arguments.build)
        outcomes = check(arguments.jar, arguments.build, arguments.model, print_at_once, arguments.pin, arguments.deep)
    except (ManifestError, TlcUnavailable) as error:
        print(f"spec: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("spec: interrupted; deep models go on from their last checkpoint the next time", file=sys.stderr)
        return 130
    if arguments.trace:
        for outcome in outcomes:
            print(f"{outcome.model.name}: {outcome.run.result}")
            print("\n".join(table(outcome.run, [CONTRACT, ALGORITHM, outcome.model.module_path])))
    if arguments.json:
        arguments.json.write_text(json.dumps([outcome.as_json() for outcome in outcomes], indent=2) + "\n")
    if arguments.pin:
        pin(outcomes)
    failed = sum(bool(outcome.differences) for outcome in outcomes)
    print(f"spec: {len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
