"""The builds of tests/BUILDS.md: each is compiled, linked and run.

    python3 tests/drive/builds.py WORD...      those lines alone whose names contain one of the words, and what they say
"""

import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time
import types

from outcomes import Outcome, Outcomes
from unit import run_tests

TABLE = pathlib.Path("tests/BUILDS.md")
HEADERS = sorted(pathlib.Path("impl/include/ferry").rglob("*.hpp"))
FLAGS = re.search(r"^All are compiled with `(.*?)`", TABLE.read_text(), re.MULTILINE)[1].split() + ["-Iimpl/include", "-Itests"]
HERE = pathlib.Path("tests/builds")
# Left out: the interleavings, because there one thread runs at a time, whatever the processor; the tests of memory, because
# they read what the process says as it ends, and qemu says more; those of waiting, because some measure time, and qemu is slow;
# the tests of the tests.
UNIT_TESTS = [*(pathlib.Path("tests/unit") / f"{name}.cpp" for name in
                ("one_thread", "reference_suite", "staged", "faults", "free_running")),
              pathlib.Path("tests/harness/runner.cpp"), pathlib.Path("tests/trace/complaints.cpp")]
SOURCES = {
    "whole API": [HERE / "whole_api.cpp", HERE / "other_unit.cpp"],
    "module, whole API": [HERE / "ferry.cppm", HERE / "whole_api.cpp", HERE / "other_unit.cpp"],
    "unit tests": UNIT_TESTS,
}
PATIENCE_SECONDS = 120


@dataclasses.dataclass
class Build:
    name: str
    compiler: list
    sources: list
    runner: list
    is_unit_tests: bool

    def key(self, shared):
        return hashlib.sha256(repr((self, shared)).encode()).hexdigest()


def read_table():
    lines = TABLE.read_text().splitlines()
    first = lines.index("|---|---|---|---|---|") + 1
    for line in lines[first:]:
        name, compiler, sources, runner, _ = (cell.strip() for cell in line.strip("|").split("|"))
        program, *flags = shlex.split(compiler.strip("`"))
        yield Build(name, [program, *FLAGS, *flags], SOURCES[sources], shlex.split(runner.strip("`")), sources == "unit tests")


def call(command, patience=None):
    """What is wrong with it, or nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, env=dict(os.environ, LC_ALL="C"))
    except OSError as error:
        return f"{error}"
    except subprocess.TimeoutExpired:
        return "it does not end"
    if done.returncode == 0:
        return ""
    said = done.stderr.strip() or done.stdout.strip()
    errors = [line for line in said.splitlines() if re.search(r"error:|undefined|multiple definition", line)] or said.splitlines()
    return f"status {done.returncode}: " + " / ".join(errors[:4])[:900]


class Kitchen:
    """Compiles and runs builds in a folder. Each source is a job of its own, so that no processor is idle."""

    def __init__(self, folder):
        self.folder = folder
        self.compiling = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        self.running = concurrent.futures.ThreadPoolExecutor(os.cpu_count())

    def start(self, build):
        """A future of what is wrong with it."""
        folder = self.folder / re.sub(r"\W+", "_", build.name)
        folder.mkdir()
        module = [source for source in build.sources if source.suffix == ".cppm"]
        imported = []
        jobs = []
        for source in module + [s for s in build.sources if s not in module]:
            made = folder / f"{source.stem}.o"
            if source in module:
                interface = folder / f"{source.stem}.pcm"
                first = self.compiling.submit(call, [*build.compiler, f"-fmodule-output={interface}", "-c", source, "-o", made])
                imported = [f"-fmodule-file={source.stem}={interface}"]
                jobs.append(first)
                first.result()
            else:
                jobs.append(self.compiling.submit(call, [*build.compiler, *imported, "-c", source, "-o", made]))
        return self.running.submit(self.finish, build, folder, jobs)

    def finish(self, build, folder, jobs):
        failure = next((job.result() for job in jobs if job.result()), "")
        program = folder / "program"
        failure = failure or call([*build.compiler, *sorted(folder.glob("*.o")), "-o", program])
        if failure:
            return failure
        if not build.is_unit_tests:
            return call([*build.runner, program], PATIENCE_SECONDS)
        tests = []
        run_tests([*build.runner, program], "", types.SimpleNamespace(add=tests.append))
        failed = [f"{test.name}: {test.failure}" for test in tests if test.failure]
        return " / ".join(failed)[:1500] or ("" if tests else "there are no tests")


def run_builds(headers, cache_path, outcomes, words=()):
    """What was good once is not looked at again until its line, a source or a header changes."""
    read = sorted([*headers, *(p for p in pathlib.Path("tests").rglob("*.[chp]*pp*")), pathlib.Path(__file__)])
    shared = hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()
    try:
        good = set(json.loads(cache_path.read_text()))
    except (OSError, ValueError):
        good = set()
    still_good = []
    with tempfile.TemporaryDirectory(dir=cache_path.parent) as folder:
        kitchen = Kitchen(pathlib.Path(folder).resolve())
        began = time.monotonic()
        started = [(build, None if build.key(shared) in good and not words else kitchen.start(build))
                   for build in read_table() if not words or any(word in build.name for word in words)]
        for build, job in started:
            failure = job.result() if job else ""
            outcomes.add(Outcome("builds", build.name, time.monotonic() - began,
                                 f"{failure}\n         again: python3 tests/drive/builds.py '{build.name}'" if failure else ""))
            began = time.monotonic()
            if not failure:
                still_good.append(build.key(shared))
    if not words:
        cache_path.write_text(json.dumps(still_good))


if __name__ == "__main__":
    alone = Outcomes()
    build_folder = pathlib.Path("build/test")
    build_folder.mkdir(parents=True, exist_ok=True)
    run_builds(HEADERS, build_folder / "builds.json", alone, sys.argv[1:])
    alone.print_table()
    sys.exit(1 if alone.failed() or not alone.all else 0)
