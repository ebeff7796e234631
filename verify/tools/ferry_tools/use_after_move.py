"""clang-tidy's checks of .clang-tidy, bugprone-use-after-move above all, as errors. First on the classic mistake, which
must be reported, and on its twin, which must not; then on everything else."""

from __future__ import annotations

import concurrent.futures
import os
import subprocess
from pathlib import Path

from ferry_tools.results import Clock, Result, Results

CHECK = "bugprone-use-after-move"
CLASSIC = Path("tests/lint/S2_use_after_send.cpp")


def tidy(program: str, flags: list[str], file: Path, *more: str) -> tuple[bool, str]:
    """Whether clang-tidy is content, and what it says."""
    done = subprocess.run([program, "--quiet", str(file), "--", *flags, *more], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def classic_mistake(program: str, flags: list[str]) -> str:
    """What is wrong with the lint itself, or nothing."""
    content, said = tidy(program, flags, CLASSIC, "-DMISTAKE")
    if content or f"'value' used after it was moved [{CHECK}" not in said:
        return f"the use of a value after it was sent is not reported: {said}"
    content, said = tidy(program, flags, CLASSIC)
    return "" if content else f"the correct twin is reported: {said}"


def lint_cpp(program: str, flags: list[str], files: list[Path], results: Results) -> None:
    clock = Clock()
    results.add(
        Result(
            "clang-tidy",
            "the classic mistake is reported, its twin is not",
            clock.seconds,
            classic_mistake(program, flags),
        )
    )

    def look(file: Path) -> Result:
        clock = Clock()
        content, said = tidy(program, flags, file)
        return Result("clang-tidy", str(file), clock.seconds, "" if content else said)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(look, files):
            results.add(result)
