"""Judges traces by the contract, many in one run of TLC. What a trace is, and why it is read as it is, is
ChannelTrace.tla's business; as a dict:

    {"name": "one", "senders": ["a"], "may_fail": False, "capacity": -1,
     "threads": [{"name": "p", "events": [{"step": "SendAccepted", "handle": "a", "value": 1, "at": 1}]}, ...]}

`at` is the place among all that the channel's word decided, 0 if it was not for the word. The last thread is the one
that drops what is left.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from ferry_tools.errors import ToolError
from ferry_tools.paths import SPEC
from ferry_tools.results import Json
from ferry_tools.tla_modules import tla
from ferry_tools.tlc import HOLDS, run_tlc
from ferry_tools.tlc_java import TlcError

VERDICT = re.compile(r'"(accepted|rejected) (\d+)(?: <<(.*)>>)?"')
MOST_AT_ONCE = 1000  # traces in one run of TLC, which has them all in memory, as one constant
# What an event has besides `step` and `at`; what else it has is for people.
FIELDS = ("handle", "value", "as", "event", "destroyed", "claimed")


class TraceError(ToolError):
    """A file that has no traces in it."""


@dataclass
class Verdict:
    accepted: bool
    explained: list[int]  # of each thread, how many events


def judge(traces: list[Json], jar: Path, build_dir: Path) -> list[Verdict]:
    """A verdict for each trace, in their order. Raises TlcError if TLC gives none, or not just one."""
    begins = range(0, len(traces), MOST_AT_ONCE)
    return [
        verdict for begin in begins for verdict in judge_at_once(traces[begin : begin + MOST_AT_ONCE], jar, build_dir)
    ]


def judge_at_once(traces: list[Json], jar: Path, build_dir: Path) -> list[Verdict]:
    folder = Path(build_dir) / "spec" / "traces"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "TraceData.tla").write_text(data_module(traces))
    run = run_tlc(Path(jar), SPEC / "ChannelTrace.tla", SPEC / "ChannelTrace.cfg", folder, brief=True)
    if run.result != HOLDS:
        raise TlcError("\n".join([f"ChannelTrace.tla: {run.result}", *run.errors]))
    verdicts: list[Verdict | None] = [None] * len(traces)
    for line in run.printed:
        if said := VERDICT.fullmatch(line):
            index = int(said[2]) - 1
            if verdicts[index] is not None:
                raise TlcError(f"ChannelTrace.tla: two verdicts on trace {traces[index]['name']}")
            lengths = [len(thread["events"]) for thread in traces[index]["threads"]]
            explained = lengths if said[3] is None else [int(n) for n in said[3].split(",")]
            verdicts[index] = Verdict(said[1] == "accepted", explained)
    if missing := [trace["name"] for trace, verdict in zip(traces, verdicts) if verdict is None]:
        raise TlcError(f"ChannelTrace.tla: no verdict on {len(missing)} of {len(traces)} traces, {missing[0]} for one")
    return [verdict for verdict in verdicts if verdict]


def data_module(traces: list[Json]) -> str:
    return f"""\
------------------------------ MODULE TraceData ------------------------------
(* Written by traces.py. *)
EXTENDS Integers, TLC

AllHandles == {tla({handle for trace in traces for handle in handles(trace)})}
AllValues == {tla({value for trace in traces for value in values(trace)})}
Traces == <<
  {", ".join(for_tlc(trace) for trace in traces)}
>>
=============================================================================
"""


def events(trace: Json) -> list[Json]:
    return [event for thread in trace["threads"] for event in thread["events"]]


def handles(trace: Json) -> set[str]:
    named = {event[field] for event in events(trace) for field in ("handle", "as") if field in event}
    return named | set(trace["senders"])


def values(trace: Json) -> set[int]:
    return {
        v
        for event in events(trace)
        for v in [*([event["value"]] if "value" in event else []), *event.get("destroyed", [])]
    }


def for_tlc(trace: Json) -> str:
    fields = {
        "senders": tla(set(trace["senders"])),
        "held": held(trace),
        "capacity": str(trace["capacity"]),
        "mayFail": tla(trace["may_fail"]),
        "threads": tla([[event_for_tlc(event) for event in thread["events"]] for thread in trace["threads"]]),
    }
    return "[" + ", ".join(f"{name} |-> {text}" for name, text in fields.items()) + "]"


def event_for_tlc(event: Json) -> Json:
    return {"step": event["step"], "at": event["at"]} | {field: event[field] for field in FIELDS if field in event}


def held(trace: Json) -> str:
    """At first, each value is with the sender that it is sent through, or is tried to be."""
    sender: dict[int, str] = {}
    for event in events(trace):
        if "handle" in event and "value" in event:
            sender.setdefault(event["value"], event["handle"])
    held_by: dict[str, set[int]] = {handle: set() for handle in handles(trace)}
    for value, handle in sender.items():
        held_by[handle].add(value)
    return " @@ ".join(f'"{handle}" :> {tla(content)}' for handle, content in sorted(held_by.items()))


def read(file: Path) -> list[Json]:
    """One trace a line."""
    traces = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            trace = json.loads(line)
            if not trace["threads"] or any("at" not in event or "step" not in event for event in events(trace)):
                raise KeyError("threads, or what they did")
            for_tlc(trace)
        except (ValueError, KeyError, TypeError) as error:
            raise TraceError(f"{file}:{number}: expected a trace, as JSON: {error!r}") from None
        traces.append(trace)
    return traces
