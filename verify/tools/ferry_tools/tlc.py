"""Runs TLC and says what it found.

TLC is started in its `-tool` mode, in which every message is framed by its number, so that nothing
here depends on the wording of more than the few messages that carry figures. One worker and a fixed
fingerprint function make the counts, and the counterexamples, the same in every run.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ferry_tools.paths import SPEC_FOLDERS
from ferry_tools.tlc_java import JAVAS, TlcError, require_tlc

HOLDS = "holds"
DEADLOCK = "deadlock"
TEMPORAL = "a temporal property"  # TLC does not say which one
ERROR = "error"
# What says that the algorithm does what the contract of that module says.
REFINEMENTS = {"Channel": "Refinement", "SyncChannel": "SyncAlgorithmRefines"}

# The messages that matter, by TLC's number (class tlc2.output.EC).
SUCCESS = 2193
VIOLATED_AT_ONCE = 2107  # by the initial state, which is part of the message
INVARIANT_VIOLATED = 2110
ACTION_PROPERTY_VIOLATED = 2112
DEADLOCK_REACHED = 2114
TEMPORAL_VIOLATED = 2116
STATE = 2217
STUTTERING = 2218
BACK_TO_STATE = 2122
STATISTICS = 2199
PROGRESS = 2200
DEPTH = 2194
ACTION_COVERAGE = 2772

LONGEST = 600.0  # seconds

MESSAGE_BEGIN = re.compile(r"@!@!@STARTMSG (\d+):(\d) @!@!@")
MESSAGE_END = re.compile(r"@!@!@ENDMSG \d+ @!@!@")
ERROR_CLASSES = {"1", "2"}  # error, TLC bug


@dataclass(frozen=True)
class Step:
    """One state of a counterexample and the action that led to it ("" for the initial state)."""

    number: int
    action: str
    state: dict[str, str]


@dataclass
class Run:
    """What one start of TLC found. `result` is HOLDS, DEADLOCK, TEMPORAL, ERROR or a property's name."""

    result: str = ERROR
    generated: int = 0
    distinct: int = 0
    depth: int = 0
    seconds: float = 0.0
    actions: dict[str, int] = field(default_factory=dict)  # how often each was taken
    steps: list[Step] = field(default_factory=list)
    ending: str = ""  # how a counterexample to a liveness property goes on for ever
    errors: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)  # by the modules themselves
    taken_up: bool = False  # from a checkpoint: TLC has not counted again what was generated before it


Progress = Callable[[int, int], None]  # states generated, distinct states


def run_tlc(
    jar: Path,
    module: Path,
    cfg: Path,
    folder: Path,
    coverage: bool = False,
    on_progress: Progress | None = None,
    keep: bool = False,
    brief: bool = False,
    limit: float = LONGEST,
    options: Sequence[str] = (),
) -> Run:
    """Checks `module` with `cfg`. Modules are also looked for in `folder`, and TLC's files go there.

    With `keep`, a run that was interrupted is taken up again from its last checkpoint; `brief` says that it will
    not take long enough for Java's optimizing compiler, or a Java of its own, to pay; `options` are TLC's own. After
    `limit` seconds TLC is stopped: an error.
    """
    require_tlc(jar)
    scratch = scratch_of(folder)
    checkpoint = latest_checkpoint(scratch, module, cfg) if keep else None
    if checkpoint is None:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        if keep:
            (scratch / "checked").write_text(fingerprint(module, cfg))
    started = time.monotonic()
    # TLC takes a configuration by its name only, and looks for it where it looks for modules.
    library = ":".join(map(str, (*SPEC_FOLDERS, cfg.resolve().parent, folder.resolve())))
    arguments = ["-tool", "-workers", "1", "-fp", "0", "-metadir", str(scratch / "states")]
    arguments += ["-coverage", "1"] if coverage else []
    arguments += ["-config", cfg.name, str(module.resolve()), *options]
    if checkpoint is not None:
        arguments += ["-recover", str(checkpoint)]
    if keep:
        arguments += ["-checkpoint", "1"]  # minutes: as often as TLC looks at the time
    with JAVAS.one(jar, brief) as java:
        clock = threading.Timer(limit, java.process.kill)
        clock.start()
        try:
            run = read_messages(java.run(library, arguments), on_progress)
        finally:
            clock.cancel()
    run.seconds = time.monotonic() - started
    run.taken_up = checkpoint is not None
    if java.status == -signal.SIGKILL and run.seconds >= limit:
        run.result, run.errors = ERROR, [f"stopped after {limit:.0f} s, its time limit"]
    elif run.result == ERROR:
        run.errors += explanation(run.printed) or [f"TLC ended with status {java.status}"]
    if not (keep and run.result == ERROR):  # an interrupted TLC is one that ends without an answer
        shutil.rmtree(scratch, ignore_errors=True)
    return run


