#!/usr/bin/env python3
"""`make verify`: the contract under TLC, then the shipped header under Relacy against it.

  names       the steps of the header are the actions of spec/ChannelAlgorithm.tla and the rows of spec/MAPPING.md
  outcomes    the enumeration of outcomes agrees with sets that were written out by hand
  malformed   files that are no scenarios are refused in one line, with file, line and what was expected
  shown       each statement and each shipped bug is shown by a scenario, or why not is said
  models      each model of spec/manifest.json holds, or violates the property that it is there to violate
  scenarios   each is explored exhaustively; its outcomes are exactly those that the contract allows, and each
              operation takes effect, at its linearization point, where the contract allows it
  random      more executions of each under Relacy's random scheduler
  stores      in the small ones, the rule about which stores a load reads leaves out no reads-from graph
  full        where Relacy's own plain full search is feasible, it agrees with ours: same outcomes, same reads-from graphs,
              same planted bug
  steps       in the small ones, each step of the contract that is taken is missed when it is left out
  contracts   with each wrong contract of the manifest, the outcomes of some scenario would not be the header's
  planted     each memory order of the header, weakened, and each wake-up or publication, left out, is noticed
  systematic  all programs up to a bound that can be waited for: here a fixed sample, all of them in `make verify-deep`
  real threads  (real_threads.py) record what they do to the header; TLC and an oracle accept that, and reject bad traces
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "spec"), str(ROOT / "verify")]

import check  # noqa: E402  (spec/check.py)
import malformed  # noqa: E402
import names  # noqa: E402  (spec/names.py)
import outcomes  # noqa: E402  (spec/outcomes.py)
import real_threads  # noqa: E402
import scenario as scenarios  # noqa: E402
import shown  # noqa: E402
import systematic  # noqa: E402
import traces  # noqa: E402  (spec/traces.py)
from contracts import Contract, ask_contract, wrong_contracts_noticed  # noqa: E402
from scenario import Scenario, ScenarioError  # noqa: E402
from tlc import TlcFailed, TlcUnavailable  # noqa: E402

JOBS = 2
FEW_STEPS = 150  # of the contract, in the scenarios that wrong contracts are tried on
FEW_EXECUTIONS = 100  # a scenario with no more is explored anew for each step of the contract
FEW_FOR_EVERY_STORE = 1_000  # executions: a scenario with no more is explored anew without the rule, which takes many times as many
RANDOM_EXECUTIONS = 400_000  # in all; divided among the scenarios
PATIENCE, DEEP_PATIENCE = 120, 3600  # seconds for one search; the longest takes some ten, or minutes
# In the order of the final table and of report.json.
PARTS = {
    "names": "names",
    "shown": "statements shown",
    "outcomes": "outcomes by hand",
    "malformed": "malformed scenarios refused",
    "models": "models",
    "scenarios": "scenarios, exhaustive",
    "random": "scenarios, at random",
    "stores": "agree with every store",
    "full": "agree with the full search",
    "steps": "followed step by step",
    "contracts": "wrong contracts noticed",
    "planted": "planted bugs noticed",
    "systematic": "systematic scenarios",
} | real_threads.PARTS
HEARTBEAT = 10.0  # seconds between lines that say what runs, where the output is not a terminal


@dataclass
class Result:
    """One line of the final table, and one entry of report.json."""

    part: str
    name: str
    figures: dict
    seconds: float
    failure: str = ""  # what broke; empty: passed
    details: list[str] = field(default_factory=list)  # the counterexample, and how to see it again

    @property
    def passed(self) -> bool:
        return not self.failure

    def as_json(self) -> dict:
        result = {"name": self.name, **self.figures, "result": "passed" if self.passed else "failed", "seconds": round(self.seconds, 2)}
        return result if self.passed else result | {"failure": self.failure}


class Screen:
    """What is running now, and what has ended; from two workers at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, str] = {}
        self._last = time.monotonic()
        self._terminal = sys.stdout.isatty()

    def line(self, text: str) -> None:
        with self._lock:
            print(("\r\033[K" if self._terminal else "") + text, flush=True)

    def running(self, name: str, what: str) -> None:
        with self._lock:
            self._running[name] = what
            self._show()

    def ended(self, name: str) -> None:
        with self._lock:
            self._running.pop(name, None)

    def _show(self) -> None:
        text = "  ... " + ", ".join(f"{n}: {w}" if w else n for n, w in self._running.items())
        if self._terminal:
            print("\r\033[K" + text[:100], end="", flush=True)
        elif time.monotonic() - self._last > HEARTBEAT:
            self._last = time.monotonic()
            print(text, flush=True)


