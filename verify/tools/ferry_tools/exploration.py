"""The header under Relacy: scenarios are explored, in several ways that have to agree, and with bugs planted."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from ferry_tools import step_names
from ferry_tools.algorithm_graph import LocalGraph
from ferry_tools.contract_outcomes import Allowed
from ferry_tools.results import Clock, Json, Result, Screen
from ferry_tools.review_executions import of_header
from ferry_tools.scenarios import NARROWER, Scenario

# What is known of a search that did not report. It has found nothing: it is an error, also where a bug was planted.
NOTHING: Json = {
    "executions": 0, "redundant": 0, "graphs": 0, "graphs_hash": 0, "deepest_read": 0, "exhaustive": False,
    "outcomes": [], "steps_taken": [], "algorithm_taken": [], "plant_met": False, "broken": True,
}  # fmt: skip
ENOUGH_TO_COMPLAIN = 3  # seconds: of a header that loops without a step, nothing else tells
KEPT = 4  # executions of each scenario, with different outcomes, for the review page


class Explorer:
    """Runs verify/relacy/explore.cpp, of which there is one program for each size of block."""

    def __init__(self, folder: Path, screen: Screen, patience: int) -> None:
        self.folder = folder
        self.patience = patience  # seconds for one search
        self.screen = screen
        self.reports: dict[str, Json] = {}  # of each scenario's exploration

    def program(self, s: Scenario) -> Path:
        return self.folder / "programs" / f"{s.name}.json"

    def write_program(self, s: Scenario, allowed: Allowed, graph: LocalGraph | None, kinds: list[str]) -> None:
        """What the explorer reads. `graph`: what the algorithm does there; `kinds`: how the steps of all are sorted."""
        self.program(s).parent.mkdir(parents=True, exist_ok=True)
        labels = sorted({shown for _, _, shown, _ in allowed.steps})
        number = {label: i for i, label in enumerate(labels)}
        steps = [[before, thread, number[shown], after] for before, thread, shown, after in allowed.steps]
        program = s.program() | {"allowed": sorted(allowed.shown), "labels": labels, "steps": steps}
        if graph:
            program["algorithm"] = graph.for_explorer(kinds)
        self.program(s).write_text(json.dumps(program))

    def executions(self, name: str) -> Path:
        """An execution of each of the first outcomes of a scenario, for the review page."""
        return self.folder / "executions" / f"{name}.json"

    def run(self, s: Scenario, *options: str, label: str = "") -> Json:
        """What the explorer reports. A crash is reported as a failure, like any other."""
        label = label or s.name
        self.screen.running(label)
        words: list[str] = []
        program = self.folder / s.explorer
        command = [str(program), str(self.program(s)), "--seconds", str(self.patience), *options]
        # The report goes to a file: one that fills a pipe which nobody reads yet would stop the explorer.
        with tempfile.TemporaryFile("w+") as printed:
            process = subprocess.Popen(command, stdout=printed, stderr=subprocess.PIPE, text=True)
            for line in process.stderr or []:
                if line.strip().isdigit():
                    self.screen.running(label, f"{int(line):,} executions so far")
                else:
                    words.append(line.rstrip())
            code = process.wait()
            printed.seek(0)
            said = printed.read().strip().splitlines()
        self.screen.ended(label)
        try:
            report: Json = json.loads(said[-1])
        except (IndexError, ValueError):
            why = "; ".join(said[-3:] + words[-3:])
            return NOTHING | {"failure": f"the explorer ended with status {code} and no report: {why}"}
        return report


def again(s: Scenario, **variables: object) -> str:
    words = {"SCENARIO": s.source, **variables}
    return " ".join(["again: make verify", *(f"{k}={shlex.quote(str(v))}" for k, v in words.items())])


def counterexample(s: Scenario, report: Json, command: str) -> list[str]:
    if "failure" not in report:
        return []
    outcome = ["outcome: " + report["outcome"]] if report.get("outcome") else []
    return [f"in {s.name}: {s.about}", *outcome, *report.get("counterexample", "").splitlines(), command]


def of_failure(s: Scenario, report: Json, command: str) -> Json:
    """The counterexample for the review page, which walks through it."""
    if "failure" not in report or "execution" not in report:
        return {}
    return {"execution": of_header(s.name, s.thread_names, report["execution"], report["failure"], command).as_json()}


def explore(
    s: Scenario, allowed: Allowed, explorer: Explorer, graph: LocalGraph | None = None, part: str = "scenarios"
) -> Result:
    clock = Clock()
    keep = ["--keep", str(KEPT)] if part == "scenarios" else []
    report = explorer.run(s, *(["--reuse"] if s.reuse else []), *(["--algorithm"] if graph else []), *keep)
    explorer.reports[s.name] = report
    if executions := report.pop("executions_of", None):
        explorer.executions(s.name).parent.mkdir(parents=True, exist_ok=True)
        explorer.executions(s.name).write_text(json.dumps(executions))
    seen, missing = set(report["outcomes"]), sorted(allowed.shown - set(report["outcomes"]))
    failure, details = report.get("failure", ""), counterexample(s, report, again(s))
    if not failure and not report["exhaustive"]:
        failure = "the search was cut off"
    if not failure and missing:
        failure = f"the contract allows {len(missing)} outcomes that the header never shows: {missing[0]}"
        if s.can_run_out_of_memory and not s.narrower:
            details = [f"if that is meant, a line `narrower` says why: {', '.join(NARROWER)}"]
    if not failure and s.narrower and allowed.left_out == 0:
        failure = f"`narrower {s.narrower}` leaves out nothing that the contract allows"
    if not failure and s.graphs and report["graphs"] != s.graphs:
        failure = f"{report['graphs']} reads-from graphs, not the {s.graphs} that two searches agreed on"
    figures = {
        "threads": len(s.threads), "executions": report["executions"], "redundant": report["redundant"],
        "graphs": report["graphs"], "graphs_hash": report["graphs_hash"], "deepest_read": report["deepest_read"],
        "exhaustive": report["exhaustive"], "outcomes_spec": len(allowed.shown), "outcomes_code": len(seen),
        "outcomes_equal": seen == allowed.shown,
        "steps_spec": len(allowed.steps), "steps_code": len(report["steps_taken"]),
    }  # fmt: skip
    figures |= of_failure(s, report, again(s))
    less = ""
    if s.narrower:
        figures["narrower"] = {"name": s.narrower, "outcomes_left_out": allowed.left_out}
        less = f" less {allowed.left_out} ({s.narrower})"
    said = (
        f"{len(s.threads)} threads, {report['executions']:,} executions (+ {report['redundant']:,} redundant) for "
        f"{report['graphs']:,} graphs, {len(seen)} outcomes = the contract's {len(allowed.outcomes)}{less}, "
        f"{len(report['steps_taken'])} of its {len(allowed.steps)} steps"
    )
    return Result(part, s.name, clock.seconds, failure, said, figures, details)


def explore_at_random(s: Scenario, executions: int, seed: int, explorer: Explorer) -> Result:
    clock = Clock()
    options = ["--search", "random", "--executions", str(executions), "--seed", str(seed)]
    report = explorer.run(s, *options, label=f"{s.name} (random)")
    figures = {"threads": len(s.threads), "executions": report["executions"], "seed": seed}
    figures |= of_failure(s, report, again(s, SEED=seed))
    said = f"{report['executions']:,} executions, seed {seed}"
    details = counterexample(s, report, again(s, SEED=seed))
    return Result("random", s.name, clock.seconds, report.get("failure", ""), said, figures, details)


def compare_with_every_store(found: Result, s: Scenario, explorer: Explorer) -> Result:
    """The search with the rule, which has been done, and the one without: the same outcomes and reads-from graphs."""
    clock, f = Clock(), found.figures
    every = explorer.run(s, "--every-store", *(["--reuse"] if s.reuse else []), label=f"{s.name} (every store)")
    failure = every.get("failure", "")
    if not failure and (f["graphs"], f["graphs_hash"]) != (every["graphs"], every["graphs_hash"]):
        failure = f"{f['graphs']} reads-from graphs with the rule, {every['graphs']} without, or others"
    if not failure and f["outcomes_code"] != len(every["outcomes"]):
        failure = f"{f['outcomes_code']} outcomes with the rule, {len(every['outcomes'])} without"
    with_rule, without = f["executions"] + f["redundant"], every["executions"] + every["redundant"]
    figures = {"graphs": every["graphs"], "executions": without, "executions_with_rule": with_rule}
    said = f"{every['graphs']:,} graphs with the rule and without, {with_rule:,} executions for {without:,}"
    return Result("stores", s.name, clock.seconds, failure, said, figures, [again(s)])


def compare_with_full_search(s: Scenario, plant: str, explorer: Explorer) -> Result:
    """Ours against Relacy's own search: the same outcomes, and the planted bug found by both."""
    clock = Clock()
    ours, full = explorer.run(s), explorer.run(s, "--search", "full", label=f"{s.name} (full)")
    planted = {
        "sleep sets": explorer.run(s, "--plant", plant),
        "full": explorer.run(s, "--search", "full", "--plant", plant),
    }
    failure = ours.get("failure", "") or full.get("failure", "")
    if not failure and ours["outcomes"] != full["outcomes"]:
        failure = f"sleep sets see {len(ours['outcomes'])} outcomes, the full search sees {len(full['outcomes'])}"
    if not failure and (ours["graphs"], ours["graphs_hash"]) != (full["graphs"], full["graphs_hash"]):
        failure = f"sleep sets see {ours['graphs']} reads-from graphs, the full search sees {full['graphs']}, or others"
    for search, report in planted.items():
        if not failure and (report.get("broken") or not report["plant_met"]):
            why = report.get("failure", "no such step")
            failure = f"the planted bug {plant} was not looked for by {search}: {why}"
        if not failure and "failure" not in report:
            failure = f"the planted bug {plant} is not found by {search}"
    figures = {
        "outcomes": len(ours["outcomes"]), "graphs": ours["graphs"],
        "executions": ours["executions"] + ours["redundant"], "executions_full": full["executions"],
        "planted": plant,
        "planted_found": {k: r.get("failure", "") for k, r in planted.items()},
    }  # fmt: skip
    said = (
        f"{figures['executions']} executions for {full['executions']:,}, {figures['outcomes']} outcomes, "
        f"{ours['graphs']} graphs, {plant} found by both"
    )
    return Result("full", s.name, clock.seconds, failure, said, figures, [again(s)])


