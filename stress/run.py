"""Runs the recipes one after the other, again and again, until the time is over. Ends in a table, JUnit-style XML and
the line `stress: N passed, N failed`, also when it is interrupted."""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).parent.parent / "tests" / "drive"))
from outcomes import Outcome, Outcomes  # noqa: E402
from unit import in_short  # noqa: E402

# Each recipe gets its turn early, then longer ones: what is found at all is mostly found soon.
LONGEST_TURN = 30.0
# What a round may take beyond its time before it is given up: the watchdog's patience is part of it.
GRACE = 90.0
# What the last round may take after Ctrl-C.
LAST_ROUND = 30.0
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}




def seconds_of(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"not a duration: {text} (30s, 10m, 8h)")
    return float(match[1]) * UNITS[match[2]]


def environment():
    """Reports have stacks with names, and none is suppressed. (The watchdog has each thread print its stack, in a signal
    handler: that, ThreadSanitizer is not to complain of. The header knows no signals.)"""
    symbolizer = next(filter(None, map(shutil.which, ("llvm-symbolizer-19", "llvm-symbolizer", "addr2line"))), None)
    stacks = f":external_symbolizer_path={symbolizer}" if symbolizer else ""
    return {**os.environ,
            # The round goes on after a report, so that its history is whole.
            "TSAN_OPTIONS": f"halt_on_error=0:report_signal_unsafe=0{stacks}",
            "ASAN_OPTIONS": f"detect_leaks=1:handle_abort=1:detect_stack_use_after_return=1{stacks}",
            "UBSAN_OPTIONS": f"print_stacktrace=1{stacks}"}


def told(report):
    """The first report of a sanitizer in a few lines: what it is about, and the header's functions in its stacks."""
    short = in_short(report).split(" | ")[0]
    if not re.match(r"WARNING: Th|ERROR: |\S*runtime error", short):
        return []
    lines = []
    for line in report[report.index(short):].split("\nSUMMARY")[0].splitlines()[1:]:
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

    def __init__(self, san, recipe):
        self.san, self.recipe = san, recipe
        self.rounds = self.threads = self.channels = self.operations = 0
        self.seconds = 0.0
        self.next_round = 0
        self.findings = []
        self.kept = None
        self.again = ""

    def add(self, result):
        for name in ("rounds", "threads", "channels", "operations"):
            setattr(self, name, getattr(self, name) + result.get(name, 0))
        self.findings += result.get("findings", [])
        self.next_round = result.get("round", self.next_round)


