"""The plots of a benchmark's report."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from ferry_tools.bench import OURS
from ferry_tools.results import Json

Figure = Any  # of matplotlib, which says no types


def draw(report: Json, folder: Path) -> list[str]:
    drawn = []
    matplotlib.rcParams["svg.hashsalt"] = "ferry"  # the same figures, the same file
    for name, plot in (("ratios", ratios), ("costs", costs), ("latency", latency), ("scaling", scaling)):
        figure = plot(report)
        if figure is None:
            continue
        for kind in ("svg", "png"):
            figure.savefig(
                folder / f"{name}.{kind}",
                bbox_inches="tight",
                dpi=110,
                metadata={"Date": None} if kind == "svg" else None,
            )
        plt.close(figure)
        drawn.append(f"{name}.svg")
    return drawn


def colour(peer: str, peers: list[str]) -> Any:
    return "#c0392b" if peer == OURS else plt.get_cmap("tab20")(peers.index(peer) % 20)


def ratios(report: Json) -> Figure:
    """How many times as long the best peer takes, in each workload."""
    rows = [r for r in report["rows"] if "ratio" in r][::-1]
    if not rows:
        return None
    figure, axes = plt.subplots(figsize=(7.5, 0.33 * len(rows) + 1))
    medians = [r["ratio"]["median"] for r in rows]
    spread = [
        [m - r["ratio"]["low"] for m, r in zip(medians, rows)],
        [r["ratio"]["high"] - m for m, r in zip(medians, rows)],
    ]
    axes.barh(
        range(len(rows)),
        medians,
        xerr=spread,
        color=["#c0392b" if m >= 1 else "#7f8c8d" for m in medians],
        ecolor="black",
        capsize=3,
    )
    names = [f"{r['workload']}{' (bytes)' if r['unit'] == 'bytes' else ''}: {r['best_peer']}" for r in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel(f"best peer / {OURS}, median and quartiles of {report['rounds']} rounds: above 1, {OURS} is ahead")
    return figure


def costs(report: Json) -> Figure:
    rows = [r for r in report["rows"] if r["unit"] == "ns" and r["figures"]]
    if not rows:
        return None
    peers = list(dict.fromkeys(p for r in rows for p in r["figures"]))
    figure, axes = plt.subplots(figsize=(14, 5))
    width = 0.85 / len(peers)
    for i, peer in enumerate(peers):
        there = [(x, r["figures"][peer]) for x, r in enumerate(rows) if peer in r["figures"]]
        heights = [f["median"] for _, f in there]
        spread = [[f["median"] - f["low"] for _, f in there], [f["high"] - f["median"] for _, f in there]]
        axes.bar(
            [x + i * width for x, _ in there],
            heights,
            width,
            yerr=spread,
            label=peer,
            color=colour(peer, peers),
            error_kw={"linewidth": 0.6},
        )
    axes.set_yscale("log")
    axes.set_ylabel("ns")
    axes.set_xticks([x + 0.4 for x in range(len(rows))], [r["workload"] for r in rows], rotation=30, ha="right")
    axes.legend(ncol=2, fontsize=8)
    return figure


def latency(report: Json) -> Figure:
    runs = report["runs"].get("idle-wakeup", {})
    peers = [p for p, of in runs.items() if of and "p50" in of[0]]
    if not peers:
        return None
    figure, axes = plt.subplots(figsize=(7.5, 4.5))
    for peer in peers:
        last = [sorted(run[f"p{p}"] for run in runs[peer])[len(runs[peer]) // 2] / 1000 for p in range(1, 100)]
        axes.plot(last, range(1, 100), label=peer, color=colour(peer, peers), linewidth=2 if peer == OURS else 1)
    axes.set_xscale("log")
    axes.set_xlabel("microseconds from the send to the receiver that slept")
    axes.set_ylabel("percent of values")
    axes.legend(fontsize=8)
    return figure


def scaling(report: Json) -> Figure:
    """How the cost of a value grows with senders, with its size, with how many are queued."""
    figures = {r["workload"]: r["figures"] for r in report["rows"] + report["scaling"] if r["unit"] == "ns"}
    axes_of = (
        ("senders", {1: "spsc", **{n: f"mpsc-{n}" for n in (2, 4, 8, 16, 64)}}),
        ("bytes of a value", {8: "spsc", 64: "size-64", 256: "size-256", 1024: "large"}),
        (
            "values queued",
            {1: "same-thread", **{n: f"backlog-{n}" for n in (1_000, 10_000, 100_000)}, 1_000_000: "burst"},
        ),
    )
    if not all(w in figures for _, points in axes_of for w in points.values()):
        return None
    peers = list(figures["spsc"])
    figure, all_axes = plt.subplots(1, 3, figsize=(15, 4.5))
    for axes, (label, points) in zip(all_axes, axes_of):
        for peer in peers:
            there = [(x, figures[w][peer]["median"]) for x, w in points.items() if peer in figures[w]]
            axes.plot(
                *zip(*there),
                marker="o",
                markersize=3,
                label=peer,
                color=colour(peer, peers),
                linewidth=2 if peer == OURS else 1,
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel("ns for a value")
    all_axes[0].legend(fontsize=7)
    return figure


if __name__ == "__main__":
    path = Path(sys.argv[1])
    print(f"bench: plots in {path.parent}: {', '.join(draw(json.loads(path.read_text()), path.parent))}")
