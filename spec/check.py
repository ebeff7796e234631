#!/usr/bin/env python3
"""Checks the models of manifest.json with TLC and compares what it finds with what is written there.

A model that is to hold must hold, with exactly the pinned numbers of states and depth, and, where the
manifest says so, with every action taken, by itself or together with others. A negative model and a
mutant must violate exactly the property that it names, in a counterexample of exactly the pinned length.
Whatever differs fails the run, and so does an action of the algorithm that has another name in the header.
`spec/MODELS.md` lists them all; it is made from the manifest, committed, and must be up to date.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import names
from counterexample import table
from modules import ChangeError, changed, extends
from tlc import ERROR, HOLDS, SPEC, TEMPORAL, Run, TlcUnavailable, require_tlc, run_tlc

MANIFEST, MODELS = SPEC / "manifest.json", SPEC / "MODELS.md"
CONTRACT, ALGORITHM = SPEC / "Channel.tla", SPEC / "ChannelAlgorithm.tla"
CONTRACT_STEPS = SPEC / "MCContractSteps.tla"
AT_ONCE = 2  # TLCs, each with one worker
PINNED_IF_HOLDS = ("distinct", "generated", "depth")
PINNED_IF_VIOLATED = ("length",)
PROGRESS_EVERY = 2.0  # seconds
BRIEF = 100_000  # states generated, in some eight seconds

Report = Callable[[str], None]


class ManifestError(Exception):
    """The manifest, or a name that was to be looked up in it, is wrong."""


@dataclass
class Model:
    """One entry of the manifest: a module, a configuration, and what TLC has to say about them."""

    name: str
    module: str
    cfg: str
    shows: str
    expected: str  # HOLDS or the property that must be violated
    instead: dict[str, str] = field(default_factory=dict)  # definition -> the one that replaces it
    change: list[dict[str, str]] = field(default_factory=list)  # what makes the contract, or the algorithm, a wrong one
    constants: dict[str, str] = field(default_factory=dict)  # name -> value
    every_action: bool = False  # must every action of Next have been taken?
    together: str = ""  # every action must have been taken by some model of this group
    deep: bool = False  # too long for every day
    distinct: int | None = None
    generated: int | None = None
    depth: int | None = None
    length: int | None = None  # states of the counterexample

    @property
    def module_path(self) -> Path:
        return SPEC / self.module

    @property
    def subject(self) -> Path:
        """The algorithm, if the model is one of it, or the contract: the module that `change` changes."""
        return next(module for module in extends(self.module_path) if module in (ALGORITHM, CONTRACT))

    def pinned(self) -> tuple[str, ...]:
        if self.expected == HOLDS:
            return PINNED_IF_HOLDS
        # A counterexample to liveness is as long as TLC happens to have looked: the manifest says null.
        return PINNED_IF_VIOLATED if self.length is not None else ()


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
    require_changes(models)
    require_every_property(models)
    require_every_contract_step()
    if not accept_counts:
        require_models_table(models)
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


def load_manifest() -> list[Model]:
    try:
        return [Model(**entry) for entry in json.loads(MANIFEST.read_text())["models"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{MANIFEST.name}: {error}") from error


def find_model(models: list[Model], name: str) -> Model:
    for model in models:
        if model.name == name:
            return model
    raise ManifestError(f"no model {name!r}; there are: {', '.join(model.name for model in models)}")


def require_changes(models: list[Model]) -> None:
    """Each can still be made: one that matches nothing would leave the right module in its place."""
    stale = []
    for model in [model for model in models if model.change]:
        try:
            changed(model.subject.read_text(), model.change)
        except ChangeError as error:
            stale.append(f"model {model.name}: {error} in {model.subject.name}")
    if stale:
        raise ManifestError("\n      ".join(stale))


def require_every_property(models: list[Model]) -> None:
    """A property that no model checks would be an empty promise."""
    named = [name for module in (CONTRACT, ALGORITHM) for name in properties_of(module)]
    checked = {
        word for model in models if model.expected == HOLDS for word in re.findall(r"\w+", read_cfg(model))
    }
    if forgotten := [name for name in named if name not in checked]:
        raise ManifestError(f"no model that is to hold checks {', '.join(forgotten)}")


def require_every_contract_step() -> None:
    """Each step of the contract has its linearization point, and a model in which it has to be taken."""
    text = CONTRACT.read_text()
    next_step = text[text.index("\nNext ==") : text.index("\nSpec ==")]
    steps = re.findall(r"^    \\/ (?:\\E [^:]*: )?(\w+)", next_step, re.MULTILINE)
    taken = re.findall(r"\\/ Lin(\w+)", CONTRACT_STEPS.read_text())
    if forgotten := [step for step in steps if step not in taken]:
        raise ManifestError(f"{CONTRACT_STEPS.name} does not ask for {', '.join(forgotten)}")


def require_models_table(models: list[Model]) -> None:
    if not MODELS.is_file() or MODELS.read_text() != models_table(models):
        raise ManifestError(f"{MODELS.name} is out of date: spec/check.py --write")


def models_table(models: list[Model]) -> str:
    def rows(chosen: list[Model], heads: str, row: Callable[[Model], str]) -> list[str]:
        return ["", heads, "|" + "---|" * (heads.count("|") - 1), *map(row, chosen)]

    def holds(m: Model) -> str:
        return f"| `{m.name}`{' (deep)' if m.deep else ''} | {m.shows} | {m.distinct:,} | {m.depth} |"

    def violates(m: Model) -> str:
        length = f"{m.length} states" if m.length is not None else "a loop"
        return f"| `{m.name.removeprefix('mutant_')}` | {m.shows} | `{m.expected}` | {length} |"

    mutants = [m for m in models if m.change and m.subject == ALGORITHM]
    negative = [m for m in models if Path(m.module).parent.name == "negative"]
    others = [m for m in models if m not in mutants and m not in negative]
    lines = ["# Models", "", "Made by `spec/check.py --write` from `manifest.json`; not edited by hand."]
    lines += ["", "## What holds"]
    lines += rows(others, "| model | shows | states | depth |", holds)
    lines += ["", "## Wrong contracts (`negative/`)"]
    lines += rows(negative, "| model | wrong | violates | in |", violates)
    lines += ["", "## Wrong algorithms (`mutants/`)"]
    lines += rows([m for m in mutants if m.expected != HOLDS], "| mutant | wrong | violates | in |", violates)
    lines += ["", "## Other algorithms that are as good"]
    lines += rows([m for m in mutants if m.expected == HOLDS], "| mutant | shows | states | depth |", holds)
    return "\n".join(lines) + "\n"


def properties_of(module: Path) -> list[str]:
    """What follows the headline "The properties", except what TLC cannot check by itself."""
    text = module.read_text()
    after = text[text.index("(* The properties.") :] if module == ALGORITHM else text
    pattern = r"^(\w+)\s*==" if module == ALGORITHM else r"^(S\d+_\w+)\s*=="
    return [name for name in re.findall(pattern, after, re.MULTILINE) if name not in names.WORDS]


def read_cfg(model: Model) -> str:
    """The configuration without its comments."""
    return re.sub(r"\\\*.*", "", (SPEC / model.cfg).read_text())


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
    module = changed_module(model, folder) if model.change else model.module_path
    run = run_tlc(jar, module, cfg, folder, coverage, progress, keep=model.deep, brief=brief)
    if run.result == TEMPORAL:
        run = name_the_temporal_property(model, module, jar, folder, run)
    return run


def changed_module(model: Model, folder: Path) -> Path:
    """A copy of the model's module, beside the changed one: where a module lies, TLC first looks for what it extends."""
    (folder / model.subject.name).write_text(changed(model.subject.read_text(), model.change))
    return Path(shutil.copy(model.module_path, folder))


