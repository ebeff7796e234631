"""What the review page says of statements, scenarios and the parts of `make verify`: read from where it is written, and
from what the last run found."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ferry_tools import labels, plants, real_threads, scenario_choice, verify
from ferry_tools.contract_outcomes import Allowed
from ferry_tools.errors import ToolError
from ferry_tools.models import Model, load_models
from ferry_tools.paths import HEADERS, PROPERTIES, ROOT
from ferry_tools.paths import SCENARIOS as SCENARIOS_FOLDER
from ferry_tools.results import Json
from ferry_tools.review_executions import Execution, of_header
from ferry_tools.scenarios import SUFFIX, Scenario
from ferry_tools.statements import ELSEWHERE, STATEMENTS, numbers_of, tests_by_name
from ferry_tools.tla_modules import claims, definitions

ROW = re.compile(r"^\| (S\d+(?:(?:, | to )S\d+)*) \| (.+?) \| (.+?) \|$", re.MULTILINE)
SAYS = re.compile(r"^(real threads|\w+) +(\S.*(?:\n +\S.*)*)", re.MULTILINE)  # a part, in the text of verify.py

# Between which of these each part of `make verify` looks for a difference.
FILES, WRITTEN, CONTRACT, ALGORITHM = "files", "statements", "contract", "algorithm"
SCENARIOS, HEADER, THREADS = "scenarios", "header", "real threads"
FITS = {
    "names": (ALGORITHM, HEADER),
    "shown": (WRITTEN, SCENARIOS),
    "references": (FILES, FILES),
    "outcomes": (CONTRACT, SCENARIOS),
    "malformed": (SCENARIOS, SCENARIOS),
    "shards": (SCENARIOS, SCENARIOS),
    "models": (CONTRACT, ALGORITHM),
    "proof": (CONTRACT, ALGORITHM),
    "bounds": (CONTRACT, ALGORITHM),
    "translation": (CONTRACT, ALGORITHM),
    "second": (CONTRACT, ALGORITHM),
    "unproved": (CONTRACT, ALGORITHM),
    "parker": (HEADER, HEADER),
    "scenarios": (CONTRACT, HEADER),
    "random": (CONTRACT, HEADER),
    "stores": (HEADER, HEADER),
    "full": (HEADER, HEADER),
    "complaints": (HEADER, HEADER),
    "steps": (CONTRACT, HEADER),
    "algorithm": (ALGORITHM, HEADER),
    "contracts": (CONTRACT, SCENARIOS),
    "labels": (WRITTEN, SCENARIOS),
    "planted": (SCENARIOS, HEADER),
    "systematic": (CONTRACT, HEADER),
    "oracle": (CONTRACT, THREADS),
    "recorded": (CONTRACT, THREADS),
    "traces_tlc": (CONTRACT, THREADS),
    "bad_traces": (CONTRACT, THREADS),
    "recorded_bugs": (CONTRACT, THREADS),
}


@dataclass
class Part:
    """Of `make verify`, with what came of it."""

    key: str
    title: str
    says: str
    between: tuple[str, str]
    results: list[Json]

    @property
    def failed(self) -> list[Json]:
        return [r for r in self.results if r["result"] != "passed"]

    @property
    def verdict(self) -> str:
        return "not run" if not self.results else "failed" if self.failed else "passed"

    @property
    def seconds(self) -> float:
        return float(sum(r["seconds"] for r in self.results))


def read_report(path: Path) -> Json | None:
    return json.loads(path.read_text()) if path.is_file() else None


def parts(report: Json | None) -> list[Part]:
    if differing := FITS.keys() ^ verify.PARTS.keys():
        raise ToolError(f"review_facts.py and verify.py differ in the parts {', '.join(sorted(differing))}")
    says = {key.replace(" ", "_"): " ".join(text.split()) for key, text in SAYS.findall(verify.__doc__ or "")}
    says |= dict.fromkeys(real_threads.PARTS, says["real_threads"])
    if silent := [key for key in verify.PARTS if key not in says]:
        raise ToolError(f"the text of verify.py does not say what is checked by {', '.join(silent)}")
    return [Part(key, title, says[key], FITS[key], (report or {}).get(key, [])) for key, title in verify.PARTS.items()]


# ---- scenarios ----------------------------------------------------------------------------------------------------


@dataclass
class Shown:
    """A scenario, with what the contract allows in it and what was found."""

    of: Scenario
    outcomes: list[str]
    left_out: int
    found: Json | None  # in the last run
    by: Mapping[str, str]  # of each label, what violates it and was noticed there
    executions: list[Execution]


def scenarios(allowed: Mapping[str, Allowed], report: Json | None, folder: Path) -> list[Shown]:
    explored = {r["name"]: r for r in (report or {}).get("scenarios", [])}
    justified = {r["name"]: r.get("labels", {}) for r in (report or {}).get("labels", [])}
    return [
        Shown(
            s,
            sorted(allowed[s.name].shown),
            allowed[s.name].left_out,
            explored.get(s.name),
            justified.get(s.name, {}),
            executions(s, folder / f"{s.name}.json"),
        )
        for s in scenario_choice.load(deep=True)
    ]


def executions(s: Scenario, path: Path) -> list[Execution]:
    """Those that were recorded of this header and this scenario."""
    files = [*SCENARIOS_FOLDER.rglob(s.name + SUFFIX), *HEADERS]
    if not path.is_file() or any(file.stat().st_mtime > path.stat().st_mtime for file in files):
        return []
    return [
        of_header(s.name, s.thread_names, steps, f"outcome: {outcome}")
        for outcome, steps in json.loads(path.read_text()).items()
    ]


# ---- statements ---------------------------------------------------------------------------------------------------


@dataclass
class Statement:
    name: str
    says: str
    carried_by: str
    properties: list[tuple[str, str, int]] = field(default_factory=list)  # name, file, line
    wrong: list[Model] = field(default_factory=list)  # contracts and algorithms that violate it
    scenarios: list[str] = field(default_factory=list)
    tests: list[tuple[str, str]] = field(default_factory=list)  # name, file
    planted: list[str] = field(default_factory=list)  # steps at which a bug is planted that violates it
    noticed: dict[str, str] = field(default_factory=dict)  # in the last run: scenario -> what was noticed there
    elsewhere: str = ""


def statements(shown: list[Shown]) -> list[Statement]:
    rows = {name: (says, by) for names, says, by in ROW.findall((ROOT / "README.md").read_text())
            for name in numbers_in(names)}  # fmt: skip
    if missing := [name for name in STATEMENTS if name not in rows]:
        raise ToolError(f"README.md has no row for {', '.join(missing)}")
    wrong = [(model, labels.violated_by(model)) for model in load_models() if model.change]
    steps = [*plants.EXPLORED, *plants.EXPLORED_RING]
    tests = [(name, str(path.relative_to(ROOT)), numbers_of(name)) for name, path in tests_by_name().items()]
    return [
        Statement(
            name,
            *rows[name],
            properties=claimed(name),
            wrong=[model for model, violated in wrong if name in violated],
            scenarios=[s.of.name for s in shown if name in s.of.shows],
            tests=[(test, path) for test, path, numbers in tests if name in numbers],
            planted=list(dict.fromkeys(step for step, violated, _ in steps if name in violated.split())),
            noticed={s.of.name: s.by[name] for s in shown if name in s.by},
            elsewhere=ELSEWHERE[name].why if name in ELSEWHERE else "",
        )
        for name in STATEMENTS
    ]


def numbers_in(names: str) -> list[str]:
    """`S4, S5` or `S6 to S9`."""
    numbers = [int(n) for n in re.findall(r"\d+", names)]
    return [f"S{n}" for n in (range(numbers[0], numbers[-1] + 1) if " to " in names else numbers)]


def claimed(statement: str) -> list[tuple[str, str, int]]:
    """The properties with this number that a theorem claims."""
    found = []
    for module in PROPERTIES:
        text = module.read_text()
        defined = definitions(text)
        for name in dict.fromkeys(claims(text)):
            if name.startswith(f"{statement}_") and name in defined:
                found.append((name, str(module.relative_to(ROOT)), text.count("\n", 0, defined[name][0]) + 1))
    return found


# ---- what has failed ----------------------------------------------------------------------------------------------


def failures(of: list[Part]) -> list[tuple[Part, Json]]:
    return [(part, result) for part in of for result in part.failed]
