"""Checks the models of spec/models/ with TLC and compares what it finds with what is written there.

A model that is to hold must hold, with exactly the pinned numbers of states and depth, and, where it
says so, with every action taken, by itself or together with others. A wrong contract, or a wrong
algorithm, must violate exactly the property that it names, in a counterexample of exactly the pinned length.
Whatever differs fails the run.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ferry_tools import step_names
from ferry_tools.counterexample import table
from ferry_tools.errors import guarded
from ferry_tools.models import (
    Model,
    check_models_are_current,
    find_model,
    load_models,
    models_table,
    module_to_check,
    read_cfg,
    read_pins,
    write_pins,
)
from ferry_tools.results import Json, Result, Results, Screen
from ferry_tools.review_executions import of_model
from ferry_tools.tla_modules import extends
from ferry_tools.tlc import ERROR, HOLDS, LONGEST, TEMPORAL, Run, run_tlc
from ferry_tools.tlc_java import require_tlc

AT_ONCE = 2  # TLCs, each with one worker
PROGRESS_EVERY = 2.0  # seconds
LONGEST_DEEP = 6 * 3600.0  # seconds
PROPERTIES = re.compile(r"PROPERTIES\s+((?:(?!CONSTANT)\w+\s+)+)")  # in a configuration
BRIEF = 100_000  # states generated, in some eight seconds


@dataclass
class Checked:
    """What became of one model. `differences` is empty exactly if it passed."""

    model: Model
    run: Run
    differences: list[str]

    @property
    def result(self) -> Result:
        counts, model = figures(self.run), self.model
        said = "{distinct:,} distinct, {generated:,} generated, depth {depth}".format(**counts)
        of: Json = counts | {"expected": model.expected, "got": self.run.result}
        of |= {"taken_up": True} if self.run.taken_up else {}
        failure, again = "; ".join(self.differences), [f"again: make verify MODEL={model.name}"]
        if failure and (execution := of_model(model.name, self.run, again[0])):
            of |= {"execution": execution.as_json()}
        return Result("models", model.name, self.run.seconds, failure, f"{self.run.result}; {said}", of, again)


def figures(run: Run) -> dict[str, int]:
    return {"distinct": run.distinct, "generated": run.generated, "depth": run.depth}


def pins_of(run: Run) -> dict[str, int]:
    """A counterexample to liveness is as long as TLC happens to have looked."""
    if run.result == HOLDS:
        return figures(run)
    return {} if run.ending else {"length": len(run.steps)}


def check_models(
    jar: Path,
    build: Path,
    only: str | None,
    screen: Screen,
    deep: bool = False,
    accept_counts: bool = False,
    among: Container[str] | None = None,
) -> list[Checked]:
    """All models, or the one named `only`; the deep ones are not among all, unless `deep` chooses them alone, or those
    `among` them."""
    require_tlc(jar)
    models = load_models()
    (build / "spec").mkdir(parents=True, exist_ok=True)
    (build / "spec" / "MODELS.md").write_text(models_table(models))
    check_models_are_current(models)
    chosen = (
        [find_model(models, only)]
        if only
        else [model for model in models if model.deep == deep and (among is None or model.name in among)]
    )

    def check(position: int, model: Model) -> Checked:
        progress = progress_line(f"[{position}/{len(chosen)}] {model.name}", screen)
        run = run_model(model, jar, build / "spec" / model.name, progress)
        checked = Checked(model, run, differences(model, run, accept_counts))
        tell(checked, screen)
        return checked

    with ThreadPoolExecutor(AT_ONCE) as pool:
        all_checked = list(pool.map(check, range(1, len(chosen) + 1), chosen))
    if not only:
        require_every_action_of_groups(all_checked, screen)
    return all_checked


def require_every_action_of_groups(all_checked: list[Checked], screen: Screen) -> None:
    """An action that no model of a group takes is a difference of the last of them."""
    for group in sorted({checked.model.together for checked in all_checked} - {""}):
        members = [checked for checked in all_checked if checked.model.together == group]
        if any(member.run.result != HOLDS for member in members):
            continue  # that is told already, and nothing was counted
        taken = {name: 0 for member in members for name in member.run.actions}
        for member in members:
            for name, times in member.run.actions.items():
                taken[name] += times
        if group == "algorithm":
            taken = {name: taken.get(name, 0) for name in step_names.actions_of_the_algorithm()}
        for name in [name for name, times in taken.items() if times == 0]:
            members[-1].differences.append(f"action {name} is taken in none of {group}'s models")
            screen.line(f"  FAILED  {members[-1].model.name}: {members[-1].differences[-1]}")


def progress_line(label: str, screen: Screen) -> Callable[[int, int], None]:
    screen.line(f"  {label} ...")
    last = time.monotonic()

    def progress(generated: int, distinct: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            screen.line(f"  {label}: {generated:,} states generated, {distinct:,} distinct so far")

    return progress


def run_model(model: Model, jar: Path, folder: Path, progress: Callable[[int, int], None]) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    cfg = folder / f"{model.name}.cfg"
    cfg.write_text(configuration(model))
    coverage = model.every_action or bool(model.together)
    brief = model.expected != HOLDS or (model.pins.get("generated", BRIEF) < BRIEF)
    module = module_to_check(model, folder)
    limit = LONGEST_DEEP if model.deep else LONGEST
    if model.expected in temporal_properties(model):
        expected = the_expected_temporal_property(model, module, jar, folder)
        if expected is not None:
            return expected
    run = run_tlc(jar, module, cfg, folder, coverage, progress, keep=model.deep, brief=brief, limit=limit)
    if run.result == TEMPORAL:
        run = name_the_temporal_property(model, module, jar, folder, run)
    return run


def configuration(model: Model) -> str:
    constants = "".join(f"CONSTANT {name} = {value}\n" for name, value in model.bounds.items() if name != "Holding")
    if "Holding" in model.bounds:
        constants += f"CONSTANT Holding <- {model.bounds['Holding']}\n"
    return read_cfg(model) + constants


def temporal_properties(model: Model) -> list[str]:
    """Of a configuration that asks for liveness, and so for nothing else."""
    return [] if "INVARIANTS" in read_cfg(model) else properties(model)


def properties(model: Model) -> list[str]:
    found = PROPERTIES.search(read_cfg(model))
    return found[1].split() if found else []


def ask_for(names: list[str], model: Model, module: Path, jar: Path, folder: Path) -> Run:
    """For some of the model's properties only."""
    cfg = folder / f"{model.name}.{names[0]}.cfg"
    cfg.write_text(PROPERTIES.sub(f"PROPERTIES {' '.join(names)}\n", configuration(model)))
    return run_tlc(jar, module, cfg, folder, brief=True)


