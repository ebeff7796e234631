"""Measures the channel against its peers, side by side, and says how they compare.

In each round every peer runs every workload once, in turn, each time in a process of its own; so whatever disturbs the
machine disturbs all of them. A figure is the median over the rounds; a ratio is taken within each round, and its median
is given with its quartiles. Results: build/bench/report.json (everything), table.md, plots as SVG and PNG.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ferry_tools import including
from ferry_tools.results import Json, Screen

OURS = "ferry"
CPP = ("ferry", "moodycamel", "tbb", "boost-fiber", "boost-lockfree", "mutex-deque")
RUST = ("rust-std", "crossbeam", "flume", "kanal", "tokio", "thingbuf")
PEERS = {**dict.fromkeys(CPP, "cpp"), **dict.fromkeys(RUST, "rust"), "go": "go"}
NOT_THERE = {"folly": "not among Debian 12's packages"}
PATIENCE = 60  # seconds for one run
BUSY = 0.5  # processes that already run: from here on the machine is said to be busy


@dataclass(frozen=True)
class Workload:
    name: str
    messages: int
    about: str
    limit: dict[str, float] | None = None  # what can't be done without: so much of each of the machine's own figures
    processors: str = ""
    scaling: bool = False  # for the plots of how the cost grows; not a row of the table
    bounded: bool = False  # of bounded channels, of which the name says the capacity; a row of another table


LOCKED, CONTENDED = {"locked instruction": 1.0}, {"locked instruction, contended": 1.0}
WORKLOADS = (
    Workload("spsc", 2_000_000, "one sender streams 8-byte values", LOCKED),
    *(Workload(f"mpsc-{n}", 2_000_000, f"{n} senders stream", CONTENDED) for n in (2, 4, 8, 16, 64)),
    Workload("pingpong", 40_000, "a round trip over two channels", {"cache line there and back": 1.0}),
    Workload("pingpong-1cpu", 20_000, "the same, on one processor", {"processor there and back": 1.0}, processors="0"),
    Workload("same-thread", 3_000_000, "send and receive in turn", LOCKED),
    Workload("string", 500_000, "32 bytes on the heap, moved", {"allocation released elsewhere": 1.0, **LOCKED}),
    Workload("large", 200_000, "values of 1 KiB", {"1 KiB handed over": 1.0, **LOCKED}),
    Workload("burst", 1_000_000, "a million sent, then received", {"first touch of a page": 8 / 4096, **LOCKED}),
    Workload(
        "create-use-drop",
        300_000,
        "a channel's whole life, with one value",
        {"allocation and release": 1.0, "locked instruction": 3.0},
    ),
    Workload("clone-drop", 2_000_000, "a sender cloned and dropped", {"locked instruction": 2.0}),
    Workload(
        "idle-wakeup",
        150,
        "a value now and then to a receiver that sleeps: median latency",
        {"kernel wake-up before sleeping": 1.0},
    ),
    Workload("size-64", 500_000, "values of 64 bytes", scaling=True),
    Workload("size-256", 300_000, "values of 256 bytes", scaling=True),
    *(Workload(f"backlog-{n}", n, f"{n:,} sent, then received", scaling=True) for n in (1_000, 10_000, 100_000)),
    *(
        Workload(f"{name}-of-{capacity}", messages // (20 if capacity < 16 else 1), about, bounded=True)
        for capacity in (1024, 16, 1, 0)
        for name, messages, about in (
            ("spsc", 1_000_000, "one sender streams 8-byte values"),
            ("mpsc-2", 1_000_000, "2 senders stream"),
            ("mpsc-4", 1_000_000, "4 senders stream"),
            ("pingpong", 20_000, "a round trip over two channels"),
            ("same-thread", 1_000_000, "send and receive in turn"),
        )
        if (name, capacity) != ("same-thread", 0)  # would wait for ever
    ),
)


def fail(text: str) -> NoReturn:
    sys.exit(f"bench: {text}")


def run(program: Path, peer: str, w: Workload, messages: int) -> Json:
    command = [str(program), peer, w.name, str(messages)]
    if w.processors:
        command = ["taskset", "-c", w.processors, *command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
        report: Json = json.loads(done.stdout)
        return report
    except subprocess.TimeoutExpired:
        return {"failed": f"not ended after {PATIENCE} seconds"}
    except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
        return {"failed": str(error)}


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


Runs = dict[str, dict[str, list[Json]]]  # workload -> peer -> what came of each round


def measure(peers: dict[str, Path], workloads: list[Workload], rounds: int, quick: bool) -> Runs:
    results: Runs = {w.name: {p: [] for p in peers} for w in workloads}
    of, done, began, screen = rounds * len(workloads) * len(peers), 0, time.monotonic(), Screen()
    for r in range(rounds):
        for w in workloads:
            messages = max(1000, w.messages // 10) if quick and w.messages > 1000 else w.messages
            for peer, program in peers.items():
                done += 1
                seconds = time.monotonic() - began
                what = f"{w.name}, {peer} ({done} of {of}, {seconds:.0f} s)"
                screen.running(f"round {r + 1} of {rounds}", what)
                known = results[w.name][peer]
                if known and "ns" not in known[0]:
                    continue  # does not apply, or failed: the next time it would as well
                known.append(run(program, peer, w, messages))
            screen.ended(f"round {r + 1} of {rounds}")
    screen.line("")
    return results


def measure_limits(program: Path, rounds: int) -> dict[str, float]:
    runs = [
        json.loads(subprocess.run([program], capture_output=True, text=True, check=True).stdout) for _ in range(rounds)
    ]
    return {name: statistics.median(r[name] for r in runs) for name in runs[0]}


def summarise(workloads: list[Workload], results: Runs, limits: dict[str, float], field: str = "ns") -> list[Json]:
    rows = []
    for w in workloads:
        figures = {}
        for peer, runs in results[w.name].items():
            values = [r[field] for r in runs if r.get(field, 0) > 0]  # a small burst may fit into memory that was there
            if values:
                low, median, high = quartiles(values)
                figures[peer] = {"low": low, "median": median, "high": high}
        row: Json = {"workload": w.name, "about": w.about, "unit": field, "figures": figures}
        others = {p: f["median"] for p, f in figures.items() if p != OURS}
        if OURS in figures and others:
            best = min(others, key=lambda p: others[p])
            ratios = [
                theirs[field] / ours[field]
                for ours, theirs in zip(results[w.name][OURS], results[w.name][best])
                if ours[field]
            ]
            row |= {"best_peer": best, "ratio": dict(zip(("low", "median", "high"), quartiles(ratios)))}
        if w.limit and field == "ns":
            row["limit"] = sum(limits[name] * times for name, times in w.limit.items())
            if OURS in figures:
                row["of_limit"] = figures[OURS]["median"] / row["limit"]
        rows.append(row)
    return rows


def figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def table(rows: list[Json], peers: list[str]) -> str:
    lines = [
        "| workload | ferry | best peer | peer / ferry (quartiles) | limit | ferry / limit |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        ours = row["figures"].get(OURS)
        best, ratio = row.get("best_peer"), row.get("ratio")
        name = row["workload"] + (" (bytes)" if row["unit"] == "bytes" else "")
        lines.append(" | ".join([
            f"| {name}", figure(ours["median"]) if ours else "-",
            f"{figure(row['figures'][best]['median'])} {best}" if best else "-",
            f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})" if ratio else "-",
            figure(row["limit"]) if "limit" in row else "-",
            f"{row['of_limit']:.1f}" if "of_limit" in row else "-",
        ]) + " |")  # fmt: skip
    lines += ["", "| workload | " + " | ".join(peers) + " |", "|---" * (len(peers) + 1) + "|"]
    for row in rows:
        cells = [figure(f["median"]) if (f := row["figures"].get(p)) else "-" for p in peers]
        lines.append(f"| {row['workload']}{' (bytes)' if row['unit'] == 'bytes' else ''} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "not known"


def machine() -> Json:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "not known",
    )
    return {
        "processor": model, "processors": len(os.sched_getaffinity(0)), "kernel": platform.release(),
        "g++": said("g++", "--version"), "rustc": said("rustc", "--version"), "go": said("go", "version"),
        "commit": said("git", "rev-parse", "--short", "HEAD"),
        "changed": said("git", "status", "--porcelain") not in ("not known", ""),
        "load before": os.getloadavg()[0], "date": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


def choose(wanted: str, known: list[str], what: str) -> list[str]:
    names = wanted.replace(",", " ").split()
    for name in names:
        if name not in known:
            fail(f"no {what} `{name}`; there are: {', '.join(known)}")
    return names or known


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the messages, two rounds: to see that it works"
    )
    parser.add_argument("--peer", default="")
    parser.add_argument("--workload", default="")
    a = parser.parse_args()
    names = choose(a.peer, list(PEERS), "peer")
    wanted = choose(a.workload, [w.name for w in WORKLOADS], "workload")
    # In a quick run, bounded channels have one value of room or none; the others take as long again.
    left_out = ("-of-1024", "-of-16") if a.quick and not a.workload else ()
    workloads = [w for w in WORKLOADS if w.name in wanted and not w.name.endswith(left_out)]
    programs = {language: a.build / f"peers-{language}" for language in ("cpp", "rust", "go")}
    missing = dict(NOT_THERE)
    for p in names:
        if not programs[PEERS[p]].exists():
            why = a.build / f"peers-{PEERS[p]}.log"
            said = why.read_text().strip() if why.exists() else ""
            missing[p] = f"its program was not built: {(said or 'no log').splitlines()[-1]}"
    peers = {p: programs[PEERS[p]] for p in dict.fromkeys([OURS, *names]) if p not in missing}
    if OURS not in peers:
        fail(f"{OURS} is {missing[OURS]}")
    about = machine()
    if about["load before"] > BUSY:
        busy = f"bench: the machine is busy (load {about['load before']:.1f})"
        print(f"{busy}: the figures will be worse, and the ratios less sure", file=sys.stderr)
    rounds = 2 if a.quick else a.rounds
    print(f"bench: {len(peers)} peers, {len(workloads)} workloads, {rounds} rounds", flush=True)
    limits = measure_limits(a.build / "limits", 1 if a.quick else 3)
    results = measure(peers, workloads, rounds, a.quick)
    rows = summarise([w for w in workloads if not w.scaling and not w.bounded], results, limits)
    rows += summarise([w for w in workloads if w.name == "burst"], results, limits, "bytes")
    scaling = summarise([w for w in workloads if w.scaling], results, limits)
    bounded = summarise([w for w in workloads if w.bounded], results, limits)
    failed = {
        f"{w}: {p}": r["failed"] for w, of in results.items() for p, runs in of.items() for r in runs if "failed" in r
    }
    include = {} if a.peer or a.workload else including.measure(rounds)
    report = {"machine": about, "rounds": rounds, "quick": a.quick, "limits": limits, "rows": rows, "scaling": scaling,
              "bounded": bounded, "including": include, "missing": missing, "failed": failed,
              "runs": results}  # fmt: skip
    (a.build / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    tables = [table(some, list(peers)) for some in (rows, bounded) if some]
    text = "\n".join(tables + ([including.table(include)] if include else []))
    (a.build / "table.md").write_text(text)
    print("\nNanoseconds; medians. `-`: does not apply, or no limit is known.\n")
    print(text)
    print("The machine's own: " + ", ".join(f"{name} {figure(value)}" for name, value in limits.items()))
    for p, why in missing.items():
        print(f"missing: {p}: {why}")
    for what, why in failed.items():
        print(f"failed: {what}: {why}")
    print(f"bench: results in {a.build}/report.json and table.md")
    measured = sum(any("ns" in r for r in runs) for of in results.values() for runs in of.values())
    print(f"bench: {measured} passed, {len(failed)} failed")
    return 1 if failed or not measured else 0


if __name__ == "__main__":
    sys.exit(main())
