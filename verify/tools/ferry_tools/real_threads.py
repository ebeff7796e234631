"""Real threads: what they do to the shipped header is recorded (verify/trace/), and judged by the contract: by TLC
(spec/ChannelTrace.tla), and by an oracle in C++, for more than TLC has time for, which is held against the contract
first.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ferry_tools import bad_traces, traces
from ferry_tools.models import contract_steps
from ferry_tools.paths import SYNC_CONTRACT
from ferry_tools.plants import RECORDED
from ferry_tools.results import Clock, Json, Result
from ferry_tools.tlc_java import TlcError
from ferry_tools.traces import Verdict

BY_ORACLE = "the oracle rejects it"  # as the recorder says it
BUG_TIMES = 2000  # runs until it has shown
PATIENCE, BUG_PATIENCE = 60, 3  # seconds after which a run hangs
MOST_BAD = 25  # traces of each kind
MOST_SHOWN = 3  # failures of one kind

PARTS = {
    "oracle": "oracle is the contract",
    "recorded": "real threads, by the oracle",
    "traces_tlc": "real threads, by TLC",
    "bad_traces": "bad traces rejected",
    "recorded_bugs": "recorded bugs rejected",
}

# By the word: see Scenario.is_recorded. What is unwound is noted as what gives up, or as nothing.
NOT_TOLD = {"RecvIsInterrupted", "SendUnwound"}


@dataclass(frozen=True)
class Effort:
    times: int  # that a scenario is run
    kept: int  # traces of each, for TLC
    small_programs: int  # made at random, for TLC too
    events: int  # in all programs made at random


SYSTEMATIC = Effort(times=3, kept=0, small_programs=0, events=0)
EVERY_DAY = Effort(times=100, kept=8, small_programs=200, events=3_000_000)
ONE_SCENARIO = Effort(times=4000, kept=100, small_programs=0, events=0)
DEEP = Effort(times=4000, kept=40, small_programs=4000, events=100_000_000)
SHARD = Effort(times=4000, kept=40, small_programs=100, events=0)


Both = dict[int, tuple[Verdict, Verdict]]  # by the oracle and by TLC, of a trace by its id


class RealThreads:
    def __init__(self, build: Path, jar: Path, seed: int) -> None:
        self.build = build
        self.jar = jar
        self.seed = seed
        self.recorder = build / "verify" / "record"
        self.folder = build / "verify" / "traces"
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, scenarios: list[Path], systematic: list[Path], effort: Effort) -> Iterator[tuple[str, list[Result]]]:
        """The parts of the run, in order. `scenarios`, `systematic`: programs, as the explorer reads them."""
        shutil.rmtree(self.folder / "failed", ignore_errors=True)
        kept = self.fresh("kept")
        yield "The oracle allows what the contract allows", [self.compare([*scenarios, *systematic])]
        results = self.record_scenarios(scenarios, effort, kept)
        if systematic:
            results.append(in_all("systematic scenarios", self.record_scenarios(systematic, SYSTEMATIC, kept)))
        if effort.small_programs:
            results.append(self.record_programs("small programs made at random", effort.small_programs, 0, kept))
        if not results:
            return
        yield f"Real threads, judged by the oracle; seed {self.seed}", results
        good = traces.read(kept)
        bugs: list[Result] = []
        bad: dict[str, list[Json]] = {}
        if effort.events:
            bugs = [self.record_bug(bug, scenario) for bug, scenario in RECORDED]
            mixed = random.Random(self.seed).sample(good, len(good))
            bad = {kind.__name__: bad_traces.spoil(mixed, kind, MOST_BAD) for kind in bad_traces.KINDS}
        rejected = [trace for of_kind in bad.values() for trace in of_kind]
        rejected += [bug.figures["trace"] for bug in bugs if bug.figures["trace"]]
        with ThreadPoolExecutor() as pool:
            # TLC has one processor; meanwhile the other is free.
            under_tlc = pool.submit(self.judge_by_tlc, [*good, *rejected])
            if effort.events:
                yield "", [self.record_programs("programs made at random", 0, effort.events, self.fresh("none"))]
            verdicts, seconds = under_tlc.result()
        every_step = effort.events > 0
        yield "Real threads, judged by TLC", self.results_of_tlc(good, verdicts[: len(good)], seconds, every_step)
        if effort.events:
            by_oracle = self.judge_by_oracle(rejected)
            both = {id(trace): (oracle, tlc) for trace, oracle, tlc in zip(rejected, by_oracle, verdicts[len(good) :])}
            yield "Bad traces are rejected by both", [self.result_of_bad(kind, of, both) for kind, of in bad.items()]
            yield "Recorded bugs are rejected by both", [self.result_of_bug(bug, both) for bug in bugs]

    def again(self, file: Path) -> list[Result]:
        """Judges what an earlier run has kept: one trace a line."""
        recorded = traces.read(file)
        if not recorded:
            raise traces.TraceError(f"{file}: expected traces, found none")
        verdicts, seconds = self.judge_by_tlc(recorded)
        results = [of_traces("traces_tlc", trace["name"], [trace], seconds / len(recorded)) for trace in recorded]
        for result, trace, oracle, tlc in zip(results, recorded, self.judge_by_oracle(recorded), verdicts):
            result.failure, result.details = disagreement(oracle, tlc), self.shown(trace)
        return results

    # ---- recording --------------------------------------------------------------------------------------------------

    def compare(self, programs: list[Path]) -> Result:
        clock = Clock()
        reports, failure = self.call("agree", programs)
        report = reports[0] if reports else {}
        figures = {k: report.get(k, 0) for k in ("graphs", "states", "steps")}
        differences = report.get("differences", [])
        failure = failure or (f"{len(differences)} differences: {differences[0]}" if differences else "")
        if report and not failure and figures["steps"] == 0:
            failure = "there was nothing to compare"
        said = "{graphs:,} state graphs of the contract, {states:,} states, {steps:,} steps: the same".format(**figures)
        name, shown = "the oracle and the contract", differences[:MOST_SHOWN]
        return Result("oracle", name, clock.seconds, failure, said, figures, shown)

    def record_scenarios(self, programs: list[Path], effort: Effort, kept: Path) -> list[Result]:
        clock = Clock()
        programs = [p for p in programs if json.loads(p.read_text())["recorded"]]
        if not programs:
            return []
        reports, failure = self.call(
            "scenarios", programs, times=effort.times, keep=effort.kept, seed=self.seed, out=kept, patience=PATIENCE
        )
        results = [self.recorded(report) for report in reports]
        # A run that hangs, or a crash, ends it all; the rest was not recorded.
        for program in programs[len(reports) :]:
            crashed = program is programs[len(reports)] and not any(r.failure for r in results)
            why = failure if crashed else "not recorded: the recorder has ended"
            results.append(Result("recorded", program.stem, failure=why, figures={"runs": 0, "events": 0}))
        if failure and not any(r.failure for r in results):
            results[-1].failure = failure
        for result in results:
            result.seconds = clock.seconds / len(results)
        return results

    def record_programs(self, name: str, small: int, events: int, kept: Path) -> Result:
        clock = Clock()
        reports, failure = self.call(
            "random", [], small_programs=small, events=events, seed=self.seed, out=kept, patience=PATIENCE
        )
        result = self.recorded(reports[0] if reports else {"name": name, "runs": 0, "events": 0, "failure": failure})
        result.name, result.seconds, result.failure = name, clock.seconds, result.failure or failure
        return result

    def record_bug(self, bug: str, scenario: str) -> Result:
        clock = Clock()
        program = self.build / "verify" / "programs" / f"{scenario}.json"
        out, patience = self.fresh("none"), BUG_PATIENCE
        reports, failure = self.call(
            "scenarios", [program], bug, times=BUG_TIMES, keep=0, seed=self.seed, out=out, patience=patience
        )
        report = reports[0] if reports else {"failure": failure}
        runs, why = report.get("runs", 0), report.get("failure", "")
        figures = {"scenario": scenario, "runs": runs, "as": why, "trace": report.get("trace")}
        said = f"recorded in run {runs} of {scenario} ({why}), rejected by both at the same event"
        failure = "" if figures["trace"] else f"not recorded in {runs} runs: {why}"
        return Result("recorded_bugs", bug, clock.seconds, failure, said, figures)

    def call(self, use: str, files: list[Path], plant: str = "", **options: object) -> tuple[list[Json], str]:
        """What the recorder reports, and what was wrong with itself."""
        words = [word for k, v in options.items() for word in ("--" + k.replace("_", "-"), str(v))]
        command, environment = [str(self.recorder), use, *map(str, files), *words], os.environ | {"FERRY_PLANT": plant}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        failure = f"the recorder ended with status {done.returncode} {done.stderr.strip()}".strip()
        return reports, failure if done.returncode else ""

    def recorded(self, report: Json) -> Result:
        figures = {k: report[k] for k in ("runs", "events", "distinct", "kept") if k in report} | {"seed": self.seed}
        result = Result("recorded", report["name"], failure=report.get("failure", ""), figures=figures)
        different = f", {report['distinct']} different traces" if "distinct" in report else ""
        result.said = f"{report['runs']:,} runs, {report['events']:,} events{different}, all accepted"
        if result.failure and (trace := report.get("trace")):
            how_again = self.kept_for_later if result.failure == BY_ORACLE else self.tried_again
            result.details = [*report["table"].splitlines(), *how_again(trace)]
        return result

    # ---- judging ----------------------------------------------------------------------------------------------------

    def judge_by_tlc(self, recorded: list[Json]) -> tuple[list[Verdict], float]:
        clock = Clock()
        verdicts = traces.judge(recorded, self.jar, self.build) if recorded else []
        return verdicts, clock.seconds

    def judge_by_oracle(self, recorded: list[Json]) -> list[Verdict]:
        file = self.folder / "to_judge.jsonl"
        write(file, recorded)
        reports, failure = self.call("judge", [file])
        if failure or len(reports) != len(recorded):
            raise TlcError(f"{len(reports)} verdicts on {len(recorded)} traces: {failure}")
        return [Verdict(report["accepted"], report["explained"]) for report in reports]

    def results_of_tlc(
        self, good: list[Json], verdicts: list[Verdict], seconds: float, every_step: bool
    ) -> list[Result]:
        rejected = [(trace, verdict) for trace, verdict in zip(good, verdicts) if not verdict.accepted]
        taken = Counter(event["step"] for trace in good for event in traces.events(trace))
        failure = "" if good else "there was nothing to judge"
        if rejected:
            failure = f"TLC rejects {len(rejected)} of {len(good)}"
        if (
            not failure
            and every_step
            and (missing := set(contract_steps(SYNC_CONTRACT, "Sync")) - taken.keys() - NOT_TOLD)
        ):
            failure = f"steps of the contract that no trace takes: {', '.join(sorted(missing))}"
        results = [of_traces("traces_tlc", "recorded traces", good, seconds)]
        results[0].failure, results[0].figures["steps"] = failure, dict(taken)
        for trace, verdict in rejected[:MOST_SHOWN]:
            result = of_traces("traces_tlc", trace["name"], [trace])
            result.failure = f"TLC rejects it after {in_words(trace, verdict)}; the oracle accepts it"
            result.details = [*self.shown(trace), *self.kept_for_later(trace)]
            results.append(result)
        return results

    def result_of_bad(self, kind: str, of_kind: list[Json], both: Both) -> Result:
        result = of_traces("bad_traces", kind, of_kind)
        result.said = f"{len(of_kind)} traces, each rejected by both, at the same event"
        if not of_kind:
            result.failure = "in none of the recorded traces there is a place for it"
        for trace in of_kind:
            if wrong := unrejected(trace, *both[id(trace)]):
                result.failure = f"{trace['name']}: {wrong}"
                result.details = [*self.shown(trace), *self.kept_for_later(trace)]
                break
        return result

    def result_of_bug(self, result: Result, both: Both) -> Result:
        trace = result.figures.pop("trace")
        if trace and (wrong := unrejected(trace, *both[id(trace)])):
            result.failure = wrong
            result.details = [*self.shown(trace), *self.kept_for_later(trace)]
        return result

    def shown(self, trace: Json) -> list[str]:
        file = self.folder / "to_show.jsonl"
        write(file, [trace])
        reports, failure = self.call("judge", [file])
        return [f"recorded: {trace['origin']}", *(reports[0]["table"].splitlines() if reports else [failure])]

    def kept_for_later(self, trace: Json) -> list[str]:
        file = self.folder / "failed" / f"{trace['name']}.json"
        file.parent.mkdir(exist_ok=True)
        write(file, [trace])
        recorded = f"recorded with seed {self.seed}; schedules do not repeat, but the trace is kept"
        return [recorded, f"again: make verify TRACE={file}"]

    def tried_again(self, trace: Json) -> list[str]:
        """Of a failure that is not to be seen in the trace."""
        _, is_scenario, name = trace["origin"].partition("scenario ")
        scenario = f"SCENARIO={name} " if is_scenario else ""
        return [f"again, with luck, for schedules do not repeat: make verify {scenario}SEED={self.seed}"]

    def fresh(self, name: str) -> Path:
        file = self.folder / f"{name}.jsonl"
        file.write_text("")
        return file


def write(file: Path, recorded: list[Json]) -> None:
    file.write_text("".join(json.dumps(trace) + "\n" for trace in recorded))


def of_traces(part: str, name: str, of: list[Json], seconds: float = 0.0) -> Result:
    events = sum(len(traces.events(trace)) for trace in of)
    said = f"{len(of):,} traces, {events:,} events, all accepted"
    return Result(part, name, seconds, "", said, {"traces": len(of), "events": events})


def in_all(name: str, results: list[Result]) -> Result:
    """One for many; with the first failure."""
    runs, events = (sum(r.figures[k] for r in results) for k in ("runs", "events"))
    figures = {"programs": len(results), "runs": runs, "events": events}
    failed = [r for r in results if r.failure]
    failure = f"{len(failed)} fail; {failed[0].name}: {failed[0].failure}" if failed else ""
    said, details = f"{runs:,} runs, {events:,} events, all accepted", failed[0].details if failed else []
    return Result("recorded", name, sum(r.seconds for r in results), failure, said, figures, details)


def in_words(trace: Json, verdict: Verdict) -> str:
    return ", ".join(f"{n} of {thread['name']}" for thread, n in zip(trace["threads"], verdict.explained))


def disagreement(oracle: Verdict, tlc: Verdict) -> str:
    if oracle.accepted != tlc.accepted:
        accepts, rejects = ("the oracle", "TLC") if oracle.accepted else ("TLC", "the oracle")
        return f"{rejects} rejects it, {accepts} accepts it"
    return "" if tlc.accepted else "rejected by both"


def unrejected(trace: Json, oracle: Verdict, tlc: Verdict) -> str:
    """What is wrong with the verdicts on a bad trace."""
    if oracle.accepted or tlc.accepted:
        by = "both" if oracle.accepted and tlc.accepted else "the oracle" if oracle.accepted else "TLC"
        return f"accepted by {by}"
    if oracle.explained != tlc.explained:
        after = f"by TLC after {in_words(trace, tlc)}, by the oracle after {in_words(trace, oracle)}"
        return f"rejected for different reasons: {after}"
    return ""