def complain(of: tuple[str, str, str], s: Scenario, explorer: Explorer) -> Result:
    """A header that breaks the search itself is told so, with a counterexample that shows where."""
    clock, (plant, complaint, line) = Clock(), of
    impatient = Explorer(explorer.folder, explorer.screen, ENOUGH_TO_COMPLAIN)
    report = impatient.run(s, "--plant", plant, label=f"{s.name} ({plant})")
    said = str(report.get("failure", "nothing"))
    table = report.get("counterexample", "")
    failure = ""
    if not said.startswith(complaint) or not re.search(line, table):
        failure = f"of {plant} the explorer says {said!r}, not {complaint!r} with a line {line!r}"
    details = [*table.splitlines(), again(s)]
    return Result("complaints", plant, clock.seconds, failure, f"told: {said}", {"told": said}, details)


def miss_steps(s: Scenario, allowed: Allowed, explorer: Explorer) -> Result:
    """Each step of the contract that an execution takes is missed when it is taken away: they are really followed. But
    a try_send that is told `full` may have been so at another moment as well, and so may a send that is left."""
    clock = Clock()
    leaves = [any(op.kind == "send_unwound" for op in thread.ops) for thread in s.threads]
    at_another_moment = {
        step
        for step, (_, thread, label, _) in enumerate(allowed.steps)
        if label == "full" or (label == "unwound" and leaves[thread])
    }
    report = explorer.run(s)
    failure = report.get("failure", "")
    missed = [step for step in report["steps_taken"] if step not in at_another_moment]
    for step in missed:
        without = explorer.run(s, "--without-step", str(step), label=f"{s.name} (without step {step})")
        if not failure and without.get("broken"):
            failure = without["failure"]
        if not failure and "failure" not in without:
            failure = f"step {step} of what the contract allows is taken, but not missed when it is left out"
    taken = len(missed)
    said = f"each of the {taken} steps of the contract that it takes is missed when left out"
    return Result("steps", s.name, clock.seconds, failure, said, {"steps": taken}, [again(s)])


