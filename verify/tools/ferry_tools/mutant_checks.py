"""What may notice a mutant: the explorer, also of the parkers alone; the tests; the tests whose threads run free under
ThreadSanitizer, and those of the standard platform's memory under AddressSanitizer.

All are compiled for the mutant without optimisation, because that takes the least time in all. An object that is the
same, byte by byte, as that of the right header cannot behave otherwise, and is not run. A time-out notices nothing:
what does not end in time may be slow.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ferry_tools import scenario_choice
from ferry_tools.algorithm_graph import LocalGraph, enumerate_threads
from ferry_tools.contract_outcomes import Allowed, ask_contract
from ferry_tools.cppunit import SANITIZERS, in_short
from ferry_tools.errors import ToolError
from ferry_tools.exploration import Explorer
from ferry_tools.following import FEW_THREADS, all_kinds
from ferry_tools.mutant_changes import INCLUDE, Mutant
from ferry_tools.parker import NOT_ENDED, explore_parker
from ferry_tools.paths import OF_BOUNDED, OF_UNBOUNDED, ROOT, TESTS
from ferry_tools.results import Json, Screen
from ferry_tools.scenarios import RING_EXPLORER, Scenario

# What a file's mutants are shown to first: not the explorer, which has a platform of its own.
PLATFORM = {"platform.hpp", "parker.hpp", "condition_parker.hpp", "deadline.hpp", "cancellation.hpp"}
EXECUTIONS = 5_000  # of each scenario: what notices a mutant, does so early
PATIENCE = 40  # seconds for a search, or for the tests of a file
TEST_PATIENCE = "10"  # seconds for one test that hangs
TIMED_OUT = "stopped after the time that it had"  # so the explorer says
COMPILE_PATIENCE = 120
# Test files under a sanitizer. AddressSanitizer is for what the standard platform gives back.
SANITIZED = {
    "tsan": ("thread", ["standard_platform", "parkers", "free_running", "bounded", "reference_bounded"]),
    "asan": ("address", ["standard_platform"]),
}
PARKER = "parker"  # the parkers alone, explored; for what they include
LAYERS = (PARKER, "tests", "exploration", *SANITIZED)
OWN_PROCESS = {"complaints", "interleavings"}  # about the tests; thousands of programs, which take long


@dataclass
class Verdict:
    """What came of one layer."""

    by: str = ""  # scenario or test; empty: noticed by none
    message: str = ""
    executions: int = 0
    timed_out: list[str] = field(default_factory=list)
    same: bool = True  # every object is that of the right header

    def as_json(self) -> Json:
        return {k: v for k, v in self.__dict__.items() if v}


class Compiler:
    """Compiles what depends on the header, with what does not read beforehand."""

    def __init__(self, build: Path, clangxx: str) -> None:
        self.build, self.clangxx = build, clangxx
        self.right: dict[str, str] = {}  # object -> hash, of the right header
        self.reads: dict[str, list[str]] = {}  # object -> the headers that it is made of
        self.explore_flags = ["-std=c++23", "-O0", "-w", "-fno-sized-deallocation", f"-I{ROOT / 'verify/relacy'}"]
        self.test_flags = ["-std=c++23", "-O0", "-w", "-pthread", f"-I{TESTS}", f"-I{ROOT / 'verify'}"]
        self.flags = {"exploration": self.explore_flags, PARKER: self.explore_flags, "tests": self.test_flags}
        for layer, (sanitizer, _) in SANITIZED.items():
            self.flags[layer] = [*self.test_flags, f"-fsanitize={sanitizer}", "-DFERRY_TEST_SANITIZED"]
        self.prefixes: dict[str, Path] = {}
        # What no mutant changes: of the explorer, its options and JSON; and of what it includes.
        self.options, self.beforehand = build / "options.obj", build / "before_exploration.obj"
        self.lock = threading.Lock()

    def prefix(self, layer: str) -> Path:
        """What all of a layer include and no mutant changes, compiled once."""
        with self.lock:
            if layer not in self.prefixes:
                self.prefixes[layer] = self.compile_prefix(layer)
        return self.prefixes[layer]

    def compile_prefix(self, layer: str) -> Path:
        verify = ROOT / "verify"
        if layer == "exploration":
            files = [*verify.glob("*.hpp"), *(verify / "relacy").glob("*.?pp")]
            fixed = "".join((verify / "relacy" / f).read_text() for f in ("relacy.hpp", "options.hpp", "options.cpp"))
            more, last = ["-fpch-codegen"], f'#include "relacy.hpp"\n// {hashlib.sha256(fixed.encode()).hexdigest()}\n'
        else:
            files = [*TESTS.glob("unit/*.cpp"), *TESTS.glob("harness/*.hpp"), *verify.glob("*/*.hpp")]
            more, last = [], ""
        text = "".join(f.read_text() for f in [*files, *INCLUDE.rglob("*.hpp")])
        names = {n for n in re.findall(r"^#include <([^>]+)>", text, re.MULTILINE) if self.is_fixed(n)}
        # Some are included only where the library has them.
        includes = [f"#if __has_include(<{n}>)\n#include <{n}>\n#endif\n" for n in sorted(names)]
        header, written = self.build / f"before_{layer}.hpp", "".join(includes) + last
        prefix = header.with_suffix(".pch")
        if not prefix.exists() or not header.exists() or header.read_text() != written:
            self.build.mkdir(parents=True, exist_ok=True)
            header.write_text(written)
            flags = [*self.flags[layer], "-fpch-instantiate-templates", *more]
            self.call([*flags, "-x", "c++-header", str(header), "-o", str(prefix)])
            if layer == "exploration":
                self.call(["-ffunction-sections", "-c", str(prefix), "-o", str(self.beforehand)])
                self.call([*self.flags[layer], "-c", str(verify / "relacy" / "options.cpp"), "-o", str(self.options)])
        return prefix

    @staticmethod
    def is_fixed(name: str) -> bool:
        return not name.startswith(("ferry/", "relacy/", "CLI"))

    def call(self, arguments: list[str]) -> None:
        run = subprocess.run([self.clangxx, *arguments], capture_output=True, text=True, timeout=COMPILE_PATIENCE)
        if run.returncode == 0:
            return
        if errors := re.findall(r".*:\d+:\d+: (?:fatal )?error: .*", run.stderr):
            raise DoesNotCompile(errors[0])
        raise ToolError(f"the compiler failed, but not for an error in the source: {run.stderr.strip()[-300:]}")

    def object(self, layer: str, source: Path, made: Path, mutant: Mutant | None, *more: str) -> bool:
        """Whether the object is another one than that of the right header."""
        key, include, rule = (
            f"{layer} {made.name}",
            made.parent / "include" if mutant else INCLUDE,
            made.with_suffix(".d"),
        )
        if mutant and not {of_include(c.file) for c in mutant.changes} & set(self.reads[key]):
            return False
        # assert has the file's name in its message.
        where = [f"-I{include}", f"-fmacro-prefix-map={include}=include"]
        self.call([*self.flags[layer], "-include-pch", str(self.prefix(layer)), *where, *more, "-MMD", "-MF",
                   str(rule), "-c", str(source), "-o", str(made)])  # fmt: skip
        read = rule.read_text().replace("\\\n", " ").split()
        rule.unlink()
        if not mutant:
            self.right[key] = hashlib.sha256(made.read_bytes()).hexdigest()
            self.reads[key] = [of_include(Path(p)) for p in read if Path(p).resolve().is_relative_to(INCLUDE)]
        return self.differs(layer, made)

    def differs(self, layer: str, made: Path) -> bool:
        return self.right[f"{layer} {made.name}"] != hashlib.sha256(made.read_bytes()).hexdigest()


def of_include(header: Path) -> str:
    return str(header.resolve().relative_to(INCLUDE))


class DoesNotCompile(Exception):
    pass


class Checks:
    def __init__(self, build: Path, jar: Path, clangxx: str, explorers: Path, executions: int | None) -> None:
        self.build, self.jar, self.explorers, self.executions = build, jar, explorers, executions
        self.compiler = Compiler(build / "right", clangxx)
        self.screen = Screen()
        self.screen.running = lambda name, what="": None  # type: ignore[method-assign]
        self.chosen: list[Scenario] = []
        self.allowed: dict[str, Allowed] = {}
        self.graphs: dict[str, LocalGraph] = {}  # what the algorithm does, where it is followed
        self.most_late: int | None = None  # so many tests of a layer that hang are enough
        self.kills: Counter[str] = Counter()  # of scenarios and test files: those that notice most come first
        self.cost: dict[str, int] = {}
        self.tests: dict[str, list[str]] = {}  # layer and file -> names: some tests are not for sanitizers
        self.right = build / "right"
        self.known, self.known_key = self.right / "known.json", ""
        self.lock = threading.Lock()

    # ---- before the mutants -----------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self.chosen = scenario_choice.load()
        self.allowed = ask_contract(self.chosen, self.jar, self.build)
        followed = [s for s in self.chosen if len(s.threads) <= FEW_THREADS and not s.is_bounded]
        self.graphs = enumerate_threads(followed, self.jar, self.build, 2)
        explorer, kinds = Explorer(self.build, self.screen, PATIENCE), all_kinds(self.graphs.values())
        for s in self.chosen:
            explorer.write_program(s, self.allowed[s.name], self.graphs.get(s.name), kinds)
            self.cost[s.name] = len(self.allowed[s.name].steps)
        self.known_key = hashlib.sha256((key_of_checks() + key_of_header()).encode()).hexdigest()
        try:
            before: Json = json.loads(self.known.read_text())
        except (OSError, ValueError):
            before = {}
        if before.get("key") == self.known_key and "reads" in before:
            self.compiler.right, self.tests = before["objects"], before["tests"]
            self.compiler.reads = before["reads"]
            return
        for stale in self.right.glob("*.o"):
            stale.unlink()

    def prepare_explorer(self, explorer: str) -> None:
        """The object of the right header, to compare with."""
        with self.lock:
            if f"exploration {explorer}.o" not in self.compiler.right:
                self.compile_explorer(explorer, self.right, None)
                self.remember()

    def prepare_tests(self, layer: str, source: str) -> None:
        """The right header passes: otherwise nothing would be learnt from what fails with a mutant."""
        with self.lock:
            if f"{layer} {layer}-{source}.o" in self.compiler.right and f"{layer} {source}" in self.tests:
                return
            for file in (TESTS / "harness" / "runner.cpp", ROOT / "verify" / "trace" / "judge.cpp"):
                if not (made := self.right / f"{layer}-{file.stem}.o").exists():
                    self.compiler.object(layer, file, made, None)
            self.compile_tests(layer, source, self.right, None)
            program = self.right / f"{layer}-{source}"
            listed = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
            self.tests[f"{layer} {source}"] = [line.split("\t")[1] for line in listed.stdout.splitlines()]
            verdict = self.run_tests(layer, program, source)
            program.unlink()
            if verdict.by or verdict.timed_out:
                why = f"{verdict.by} {', '.join(verdict.timed_out)} {verdict.message}"
                raise ToolError(f"the right header fails, so nothing would be learnt from mutants: {layer}: {why}")
            self.remember()

    def remember(self) -> None:
        known = {"objects": self.compiler.right, "reads": self.compiler.reads, "tests": self.tests}
        self.known.write_text(json.dumps({"key": self.known_key} | known))

    def programs(self) -> list[str]:
        """The explorers: one for each size of block, and that of the bounded channel."""
        return [program for program, _ in Counter(s.explorer for s in self.chosen).most_common()]

    def can_notice(self, mutant: Mutant) -> list[str]:
        """A plant is a step's name, which both channels may have; for what is compiled, this only saves time."""
        files = {change.file for change in mutant.changes}
        of_bounded = files <= set(OF_BOUNDED)
        of_unbounded = files <= set(OF_UNBOUNDED) or (mutant.plant and not of_bounded)
        return [p for p in self.programs() if not (of_unbounded if p == RING_EXPLORER else of_bounded)]

    def test_files(self) -> list[str]:
        return sorted(f.stem for f in (TESTS / "unit").glob("*.cpp") if f.stem not in OWN_PROCESS)

    # ---- a mutant ---------------------------------------------------------------------------------------------------

    def write(self, mutant: Mutant, folder: Path) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(INCLUDE, folder / "include")
        for file, text in mutant.texts().items():
            (folder / "include" / file.relative_to(INCLUDE)).write_bytes(text)
        (folder / "programs").symlink_to((self.build / "programs").resolve())
        return folder / "include"

    def count(self, by: str) -> None:
        """Of a verdict: `scenario: name`, or `layer: file, test`."""
        self.kills[re.split("[:,] ", by)[1]] += 1

    def look(self, layer: str, mutant: Mutant, folder: Path) -> Verdict:
        if layer == "exploration":
            return self.explore(mutant, folder)
        if layer == PARKER:
            return self.explore_parkers(mutant, folder)
        # Of a platform that does nothing, the tests of channels only hang.
        files = sorted(self.test_files(), key=lambda f: (f != mutant.tested_first, -self.kills[f], f))
        if layer in SANITIZED:
            files = sorted(SANITIZED[layer][1], key=lambda f: -self.kills[f])
        verdict = Verdict()
        for source in files:
            self.prepare_tests(layer, source)
            if not self.compile_tests(layer, source, folder, mutant):
                continue
            found = self.run_tests(layer, folder / f"{layer}-{source}", source)
            verdict.same = False
            verdict.timed_out += found.timed_out
            if self.most_late and len(verdict.timed_out) >= self.most_late and not found.by:
                break
            if found.by:
                self.count(by := f"{layer}: {found.by}")
                return Verdict(by, found.message, 0, verdict.timed_out, False)
        return verdict

    def compile_explorer(self, name: str, folder: Path, mutant: Mutant | None) -> bool:
        """What searches is the same for all sizes of block, and reads little of the header."""
        slots, first = ("1", "1") if name == RING_EXPLORER else name.split("-")[1:]
        sizes = [f"-DBLOCK_SLOTS={slots}", f"-DFIRST_BLOCK_SLOTS={first}"]
        sizes += ["-DBOUNDED"] if name == RING_EXPLORER else []
        differing = [self.compile_part("explore", "explore", folder, mutant)]
        differing += [self.compile_part(name, "execution", folder, mutant, *sizes)]
        if mutant and any(differing):
            objects = [(folder if own else self.right) / f"{n}.o" for n, own in zip(("explore", name), differing)]
            # Of what was compiled beforehand, only what is used: the rest names symbols that no library has.
            objects += [self.compiler.options, self.compiler.beforehand]
            self.compiler.call([*map(str, objects), "-Wl,--gc-sections", "-o", str(folder / name)])
        return any(differing)

    def compile_part(self, name: str, source: str, folder: Path, mutant: Mutant | None, *sizes: str) -> bool:
        made = folder / f"{name}.o"
        if mutant and made.exists():  # for another size of block
            return self.compiler.differs("exploration", made)
        if not mutant and f"exploration {made.name}" in self.compiler.right:
            return False
        return self.compiler.object("exploration", ROOT / "verify" / "relacy" / f"{source}.cpp", made, mutant, *sizes)

    def compile_tests(self, layer: str, source: str, folder: Path, mutant: Mutant | None) -> bool:
        made = folder / f"{layer}-{source}.o"
        differs = self.compiler.object(layer, TESTS / "unit" / f"{source}.cpp", made, mutant)
        if differs or not mutant:
            rest = [str(self.build / "right" / f"{layer}-{name}.o") for name in ("runner", "judge")]
            link = ["-pthread", *([f"-fsanitize={SANITIZED[layer][0]}"] if layer in SANITIZED else [])]
            self.compiler.call([*link, str(made), *rest, "-lcppunit", "-o", str(folder / f"{layer}-{source}")])
        made.unlink(missing_ok=True)
        return differs

    def explore(self, mutant: Mutant, folder: Path) -> Verdict:
        verdict = Verdict()
        in_order = sorted(self.chosen, key=lambda s: (-self.kills[s.name], self.cost[s.name]))
        options = ["--plant", mutant.plant] if mutant.plant else []
        options += ["--executions", str(self.executions)] if self.executions else []
        for program in self.can_notice(mutant):
            if not mutant.plant:
                self.prepare_explorer(program)
                if not self.compile_explorer(program, folder, mutant):
                    continue
            verdict.same = False
            explorer = Explorer(self.explorers if mutant.plant else folder, self.screen, PATIENCE)
            explorer.program = lambda s: self.build / "programs" / f"{s.name}.json"  # type: ignore[method-assign]
            for s in in_order:
                if s.explorer != program:
                    continue
                also = [*(["--reuse"] if s.reuse else []), *(["--algorithm"] if s.name in self.graphs else [])]
                report = explorer.run(s, *options, *also)
                failure = report.get("failure", "")
                if failure.startswith(TIMED_OUT):
                    verdict.timed_out.append(s.name)
                    continue
                missing = sorted(self.allowed[s.name].shown - set(report["outcomes"]))
                if not failure and missing and report["exhaustive"]:
                    failure = f"never shows an outcome that the contract allows: {missing[0]}"
                if failure:
                    self.count(by := f"scenario: {s.name}")
                    return Verdict(by, failure, report["executions"], verdict.timed_out, False)
        return verdict

    def explore_parkers(self, mutant: Mutant, folder: Path) -> Verdict:
        if mutant.file.name not in PLATFORM:
            return Verdict()
        source = ROOT / "verify" / "relacy" / "parker.cpp"
        flags = [*self.compiler.flags[PARKER], f"-I{folder / 'include'}"]
        self.compiler.call([*flags, str(source), "-o", str(folder / PARKER)])
        results = explore_parker(folder, PATIENCE)
        late = [r.name for r in results if r.failure.startswith(NOT_ENDED)]
        failing = next((r for r in results if r.failure and r.name not in late), None)
        if failing is None:
            return Verdict(timed_out=late, same=False)
        return Verdict(f"{PARKER}: {failing.name}", failing.failure, 0, late, False)

    def run_tests(self, layer: str, program: Path, source: str) -> Verdict:
        """All of a file, one after the other; those behind one that ends the process, in a new one."""
        verdict, waiting = Verdict(same=False), sorted(self.tests[f"{layer} {source}"])
        environment = {**SANITIZERS, **os.environ, "FERRY_TEST_PATIENCE": TEST_PATIENCE}
        while waiting and len(verdict.timed_out) < 3:
            command = [str(program), *waiting]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                       errors="replace", env=environment, start_new_session=True)  # fmt: skip
            try:
                said, _ = process.communicate(timeout=PATIENCE)
                status = process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said, status = process.communicate()[0], 0
                verdict.timed_out.append(source)
                return verdict
            running, ended = "", set()
            for line in said.splitlines():
                event, *rest = line.split("\t")
                if event == "begin" and rest:
                    running = rest[0]
                elif event == "failed" and len(rest) > 2:
                    return Verdict(f"{source}, {rest[0]}", rest[2], same=False)
                elif event in ("passed", "stuck") and rest:
                    ended.add(rest[0])
                    running = ""
                    if event == "stuck":
                        verdict.timed_out.append(rest[0])
            if running or (status != 0 and not said.count("stuck\t")):
                how = signal.Signals(-status).name if status < 0 else f"status {status}"
                complaint = in_short("\n".join(x for x in said.splitlines() if not re.match(r"(begin|passed)\t", x)))
                return Verdict(f"{source}, {running}", f"the process ended with {how}: {complaint[:400]}", same=False)
            waiting = [name for name in waiting if name not in ended] if said.count("stuck\t") else []
        return verdict


def key_of_checks() -> str:
    """Of all that may notice something: the sources of tests, scenarios, explorer and contract."""
    digest = hashlib.sha256()
    files = [p for top in ("tests/unit", "tests/harness", "verify", "spec") for p in sorted((ROOT / top).rglob("*"))]
    for file in files:
        if file.suffix in (".cpp", ".hpp", ".scenario", ".tla"):
            digest.update(re.sub(rb"(?m)\s*//.*$", b"", file.read_bytes()))
    return digest.hexdigest()


def key_of_header() -> str:
    texts = [re.sub(rb"(?m)\s*//.*$", b"", file.read_bytes()) for file in sorted(INCLUDE.rglob("*.hpp"))]
    return hashlib.sha256(b"".join(texts)).hexdigest()


def tools_are_there(explorers: Path, programs: list[str]) -> None:
    for program in programs:
        if not (explorers / program).exists():
            raise ToolError(f"no explorer {program} in {explorers}: make mutants builds it")