def the_expected_temporal_property(model: Model, module: Path, jar: Path, folder: Path) -> Run | None:
    """If it is violated, and none of those that come before it is: two runs tell, and no further ones."""
    names = temporal_properties(model)
    before = names[: names.index(model.expected)]
    run = ask_for([model.expected], model, module, jar, folder)
    if run.result != TEMPORAL or (before and ask_for(before, model, module, jar, folder).result != HOLDS):
        return None
    run.result = model.expected
    return run


def name_the_temporal_property(model: Model, module: Path, jar: Path, folder: Path, all_together: Run) -> Run:
    """TLC does not say which of several temporal properties is violated: ask for them one by one."""
    for name in properties(model):
        run = ask_for([name], model, module, jar, folder)
        if run.result == TEMPORAL:
            run.result = name
            return run
    return all_together


def differences(model: Model, run: Run, accept_counts: bool) -> list[str]:
    if run.result != model.expected:
        return [f"expected {model.expected}, got {run.result}"]
    return never_taken(model, run) + ([] if accept_counts else drift(model, run))


def drift(model: Model, run: Run) -> list[str]:
    found, pinned = pins_of(run), model.pins
    return [
        f"drift: {name} expected {pinned.get(name, 'no pin')}, got {found.get(name, 'none')} (--pin accepts it)"
        for name in found | pinned
        if pinned.get(name) != found.get(name) and not (run.taken_up and name == "generated")
    ]


def never_taken(model: Model, run: Run) -> list[str]:
    if not model.every_action:
        return []
    if not run.actions:
        return ["TLC reported no action coverage"]
    return [f"action {name} is never taken" for name, times in run.actions.items() if times == 0]


def tell(checked: Checked, screen: Screen) -> None:
    model, run = checked.model, checked.run
    found = f"{run.distinct:,} states, {run.generated:,} generated, depth {run.depth}"
    if run.steps:
        found = f"in {len(run.steps)} states" + (", and for ever" if run.ending else "")
    taken_up = ", taken up again from a checkpoint" if run.taken_up else ""
    verdict = "FAILED" if checked.differences else "passed"
    lines = [f"{verdict}  {model.name}: {run.result}, {found}, {run.seconds:.1f} s{taken_up}"]
    lines += [f"  {model.name}: {difference}" for difference in checked.differences]
    if checked.differences:
        lines += [f"  TLC: {error}" for error in run.errors if run.result == ERROR]
        if run.steps and run.result != model.expected:
            lines += [f"  counterexample of model {model.name} to {run.result}:"]
            lines += ["  " + line for line in table(run, extends(model.module_path))]
        lines += [f"  reproduce: make verify MODEL={model.name}"]
    screen.line("\n".join("  " + line for line in lines))


def pin(all_checked: list[Checked]) -> None:
    """Writes the numbers that were found; expected results are never rewritten."""
    found = {c.model.name: c for c in all_checked if c.run.result == c.model.expected and not c.run.taken_up}
    pins = {name: pins_of(checked.run) for name, checked in found.items()}
    write_pins({name: pin for name, pin in (read_pins() | pins).items() if pin})


def main() -> int:
    parser = argparse.ArgumentParser(description="Check the models of the contract with TLC.")
    parser.add_argument("--jar", type=Path, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where TLC may write (default: build)")
    parser.add_argument("--model", help="check this model only")
    parser.add_argument("--list", action="store_true", help="list the models, what each shows, and in how many states")
    parser.add_argument("--pin", action="store_true", help="write the counts that are found into pins.toml")
    parser.add_argument("--deep", action="store_true", help="check the deep models, which take long")
    parser.add_argument("--trace", action="store_true", help="show the counterexamples of what fails as it should, too")
    a = parser.parse_args()
    if a.list:
        print(models_table(load_models()), end="")
        return 0
    if not a.jar:
        parser.error("--jar is needed")
    all_checked = check_models(a.jar, a.build, a.model, Screen(), a.deep, accept_counts=a.pin)
    for checked in all_checked if a.trace else []:
        print(f"{checked.model.name}: {checked.run.result}")
        print("\n".join(table(checked.run, extends(checked.model.module_path))))
    if a.pin:
        pin(all_checked)
    results = Results()
    results.all = [checked.result for checked in all_checked]
    return results.end("models")


if __name__ == "__main__":
    raise SystemExit(guarded("models", main, "interrupted; deep models go on from their last checkpoint the next time"))
