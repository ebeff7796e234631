"""`make verify-deep-distributed`: a deep model under TLC's server and its workers, which may be on other machines.

The number of states has to be the pinned one. The depth, and how many states are generated, are not asked for: chance
decides in which order workers see states, and TLC counts otherwise there. Workers check invariants, steps (and so the
refinement) and deadlocks. The server says that something is violated, but not what, and shows one state only: `make
verify MODEL=name` says more. TLC does not check liveness there, nor count which actions are taken: `make verify-deep`
does.

That all this would notice something is seen first, each time, in a wrong algorithm.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ferry_tools.errors import ToolError, guarded
from ferry_tools.model_checking import LONGEST_DEEP, configuration, progress_line, temporal_properties
from ferry_tools.models import Model, find_model, load_models, module_to_check
from ferry_tools.paths import SPEC_FOLDERS
from ferry_tools.results import Clock, Result, Results, Screen
from ferry_tools.tlc import ERROR, HOLDS, Progress, Run, explanation, read_messages, scratch_of
from ferry_tools.tlc_java import LONG, require_tlc

SERVER, WORKER = "tlc2.tool.distributed.TLCServer", "tlc2.tool.distributed.TLCWorker"
LOOPBACK = "127.0.0.1"
# What the server says.
READY, REGISTERED = re.compile(r"TLC server at .* is ready"), re.compile(r"Registration for worker at \S+ completed")
VIOLATED = re.compile(r"The behavior up to this point is:")
SOMETHING = "a violation"  # of what, it does not say
# In it, a step of the refinement is violated, in a module that is changed.
WRONG = "mutant_InstallerLosesClosed"
LASTING = 50_000  # states: a search of fewer may have ended before the last worker comes
PATIENCE = 60  # seconds: a server without a worker, and a worker without a server


def free_port() -> int:
    with socket.socket() as s:
        s.bind((LOOPBACK, 0))
        return int(s.getsockname()[1])


class Distributed:
    """One run. With no workers of its own, it waits for those that are started elsewhere."""

    def __init__(self, jar: Path, host: str, port: int, workers: int, screen: Screen) -> None:
        self.jar, self.host, self.port, self.workers, self.screen = jar, host, port, workers, screen
        self.registered, self.violated = 0, False
        self.started: list[subprocess.Popen[str]] = []

    def java(self, scratch: Path, program: str, *arguments: str, properties: Sequence[str] = ()) -> list[str]:
        where = [f"java.io.tmpdir={scratch}", f"java.rmi.server.hostname={self.host}", f"{SERVER}.port={self.port}"]
        options = [*LONG, "-Xmx1g", *(f"-D{p}" for p in (*where, *properties))]
        return ["java", *options, "-cp", str(self.jar.resolve()), program, *arguments]

    def run(self, model: Model, folder: Path, progress: Progress) -> Run:
        clock, scratch = Clock(), scratch_of(folder)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        cfg = folder / f"{model.name}.cfg"
        cfg.write_text(configuration(model))
        module = module_to_check(model, folder)
        # TLC looks in the module's own folder first, its server does not: modules that are changed lie there.
        library = ":".join(map(str, (folder.resolve(), *SPEC_FOLDERS)))
        with tempfile.TemporaryDirectory(prefix="tlc-") as unpacked:
            command = self.java(
                Path(unpacked), SERVER, "-tool", "-fp", "0", "-metadir", str(scratch / "states"), "-config", cfg.name,
                str(module.resolve()), properties=[f"TLA-Library={library}"],
            )  # fmt: skip
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            limit = threading.Timer(LONGEST_DEEP, server.kill)
            limit.start()
            try:
                run = read_messages(self.lines(server, Path(unpacked)), progress)
                server.wait()
                for worker in self.started:
                    worker.wait(PATIENCE)
            except subprocess.TimeoutExpired as error:
                raise ToolError(f"a worker goes on {PATIENCE} s after its server has ended") from error
            finally:
                limit.cancel()
                for process in (server, *self.started):
                    process.kill()
                    process.wait()
        shutil.rmtree(scratch, ignore_errors=True)
        run.seconds = clock.seconds
        if self.violated:
            run.result = SOMETHING
        elif run.result == ERROR:
            printed = [line for line in explanation(run.printed) if not line.startswith("TLC2 ")]  # which names itself
            run.errors += [f"the server ended with status {server.returncode}", *printed]
        return run

    def lines(self, server: subprocess.Popen[str], unpacked: Path) -> Iterator[str]:
        assert server.stdout is not None
        for line in server.stdout:
            if READY.match(line):
                self.start_workers(unpacked)
                threading.Thread(target=self.watch, args=[server], daemon=True).start()
            self.registered += bool(REGISTERED.match(line))
            self.violated = self.violated or bool(VIOLATED.match(line))
            yield line

    def watch(self, server: subprocess.Popen[str]) -> None:
        """The server waits for a worker for ever; here, only for those of others."""
        last = time.monotonic()
        while self.started and server.poll() is None:
            if self.registered and any(worker.poll() is None for worker in self.started):
                last = time.monotonic()
            elif time.monotonic() - last > PATIENCE:
                server.kill()
            time.sleep(1)

    def start_workers(self, unpacked: Path) -> None:
        if not self.workers:
            self.screen.line(
                f"  workers wanted: java -D{SERVER}.port={self.port} -cp {self.jar.name} {WORKER} {self.host}"
            )
        for _ in range(self.workers):
            command = self.java(unpacked, WORKER, self.host, properties=[f"{WORKER}.threadCount=1"])
            self.started.append(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
            )


def differences(model: Model, run: Run, of: Distributed) -> list[str]:
    wanted = of.workers if model.pins.get("distinct", 0) >= LASTING else min(of.workers, 1)
    found = [f"{of.registered} of {of.workers} workers came"] if of.registered < wanted else []
    expected = HOLDS if model.expected == HOLDS else SOMETHING
    if run.result != expected:
        return [f"expected {expected}, got {run.result}", *run.errors[:3], *found]
    if run.result == HOLDS and run.distinct != model.pins["distinct"]:
        found.append(f"expected {model.pins['distinct']:,} states, got {run.distinct:,}")
    return found


def check(model: Model, build: Path, of: Distributed) -> Result:
    of.screen.line(f"\n{model.name}: a server at {of.host}:{of.port}, {of.workers} workers of its own")
    run = of.run(model, build / "spec" / f"{model.name}.distributed", progress_line(model.name, of.screen))
    counts = {"distinct": run.distinct, "generated": run.generated, "workers": of.registered}
    pinned = ", as pinned" if model.expected == HOLDS else f", as it must: {model.expected} does not hold"
    said = f"{run.result}; {run.distinct:,} states{pinned}; {of.registered} workers"
    return Result("models", model.name, run.seconds, "; ".join(differences(model, run, of)), said, counts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--model", help="this model only, deep or not (default: the deep ones that are about safety)")
    parser.add_argument("--workers", type=int, default=2, help="on this machine; 0: those that are started elsewhere")
    parser.add_argument("--host", default=LOOPBACK, help="the name by which workers know this machine")
    parser.add_argument("--port", type=int, help="of the server (default: one that is free)")
    a = parser.parse_args()
    require_tlc(a.jar)
    models = load_models()
    chosen = [find_model(models, a.model)] if a.model else [m for m in models if m.deep and not temporal_properties(m)]
    if lively := [m.name for m in chosen if temporal_properties(m)]:
        raise ToolError(f"{', '.join(lively)} is about liveness, which TLC does not check with workers")
    results = Results()
    for model in dict.fromkeys([find_model(models, WRONG).name, *(model.name for model in chosen)]):
        of = Distributed(a.jar, a.host, a.port or free_port(), a.workers, results.screen)
        results.take("", [check(find_model(models, model), a.build, of)])
    return results.end("verify-deep-distributed")


if __name__ == "__main__":
    raise SystemExit(guarded("verify-deep-distributed", main))