class Explorer:
    """Runs verify/relacy/explore.cpp, of which there is one program for each size of block."""

    def __init__(self, folder: Path, screen: Screen, patience: int) -> None:
        self.folder = folder
        self.patience = patience  # seconds for one search
        self.screen = screen

    def program(self, s: Scenario) -> Path:
        return self.folder / "programs" / f"{s.name}.json"

    def command(self, s: Scenario, options: list[str]) -> list[str]:
        return [str(self.folder / f"explore-{s.slots}-{s.first_slots}"), str(self.program(s)), *options]

    def run(self, s: Scenario, *options: str, label: str = "") -> dict:
        """What the explorer reports. A crash is reported as a failure, like any other."""
        label = label or s.name
        self.screen.running(label, "")
        words: list[str] = []
        # The report goes to a file: one that fills a pipe which nobody reads yet would stop the explorer.
        with tempfile.TemporaryFile("w+") as printed:
            command = self.command(s, ["--seconds", str(self.patience), *options])
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
            return json.loads(said[-1])
        except (IndexError, ValueError):
            failure = f"the explorer ended with status {code} and no report: " + "; ".join(said[-3:] + words[-3:])
            return NOTHING | {"failure": failure}


# What is known of a search that did not report. It has found nothing: it is an error, also where a bug was planted.
NOTHING = {"executions": 0, "redundant": 0, "graphs": 0, "graphs_hash": 0, "deepest_read": 0, "exhaustive": False, "outcomes": [], "steps_taken": [], "plant_met": False,
           "broken": True}  # fmt: skip


def in_parallel(work: Callable[[object], Result], items: list, report: Callable[[int, int, Result], None]) -> list[Result]:
    """Both processors at once; reported as they end, returned in order."""
    done = 0
    lock = threading.Lock()

    def one(item: object) -> Result:
        nonlocal done
        result = work(item)
        with lock:
            done += 1
            report(done, len(items), result)
        return result

    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(one, items))


def counterexample(s: Scenario, report: dict, command: str) -> list[str]:
    lines = [f"in {s.name}: {s.about}"]
    if report.get("outcome"):
        lines.append("outcome: " + report["outcome"])
    lines += report.get("counterexample", "").splitlines()
    return [*lines, f"again: {command}"]


def again(s: Scenario, **variables: object) -> str:
    return " ".join(["make verify", f"SCENARIO={shlex.quote(s.source)}", *(f"{k}={shlex.quote(str(v))}" for k, v in variables.items())])


# ---- the parts ---------------------------------------------------------------------------------------------------


def check_names(build: Path) -> Result:
    start = time.monotonic()
    differences = names.check_names(build / "spec")
    failure = "the algorithm and the header differ: " + "; ".join(differences) if differences else ""
    return Result("names", "header and algorithm", {"steps": len(names.header_steps())}, time.monotonic() - start, failure,
                  ["again: python3 spec/names.py; after a deliberate change, edit spec/MAPPING.md"])  # fmt: skip


def check_outcomes(jar: Path, build: Path) -> Result:
    """Of programs whose outcomes were written out by hand: does the enumeration find just those?"""
    start = time.monotonic()
    problems = outcomes.self_test(jar, build)
    return Result("outcomes", "outcomes by hand", {"scenarios": len(outcomes.SELF_TEST)}, time.monotonic() - start, "; ".join(problems))


