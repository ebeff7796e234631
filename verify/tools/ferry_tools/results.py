"""What came of each check: the line as it ends, the table, JUnit's XML, and the line `...: N passed, N failed`."""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree

Json = dict[str, Any]
Item = TypeVar("Item")
WORK = ("executions", "generated", "events", "questions", "compared")  # figures that say how much a check has done
HEARTBEAT = 10.0  # seconds between lines that say what runs, where the output is not a terminal


@dataclass
class Result:
    part: str  # of the run; a line of the table
    name: str
    seconds: float = 0.0
    failure: str = ""  # what broke; empty: passed
    said: str = ""  # what is told of it, if it passed
    figures: Json = field(default_factory=dict)
    details: list[str] = field(default_factory=list)  # the counterexample, and how to see it again

    @property
    def passed(self) -> bool:
        return not self.failure

    def as_json(self) -> Json:
        verdict = "passed" if self.passed else "failed"
        result = {"name": self.name, **self.figures, "result": verdict, "seconds": round(self.seconds, 2)}
        return result if self.passed else result | {"failure": self.failure, "details": self.details}


class Screen:
    """What is running now, and what has ended; from several workers at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, str] = {}
        self._last = time.monotonic()
        self._terminal = sys.stdout.isatty()

    def line(self, text: str) -> None:
        with self._lock:
            print(("\r\033[K" if self._terminal else "") + text, flush=True)

    def running(self, name: str, what: str = "") -> None:
        with self._lock:
            self._running[name] = what
            text = "  ... " + ", ".join(f"{n}: {w}" if w else n for n, w in self._running.items())
            if self._terminal:
                print("\r\033[K" + text[:100], end="", flush=True)
            elif time.monotonic() - self._last > HEARTBEAT:
                self._last = time.monotonic()
                print(text, flush=True)

    def ended(self, name: str) -> None:
        with self._lock:
            self._running.pop(name, None)


class Results:
    """All results of a run."""

    def __init__(self, screen: Screen | None = None) -> None:
        self.all: list[Result] = []
        self.screen = screen or Screen()

    def add(self, result: Result) -> None:
        """Of many checks, those that fail have a line each, and every tenth."""
        self.all.append(result)
        if result.failure:
            self.screen.line(f"\n  FAILED {result.part}: {result.name}\n         {result.failure}")
        elif len(self.all) % 10 == 0:
            self.screen.line(f"  {len(self.all)} done")

    def report(self, done: int, of: int, result: Result, each: int = 1) -> None:
        """A line; of many results that passed, every n-th has one."""
        if result.passed and done % each != 0 and done != of:
            return
        verdict = "passed" if result.passed else "FAILED"
        self.screen.line(f"  [{done}/{of}] {verdict}  {result.name}: {result.failure or result.said}")
        if not result.passed:
            self.screen.line("\n" + "\n".join("      " + line for line in result.details) + "\n")

    def take(self, title: str, results: list[Result], each: int = 1) -> None:
        if title:
            self.screen.line(f"\n{title}")
        for i, result in enumerate(results, 1):
            self.all.append(result)
            self.report(i, len(results), result, each)

    def run(
        self, title: str, work: Callable[[Item], Result], items: list[Item], jobs: int, each: int = 1
    ) -> list[Result]:
        """Several at once; reported as they end, returned in order."""
        if items:
            self.screen.line(f"\n{title}")
        done = itertools.count(1)
        lock = threading.Lock()

        def one(item: Item) -> Result:
            result = work(item)
            with lock:
                self.report(next(done), len(items), result, each)
            return result

        with ThreadPoolExecutor(jobs) as pool:
            results = list(pool.map(one, items))
        self.all += results
        return results

    def failed(self) -> int:
        return sum(not r.passed for r in self.all)

    def of(self, part: str) -> list[Result]:
        return [r for r in self.all if r.part == part]

    def parts(self) -> list[str]:
        return list(dict.fromkeys(r.part for r in self.all))

    def print_table(self, titles: Mapping[str, str] | None = None, work: str = "") -> None:
        """`titles`: part -> how the table calls it, in its order; `work`: the head of one more column."""
        self.screen.line(f"\n{'':28} {'passed':>7} {'failed':>7} {work and f'{work:>27} '}{'seconds':>9}")
        for part in [part for part in titles or self.parts() if self.of(part)]:
            failed = sum(not r.passed for r in self.of(part))
            done = sum(next((r.figures[k] for k in WORK if k in r.figures), 0) for r in self.of(part))
            passed, seconds = len(self.of(part)) - failed, sum(r.seconds for r in self.of(part))
            title = (titles or {}).get(part, part)
            self.screen.line(f"{title:28} {passed:7} {failed:7} {work and f'{done:27,} '}{seconds:9.1f}")
        for r in self.all:
            if not r.passed:
                self.screen.line(f"FAILED {r.part}: {r.name}: {r.failure}")

    def end(self, command: str) -> int:
        """The last line, and the status of the process."""
        failed = self.failed()
        print(f"{command}: {len(self.all) - failed} passed, {failed} failed", flush=True)
        return 1 if failed or not self.all else 0

    def write_json(self, path: Path, parts: Mapping[str, str], **more: Json) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        of = {part: [r.as_json() for r in self.of(part)] for part in parts}
        path.write_text(json.dumps(of | more, indent=1) + "\n")

    def write_junit(self, path: Path) -> None:
        """In place of what is there at once, so that there is always a whole one."""
        suites = ElementTree.Element("testsuites")
        for part in self.parts():
            of, seconds = self.of(part), sum(r.seconds for r in self.of(part))
            counts = {"tests": str(len(of)), "failures": str(sum(not r.passed for r in of)), "time": f"{seconds:.3f}"}
            suite = ElementTree.SubElement(suites, "testsuite", name=part, attrib=counts)
            for r in of:
                case = ElementTree.SubElement(suite, "testcase", classname=part, name=r.name, time=f"{r.seconds:.3f}")
                if r.failure:
                    ElementTree.SubElement(case, "failure", message=r.failure)
        ElementTree.indent(suites)
        new = path.with_suffix(".new")
        ElementTree.ElementTree(suites).write(new, encoding="utf-8", xml_declaration=True)
        new.replace(path)


class Clock:
    """How long something has taken."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start


class Remembered:
    """What was good once is not looked at again until the key, which stands for all that it depends on, changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.good: list[str] = []
        try:
            self.earlier = set(json.loads(path.read_text()))
        except (OSError, ValueError):
            self.earlier = set()

    def save(self) -> None:
        self.path.write_text(json.dumps(self.good))
