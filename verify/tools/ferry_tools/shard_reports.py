"""`make verify-deep-report`: whether the reports of some parts of `make verify-deep` add up to the whole.

Each item of the deep run has to be in one report, and in no other; everything in each report has to have passed, on the
sources that are here; and the models have to have just the numbers of states that are pinned. With SHARD=k/n, the same
of that part instead of the whole.

A run with SHARD=k/n leaves its report in build/verify/shards/, too; REPORTS="FILE FILE" names others.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ferry_tools.errors import ToolError, guarded
from ferry_tools.models import load_models
from ferry_tools.paths import ROOT
from ferry_tools.results import Json, Result, Results
from ferry_tools.shards import Item, Shard, deep_items, parse_shard

RUN = "run"  # the part of report.json that says which run it is of
SOURCES, NO_SOURCE = ("spec", "impl/include", "verify"), (".md", ".pyc")
# Where a report has what: the part, and what the name of its results has behind the item's.
PLACES = {
    "model": [("models", "")],
    "proof": [("proof", ": what is claimed"), ("second", ": cvc5")],
    "wrong": [("unproved", "")],
    "scenario": [("scenarios", "")],
    "program": [("systematic", "")],
}
SHOWN = 5  # items of a kind that are named
Pins = Mapping[str, Mapping[str, int]]


def sources() -> str:
    """What a run depends on, in short: reports of other sources say nothing of these."""
    files = sorted(
        p for folder in SOURCES for p in (ROOT / folder).rglob("*") if p.is_file() and p.suffix not in NO_SOURCE
    )
    of = hashlib.sha256()
    for file in files:
        of.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return of.hexdigest()[:16]


def about(shard: Shard | None, of_sources: str, endless: Iterable[str]) -> Json:
    """What a report says of its run. `endless`: programs that the contract lets wait for ever; these are not run."""
    return {"shard": f"{shard.part}/{shard.parts}" if shard else "", "sources": of_sources, "endless": list(endless)}


def write(results: Results, report: Path, parts: Mapping[str, str], of_run: Json) -> None:
    """Of a part, also to where the reports of other parts are."""
    more = [report.parent / "shards" / f"{of_run['shard'].replace('/', '-of-')}.json"] if of_run["shard"] else []
    for path in [report, *more]:
        results.write_json(path, parts, **{RUN: of_run})


@dataclass
class Report:
    name: str
    shard: Shard | None
    sources: str
    of: Json

    def items(self, whole: list[Item]) -> Counter[Item]:
        """Those of the deep run; how often each was run."""
        endless = set(self.of[RUN]["endless"])
        times = {part: Counter(result["name"] for result in results) for part, results in self.results()}
        found: Counter[Item] = Counter()
        for item in whole:
            runs = min(times.get(part, Counter())[item.name + more] for part, more in PLACES[item.kind])
            found[item] = runs + (item.kind == "program" and item.name in endless)
        return found

    def results(self) -> list[tuple[str, list[Json]]]:
        return [(part, results) for part, results in self.of.items() if part != RUN]

    def failed(self) -> list[str]:
        return [f"{part}: {r['name']}" for part, results in self.results() for r in results if r["result"] != "passed"]


def read(path: Path) -> Report:
    try:
        of = json.loads(path.read_text())
        shard = of[RUN]["shard"]
        return Report(str(path), parse_shard(shard) if shard else None, of[RUN]["sources"], of)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolError(f"{path} is no report of `make verify-deep`: {error!r}") from error


def some(what: str, names: list[str]) -> str:
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{what}: {', '.join(names[:SHOWN])}{more}" if names else ""


def of_report(report: Report, of_sources: str, whole: list[Item], found: Counter[Item]) -> Result:
    own = set(report.shard.of(whole) if report.shard else whole)
    failures = [
        some("failed", report.failed()),
        "its sources are not those that are here" if report.sources != of_sources else "",
        some("is not in its part", [item.name for item in found if found[item] and item not in own]),
    ]
    part = f"part {report.shard.part}/{report.shard.parts}" if report.shard else "the whole"
    results = sum(len(results) for _, results in report.results())
    said = f"{part}, {results:,} results, all passed"
    return Result("reports", report.name, failure="; ".join(filter(None, failures)), said=said)


def missing_parts(missing: set[Item], reports: list[Report], whole: list[Item]) -> list[str]:
    """Parts of which there is nothing, if all reports are of as many parts."""
    parts = {report.shard.parts if report.shard else 1 for report in reports}
    if len(parts) != 1:
        return []
    of = parts.pop()
    there = {report.shard.part if report.shard else 1 for report in reports}
    lacking = [k for k in range(1, of + 1) if k not in there and missing & set(Shard(k, of).of(whole))]
    return [f"{k}/{of}" for k in lacking]


LENGTH = "length"  # of a counterexample, which a report has not


def of_counts(report: Report, pins: Pins) -> list[str]:
    """A model that was taken up again from a checkpoint has not counted what was generated before it."""
    return [
        f"{report.name}: {result['name']} has {result.get(name, 0):,} {name}, pinned are {pinned:,}"
        for result in report.of.get("models", [])
        for name, pinned in pins.get(result["name"], {}).items()
        if name != LENGTH and result.get(name) != pinned and not (name == "generated" and result.get("taken_up"))
    ]


def add_up(reports: list[Report], whole: list[Item], expected: list[Item], pins: Pins, of_sources: str) -> list[Result]:
    counted = [report.items(whole) for report in reports]
    together: Counter[Item] = sum(counted, Counter())
    missing = {item for item in expected if not together[item]}
    results = [of_report(report, of_sources, whole, found) for report, found in zip(reports, counted)]
    parts = missing_parts(missing, reports, whole)
    results.append(Result("whole", "parts", failure=some("there is no report of", parts), said="none is missing"))
    for kind in PLACES:
        of_kind = [item.name for item in expected if item.kind == kind]
        lacking = [item.name for item in expected if item.kind == kind and item in missing]
        twice = [item.name for item in whole if item.kind == kind and together[item] > 1]
        failure = "; ".join(filter(None, [some("is in no report", lacking), some("was run more than once", twice)]))
        results.append(Result("whole", f"{len(of_kind)} of kind {kind}", failure=failure, said="each once"))
    counts = [difference for report in reports for difference in of_counts(report, pins)]
    results.append(Result("whole", "states of the models", failure="; ".join(counts), said="as pinned"))
    return results


# ---- whether the above would notice -------------------------------------------------------------------------------

TINY = [Item("model", "m"), Item("proof", "P"), Item("wrong", "w"), Item("scenario", "s"), Item("program", "e")]
TINY += [Item("program", name) for name in "abc"]
TINY_PINS = {"m": {"distinct": 7, "generated": 9}}
TINY_ENDLESS, TINY_SOURCES = "e", "those that are here"


def tiny(part: int) -> Report:
    """The report of one of two parts of a run of eight items."""
    shard = Shard(part, 2)
    of: Json = {RUN: {"endless": []}, "random": [{"name": "s", "result": "passed"}]}
    for item in shard.of(TINY):
        if item.name == TINY_ENDLESS:
            of[RUN]["endless"].append(item.name)
            continue
        for place, more in PLACES[item.kind]:
            of.setdefault(place, []).append(
                {"name": item.name + more, "result": "passed", **TINY_PINS.get(item.name, {})}
            )
    return Report(f"{part}.json", shard, TINY_SOURCES, of)


def spoiled() -> dict[str, Callable[[list[Report]], object]]:
    """By what has to be said then."""
    return {
        "there is no report of: 2/2": lambda reports: reports.pop(),
        "is in no report: b": lambda reports: reports[0].of["systematic"].pop(),
        "is in no report: P": lambda reports: reports[1].of.pop("second"),
        "is in no report: e": lambda reports: reports[0].of[RUN]["endless"].clear(),
        "was run more than once: s": lambda reports: reports[1].of["scenarios"].append(reports[1].of["scenarios"][0]),
        "was run more than once: e, b": lambda reports: reports.append(reports[0]),
        "is not in its part: m": lambda reports: reports[1].of.update(models=reports[0].of["models"]),
        "failed: random: s": lambda reports: reports[0].of["random"][0].update(result="failed"),
        "its sources are not those": lambda reports: [vars(report).update(sources="older") for report in reports],
        "m has 8 generated, pinned are 9": lambda reports: reports[0].of["models"][0].update(generated=8),
    }


def problems() -> list[str]:
    """Tiny reports that add up do, and those that are spoiled don't."""

    def said(spoil: Callable[[list[Report]], object]) -> list[str]:
        reports = [tiny(1), tiny(2)]
        spoil(reports)
        return [r.failure for r in add_up(reports, TINY, TINY, TINY_PINS, TINY_SOURCES) if r.failure]

    found = [f"reports that add up: {'; '.join(failures)}" for failures in [said(lambda _: None)] if failures]
    for wanted, spoil in spoiled().items():
        if not any(wanted in failure for failure in said(spoil)):
            found.append(f"reports that do not add up: expected `{wanted}`, got {said(spoil)}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--shard", help="K/N: this part instead of the whole")
    parser.add_argument("reports", nargs="*", type=Path)
    a = parser.parse_args()
    folder = a.build / "verify" / "shards"
    paths = a.reports or sorted(folder.glob("*.json"))
    if not paths:
        raise ToolError(f'there are no reports in {folder}: name them, REPORTS="FILE FILE"')
    whole = deep_items()
    expected = parse_shard(a.shard).of(whole) if a.shard else whole
    pins = {model.name: model.pins for model in load_models() if model.deep}
    results = Results()
    results.take("Reports of parts", add_up([read(path) for path in paths], whole, expected, pins, sources()))
    tiny_ones = f"{len(spoiled())} kinds of reports that do not add up"
    results.take("", [Result("whole", tiny_ones, failure="; ".join(problems()), said="each is noticed")])
    return results.end("verify-deep-report")


if __name__ == "__main__":
    raise SystemExit(guarded("verify-deep-report", main))
