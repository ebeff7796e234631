"""Real threads: what they do to the shipped header is recorded (verify/trace/), and judged by the contract: by TLC
(spec/ChannelTrace.tla), and by an oracle in C++, for more than TLC has time for, which is held against the contract first.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import bad_traces
import traces  # spec/traces.py
from traces import Verdict

# Bugs that the announced platform plants (verify/platforms/plant.hpp), each with a scenario whose traces are to show it.
BUGS = {
    "SendClaim=split": "try_recv_in_the_middle_of_a_send",  # two senders claim one slot
    "CloneSender=omitted": "three_senders",  # the end comes while senders live
    "DropLastSender=omitted": "end_seen_without_waiting",  # the end does not come
    "Close=omitted": "send_against_close",  # values are let in after it
}
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


@dataclass(frozen=True)
class Effort:
    times: int  # that a scenario is run
    kept: int  # traces of each, for TLC
    small_programs: int  # made by lot, for TLC too
    events: int  # in all programs made by lot


SYSTEMATIC = Effort(times=3, kept=0, small_programs=0, events=0)
EVERY_DAY = Effort(times=100, kept=8, small_programs=200, events=3_000_000)
ONE_SCENARIO = Effort(times=4000, kept=100, small_programs=0, events=0)
DEEP = Effort(times=4000, kept=40, small_programs=4000, events=100_000_000)


@dataclass
class Row:
    """As verify.py's Result."""

    part: str
    name: str
    figures: dict
    seconds: float = 0.0
    failure: str = ""
    details: list[str] = field(default_factory=list)


def describe(part: str, f: dict) -> str:
    match part:
        case "oracle":
            return f"{f['graphs']:,} state graphs of the contract, {f['states']:,} states, {f['steps']:,} steps: the same"
        case "recorded":
            different = f", {f['distinct']} different traces" if "distinct" in f else ""
            return f"{f['runs']:,} runs, {f['events']:,} events{different}, all accepted"
        case "traces_tlc":
            return f"{f['traces']:,} traces, {f['events']:,} events, all accepted"
        case "bad_traces":
            return f"{f['traces']} traces, each rejected by both, at the same event"
        case _:
            return f"recorded in run {f['runs']} of {f['scenario']} ({f['as']}), rejected by both at the same event"


