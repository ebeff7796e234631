"""What must not compile. Each file in tests/must_not_compile/ is two programs, one with MISTAKE defined and one, its
twin, without: they differ by the mistake alone. Under both compilers the twin compiles without a word, and the mistake
is an error with the diagnostic that the file names; a typo would be another."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import time

from outcomes import Outcome


def expected_diagnostic(source, compiler_kind):
    found = re.search(rf"^// {re.escape(compiler_kind)}: (.*)$", source, re.MULTILINE)
    return found.group(1) if found else None


def judge(file, compiler_kind, command):
    """What is wrong with this file under this compiler, or nothing."""
    def compile_it(*more):
        return subprocess.run([*command, "-fsyntax-only", *more, file], capture_output=True, text=True,
                              env=dict(os.environ, LC_ALL="C"))

    diagnostic = expected_diagnostic(file.read_text(), compiler_kind)
    if diagnostic is None:
        return f"it does not say which diagnostic {compiler_kind} must give"
    twin = compile_it()
    if twin.returncode != 0 or twin.stderr:
        return "its twin, without the mistake, does not compile: " + twin.stderr[:600]
    mistake = compile_it("-DMISTAKE")
    if mistake.returncode == 0:
        return "it compiles"
    errors = [line for line in mistake.stderr.splitlines() if "error:" in line]
    if not any(re.search(diagnostic, line) for line in errors):
        return f"it fails for another reason than `{diagnostic}`: " + " / ".join(errors)[:600]
    return ""


def run_must_not_compile(directory, headers, commands, cache_path, outcomes):
    """`commands`: kind of compiler -> compiler with flags. What was good once is not looked at again until the file,
    a header, or the command changes. Returns the names."""
    shared = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(headers)) + pathlib.Path(__file__).read_bytes())
    try:
        good = set(json.loads(cache_path.read_text()))
    except (OSError, ValueError):
        good = set()

    def look(file, kind):
        key = shared.copy()
        key.update((commands[kind] + file.read_text()).encode())
        began = time.monotonic()
        failure = "" if key.hexdigest() in good else judge(file, kind, shlex.split(commands[kind]))
        return Outcome(f"must not compile: {kind}", file.stem, time.monotonic() - began, failure), key.hexdigest()

    still_good = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(look, file, kind) for file in sorted(directory.glob("*.cpp")) for kind in commands]
        for job in jobs:
            outcome, key = job.result()
            outcomes.add(outcome)
            if not outcome.failure:
                still_good.append(key)
    cache_path.write_text(json.dumps(still_good))
    return sorted(file.stem for file in directory.glob("*.cpp"))