def refuse_malformed(jar: Path, build: Path) -> Result:
    def ask(chosen: list[Scenario]) -> list[ScenarioError | None]:
        contracts = ask_contract(chosen, jar, build)
        return [contracts[s.name].objection(s) for s in chosen]

    start = time.monotonic()
    problems = malformed.problems(ask)
    return Result("malformed", "malformed scenarios", {"files": malformed.count()}, time.monotonic() - start, "; ".join(problems))


def check_shown() -> Result:
    problems = shown.problems(scenarios.load())
    figures = {"shown": len(scenarios.STATEMENTS + scenarios.BUGS) - len(shown.ELSEWHERE), "elsewhere": shown.ELSEWHERE}
    return Result("shown", "statements and shipped bugs", figures, 0.0, "; ".join(problems))


def check_models(jar: Path, build: Path, only: str | None, deep: bool, screen: Screen) -> Iterator[Result]:
    report = lambda line: screen.line("  " + line)  # noqa: E731
    entries = check.check_models(jar, build, only, report)
    if deep and not only:
        entries += check.check_models(jar, build, None, report, deep=True)
    for model in entries:
        figures = {k: model[k] for k in ("distinct", "generated", "depth", "expected", "got")}
        failure = "; ".join(model["differences"])
        yield Result("models", model["name"], figures, model["seconds"], failure, [f"again: make verify MODEL={model['name']}"])


def write_programs(chosen: list[Scenario], contracts: dict[str, Contract], explorer: Explorer) -> None:
    """The programs that the explorer reads."""
    for s in chosen:
        explorer.program(s).parent.mkdir(parents=True, exist_ok=True)
        allowed = contracts[s.name].allowed
        labels = sorted({shown for _, _, shown, _ in allowed.steps})
        number = {label: i for i, label in enumerate(labels)}
        steps = [[before, thread, number[shown], after] for before, thread, shown, after in allowed.steps]
        program = s.program() | {"allowed": sorted(contracts[s.name].outcomes), "labels": labels, "steps": steps}
        explorer.program(s).write_text(json.dumps(program))


def explore(s: Scenario, contract: Contract, explorer: Explorer, part: str = "scenarios") -> Result:
    start = time.monotonic()
    report = explorer.run(s, *(["--reuse"] if s.reuse else []))
    seen = set(report["outcomes"])
    failure = report.get("failure", "")
    details = counterexample(s, report, again(s)) if failure else []
    if not failure and not report["exhaustive"]:
        failure = "the search was cut off"
    missing = sorted(contract.outcomes - seen)
    if not failure and missing:
        failure = f"the contract allows {len(missing)} outcomes that the header never shows: {missing[0]}"
        if s.can_run_out_of_memory and not s.narrower:
            details = [f"if that is meant, a line `narrower` says why: {', '.join(scenarios.NARROWER)}"]
    if not failure and s.narrower and contract.left_out == 0:
        failure = f"`narrower {s.narrower}` leaves out nothing that the contract allows"
    if not failure and s.graphs and report["graphs"] != s.graphs:
        failure = f"{report['graphs']} reads-from graphs, not the {s.graphs} that two searches agreed on"
    figures = {
        "threads": len(s.threads), "executions": report["executions"], "redundant": report["redundant"],
        "graphs": report["graphs"], "graphs_hash": report["graphs_hash"], "deepest_read": report["deepest_read"],
        "exhaustive": report["exhaustive"], "outcomes_spec": len(contract.outcomes), "outcomes_code": len(seen),
        "outcomes_equal": seen == contract.outcomes, "steps_spec": len(contract.allowed.steps), "steps_code": len(report["steps_taken"]),
    }  # fmt: skip
    if s.narrower:
        figures["narrower"] = {"name": s.narrower, "outcomes_left_out": contract.left_out}
    return Result(part, s.name, figures, time.monotonic() - start, failure, details)


def explore_at_random(s: Scenario, executions: int, seed: int, explorer: Explorer) -> Result:
    start = time.monotonic()
    report = explorer.run(s, "--search", "random", "--executions", str(executions), "--seed", str(seed), label=f"{s.name} (random)")
    failure = report.get("failure", "")
    details = counterexample(s, report, again(s, SEED=seed)) if failure else []
    figures = {"threads": len(s.threads), "executions": report["executions"], "seed": seed}
    return Result("random", s.name, figures, time.monotonic() - start, failure, details)


