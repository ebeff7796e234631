"""How much of the header the tests run: each line, and each way that each branch can go. What is not covered must be
listed, with the reason why it can't be, in tests/UNREACHABLE.md; what is listed must not be covered.

gcov counts each instantiation of a template for itself; here they are added up, since it is the source that is to be
covered. Where instantiations differ in how many ways there are (an atomic of one platform may throw, say), those of the
same kind are added up, and the kind that was gone through best counts. Branches that only an exception takes are left
out, as usual: gcov sees one behind every call."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

from ferry_tools.paths import HEADERS
from ferry_tools.results import Clock, Result, Results

Place = tuple[str, int]  # file, line


def forget_earlier_runs(build: Path) -> None:
    for counts in build.rglob("*.gcda"):
        counts.unlink()


def count(build: Path) -> tuple[Counter[Place], dict[Place, list[int]], dict[Place, str]]:
    """(file, line) -> how often it was executed; (file, line) -> how often each way at its branches was taken; and
    (file, line) -> the mangled name of its function."""
    lines: Counter[Place] = Counter()
    branches: dict[tuple[str, int, int], list[int]] = {}
    functions: dict[Place, str] = {}
    for counts in sorted(build.rglob("*.gcda")):
        command = ["gcov", "--json-format", "--stdout", "--branch-probabilities", str(counts)]
        report = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        for file in json.loads(report)["files"]:
            name = Path(file["file"]).name if Path(file["file"]).resolve() in HEADERS else ""
            for line in file["lines"] if name else []:
                where = name, line["line_number"]
                lines[where] += line["count"]
                functions[where] = line.get("function_name", "")
                taken = [branch["count"] for branch in line["branches"] if not branch["throw"]]
                if taken:
                    so_far = branches.setdefault((*where, len(taken)), [0] * len(taken))
                    so_far[:] = map(sum, zip(so_far, taken))
    best: dict[Place, tuple[float, list[int]]] = {}
    for (name, number, _), ways in branches.items():
        share = sum(map(bool, ways)) / len(ways)
        if share >= best.get((name, number), (0.0, []))[0]:
            best[name, number] = share, ways
    return lines, {where: ways for where, (_, ways) in best.items()}, functions


def listed_as_unreachable(path: Path) -> list[tuple[str, str]]:
    """The rows of the table: a function, and what its lines that can't be covered contain; nothing, if it is all."""
    return re.findall(r"^\| `([\w:]+)` \| (?:`(.+?)`|all) \|", path.read_text(), re.MULTILINE)


def is_of(mangled: str, function: str) -> bool:
    """Whether this is the function of that name: a mangled name has each part of it behind its length."""
    return all(f"{len(part)}{part}" in mangled for part in function.split("::"))


def report_coverage(build: Path, list_path: Path, results: Results) -> None:
    clock = Clock()
    lines, branches, functions = count(build)
    text = {header.name: header.read_text().splitlines() for header in HEADERS}

    def source(name: str, number: int) -> str:
        return text[name][number - 1].strip()

    missing: dict[Place, str] = {}
    for (name, number), times in lines.items():
        if times == 0:
            missing[name, number] = "is never executed"
    for (name, number), ways in branches.items():
        if 0 in ways:
            missing.setdefault((name, number), f"never goes {ways.count(0)} of {len(ways)} ways")

    def is_listed(where: Place, row: tuple[str, str]) -> bool:
        function, part = row
        return is_of(functions[where], function) and part in source(*where)

    listed = listed_as_unreachable(list_path)
    unlisted = {where: how for where, how in missing.items() if not any(is_listed(where, row) for row in listed)}
    stale = [" ".join(row) for row in listed if not any(is_listed(where, row) for where in missing)]

    covered, all_ways = sum(map(bool, lines.values())), [way for ways in branches.values() for way in ways]
    print(
        f"\n  coverage of the header: {covered} of {len(lines)} lines, "
        f"{sum(map(bool, all_ways))} of {len(all_ways)} ways at branches; "
        f"{len(missing)} lines are not covered in full, {len(listed)} are listed as unreachable in {list_path}"
    )
    failure = "; ".join(
        [f"{name}:{number} {how}: {source(name, number)}" for (name, number), how in sorted(unlisted.items())]
        + [f"listed as unreachable, but covered or not there: {entry}" for entry in stale]
    )
    if not lines:
        failure = "nothing was counted"
    results.add(Result("coverage", "every_line_and_branch_of_the_header", clock.seconds, failure))