def fingerprint(module: Path, cfg: Path) -> str:
    """Of everything that a run depends on: a checkpoint is good only for the same model."""
    modules = {path for folder in (*SPEC_FOLDERS, module.resolve().parent) for path in folder.glob("*.tla")}
    texts = [file.read_bytes() for file in (*sorted(modules), cfg)]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def latest_checkpoint(scratch: Path, module: Path, cfg: Path) -> Path | None:
    """The folder of an interrupted run of the same model, if it got as far as a checkpoint."""
    checked = scratch / "checked"
    if not checked.is_file() or checked.read_text() != fingerprint(module, cfg):
        return None
    queues = sorted(scratch.glob("states/*/queue.chkpt"), key=lambda file: file.stat().st_mtime)
    return queues[-1].parent if queues else None


def explanation(printed: list[str]) -> list[str]:
    """The parser's complaints are not framed; what surrounds them says which files it has read."""
    return [line for line in printed if line and not line.startswith(("Parsing file", "Semantic processing"))]


def scratch_of(folder: Path) -> Path:
    return folder.resolve() / "tlc"


def read_messages(lines: Iterable[str], on_progress: Progress | None = None) -> Run:
    run = Run()
    number, severity, body = 0, "0", list[str]()
    for line in (raw.rstrip("\n") for raw in lines):
        if begin := MESSAGE_BEGIN.fullmatch(line):
            number, severity, body = int(begin[1]), begin[2], []
        elif MESSAGE_END.fullmatch(line):
            take_message(run, number, severity, body, on_progress)
            number = 0
        elif number:
            body.append(line)
        else:
            run.printed.append(line)
    return run


def take_message(run: Run, number: int, severity: str, body: list[str], on_progress: Progress | None) -> None:
    text = "\n".join(body)
    if number == SUCCESS:
        run.result = HOLDS
    elif number in (VIOLATED_AT_ONCE, INVARIANT_VIOLATED, ACTION_PROPERTY_VIOLATED):
        # A step that the contract does not allow is reported by its place in the contract.
        refined = re.search(r"of module (\w+) is violated", text)
        run.result = REFINEMENTS[refined[1]] if refined else found(r"(?:Invariant|Action property) (\S+)", text)[1]
        if number == VIOLATED_AT_ONCE:
            run.steps.append(Step(1, "", parse_state(body[1:])))
    elif number == DEADLOCK_REACHED:
        run.result = DEADLOCK
    elif number == TEMPORAL_VIOLATED:
        run.result = TEMPORAL
    elif number == STATE:
        position, action = found(r"(\d+): <(\w+)", body[0]).groups()
        run.steps.append(Step(int(position), "" if position == "1" else action, parse_state(body[1:])))
    elif number == STUTTERING:
        run.ending = "from here on nothing happens, for ever"
    elif number == BACK_TO_STATE:
        run.ending = f"from here on as after step {text.split(':')[0]}, for ever"
    elif number == STATISTICS:
        run.generated, run.distinct = leading_counts(text)
    elif number == PROGRESS and on_progress:
        on_progress(*leading_counts(text.split(": ", 1)[1]))
    elif number == DEPTH:
        run.depth = int(found(r"is (\d+)", text)[1])
    elif number == ACTION_COVERAGE:
        take_coverage(run, text)
    elif severity in ERROR_CLASSES:
        run.errors.append(text)


def found(pattern: str, text: str) -> re.Match[str]:
    if match := re.search(pattern, text):
        return match
    raise TlcError(f"TLC says something else than `{pattern}`: {text}")


def leading_counts(text: str) -> tuple[int, int]:
    counts = re.findall(r"([\d,]+) (?:states generated|distinct states found)", text)
    generated, distinct = (int(count.replace(",", "")) for count in counts)
    return generated, distinct


def take_coverage(run: Run, text: str) -> None:
    """`<Name line 1, ... of module M>: new:taken`; an action occurs once for each place in Next."""
    if match := re.match(r"<(\w+) line .*>: (\d+):(\d+)", text):
        run.actions[match[1]] = run.actions.get(match[1], 0) + int(match[3])


def parse_state(body: list[str]) -> dict[str, str]:
    conjuncts = (conjunct.split(" = ", 1) for conjunct in "\n".join(body).split("/\\ ")[1:])
    return {name: " ".join(value.split()) for name, value in conjuncts}