class RealThreads:
    def __init__(self, build: Path, jar: Path, seed: int) -> None:
        self.build = build
        self.jar = jar
        self.seed = seed
        self.recorder = build / "verify" / "record"
        self.folder = build / "verify" / "traces"
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, scenarios: list[Path], systematic: list[Path], effort: Effort) -> Iterator[tuple[str, list[Row]]]:
        """The parts of the run, one after the other. `scenarios`, `systematic`: programs, as the explorer reads them."""
        shutil.rmtree(self.folder / "failed", ignore_errors=True)
        kept = self.fresh("kept")
        yield "The oracle allows what the contract allows", [self.compare([*scenarios, *systematic])]
        rows = self.record_scenarios(scenarios, effort, kept)
        if systematic:
            rows.append(in_all("systematic scenarios", self.record_scenarios(systematic, SYSTEMATIC, kept)))
        if effort.small_programs:
            rows.append(self.record_programs("small programs made by lot", effort.small_programs, 0, kept))
        yield f"Real threads, judged by the oracle; seed {self.seed}", rows
        good = traces.read(kept)
        bugs, bad = [], {}
        if effort.events:
            bugs = [self.record_bug(bug, scenario) for bug, scenario in BUGS.items()]
            mixed = random.Random(self.seed).sample(good, len(good))
            bad = {kind.__name__: bad_traces.spoil(mixed, kind, MOST_BAD) for kind in bad_traces.KINDS}
        rejected = [*(trace for of_kind in bad.values() for trace in of_kind), *(bug.figures["trace"] for bug in bugs if bug.figures["trace"])]
        with ThreadPoolExecutor() as pool:
            # TLC has one processor; meanwhile the other is free.
            under_tlc = pool.submit(self.judge_by_tlc, [*good, *rejected])
            if effort.events:
                yield "", [self.record_programs("programs made by lot", 0, effort.events, self.fresh("none"))]
            verdicts, seconds = under_tlc.result()
        yield "Real threads, judged by TLC", self.rows_of_tlc(good, verdicts[: len(good)], seconds, every_step=effort.events > 0)
        if effort.events:
            by_oracle = self.judge_by_oracle(rejected)
            both = {id(trace): (oracle, tlc) for trace, oracle, tlc in zip(rejected, by_oracle, verdicts[len(good) :])}
            yield "Bad traces are rejected by both", [self.row_of_bad(kind, of_kind, both) for kind, of_kind in bad.items()]
            yield "Recorded bugs are rejected by both", [self.row_of_bug(bug, both) for bug in bugs]

    def again(self, file: Path) -> list[Row]:
        """Judges what an earlier run has kept: one trace a line."""
        recorded = traces.read(file)
        if not recorded:
            raise traces.TraceError(f"{file}: expected traces, found none")
        verdicts, seconds = self.judge_by_tlc(recorded)
        return [
            Row("traces_tlc", trace["name"], {"traces": 1, "events": len(traces.events(trace))}, seconds / len(recorded), disagreement(oracle, tlc), self.shown(trace))
            for trace, oracle, tlc in zip(recorded, self.judge_by_oracle(recorded), verdicts)
        ]

    # ---- recording --------------------------------------------------------------------------------------------------

    def compare(self, programs: list[Path]) -> Row:
        start = time.monotonic()
        report, failure = self.call("agree", programs)
        figures = {k: report[0].get(k, 0) for k in ("graphs", "states", "steps")} if report else {}
        differences = report[0]["differences"] if report else []
        failure = failure or (f"{len(differences)} differences: {differences[0]}" if differences else "")
        if report and not failure and figures["steps"] == 0:
            failure = "there was nothing to compare"
        return Row("oracle", "the oracle and the contract", figures, time.monotonic() - start, failure, differences[:MOST_SHOWN])

    def record_scenarios(self, programs: list[Path], effort: Effort, kept: Path) -> list[Row]:
        start = time.monotonic()
        reports, failure = self.call("scenarios", programs, times=effort.times, keep=effort.kept, seed=self.seed, out=kept, patience=PATIENCE)
        rows = [self.row_of(report) for report in reports]
        # A run that hangs, or a crash, ends it all; the rest was not recorded.
        for program in programs[len(reports) :]:
            crashed = program is programs[len(reports)] and not any(row.failure for row in rows)
            rows.append(Row("recorded", program.stem, {"runs": 0, "events": 0}, failure=failure if crashed else "not recorded: the recorder has ended"))
        if failure and not any(row.failure for row in rows):
            rows[-1].failure = failure
        for row in rows:
            row.seconds = (time.monotonic() - start) / len(rows)
        return rows

    def record_programs(self, name: str, small: int, events: int, kept: Path) -> Row:
        start = time.monotonic()
        reports, failure = self.call("random", [], small_programs=small, events=events, seed=self.seed, out=kept, patience=PATIENCE)
        row = self.row_of(reports[0]) if reports else Row("recorded", name, {"runs": 0, "events": 0}, failure=failure)
        row.name, row.seconds, row.failure = name, time.monotonic() - start, row.failure or failure
        return row

    def record_bug(self, bug: str, scenario: str) -> Row:
        start = time.monotonic()
        program = self.build / "verify" / "programs" / f"{scenario}.json"
        reports, failure = self.call("scenarios", [program], times=BUG_TIMES, keep=0, seed=self.seed, out=self.fresh("none"), patience=BUG_PATIENCE, plant=bug)
        report = reports[0] if reports else {"failure": failure}
        figures = {"scenario": scenario, "runs": report.get("runs", 0), "as": report.get("failure", ""), "trace": report.get("trace")}
        return Row("recorded_bugs", bug, figures, time.monotonic() - start, "" if figures["trace"] else f"not recorded in {figures['runs']} runs: {figures['as']}")

    def call(self, use: str, files: list[Path], plant: str = "", **options: object) -> tuple[list[dict], str]:
        """What the recorder reports, and what was wrong with itself."""
        command = [self.recorder, use, *files, *(word for k, v in options.items() for word in ("--" + k.replace("_", "-"), str(v)))]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"FERRY_PLANT": plant})
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        return reports, "" if done.returncode == 0 else f"the recorder ended with status {done.returncode} {done.stderr.strip()}".strip()

    def row_of(self, report: dict) -> Row:
        figures = {k: report[k] for k in ("runs", "events", "distinct", "kept")} | {"seed": self.seed}
        row = Row("recorded", report["name"], figures, failure=report.get("failure", ""))
        if row.failure:
            trace = report["trace"]
            row.details = [*report["table"].splitlines(), *(self.kept_for_later(trace) if row.failure == BY_ORACLE else self.tried_again(trace))]
        return row

    # ---- judging ----------------------------------------------------------------------------------------------------

    def judge_by_tlc(self, recorded: list[dict]) -> tuple[list[Verdict], float]:
        start = time.monotonic()
        verdicts = traces.judge(recorded, self.jar, self.build) if recorded else []
        return verdicts, time.monotonic() - start

    def judge_by_oracle(self, recorded: list[dict]) -> list[Verdict]:
        file = self.folder / "to_judge.jsonl"
        write(file, recorded)
        reports, failure = self.call("judge", [file])
        if failure or len(reports) != len(recorded):
            raise traces.TlcFailed(f"{len(reports)} verdicts on {len(recorded)} traces: {failure}")
        return [Verdict(report["accepted"], report["explained"]) for report in reports]

    def rows_of_tlc(self, good: list[dict], verdicts: list[Verdict], seconds: float, every_step: bool) -> list[Row]:
        rejected = [(trace, verdict) for trace, verdict in zip(good, verdicts) if not verdict.accepted]
        taken = Counter(event["step"] for trace in good for event in traces.events(trace))
        figures = {"traces": len(good), "events": taken.total(), "steps": dict(taken)}
        failure = f"TLC rejects {len(rejected)} of {len(good)}" if rejected else "" if good else "there was nothing to judge"
        if not failure and every_step and (missing := steps_of_contract() - taken.keys()):
            failure = f"steps of the contract that no trace takes: {', '.join(sorted(missing))}"
        rows = [Row("traces_tlc", "recorded traces", figures, seconds, failure)]
        for trace, verdict in rejected[:MOST_SHOWN]:
            why = f"TLC rejects it after {in_words(trace, verdict)}; the oracle accepts it"
            rows.append(Row("traces_tlc", trace["name"], {"traces": 1, "events": len(traces.events(trace))}, 0.0, why, [*self.shown(trace), *self.kept_for_later(trace)]))
        return rows

    def row_of_bad(self, kind: str, of_kind: list[dict], both: dict) -> Row:
        row = Row("bad_traces", kind, {"traces": len(of_kind), "events": sum(len(traces.events(trace)) for trace in of_kind)})
        if not of_kind:
            row.failure = "in none of the recorded traces there is a place for it"
        for trace in of_kind:
            if wrong := unrejected(trace, *both[id(trace)]):
                row.failure = f"{trace['name']}: {wrong}"
                row.details = [*self.shown(trace), *self.kept_for_later(trace)]
                break
        return row

    def row_of_bug(self, row: Row, both: dict) -> Row:
        trace = row.figures.pop("trace")
        if trace and (wrong := unrejected(trace, *both[id(trace)])):
            row.failure = wrong
            row.details = [*self.shown(trace), *self.kept_for_later(trace)]
        return row

    def shown(self, trace: dict) -> list[str]:
        file = self.folder / "to_show.jsonl"
        write(file, [trace])
        reports, failure = self.call("judge", [file])
        return [f"recorded: {trace['origin']}", *(reports[0]["table"].splitlines() if reports else [failure])]

    def kept_for_later(self, trace: dict) -> list[str]:
        file = self.folder / "failed" / f"{trace['name']}.json"
        file.parent.mkdir(exist_ok=True)
        write(file, [trace])
        return [f"recorded with seed {self.seed}; schedules do not repeat, but the trace is kept", f"again: make verify TRACE={file}"]

    def tried_again(self, trace: dict) -> list[str]:
        """Of a failure that is not to be seen in the trace."""
        _, is_scenario, name = trace["origin"].partition("scenario ")
        return [f"again, with luck, for schedules do not repeat: make verify {f'SCENARIO={name} ' if is_scenario else ''}SEED={self.seed}"]

    def fresh(self, name: str) -> Path:
        file = self.folder / f"{name}.jsonl"
        file.write_text("")
        return file