def compare_with_every_store(found: Result, s: Scenario, explorer: Explorer) -> Result:
    """The search with the rule, which has been done, against the one without: the same outcomes and reads-from graphs."""
    start = time.monotonic()
    every = explorer.run(s, "--every-store", *(["--reuse"] if s.reuse else []), label=f"{s.name} (every store)")
    failure = every.get("failure", "")
    if not failure and (found.figures["graphs"], found.figures["graphs_hash"]) != (every["graphs"], every["graphs_hash"]):
        failure = f"{found.figures['graphs']} reads-from graphs with the rule, {every['graphs']} without, or others"
    if not failure and found.figures["outcomes_code"] != len(every["outcomes"]):
        failure = f"{found.figures['outcomes_code']} outcomes with the rule, {len(every['outcomes'])} without"
    figures = {"graphs": every["graphs"], "executions": every["executions"] + every["redundant"],
               "executions_with_rule": found.figures["executions"] + found.figures["redundant"]}  # fmt: skip
    return Result("stores", s.name, figures, time.monotonic() - start, failure, [f"again: {again(s)}"] if failure else [])


def compare_with_full_search(s: Scenario, explorer: Explorer) -> Result:
    """Ours against Relacy's own search: the same outcomes, and the planted bug found by both."""
    start = time.monotonic()
    ours, full = explorer.run(s), explorer.run(s, "--search", "full", label=f"{s.name} (full)")
    planted = {
        "sleep sets": explorer.run(s, "--plant", s.also_full),
        "full": explorer.run(s, "--search", "full", "--plant", s.also_full),
    }
    failure = ours.get("failure", "") or full.get("failure", "")
    if not failure and ours["outcomes"] != full["outcomes"]:
        failure = f"sleep sets see {len(ours['outcomes'])} outcomes, the full search sees {len(full['outcomes'])}"
    if not failure and (ours["graphs"], ours["graphs_hash"]) != (full["graphs"], full["graphs_hash"]):
        failure = f"sleep sets see {ours['graphs']} reads-from graphs, the full search sees {full['graphs']}, or others"
    for search, report in planted.items():
        if not failure and (report.get("broken") or not report["plant_met"]):
            failure = f"the planted bug {s.also_full} was not looked for by {search}: {report.get('failure', 'no such step')}"
        if not failure and "failure" not in report:
            failure = f"the planted bug {s.also_full} is not found by {search}"
    figures = {
        "outcomes": len(ours["outcomes"]), "graphs": ours["graphs"], "executions": ours["executions"] + ours["redundant"],
        "executions_full": full["executions"], "planted": s.also_full,
        "planted_found": {k: r.get("failure", "") for k, r in planted.items()},
    }  # fmt: skip
    return Result("full", s.name, figures, time.monotonic() - start, failure, [f"again: {again(s)}"] if failure else [])


def miss_steps(s: Scenario, explorer: Explorer) -> Result:
    """Each step of the contract that an execution takes is missed when it is taken away: they are really followed."""
    start = time.monotonic()
    report = explorer.run(s)
    failure = report.get("failure", "")
    for step in report["steps_taken"]:
        without = explorer.run(s, "--without-step", str(step), label=f"{s.name} (without step {step})")
        if not failure and without.get("broken"):
            failure = without["failure"]
        if not failure and "failure" not in without:
            failure = f"step {step} of what the contract allows is taken, but not missed when it is left out"
    figures = {"steps": len(report["steps_taken"])}
    return Result("steps", s.name, figures, time.monotonic() - start, failure, [f"again: {again(s)}"] if failure else [])


def planted_bugs() -> list[str]:
    """From the header: each step with an order to weaken; each publication, wake-up and withdrawal to leave out."""
    plants = []
    for step in names.header_steps():
        if "acq_rel" in step.orders:
            plants += [f"{step.name}=acquire", f"{step.name}=release"]
        elif "acquire" in step.orders or "release" in step.orders:
            plants.append(f"{step.name}=relaxed")
        if step.what.endswith((".store", ".unpark", ".fetch_and", ".take_token")):
            plants.append(f"{step.name}=omitted")
    return plants


