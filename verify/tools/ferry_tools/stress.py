"""Runs the recipes one after the other, again and again, until the time is over. Ends in a table, JUnit-style XML and
the line `stress: N passed, N failed`, also when it is interrupted."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ferry_tools.cppunit import in_short
from ferry_tools.results import Clock, Json, Result, Results

CI, MAKEFILE = Path("stress/ci"), Path("stress/stress.mk")
# Each recipe gets its turn early, then longer ones: what is found at all is mostly found soon.
LONGEST_TURN = 30.0
# What a round may take beyond its time before it is given up: the watchdog's patience is part of it.
GRACE = 90.0
# What the last round may take after Ctrl-C.
LAST_ROUND = 30.0
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
COUNTED = ("rounds", "operations", "channels", "threads")


def seconds_of(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"not a duration: {text} (30s, 10m, 8h)")
    return float(match[1]) * UNITS[match[2]]


def environment() -> dict[str, str]:
    """Reports have stacks with names, and none is suppressed. (The watchdog has each thread print its stack, in a
    signal handler: that, ThreadSanitizer is not to complain of. The header knows no signals.)"""
    symbolizer = next(filter(None, map(shutil.which, ("llvm-symbolizer-19", "llvm-symbolizer", "addr2line"))), None)
    stacks = f":external_symbolizer_path={symbolizer}" if symbolizer else ""
    return {
        **os.environ,
        # The round goes on after a report, so that its history is whole.
        "TSAN_OPTIONS": f"halt_on_error=0:report_signal_unsafe=0{stacks}",
        "ASAN_OPTIONS": f"detect_leaks=1:handle_abort=1:detect_stack_use_after_return=1{stacks}",
        "UBSAN_OPTIONS": f"print_stacktrace=1{stacks}",
    }


def told(report: str) -> list[str]:
    """The first report of a sanitizer in a few lines: what it is about, and the header's functions in its stacks."""
    short = in_short(report).split(" | ")[0]
    if not re.match(r"WARNING: Th|ERROR: |\S*runtime error", short):
        return []
    lines = []
    for line in report[report.index(short) :].split("\nSUMMARY")[0].splitlines()[1:]:
        if re.match(r"  \S.*(thread|\bat 0x|allocated|freed|object)", line) and not line.startswith("  Thread"):
            lines.append(line.strip())
        elif frame := re.match(r"\s+#\d+ (?:0x\w+ in )?(.*) \S*?(ferry/[\w/]+\.hpp:\d+)", line):
            name = frame[1]
            while (shorter := re.sub(r"<[^<>]*>|\([^()]*\)", "", name)) != name:
                name = shorter
            lines.append(f"  {name.strip()} {frame[2]}")
    return [short, *lines[:12]]


class Total:
    """What came of a recipe under a sanitizer, in all its turns."""

    def __init__(self, san: str, recipe: str, next_round: int = 0) -> None:
        self.san, self.recipe, self.next_round = san, recipe, next_round
        self.counts = dict.fromkeys(COUNTED, 0)
        self.seconds = 0.0
        self.findings: list[str] = []
        self.again = ""

    def add(self, result: Json) -> None:
        for name in COUNTED:
            self.counts[name] += result.get(name, 0)
        self.findings += result.get("findings", [])
        self.next_round = result.get("round", self.next_round)

    @property
    def was_run(self) -> bool:
        return bool(self.counts["rounds"] or self.findings)

    @property
    def result(self) -> Result:
        failure = "; ".join([*self.findings[:5], f"again: {self.again}"]) if self.findings else ""
        return Result(f"stress {self.san}", self.recipe, self.seconds, failure, figures=dict(self.counts))