# A success that acquires only because compilers refuse a failure order that is stronger than that of success.
COMPILERS_ASK = ("JoinClaim=release",)


def planted_bugs(headers: list[Path]) -> list[str]:
    """From the header: each step with an order to weaken; each publication, wake-up and withdrawal to leave out."""
    plants = []
    for step in step_names.header_steps(headers):
        if "acq_rel" in step.orders:
            plants += [f"{step.name}=acquire", f"{step.name}=release"]
            if step.orders.endswith(", acquire"):  # that of a failure
                plants.append(f"{step.name}=relaxed")
        elif step.orders == "acquire, acquire":  # the success's, and the failure's
            plants += [f"{step.name}=release", f"{step.name}=relaxed"]
        elif "acquire" in step.orders or "release" in step.orders:
            plants.append(f"{step.name}=relaxed")
        if step.what.endswith((".store", ".unpark", ".release", ".fetch_and", ".take_token")):
            plants.append(f"{step.name}=omitted")
    return [plant for plant in plants if plant not in COMPILERS_ASK]


def notice(plant: str, smallest_first: list[Scenario], explorer: Explorer) -> Result:
    clock = Clock()
    met = 0
    for s in smallest_first:
        report = explorer.run(s, "--plant", plant, label=plant)
        met += report["plant_met"]
        if report.get("broken") or ("failure" in report and not report["plant_met"]):
            return Result("planted", plant, clock.seconds, f"{s.name}: {report['failure']}")
        if "failure" in report:
            figures = {"noticed_by": s.name, "as": report["failure"]}
            return Result("planted", plant, clock.seconds, "", f"noticed by {s.name}: {report['failure']}", figures)
    failure = "no scenario notices it" if met else "no scenario even comes to that step"
    details = ["a scenario is missing, or the order is stronger than need be"]
    return Result("planted", plant, clock.seconds, failure, details=details)