def notice(plant: str, smallest_first: list[Scenario], explorer: Explorer) -> Result:
    start = time.monotonic()
    met = 0
    for s in smallest_first:
        report = explorer.run(s, "--plant", plant, label=plant)
        met += report["plant_met"]
        if report.get("broken") or ("failure" in report and not report["plant_met"]):
            return Result("planted", plant, {}, time.monotonic() - start, f"{s.name}: {report['failure']}")
        if "failure" in report:
            return Result("planted", plant, {"noticed_by": s.name, "as": report["failure"]}, time.monotonic() - start)
    failure = "no scenario notices it" if met else "no scenario even comes to that step"
    return Result("planted", plant, {}, time.monotonic() - start, failure, ["a scenario is missing, or the order is stronger than need be"])


def notice_contracts(chosen: list[Scenario], contracts: dict[str, Contract], jar: Path, build: Path) -> Iterator[Result]:
    """All together, for TLC takes longer to start than to do them."""
    start = time.monotonic()
    noticed = list(wrong_contracts_noticed([s for s in chosen if len(contracts[s.name].allowed.steps) <= FEW_STEPS], contracts, jar, build))
    seconds = (time.monotonic() - start) / len(noticed)
    for wrong, by, said, failure in noticed:
        yield Result("contracts", wrong, {"noticed_by": by, "as": said} if by else {}, seconds, failure,
                     [f"spec/manifest.json has it; tried were the scenarios with up to {FEW_STEPS} steps of the contract"])  # fmt: skip


# ---- the run -----------------------------------------------------------------------------------------------------


def thousands(n: int) -> str:
    return f"{n:,}"


def describe(r: Result) -> str:
    f = r.figures
    match r.part:
        case "names":
            return f"{f['steps']} steps of the header, each an action of the algorithm"
        case "outcomes":
            return f"{f['scenarios']} programs have the outcomes that were written out by hand"
        case "malformed":
            return f"{f['files']} files that are no scenarios are refused, each in one line"
        case "shown":
            return f"{f['shown']} of S1 to {scenarios.STATEMENTS[-1]} and B1 to {scenarios.BUGS[-1]} are shown by scenarios, and of {', '.join(f['elsewhere'])} it is said where"
        case "models":
            return f"{f['got']}; {thousands(f['distinct'])} distinct, {thousands(f['generated'])} generated, depth {f['depth']}"
        case "scenarios" | "systematic":
            less = f" less {f['narrower']['outcomes_left_out']} ({f['narrower']['name']})" if "narrower" in f else ""
            allowed = f["outcomes_spec"] + (f["narrower"]["outcomes_left_out"] if less else 0)
            return (f"{f['threads']} threads, {thousands(f['executions'])} executions (+ {thousands(f['redundant'])} redundant) for {thousands(f['graphs'])} graphs, "
                    f"{f['outcomes_code']} outcomes = the contract's {allowed}{less}, {f['steps_code']} of its {f['steps_spec']} steps")  # fmt: skip
        case "random":
            return f"{thousands(f['executions'])} executions, seed {f['seed']}"
        case "stores":
            return f"{thousands(f['graphs'])} graphs with the rule and without, {thousands(f['executions_with_rule'])} executions for {thousands(f['executions'])}"
        case "steps":
            return f"each of the {f['steps']} steps of the contract that it takes is missed when left out"
        case "full":
            return f"{f['executions']} executions for {thousands(f['executions_full'])}, {f['outcomes']} outcomes, {f['graphs']} graphs, {f['planted']} found by both"
        case part if part in real_threads.PARTS:
            return real_threads.describe(part, f)
        case _:
            return f"noticed by {f['noticed_by']}: {f['as']}" if f else "not noticed"


