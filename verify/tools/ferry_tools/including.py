"""What it costs to include the channel, beside what its peers' headers cost: processor time of a program of one line.

In each round each compiler reads each header once, in turn. What an empty program costs is subtracted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from ferry_tools.paths import ROOT
from ferry_tools.results import Json

COMPILERS = {"g++": ["g++"], "clang++": ["clang++-19"], "clang++, libc++": ["clang++-19", "-stdlib=libc++"]}
HEADERS = {
    "ferry": "<ferry/channel.hpp>",
    "ferry, bounded": "<ferry/sync_channel.hpp>",
    "moodycamel": "<concurrentqueue/blockingconcurrentqueue.h>",
    "tbb": "<oneapi/tbb/concurrent_queue.h>",
    "boost-fiber": "<boost/fiber/buffered_channel.hpp>",
    "boost-lockfree": "<boost/lockfree/queue.hpp>",
    "mutex-deque": "<condition_variable> <mutex> <deque>",
    "chrono alone": "<chrono>",  # what each call with a deadline needs
}


def seconds(command: list[str], includes: str, folder: Path) -> float | None:
    """Of the processor; none if it does not compile."""
    program = folder / "program.cpp"
    program.write_text("".join(f"#include {name}\n" for name in includes.split()))
    before = os.times()
    flags = ["-std=c++23", "-w", "-fsyntax-only", f"-I{ROOT / 'impl' / 'include'}"]
    done = subprocess.run([*command, *flags, str(program)], capture_output=True)
    after = os.times()
    took = after.children_user + after.children_system - before.children_user - before.children_system
    return None if done.returncode else took


def measure(rounds: int) -> Json:
    """Compiler -> header -> milliseconds."""
    found: dict[str, dict[str, list[float]]] = {c: {h: [] for h in HEADERS} for c in COMPILERS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for compiler, command in COMPILERS.items():
                empty = seconds(command, "", Path(folder)) or 0.0
                for header, includes in HEADERS.items():
                    if (took := seconds(command, includes, Path(folder))) is not None:
                        found[compiler][header].append(took - empty)
    return {c: {h: 1000 * statistics.median(of[h]) for h in HEADERS if of[h]} for c, of in found.items()}


def table(found: Json) -> str:
    lines = ["| to include, ms | " + " | ".join(HEADERS) + " |", "|---" * (len(HEADERS) + 1) + "|"]
    lines += [
        f"| {compiler} | " + " | ".join(f"{of[h]:.0f}" if h in of else "-" for h in HEADERS) + " |"
        for compiler, of in found.items()
    ]
    return "\n".join(lines) + "\n"