def configuration(model: Model) -> str:
    constants = "".join(f"CONSTANT {name} = {value}\n" for name, value in model.constants.items() if name != "Holding")
    replacements = dict(model.instead)
    if "Holding" in model.constants:
        replacements["Holding"] = model.constants["Holding"]
    return read_cfg(model) + constants + "".join(f"CONSTANT {old} <- {new}\n" for old, new in replacements.items())


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
    MODELS.write_text(models_table(load_manifest()))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check the models of the contract with TLC.")
    parser.add_argument("--jar", type=Path, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where TLC may write (default: build)")
    parser.add_argument("--model", help="check this model only")
    parser.add_argument("--list", action="store_true", help="list the models and what they show")
    parser.add_argument("--pin", action="store_true", help="write the counts that are found into the manifest, and the list")
    parser.add_argument("--write", action="store_true", help="write the list of models anew")
    parser.add_argument("--deep", action="store_true", help="check the deep models, which take long")
    parser.add_argument("--trace", action="store_true", help="show the counterexamples of what fails as it should, too")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    arguments = parser.parse_args()
    if not arguments.list and not arguments.write and not arguments.jar:
        parser.error("--jar is needed")
    return arguments


def list_models() -> None:
    for model in load_manifest():
        print(f"{model.name:<26} {model.expected:<34} {model.shows}")


def print_at_once(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.list:
            list_models()
            return 0
        if arguments.write:
            MODELS.write_text(models_table(load_manifest()))
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
