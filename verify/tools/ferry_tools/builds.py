"""The builds of tests/BUILDS.md: each is compiled, linked and run.

python3 -m ferry_tools.builds WORD...      those lines alone whose names contain one of the words, and what they say
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from ferry_tools.cppunit import run_tests
from ferry_tools.paths import HEADERS
from ferry_tools.results import Clock, Remembered, Result, Results

TABLE = Path("tests/BUILDS.md")
HERE = Path("tests/builds")
# Left out: the interleavings, because there one thread runs at a time, whatever the processor; the tests of memory, of
# re-entrancy and of clocks that call, because they read what the process says as it ends, and qemu says more; those of
# waiting, clocks, unwinding and platforms, because some measure time, and qemu is slow; the tests of the tests.
UNIT_TESTS = [
    Path(f"{path}.cpp")
    for path in (
        "tests/unit/one_thread", "tests/unit/reference_meetings", "tests/unit/reference_deadlines",
        "tests/unit/reference_streams", "tests/unit/staged_blocks", "tests/unit/staged_sends",
        "tests/unit/staged_sleeps", "tests/unit/faults", "tests/unit/free_running", "tests/unit/any_type",
        "tests/unit/iterating", "tests/unit/disconnected", "tests/harness/runner", "verify/trace/judge",
    )
]  # fmt: skip
SOURCES = {
    "whole API": [HERE / "whole_api.cpp", HERE / "other_unit.cpp"],
    "module, whole API": [HERE / "ferry.cppm", HERE / "whole_api.cpp", HERE / "other_unit.cpp"],
    "unit tests": UNIT_TESTS,
}
PATIENCE_SECONDS = 120
PACKAGES = "verify/tools"


@dataclass
class Build:
    name: str
    compiler: list[str]
    sources: list[Path]
    runner: list[str]
    is_unit_tests: bool

    def key(self, shared: str) -> str:
        return hashlib.sha256(repr((self, shared)).encode()).hexdigest()


def read_table() -> Iterator[Build]:
    text = TABLE.read_text()
    flags = re.findall(r"^All are compiled with `(.*?)`", text, re.MULTILINE)[0].split()
    flags += ["-Iimpl/include", "-Itests", "-Iverify"]
    for line in text.split("|---|---|---|---|---|\n")[1].splitlines():
        name, compiler, sources, runner, _ = (cell.strip() for cell in line.strip("|").split("|"))
        program, *more = shlex.split(compiler.strip("`"))
        yield Build(
            name, [program, *flags, *more], SOURCES[sources], shlex.split(runner.strip("`")), sources == "unit tests"
        )


def call(command: Sequence[str | Path], patience: float | None = None) -> str:
    """What is wrong with it, or nothing."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=patience, env=dict(os.environ, LC_ALL="C")
        )
    except OSError as error:
        return f"{error}"
    except subprocess.TimeoutExpired:
        return "it does not end"
    if done.returncode == 0:
        return ""
    said = done.stderr.strip() or done.stdout.strip()
    errors = [
        line for line in said.splitlines() if re.search(r"error:|undefined|multiple definition", line)
    ] or said.splitlines()
    return f"status {done.returncode}: " + " / ".join(errors[:4])[:900]


class Kitchen:
    """Compiles and runs builds in a folder. Each source is a job of its own, so that no processor is idle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.compiling = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        self.running = concurrent.futures.ThreadPoolExecutor(os.cpu_count())

    def start(self, build: Build) -> Future[str]:
        """A future of what is wrong with it."""
        folder = self.folder / re.sub(r"\W+", "_", build.name)
        folder.mkdir()
        module = [source for source in build.sources if source.suffix == ".cppm"]
        imported: list[str] = []
        jobs = []
        for source in module + [s for s in build.sources if s not in module]:
            made = folder / f"{source.stem}.o"
            if source in module:
                interface = folder / f"{source.stem}.pcm"
                first = self.compiling.submit(
                    call, [*build.compiler, f"-fmodule-output={interface}", "-c", source, "-o", made]
                )
                imported = [f"-fmodule-file={source.stem}={interface}"]
                jobs.append(first)
                first.result()
            else:
                jobs.append(self.compiling.submit(call, [*build.compiler, *imported, "-c", source, "-o", made]))
        return self.running.submit(self.finish, build, folder, jobs)

    def finish(self, build: Build, folder: Path, jobs: list[Future[str]]) -> str:
        failure = next((job.result() for job in jobs if job.result()), "")
        program = folder / "program"
        failure = failure or call([*build.compiler, *sorted(folder.glob("*.o")), "-o", program])
        if failure:
            return failure
        if not build.is_unit_tests:
            return call([*build.runner, program], PATIENCE_SECONDS)
        tests: list[Result] = []
        run_tests([*build.runner, str(program)], "", tests.append)
        failed = [f"{test.name}: {test.failure}" for test in tests if test.failure]
        return " / ".join(failed)[:1500] or ("" if tests else "there are no tests")


def run_builds(memory: Path, results: Results, words: Sequence[str] = ()) -> None:
    sources = [p for folder in ("tests", "verify") for p in Path(folder).rglob("*.[chp]*pp*")]
    read = sorted([*HEADERS, *sources, Path(__file__)])
    shared = hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()
    remembered = Remembered(memory)
    with tempfile.TemporaryDirectory(dir=memory.parent) as folder:
        kitchen = Kitchen(Path(folder).resolve())
        clock = Clock()
        chosen = [build for build in read_table() if not words or any(word in build.name for word in words)]
        started = [
            (build, None if build.key(shared) in remembered.earlier and not words else kitchen.start(build))
            for build in chosen
        ]
        for build, job in started:
            failure = job.result() if job else ""
            again = f"\n         again: PYTHONPATH={PACKAGES} python3 -m ferry_tools.builds '{build.name}'"
            results.add(Result("builds", build.name, clock.seconds, failure and failure + again))
            clock = Clock()
            if not failure:
                remembered.good.append(build.key(shared))
    if not words:
        remembered.save()


def main() -> int:
    alone = Results()
    folder = Path("build/test")
    folder.mkdir(parents=True, exist_ok=True)
    run_builds(folder / "builds.json", alone, sys.argv[1:])
    alone.print_table()
    return alone.end("builds")


if __name__ == "__main__":
    sys.exit(main())
