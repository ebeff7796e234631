"""What must not compile. Each file in tests/must_not_compile/ is two programs, one with MISTAKE defined and one, its
twin, without: they differ by the mistake alone. Under both compilers the twin compiles without a word, and the mistake
is an error with the diagnostic that the file names; a typo would be another."""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import re
import shlex
import subprocess
from pathlib import Path

from ferry_tools.paths import HEADERS
from ferry_tools.results import Clock, Remembered, Result, Results


def judge(file: Path, compiler_kind: str, command: list[str]) -> str:
    """What is wrong with this file under this compiler, or nothing."""

    def compile_it(*more: str) -> subprocess.CompletedProcess[str]:
        environment = dict(os.environ, LC_ALL="C")
        words = [*command, "-fsyntax-only", *more, str(file)]
        return subprocess.run(words, capture_output=True, text=True, env=environment)

    diagnostic = re.search(rf"^// {re.escape(compiler_kind)}: (.*)$", file.read_text(), re.MULTILINE)
    if diagnostic is None:
        return f"it does not say which diagnostic {compiler_kind} must give"
    twin = compile_it()
    if twin.returncode != 0 or twin.stderr:
        return "its twin, without the mistake, does not compile: " + twin.stderr[:600]
    mistake = compile_it("-DMISTAKE")
    if mistake.returncode == 0:
        return "it compiles"
    errors = [line for line in mistake.stderr.splitlines() if "error:" in line]
    if not any(re.search(diagnostic[1], line) for line in errors):
        return f"it fails for another reason than `{diagnostic[1]}`: " + " / ".join(errors)[:600]
    return ""


def run_must_not_compile(folder: Path, commands: dict[str, str], memory: Path, results: Results) -> list[str]:
    """`commands`: kind of compiler -> compiler with flags. Returns the names."""
    remembered = Remembered(memory)
    shared = hashlib.sha256(b"".join(p.read_bytes() for p in (*HEADERS, Path(__file__))))
    files = sorted(folder.glob("*.cpp"))

    def look(file: Path, kind: str) -> tuple[Result, str]:
        key = shared.copy()
        key.update((commands[kind] + file.read_text()).encode())
        clock = Clock()
        failure = "" if key.hexdigest() in remembered.earlier else judge(file, kind, shlex.split(commands[kind]))
        return Result(f"must not compile: {kind}", file.stem, clock.seconds, failure), key.hexdigest()

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for job in [pool.submit(look, file, kind) for file in files for kind in commands]:
            result, key = job.result()
            results.add(result)
            if result.passed:
                remembered.good.append(key)
    remembered.save()
    return [file.stem for file in files]
