"""Runs a program of CppUnit tests (tests/harness/runner.cpp). A test that blocks or crashes takes the process with it;
it has failed then, and the tests behind it are run in a new process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from ferry_tools.results import Clock, Result

# A channel that is broken in its middle makes many tests hang, for a minute each: a few show enough.
MOST_STUCK = 3

# The first report of a sanitizer ends the process, and so tells whose it is. addr2line comes with the compiler. GCC's
# AddressSanitizer reports its own use of stack that a cancelled thread's frames have left (google/sanitizers issue
# 1399), unless the variables of these frames lie elsewhere.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1",
    "TSAN_OPTIONS": f"halt_on_error=1:external_symbolizer_path={shutil.which('addr2line') or ''}",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
REPORT = re.compile(r"(WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer|\S*runtime error).*", re.DOTALL)


def in_short(complaint: str) -> str:
    """What a process wrote before it ended; of a sanitizer's report, what it is about and where."""
    report = REPORT.search(complaint)
    if not report:
        return complaint.strip()[:1000]
    parts: list[str] = []
    for line in report.group(0).splitlines():
        place = re.search(r"(ferry|tests)/[\w/]+\.[ch]pp:\d+", line)
        if place and place.group(0) not in parts:
            parts.append(place.group(0))
        elif not place and re.match(r"\S|\s+(Read|Write|Atomic|Previous)\b", line) and "=====" not in line:
            parts.append(line.strip())
    return " | ".join(parts)[:1500]


def list_tests(program: list[str]) -> dict[str, str]:
    """`program`: a command. Name -> the file that it is in, without directory and suffix."""
    listed = subprocess.run([*program, "--list"], check=True, capture_output=True, text=True).stdout
    return {name: Path(file).stem for _, name, file in (line.split("\t") for line in listed.splitlines())}


def run_tests(program: list[str], only: str, take: Callable[[Result], None], prefix: str = "") -> None:
    """Those whose names contain `only`."""

    def add(name: str, seconds: float, failure: str) -> None:
        take(Result(prefix + files[name], name, seconds, failure))

    files = list_tests(program)
    names = sorted((name for name in files if only in name), key=lambda name: (files[name], name))
    waiting, stuck = list(names), 0
    while waiting:
        if stuck == MOST_STUCK:
            for name in waiting:
                add(name, 0.0, "not run: too many tests were stuck")
            return
        clock = Clock()
        # Not to a pipe: nobody would read it meanwhile, and a long report would block the process.
        with tempfile.TemporaryFile("w+") as complaints:
            environment = {**SANITIZERS, **os.environ}
            process = subprocess.Popen(
                [*program, *waiting], stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment
            )
            running = ""
            for line in process.stdout or []:
                event, name, *rest = line.rstrip("\n").split("\t")
                if event == "begin":
                    running, clock = name, Clock()
                    continue
                waiting.remove(name)
                running = ""
                if event == "stuck":
                    stuck += 1
                    add(name, clock.seconds, rest[0])
                else:
                    add(name, float(rest[0]), rest[1] if event == "failed" else "")
            status = process.wait()
            complaints.seek(0)
            complaint = in_short(complaints.read())
        if running:
            how = signal.Signals(-status).name if status < 0 else f"status {status}"
            waiting.remove(running)
            add(running, clock.seconds, f"the process ended with {how}: {complaint}")
        elif status != 0 and not stuck:
            # All tests have said that they passed, and then a sanitizer found a leak, say.
            take(Result(prefix + "whole run", "the_process_ends_well", failure=complaint))