class Verification:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.screen = Screen()
        self.explorer = Explorer(arguments.build / "verify", self.screen, DEEP_PATIENCE if arguments.deep else PATIENCE)
        self.results: list[Result] = []

    def report(self, done: int, of: int, r: Result, each: int = 1) -> None:
        if r.passed and done % each != 0 and done != of:
            return
        self.screen.line(f"  [{done}/{of}] {'passed' if r.passed else 'FAILED'}  {r.name}: {r.failure or describe(r)}")
        if not r.passed:
            self.screen.line("\n" + "\n".join("      " + line for line in r.details) + "\n")

    def part(self, title: str, work: Callable, items: list, each: int = 1) -> list[Result]:
        """Of many results that passed, every n-th has a line."""
        if items:
            self.screen.line(f"\n{title}")
        results = in_parallel(work, items, lambda done, of, r: self.report(done, of, r, each))
        self.results += results
        return results

    def run(self) -> None:
        a = self.arguments
        threads = real_threads.RealThreads(a.build, a.jar, a.seed)
        if a.trace:
            return self.take("Traces that were kept", threads.again(a.trace))
        if not a.scenario:
            if not a.model:
                self.screen.line("What is written: the names of the steps, the scenarios, and how outcomes are enumerated")
                checks = [lambda: check_names(a.build), check_shown, lambda: check_outcomes(a.jar, a.build), lambda: refuse_malformed(a.jar, a.build)]
                for i, work in enumerate(checks, 1):
                    self.results.append(work())
                    self.report(i, len(checks), self.results[-1])
            self.screen.line("\nThe contract and the algorithm: models under TLC")
            self.results += check_models(a.jar, a.build, a.model, a.deep, self.screen)
        if a.model:
            return
        chosen = scenarios.load(a.scenario, a.deep)
        contracts = ask_contract(chosen, a.jar, a.build)
        for s in chosen:
            if objection := contracts[s.name].objection(s):
                raise objection
        write_programs(chosen, contracts, self.explorer)
        total = sum(len(c.allowed.outcomes) for c in contracts.values())
        self.screen.line(f"\nThe contract allows {total} outcomes of {len(chosen)} scenarios.")

        explored = self.part("The header: every schedule of each scenario", lambda s: explore(s, contracts[s.name], self.explorer), chosen)
        each = -(-a.random_executions // len(chosen))
        self.part(f"At random, seed {a.seed}", lambda s: explore_at_random(s, each, a.seed, self.explorer), chosen)
        self.compare_with_every_store(explored, chosen)
        small = [s for s in chosen if s.also_full]
        self.part("Relacy's plain full search agrees", lambda s: compare_with_full_search(s, self.explorer), small)
        executions = {r.name: r.figures["executions"] for r in explored}
        few = [s for s in chosen if executions[s.name] <= FEW_EXECUTIONS]
        self.part("The contract's steps are followed", lambda s: miss_steps(s, self.explorer), few)
        if not a.scenario and all(r.passed for r in explored):
            # What the header has, is then what the right contract allows.
            self.screen.line("\nWrong contracts")
            noticed = list(notice_contracts(chosen, contracts, a.jar, a.build))
            for i, r in enumerate(noticed, 1):
                self.report(i, len(noticed), r)
            self.results += noticed
            smallest_first = sorted(chosen, key=lambda s: executions[s.name])
            self.part("Each memory order is necessary", lambda p: notice(p, smallest_first, self.explorer), planted_bugs())
        systematic_ones = [] if a.scenario else self.run_systematic()
        effort = real_threads.ONE_SCENARIO if a.scenario else real_threads.DEEP if a.deep else real_threads.EVERY_DAY
        programs = [[self.explorer.program(s) for s in of_kind] for of_kind in (chosen, systematic_ones)]
        for title, rows in threads.run(*programs, effort):
            self.take(title, rows)

    def take(self, title: str, rows: list[real_threads.Row]) -> None:
        if title:
            self.screen.line(f"\n{title}")
        for i, row in enumerate(rows, 1):
            self.results.append(Result(**vars(row)))
            self.report(i, len(rows), self.results[-1], each=10 if row.part == "recorded" else 1)

    def run_systematic(self) -> list[Scenario]:
        a = self.arguments
        programs = systematic.load(list(systematic.names())) if a.deep else systematic.fixed_sample()
        contracts = ask_contract(programs, a.jar, a.build)
        if misused := next((s for s in programs if contracts[s.name].allowed.misuse), None):
            raise misused.wrong(*contracts[misused.name].allowed.misuse)
        chosen = [s for s in programs if not contracts[s.name].waits_for_ever()]
        write_programs(chosen, contracts, self.explorer)
        title = (f"{'All' if a.deep else 'A fixed sample of all'} programs of two senders and a receiver with up to two operations: {len(programs)} of "
                 f"{len(systematic.names())}, less {len(programs) - len(chosen)} whose threads can wait for ever")  # fmt: skip
        explored = self.part(title, lambda s: explore(s, contracts[s.name], self.explorer, "systematic"), chosen, each=500)
        self.compare_with_every_store(explored, chosen)
        return chosen

    def compare_with_every_store(self, explored: list[Result], chosen: list[Scenario]) -> None:
        small = [(r, s) for r, s in zip(explored, chosen) if r.passed and r.figures["executions"] <= FEW_FOR_EVERY_STORE]
        self.part("Every store: the rule leaves out no graph", lambda pair: compare_with_every_store(*pair, self.explorer), small, each=100)

    def table(self) -> None:
        self.screen.line(f"\n{'':28} {'passed':>7} {'failed':>7} {'executions, states, events':>27} {'seconds':>9}")
        for part, title in PARTS.items():
            of = [r for r in self.results if r.part == part]
            if of:
                passed = sum(r.passed for r in of)
                work = sum(r.figures.get("executions", r.figures.get("generated", r.figures.get("events", 0))) for r in of)
                self.screen.line(f"{title:28} {passed:7} {len(of) - passed:7} {thousands(work):>27} {sum(r.seconds for r in of):9.1f}")
        for r in self.results:
            if not r.passed:
                self.screen.line(f"FAILED {r.part}: {r.name}: {r.failure}")

    @property
    def report_path(self) -> Path:
        return self.arguments.build / "verify" / "report.json"

    def forget_report(self) -> None:
        """What an earlier run found must not pass for what this one did."""
        self.report_path.unlink(missing_ok=True)

    def write_report(self) -> None:
        entries: dict[str, list] = {part: [] for part in PARTS}
        for r in self.results:
            entries[r.part].append(r.as_json())
        self.report_path.parent.mkdir(parents=True, exist_ok=True)
        self.report_path.write_text(json.dumps(entries, indent=1) + "\n")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--scenario", help="this scenario only")
    parser.add_argument("--model", help="this model only")
    parser.add_argument("--trace", type=Path, help="judge the traces in this file only")
    parser.add_argument("--deep", action="store_true", help="also what takes minutes")
    parser.add_argument("--seed", type=int, help="of the random pass (default: from the clock)")
    parser.add_argument("--random-executions", type=int, default=RANDOM_EXECUTIONS)
    arguments = parser.parse_args()
    if sum(map(bool, (arguments.scenario, arguments.model, arguments.trace))) > 1:
        parser.error("--scenario, --model and --trace exclude each other")
    if arguments.trace and not arguments.trace.is_file():
        parser.error(f"no such file: {arguments.trace}")
    if arguments.seed is None:
        arguments.seed = int(time.time()) % 1_000_000_000
    return arguments


def main() -> int:
    verification = Verification(parse_arguments())
    verification.forget_report()
    try:
        verification.run()
    except (ScenarioError, outcomes.ScenarioError, traces.TraceError, check.ManifestError, TlcUnavailable, TlcFailed) as error:
        print(f"verify: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("verify: interrupted; deep models go on from their last checkpoint the next time", file=sys.stderr)
        return 130
    verification.table()
    verification.write_report()
    failed = sum(not r.passed for r in verification.results)
    print(f"verify: {len(verification.results) - failed} passed, {failed} failed")
    return 1 if failed or not verification.results else 0


if __name__ == "__main__":
    sys.exit(main())