class Stress:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.build: Path = arguments.build
        self.totals: list[Total] = []
        self.files: list[Result] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping = False
        self.stopped_at = 0.0
        self.environment = environment()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.interrupt)

    def interrupt(self, *_: object) -> None:
        """The program ends the round that it is in and says what it has found; then there is the table."""
        if not self.stopping:
            self.stopped_at = time.monotonic()
        self.stopping = True
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def program(self, san: str, name: str = "rounds") -> str:
        return str((self.arguments.programs or self.build) / san.replace(",", "-") / name)

    def run(self, command: Sequence[str], out: Path, limit: float) -> Json:
        """The result, and what the program wrote. In a session of its own: Ctrl-C comes to us, and we pass it on."""
        out.mkdir(parents=True, exist_ok=True)
        (out / "result.json").unlink(missing_ok=True)
        report = out / "report.txt"
        with report.open("w", encoding="utf-8") as file:
            self.process = subprocess.Popen(
                command, stdout=file, stderr=file, env=self.environment, start_new_session=True
            )
            if self.stopping:
                self.process.send_signal(signal.SIGINT)
            status = self.wait(self.process, time.monotonic() + limit)
            self.process = None
        try:
            result: Json = json.loads((out / "result.json").read_text())
        except (OSError, ValueError):
            result = {}
        text = report.read_text(errors="replace")
        text = self.with_names(text, command[0])
        if "_Z" in text and shutil.which("c++filt"):
            text = subprocess.run(["c++filt"], input=text, capture_output=True, text=True).stdout
            report.write_text(text)
        if status != 0 and not result.get("findings"):
            ended = f"ended with status {status}" if status is not None else "did not end, and was killed"
            result["findings"] = [f"the program {ended}"]
        if result.get("findings") and (lines := told(text)):
            result["findings"].insert(0, "\n".join(lines))
        return result

    def wait(self, process: subprocess.Popen[bytes], end: float) -> int | None:
        """The status; none, if it did not end in time: once interrupted, that in which the watchdog speaks."""
        while time.monotonic() < end:
            try:
                return process.wait(0.2)
            except subprocess.TimeoutExpired:
                if self.stopping:
                    end = min(end, self.stopped_at + LAST_ROUND)
        process.kill()
        process.wait()
        return None

    @staticmethod
    def with_names(text: str, program: str) -> str:
        """The frames of our own stacks (no sanitizer's) that have no name, since the function is a local one."""
        bare = re.compile(rf"{re.escape(str(program))}\(\+(0x[0-9a-f]+)\)\[0x[0-9a-f]+\]")
        places = sorted(set(bare.findall(text)))
        if not places or not shutil.which("addr2line"):
            return text
        command = ["addr2line", "-fspCe", program, *places]
        names = dict(zip(places, subprocess.run(command, capture_output=True, text=True).stdout.splitlines()))
        return bare.sub(lambda frame: names.get(frame[1], frame[0]), text)

    def turn(self, total: Total, seconds: float) -> None:
        a = self.arguments
        options = ["--recipe", total.recipe, "--seed", str(a.seed), "--round", str(total.next_round)]
        options += ["--patience", str(a.patience)]
        options += ["--again"] if a.round is not None else []
        self.run_for(total, "rounds", options, seconds)

    def run_for(self, total: Total, program: str, options: list[str], seconds: float) -> Json:
        out = self.build / total.san.replace(",", "-") / "runs" / total.recipe
        command = [self.program(total.san, program), *options, "--seconds", f"{seconds:.1f}", "--out", str(out)]
        clock = Clock()
        result = self.run(command, out, seconds + GRACE)
        total.seconds += clock.seconds
        total.add(result)
        if result.get("findings"):
            self.keep(total, out)
        return result

    def keep(self, total: Total, out: Path) -> None:
        seed = self.arguments.seed
        kept = self.build / "findings" / f"{total.recipe}-{total.san.replace(',', '-')}-{seed}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(out, kept)
        plant = f"FERRY_PLANT={os.environ['FERRY_PLANT']} " if "FERRY_PLANT" in os.environ else ""
        total.again = f"{plant}make stress SAN={total.san} RECIPE={total.recipe} SEED={seed} ROUND={total.next_round}"
        if total.recipe == "soak":
            total.again = "make stress-all"
        (kept / "again.txt").write_text(total.again + "\n")
        print(f"\n  FAILED {total.recipe} ({total.san}), round {total.next_round}")
        for finding in total.findings[:5]:
            print("         " + finding[:1500].replace("\n", "\n         "))
        print(f"         kept: {kept}\n         again: {total.again}", flush=True)

    def soak(self, seconds: float) -> None:
        self.totals.append(Total("none", "soak"))
        result = self.run_for(self.totals[-1], "soak", [], seconds)
        if result:
            print(f"  soak: {result.get('note', '')}", flush=True)

    def workflows(self) -> None:
        """The files that users copy: can they be read, and is the target that they make one that there is."""
        makefile = MAKEFILE.read_text()
        for path in sorted(CI.glob("*.yml")):
            failure = ""
            try:
                import yaml

                text = path.read_text()
                if not isinstance(yaml.safe_load(text), dict):
                    failure = "not a mapping"
                targets = re.findall(r"\bmake (stress[\w-]*)", text)
                if not targets or not all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets):
                    failure = f"makes {targets}, which is not there"
            except ImportError:
                failure = "not checked: python3-yaml is not installed"
            except yaml.YAMLError as error:
                failure = str(error)
            self.files.append(Result("stress ci", path.name, failure=failure))
            if failure:
                print(f"\n  FAILED {path}: {failure}", flush=True)

    def all_recipes(self) -> None:
        a = self.arguments
        share = a.duration / (len(a.san) + a.soak)
        for san in a.san:
            listed = subprocess.run(
                [self.program(san), "--list"], check=True, capture_output=True, text=True
            ).stdout.split()
            wanted = [a.recipe] if a.recipe else listed
            if not set(wanted) <= set(listed):
                sys.exit(f"stress: no recipe named {a.recipe}; there are {' '.join(listed)}")
            totals = [Total(san, recipe, a.round or 0) for recipe in wanted]
            self.totals += totals
            self.in_turns(totals, share)
        if a.soak and not self.stopping:
            self.soak(share)

    def in_turns(self, totals: list[Total], seconds: float) -> None:
        end = time.monotonic() + seconds
        first = True
        while not self.stopping:
            waiting = [total for total in totals if not total.findings]
            if not waiting or (not first and end - time.monotonic() < 1):
                return
            for i, total in enumerate(waiting):
                left = max(end - time.monotonic(), 0.0) / (len(waiting) - i)
                if self.stopping:
                    return
                self.turn(total, min(max(left, 0.2), LONGEST_TURN))
                self.report()
                if sys.stdout.isatty():
                    print(f"\r\033[K  {total.san}: {total.recipe}", end="", flush=True)
            first = False

    def report(self) -> Results:
        """All along, so that it is there if this is killed."""
        results = Results()
        results.all = self.files + [total.result for total in self.totals if total.was_run]
        results.write_junit(self.build / "results.xml")
        return results

    def print_table(self) -> None:
        if sys.stdout.isatty():
            print("\r\033[K", end="")
        heads = ("rounds", "operations", "channels", "threads", "seconds", "findings")
        widths = (7, 12, 9, 8, 8, 8)
        print(f"\n  {'recipe':22} {'sanitizer':18} " + " ".join(f"{head:>{w}}" for head, w in zip(heads, widths)))
        for t in self.totals:
            if t.was_run:
                figures = [*(f"{t.counts[name]:,}" for name in COUNTED), f"{t.seconds:.1f}", str(len(t.findings))]
                print(f"  {t.recipe:22} {t.san:18} " + " ".join(f"{f:>{w}}" for f, w in zip(figures, widths)))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--programs", type=Path, help="where they are, if not in --build")
    parser.add_argument("--san", action="append", required=True)
    parser.add_argument("--duration", type=seconds_of, required=True)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
    parser.add_argument("--patience", type=int, default=20, help="seconds in which something has to move")
    parser.add_argument("--recipe")
    parser.add_argument("--round", type=int)
    parser.add_argument("--soak", action="store_true")
    arguments = parser.parse_args()
    arguments.build.mkdir(parents=True, exist_ok=True)

    stress = Stress(arguments)
    print(f"stress: SEED={arguments.seed}", flush=True)
    if arguments.soak:
        stress.workflows()
    stress.all_recipes()
    stress.print_table()
    results = stress.report()
    if stress.stopping:
        print("stress: interrupted; this is what there was until then")
    print(f"stress: SEED={arguments.seed}, results in {arguments.build / 'results.xml'}")
    return results.end("stress-all" if arguments.soak else "stress") or int(stress.stopping)


if __name__ == "__main__":
    sys.exit(main())