def steps_of_contract() -> set[str]:
    """What its Next is made of."""
    following = (traces.SPEC / "Channel.tla").read_text().split("\nNext ==")[1].split("\n\n")[0]
    return set(re.findall(r"(?:\\/|:) (\w+)(?:\(|\n|$)", following))


def write(file: Path, recorded: list[dict]) -> None:
    file.write_text("".join(json.dumps(trace) + "\n" for trace in recorded))


def in_all(name: str, rows: list[Row]) -> Row:
    """One row for many; with the first failure."""
    figures = {"programs": len(rows)} | {k: sum(row.figures[k] for row in rows) for k in ("runs", "events")}
    failed = [row for row in rows if row.failure]
    failure = f"{len(failed)} fail; {failed[0].name}: {failed[0].failure}" if failed else ""
    return Row("recorded", name, figures, sum(row.seconds for row in rows), failure, failed[0].details if failed else [])


def in_words(trace: dict, verdict: Verdict) -> str:
    return ", ".join(f"{n} of {thread['name']}" for thread, n in zip(trace["threads"], verdict.explained))


def disagreement(oracle: Verdict, tlc: Verdict) -> str:
    if oracle.accepted != tlc.accepted:
        return f"{'the oracle' if tlc.accepted else 'TLC'} rejects it, {'TLC' if tlc.accepted else 'the oracle'} accepts it"
    return "" if tlc.accepted else "rejected by both"


def unrejected(trace: dict, oracle: Verdict, tlc: Verdict) -> str:
    """What is wrong with the verdicts on a bad trace."""
    if oracle.accepted or tlc.accepted:
        return f"accepted by {'both' if oracle.accepted and tlc.accepted else 'the oracle' if oracle.accepted else 'TLC'}"
    if oracle.explained != tlc.explained:
        return f"rejected for different reasons: by TLC after {in_words(trace, tlc)}, by the oracle after {in_words(trace, oracle)}"
    return ""
