"""`make docs`: the reference of the public calls, build/docs/html/index.html, made by Doxygen of the public headers.

Doxygen may warn of nothing. Each call's comment says, in this order or another: what the call does and returns, when it
blocks, what it throws, which threads may call it, what progress it makes, and which statement it belongs to. The
README's table of calls names no other statements.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from ferry_tools.errors import guarded
from ferry_tools.paths import ROOT
from ferry_tools.results import Clock, Result, Results
from ferry_tools.statements import STATEMENTS

CONFIGURATION = ROOT / "impl" / "docs" / "Doxyfile"
HOLDERS = ("namespaceferry", *(f"classferry_1_1{name}" for name in ("Sender", "SyncSender", "Receiver")))
STATEMENT = re.compile(r"\bS(\d+)\b")
# What a comment has to have. `Returns` is asked of those calls that return something.
LABELS = {
    "what it returns": re.compile(r"\bReturns\b"),
    "when it blocks": re.compile(r"\bBlocks: \S"),
    "its errors": re.compile(r"\bThrows: \S"),
    "its thread-safety": re.compile(r"\bThread-safety: \S"),
    "its progress": re.compile(r"\bProgress: \S"),
    "its statement": re.compile(r"\bS\d+\b|\bNo statement\b"),
}
ROW = re.compile(r"^\| (.*?) \|.*\| ([^|]*) \|$", re.MULTILINE)
NAMES_IN_TABLE = {"for": "begin"}


class Call(NamedTuple):
    name: str  # with its class
    returns: bool
    brief: str
    comment: str  # all of it

    def problems(self) -> list[str]:
        found = [] if self.brief else [f"{self.name}: its comment does not say what it does"]
        for what, pattern in LABELS.items():
            if not pattern.search(self.comment) and (self.returns or what != "what it returns"):
                found.append(f"{self.name}: its comment does not say {what}")
        unknown = [f"S{n}" for n in STATEMENT.findall(self.comment) if f"S{n}" not in STATEMENTS]
        return found + [f"{self.name}: its comment names {s}, which is no statement" for s in unknown]


def text(member: ElementTree.Element, *kinds: str) -> str:
    elements = [e for e in map(member.find, kinds) if e is not None]
    return " ".join(" ".join("".join(e.itertext()) for e in elements).split())


def calls(xml: Path) -> Iterator[Call]:
    """What a program may call of the channel: functions and friends, but not those that are deleted."""
    for holder in HOLDERS:
        of = ElementTree.parse(xml / f"{holder}.xml")
        for member in of.iter("memberdef"):
            arguments = text(member, "argsstring")
            is_function = member.get("kind") == "function" or (member.get("kind") == "friend" and "(" in arguments)
            if not is_function or member.get("prot") != "public" or arguments.endswith("=delete"):
                continue
            place, name = text(of.getroot()[0], "compoundname"), text(member, "name")
            # Doxygen leaves out the type of constructors and destructors, but also that of what returns the class.
            makes_or_ends = name.lstrip("~") == place.removeprefix("ferry::")
            yield Call(
                f"{place}::{name}{arguments}",
                not makes_or_ends and text(member, "type") != "void",
                text(member, "briefdescription"),
                text(member, "briefdescription", "detaileddescription"),
            )


def statements_in(cell: str) -> set[str]:
    """Of a cell such as `S6 to S9, S31`."""
    found = set(STATEMENT.findall(cell))
    for first, last in re.findall(r"\bS(\d+) to S(\d+)", cell):
        found |= {str(n) for n in range(int(first), int(last))}
    return found


def table_problems(section: str, documented: list[Call]) -> list[str]:
    """Of the README's section that has the table of calls."""
    found, rows = [], 0
    for first, last in ROW.findall(section):
        names = [NAMES_IN_TABLE.get(name, name) for name in re.findall(r"(\w+)(?:<T>)? ?\(", first)]
        comments = [call.comment for call in documented if re.search(rf"::({'|'.join(names)})\(", call.name)]
        rows += bool(names and comments)
        if names and first.startswith("`") and not comments:
            found.append(f"README.md: the table of calls has {first}, which no public header documents")
        missing = statements_in(last) - {n for comment in comments for n in STATEMENT.findall(comment)}
        found += [f"README.md: {first} carries S{n}, of which its comment says nothing" for n in sorted(missing)]
    return found if rows else [*found, "README.md has no table of calls"]


def check_itself(call: Call) -> list[str]:
    """A comment from which something is taken away is noticed."""
    return [
        f"a comment that does not say {what} is accepted"
        for what, pattern in LABELS.items()
        if not call._replace(comment=pattern.sub("", call.comment)).problems()
    ]


def check_reference(build: Path, results: Results) -> None:
    folder, clock = build / "docs", Clock()
    shutil.rmtree(folder, ignore_errors=True)  # what Doxygen writes no more
    folder.mkdir(parents=True)
    done = subprocess.run(
        ["doxygen", str(CONFIGURATION)], cwd=ROOT, env=os.environ | {"FERRY_DOCS": str(folder.resolve())},
        capture_output=True, text=True,
    )  # fmt: skip
    warnings = done.stderr.replace(f"{ROOT}/", "").strip()
    failure = warnings or (f"doxygen ends with status {done.returncode}" if done.returncode else "")
    results.add(Result("reference", "Doxygen has no warning", clock.seconds, failure))
    if failure:
        return
    documented = list(calls(folder / "xml"))
    whole = [call for call in documented if call.returns and not call.problems()]
    problems = [problem for call in documented for problem in call.problems()]
    results.add(Result("reference", f"comments of {len(documented)} calls", 0.0, "\n         ".join(problems)))
    itself = check_itself(whole[0]) if whole else ["no call has a whole comment"]
    results.add(Result("reference", "comments that are not whole", 0.0, "; ".join(itself)))
    section = (ROOT / "README.md").read_text().split("\n## The calls\n")[1].split("\n## ")[0]
    results.add(Result("reference", "README's table", 0.0, "\n         ".join(table_problems(section, documented))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build"))
    build, results = parser.parse_args().build, Results()
    check_reference(build, results)
    print(f"docs: open {build}/docs/html/index.html")
    return results.end("docs")


if __name__ == "__main__":
    raise SystemExit(guarded("docs", main))