class Stress:
    def __init__(self, arguments):
        self.arguments = arguments
        self.totals = []
        self.files = []
        self.process = None
        self.stopping = False
        self.stopped_at = 0.0
        self.environment = environment()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.interrupt)

    def interrupt(self, *_):
        """The program ends the round that it is in and says what it has found; then there is the table."""
        if not self.stopping:
            self.stopped_at = time.monotonic()
        self.stopping = True
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def program(self, san):
        return self.arguments.build / san.replace(",", "-") / "rounds"

    def run(self, command, out, limit):
        """The result, and what the program wrote. In a session of its own: Ctrl-C comes to us, and we pass it on."""
        out.mkdir(parents=True, exist_ok=True)
        (out / "result.json").unlink(missing_ok=True)
        report = out / "report.txt"
        with open(report, "w", encoding="utf-8") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=file, env=self.environment, start_new_session=True)
            if self.stopping:
                self.process.send_signal(signal.SIGINT)
            status = self.wait(time.monotonic() + limit)
            self.process = None
        try:
            result = json.loads((out / "result.json").read_text())
        except (OSError, ValueError):
            result = {}
        text = report.read_text(errors="replace")
        text = self.with_names(text, command[0])
        if "_Z" in text and shutil.which("c++filt"):
            text = subprocess.run(["c++filt"], input=text, capture_output=True, text=True).stdout
            report.write_text(text)
        if status != 0 and not result.get("findings"):
            result["findings"] = [f"the program ended with status {status}" if status is not None else
                                  "the program did not end, and was killed"]
        if result.get("findings") and (lines := told(text)):
            result["findings"].insert(0, "\n".join(lines))
        return result

    def wait(self, end):
        """The status; none, if it did not end in time. Once interrupted, it has the time in which the watchdog speaks."""
        while time.monotonic() < end:
            try:
                return self.process.wait(0.2)
            except subprocess.TimeoutExpired:
                if self.stopping:
                    end = min(end, self.stopped_at + LAST_ROUND)
        self.process.kill()
        self.process.wait()
        return None

    @staticmethod
    def with_names(text, program):
        """The frames of our own stacks (no sanitizer's) that have no name, since the function is a local one."""
        bare = re.compile(rf"{re.escape(str(program))}\(\+(0x[0-9a-f]+)\)\[0x[0-9a-f]+\]")
        places = sorted(set(bare.findall(text)))
        if not places or not shutil.which("addr2line"):
            return text
        lines = subprocess.run(["addr2line", "-fspCe", program, *places], capture_output=True, text=True).stdout.splitlines()
        names = dict(zip(places, lines))
        return bare.sub(lambda frame: names.get(frame[1], frame[0]), text)

    def turn(self, total, seconds):
        out = self.arguments.build / total.san.replace(",", "-") / "runs" / total.recipe
        command = [self.program(total.san), "--recipe", total.recipe, "--seed", str(self.arguments.seed),
                   "--round", str(total.next_round), "--seconds", f"{seconds:.1f}", "--out", out]
        if self.arguments.round is not None:
            command += ["--again"]
        began = time.monotonic()
        result = self.run(command, out, seconds + GRACE)
        total.seconds += time.monotonic() - began
        total.add(result)
        if result.get("findings"):
            self.keep(total, out)

    def keep(self, total, out):
        total.kept = self.arguments.build / "findings" / f"{total.recipe}-{total.san.replace(',', '-')}-{self.arguments.seed}"
        shutil.rmtree(total.kept, ignore_errors=True)
        shutil.copytree(out, total.kept)
        total.again = (f"make stress SAN={total.san} RECIPE={total.recipe} SEED={self.arguments.seed} "
                       f"ROUND={total.next_round}")
        (total.kept / "again.txt").write_text(total.again + "\n")
        print(f"\n  FAILED {total.recipe} ({total.san}), round {total.next_round}")
        for finding in total.findings[:5]:
            print("         " + finding[:1500].replace("\n", "\n         "))
        print(f"         kept: {total.kept}\n         again: {total.again}", flush=True)

    def soak(self, seconds):
        total = Total("none", "soak")
        self.totals.append(total)
        out = self.arguments.build / "none" / "runs" / "soak"
        began = time.monotonic()
        result = self.run([self.arguments.build / "none" / "soak", "--seconds", f"{seconds:.1f}", "--out", out], out, seconds + GRACE)
        total.seconds = time.monotonic() - began
        total.add(result)
        if result:
            print(f"  soak: {result.get('note', '')}", flush=True)
        if total.findings:
            self.keep(total, out)
            total.again = "make stress-all"

    def workflows(self):
        """The files that users copy: can they be read, and is the target that they make one that there is."""
        makefile = (pathlib.Path(__file__).parent / "stress.mk").read_text()
        for path in sorted((pathlib.Path(__file__).parent / "ci").glob("*.yml")):
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
            self.files.append(Outcome("stress ci", path.name, 0, failure))
            if failure:
                print(f"\n  FAILED stress/ci/{path.name}: {failure}", flush=True)

    def all_recipes(self):
        sans = self.arguments.san
        for san in sans:
            listed = subprocess.run([self.program(san), "--list"], check=True, capture_output=True, text=True).stdout.split()
            wanted = [self.arguments.recipe] if self.arguments.recipe else listed
            if not set(wanted) <= set(listed):
                sys.exit(f"stress: no recipe named {self.arguments.recipe}; there are {' '.join(listed)}")
            totals = [Total(san, recipe) for recipe in wanted]
            for total in totals:
                total.next_round = self.arguments.round or 0
            self.totals += totals
            share = self.arguments.duration / (len(sans) + (1 if self.arguments.soak else 0))
            self.in_turns(totals, share)
        if self.arguments.soak and not self.stopping:
            self.soak(share)

    def in_turns(self, totals, seconds):
        end = time.monotonic() + seconds
        for total in totals:
            total.seconds = 0.0
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

    def report(self):
        """All along, so that it is there if this is killed."""
        outcomes = Outcomes()
        outcomes.all += self.files
        for total in self.totals:
            if total.rounds or total.findings:
                failure = "; ".join(total.findings[:5]) + (f"; again: {total.again}" if total.findings else "")
                outcomes.all.append(Outcome(f"stress {total.san}", total.recipe, total.seconds, failure if total.findings else ""))
        outcomes.write_junit(self.arguments.build / "results.xml.new")
        os.replace(self.arguments.build / "results.xml.new", self.arguments.build / "results.xml")
        return outcomes

    def print_table(self):
        if sys.stdout.isatty():
            print("\r\033[K", end="")
        print(f"\n  {'recipe':22} {'sanitizer':18} {'rounds':>7} {'operations':>12} {'channels':>9} {'threads':>8} {'seconds':>8} {'findings':>8}")
        for t in self.totals:
            if t.rounds or t.findings:
                print(f"  {t.recipe:22} {t.san:18} {t.rounds:7} {t.operations:12,} {t.channels:9,} {t.threads:8,} {t.seconds:8.1f} {len(t.findings):8}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--san", action="append", required=True)
    parser.add_argument("--duration", type=seconds_of, required=True)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
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
    outcomes = stress.report()
    failed = outcomes.failed()
    if stress.stopping:
        print("stress: interrupted; this is what there was until then")
    print(f"stress: SEED={arguments.seed}, results in {arguments.build / 'results.xml'}")
    print(f"stress: {len(outcomes.all) - failed} passed, {failed} failed", flush=True)
    return 1 if failed or not outcomes.all or stress.stopping else 0


if __name__ == "__main__":
    sys.exit(main())
