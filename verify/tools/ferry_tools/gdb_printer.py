"""What gdb prints of handles (impl/gdb/ferry.py), at each place where tests/gdb/program.cpp stops."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from ferry_tools.errors import ToolError
from ferry_tools.paths import ROOT
from ferry_tools.results import Clock, Result, Results

PROGRAM, PRINTER = ROOT / "tests" / "gdb" / "program.cpp", ROOT / "impl" / "gdb" / "ferry.py"
STOP = re.compile(r"gdb_looks_here\(\);  // (.*)")
PATIENCE_SECONDS = 60
# Where it stops: a variable there, and what is printed of it.
EXPECTED = {
    "new": {"tx": "ferry::Sender: 0 queued, 1 sender", "rx": "ferry::Receiver: 0 queued, 1 sender"},
    "600 queued, over several blocks": {"clone": "ferry::Sender: 600 queued, 2 senders"},
    "closed": {"rx": "ferry::Receiver: 600 queued, 2 senders, closed"},
    "moved from": {
        "tx": "ferry::Sender: empty, because it was moved from",
        "moved": "ferry::Sender: 600 queued, 2 senders, closed",
    },
    "the receiver waits": {"tx": "ferry::Sender: 0 queued, 1 sender, the receiver waits"},
    "no sender": {"rx": "ferry::Receiver: 0 queued, no sender is left"},
    "a sender waits": {"tx": "ferry::SyncSender: 2 queued of 2, 2 senders, senders wait"},
    "full, and nobody waits": {"rx": "ferry::Receiver: 2 queued of 2, 1 sender"},
}


def check_gdb(cxx: str, build: Path, results: Results) -> None:
    """With debug information as g++ and clang++ write it, each with its own library."""
    if shutil.which("gdb") is None:
        raise ToolError("no gdb on the PATH (Debian package gdb)")
    build.mkdir(parents=True, exist_ok=True)
    for name, compiler in {"g++": [cxx], "clang, libc++": ["clang++-19", "-stdlib=libc++"]}.items():
        clock, program = Clock(), build / re.sub(r"\W", "", name)
        wrong = compiled(compiler, ROOT / "impl" / "include", program) or problems(program, sourced(PRINTER))
        failure = "; ".join(wrong)
        said = f"what is printed of handles is right at {len(EXPECTED)} places"
        results.add(Result("gdb", name, clock.seconds, failure, said))


def compiled(compiler: list[str], include: Path, program: Path) -> list[str]:
    """What is wrong with it, or nothing."""
    flags = ["-std=c++23", "-g", "-O0", "-pthread", f"-I{include}"]
    made = subprocess.run([*compiler, *flags, str(PROGRAM), "-o", str(program)], capture_output=True, text=True)
    return [made.stderr.strip()[:500]] if made.returncode else []


def sourced(printer: Path) -> list[str]:
    return ["-ex", f"source {printer}"]


def problems(program: Path, loading: list[str]) -> list[str]:
    """Of gdb in this program. `loading`: the arguments by which gdb comes to the script."""
    stops = STOP.findall(PROGRAM.read_text())
    if stops != list(EXPECTED):
        return [f"{PROGRAM.name} stops at {stops}, which are other places than {list(EXPECTED)}"]
    commands = ["set debuginfod enabled off", "break gdb_looks_here", "run"]
    for stop, variables in EXPECTED.items():
        commands += ["up", *(f'printf "at {stop}: "\nprint {name}' for name in variables), "continue"]
    arguments = [argument for command in "\n".join(commands).splitlines() for argument in ("-ex", command)]
    try:
        done = subprocess.run(["gdb", "-nx", "-batch", *loading, *arguments, str(program)],
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS)  # fmt: skip
    except subprocess.TimeoutExpired:
        return [f"gdb did not end within {PATIENCE_SECONDS} s"]
    found = re.findall(r"at (.*?): \$\d+ = (.*)", done.stdout)
    expected = [(stop, said) for stop, of in EXPECTED.items() for said in of.values()]
    if len(found) != len(expected):
        return [f"gdb printed {len(found)} of {len(expected)} handles: {(done.stdout + done.stderr).strip()[-500:]}"]
    return [
        f"at `{stop}`: expected {wanted!r}, found {said!r}"
        for (stop, wanted), (_, said) in zip(expected, found)
        if said != wanted
    ]
