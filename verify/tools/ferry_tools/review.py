"""`make review`: one page, build/review/index.html, for those who hold the code against the spec.

All that it says is read from the specs, the header, the scenarios, the tests and the last `make verify`; what the page
looks like is in verify/review/.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ferry_tools import review_code, review_facts, scenario_choice
from ferry_tools.contract_outcomes import ask_contract
from ferry_tools.errors import guarded
from ferry_tools.model_checking import run_model
from ferry_tools.models import FILES, load_models, models_of
from ferry_tools.paths import ROOT
from ferry_tools.results import Clock, Json, Result, Results
from ferry_tools.review_code import Channel
from ferry_tools.review_executions import Execution, of_model
from ferry_tools.review_facts import Part, Shown
from ferry_tools.review_pictures import pictures, states_of_algorithm, states_of_contract

TEMPLATES = ROOT / "verify" / "review"
AT_ONCE = 2  # TLCs


def inline(text: str) -> Markup:
    """The Markdown of a table's cell: `code`, *emphasis* and [a link](whose target is not on the page)."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    coded = re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(plain)))
    return Markup(re.sub(r"\*(\w[^*]*)\*", r"<em>\1</em>", coded))


def counterexamples(jar: Path, build: Path) -> list[Execution]:
    """Of wrong algorithms: the first that each file has."""
    models = {model.name: model for model in load_models()}
    chosen = [models[models_of(file)[0].name] for file in FILES if file.parent.name == "wrong_algorithms"]

    def execution(name: str) -> Execution | None:
        run = run_model(models[name], jar, build / name, lambda *_: None)
        return of_model(f"{name}: {models[name].shows}", run, f"again: make verify MODEL={name}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [found for found in pool.map(execution, [model.name for model in chosen]) if found]


def actions(channels: Iterable[Channel]) -> Json:
    return {
        channel.key: {
            a.name: {"what": a.step.what, "orders": a.step.orders, "partners": a.partners, "contract": a.contract}
            for a in channel.actions
        }
        for channel in channels
    }


def numbered_runs(
    failures: list[tuple[Part, Json]], shown: list[Shown], wrong: list[Execution]
) -> tuple[list[Json], dict[int, int], dict[str, dict[str, int]]]:
    """All executions: those that have just failed come first. Of each failure, and of each scenario's outcome, which it
    is."""
    runs: list[Json] = []
    of_failure: dict[int, int] = {}
    for i, (_, result) in enumerate(failures):
        if execution := result.get("execution"):
            of_failure[i] = len(runs)
            runs.append(execution | {"ending": f"FAILED: {execution['ending']}"})
    walks: dict[str, dict[str, int]] = {}
    for s in shown:
        first = len(runs)
        runs += [e.as_json() for e in s.executions]
        walks[s.of.name] = {e.ending.removeprefix("outcome: "): first + i for i, e in enumerate(s.executions)}
    return runs + [e.as_json() for e in wrong], of_failure, walks


class Material:
    """What the page says, whatever came of the last run."""

    def __init__(self, jar: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.allowed = ask_contract(scenario_choice.load(deep=True), jar, folder)
        self.channels = review_code.channels()
        self.wrong = counterexamples(jar, folder / "models")
        self.graphs = states_of_contract(jar, folder), states_of_algorithm(jar, folder)


def write_page(of: Material, report: Json | None, executions: Path, folder: Path) -> tuple[Path, Json]:
    """The page, and what its script knows. `report`: of the last `make verify`, whose executions are in that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = review_facts.parts(report)
    failures = review_facts.failures(parts)
    shown = review_facts.scenarios(of.allowed, report, executions)
    runs, of_failure, walks = numbered_runs(failures, shown, of.wrong)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["inline"] = inline
    page = folder / "index.html"
    data: Json = {"actions": actions(of.channels), "runs": runs}
    page.write_text(
        environment.get_template("page.html.j2").render(
            css=(TEMPLATES / "page.css").read_text(),
            script=(TEMPLATES / "page.js").read_text(),
            styles=review_code.styles(),
            report=report,
            is_whole=all(part.results for part in parts if part.key != "second"),
            parts=parts,
            failures=failures,
            runs=of_failure,
            walks=walks,
            recorded=any(s.executions for s in shown) or bool(of_failure),
            statements=review_facts.statements(shown),
            channels=of.channels,
            scenarios=shown,
            pictures=pictures(*of.graphs, parts, folder),
            data=data,
        )
    )
    return page, data


def problems(page: str, data: Json) -> list[str]:
    """Links to what is not on the page, two things of one name, and what a page without network must not have."""
    ids = re.findall(r'\bid="([^"]+)"', page)
    found = [f"two things are called #{name}" for name in sorted({n for n in ids if ids.count(n) > 1})]
    runs = len(data["runs"])
    for link in sorted(set(re.findall(r'href="#([^"]*)"', page))):
        what, _, where = link.partition("=")
        if what == "action":
            key, name = where.split("/")
            is_there = name in data["actions"].get(key, {})
        else:
            is_there = int(where) < runs if what == "run" else link in ids
        if not is_there:
            found.append(f"a link to #{link}, which is not there")
    return found + [f"the page asks the network for {url}" for url in re.findall(r'(?:src|href)="(\w+://[^"]*)"', page)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"))
    a = parser.parse_args()
    clock, results = Clock(), Results()
    verified, folder = a.build / "verify", a.build / "review"
    report = review_facts.read_report(verified / "report.json")
    page, data = write_page(Material(a.jar, folder), report, verified / "executions", folder)
    results.add(Result("page", str(page), clock.seconds, "; ".join(problems(page.read_text(), data))))
    print(f"review: open {page}")
    return results.end("review")


if __name__ == "__main__":
    raise SystemExit(guarded("review", main))
