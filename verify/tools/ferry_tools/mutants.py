"""`make mutants`: the header is taken apart, one change at a time, and something has to notice each.

A mutant that nothing notices is a hole in the scenarios and tests, or strength that the header does not need, or does
the same by an argument: then verify/mutants/equivalent.json names it, with the argument. One whose objects are those
of the right header, byte by byte, is no change. An entry there that names no
survivor fails the run, and so does a mutant that only ran out of time.

What was found stays in build/mutants/results, and is not looked for again until the mutant or a check changes.
  MUTANT=name       this one, whatever was found before; with a `*`, all of such names
  MUTANTS=1/10      a tenth, another one each day; MUTANTS=table asks each layer alone, for the table
"""

from __future__ import annotations

import argparse
import datetime
import difflib
import fnmatch
import hashlib
import json
import re
import shutil
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ferry_tools.errors import ToolError, guarded
from ferry_tools.mutant_changes import Mutant, all_mutants
from ferry_tools.mutant_checks import (
    EXECUTIONS,
    LAYERS,
    PLATFORM,
    Checks,
    DoesNotCompile,
    key_of_checks,
    tools_are_there,
)
from ferry_tools.paths import ROOT
from ferry_tools.results import Clock, Json, Result, Results

EQUIVALENT = ROOT / "verify" / "mutants" / "equivalent.json"
SHORT = 150  # characters of a message
MOST_LATE = 3  # tests that hang, where each layer is asked alone: it is not asked further


class Mutation:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.a = arguments
        self.build: Path = arguments.build / "mutants"
        # One alone is explored to the end.
        executions = EXECUTIONS if "*" in arguments.mutant or not arguments.mutant else None
        self.checks = Checks(self.build, arguments.jar, arguments.clangxx, arguments.build / "verify", executions)
        self.checks.most_late = MOST_LATE if arguments.mutants == "table" else None
        self.results = Results()
        self.lock = threading.Lock()
        self.of_checks = key_of_checks()
        self.found: dict[str, Json] = {}
        self.why: dict[str, str] = {}  # mutant -> why nothing can notice it
        self.substitutes: list[Mutant] = []  # for a sample of which nothing compiles

    def choose(self, every: list[Mutant]) -> list[Mutant]:
        if self.a.mutant:
            chosen = [m for m in every if fnmatch.fnmatchcase(m.name, self.a.mutant)]
            if not chosen:
                near = difflib.get_close_matches(self.a.mutant, [m.name for m in every], 3, 0.4)
                raise ToolError(
                    f"no mutant `{self.a.mutant}`; {'near: ' + ', '.join(near) if near else '--list has all'}"
                )
            return chosen
        part = re.fullmatch(r"1/([1-9]\d*)", self.a.mutants or "1/1")
        if not part and self.a.mutants != "table":
            raise ToolError(f"MUTANTS={self.a.mutants}: expected 1/N or table")
        n, today = int(part[1]) if part else 1, datetime.date.today().toordinal()
        shuffled = sorted(every, key=lambda m: hashlib.sha256(m.name.encode()).digest())
        self.substitutes = shuffled[today % n + 1 :] if n > 1 else []
        return shuffled[today % n :: n]

    def argued(self, every: list[Mutant]) -> dict[str, str]:
        """A name has a number in it, which moves when the function changes: what it replaces is held against it."""
        why: dict[str, str] = {}
        known = {m.name: m for m in every}
        for entry in json.loads(EQUIVALENT.read_text()):
            for name, replaced in entry["mutants"].items():
                if name not in known:
                    raise ToolError(f"{EQUIVALENT.relative_to(ROOT)}: there is no mutant `{name}`")
                if (now := known[name].replaces()) != replaced:
                    raise ToolError(f"{EQUIVALENT.relative_to(ROOT)}: `{name}` replaces {now!r}, not {replaced!r}")
                why[name] = entry["why"]
        return why

    def run(self) -> int:
        if self.a.list:
            for m in all_mutants(self.a.clangxx, self.build):
                print(f"{m.name:44} {m.says()[:200]}")
            return 0
        every = all_mutants(self.a.clangxx, self.build)
        chosen, self.why = self.choose(every), self.argued(every)
        self.learn_from_before()
        self.look_at(chosen)
        while self.substitutes and all("does_not_compile" in self.found[m.name] for m in chosen):
            chosen.append(self.substitutes.pop(0))
            self.look_at(chosen[-1:])
        return self.report(chosen)

    def learn_from_before(self) -> None:
        """What noticed most in earlier runs, of whatever sources, comes first in this one."""
        for file in (self.build / "results").glob("*.json"):
            for by in re.findall(r'"by": "(.+)"', file.read_text()):
                self.checks.count(by)

    def look_at(self, chosen: list[Mutant]) -> None:
        to_do = [m for m in chosen if self.a.mutant == m.name or not self.recall(m)]
        print(f"{len(chosen)} mutants, {len(chosen) - len(to_do)} of them known from before", flush=True)
        if to_do and not self.checks.chosen:
            self.checks.prepare()
            tools_are_there(self.checks.explorers, self.checks.programs())
        done, began = 0, time.monotonic()
        with ThreadPoolExecutor(self.a.jobs) as pool:
            for ended in as_completed([pool.submit(self.one, m) for m in to_do]):
                found = ended.result()
                done += 1
                left = (time.monotonic() - began) / done * (len(to_do) - done) / 60
                text = f"[{done}/{len(to_do)}] {found['name']}: {self.in_words(found)}"
                print(f"  {text}" + (f"  (about {left:.0f} min left)" if done % 5 == 0 else ""), flush=True)

    # ---- one mutant -------------------------------------------------------------------------------------------------

    def path(self, m: Mutant) -> Path:
        return self.build / "results" / (re.sub(r"[^\w=.-]", "_", m.name) + ".json")

    def key(self, m: Mutant) -> str:
        digest = hashlib.sha256(f"{self.of_checks} {m.plant}".encode())
        for text in m.texts().values():
            digest.update(re.sub(rb"(?m)\s*//.*$", b"", text))
        return digest.hexdigest()

    def recall(self, m: Mutant) -> bool:
        try:
            found: Json = json.loads(self.path(m).read_text())
        except (OSError, ValueError):
            return False
        complete = found["layers"].keys() >= set(self.layers(m)) and (self.noticed(found) or not self.late(found))
        one_is_enough = self.noticed(found) and self.a.mutants != "table"
        enough = "does_not_compile" in found or complete or one_is_enough
        if found.get("key") != self.key(m) or not enough:
            return False
        self.found[m.name] = found
        return True

    def layers(self, m: Mutant) -> list[str]:
        """In their order. One that nothing can notice, by an argument, is not shown to the sanitizers where all
        mutants are."""
        in_order = sorted(LAYERS, key=lambda layer: (layer == "exploration") == (m.file.name in PLATFORM))
        return [*in_order[:1], "tests"] if m.name in self.why and not self.a.mutant and not self.a.mutants else in_order

    def one(self, m: Mutant) -> Json:
        clock, folder = Clock(), self.build / "work" / re.sub(r"[^\w=.-]", "_", m.name)
        found: Json = {"name": m.name, "change": m.says(), "key": self.key(m), "layers": {}}
        try:
            self.checks.write(m, folder)
            for layer in self.layers(m):
                verdict = self.checks.look(layer, m, folder)
                found["layers"][layer] = verdict.as_json()
                if verdict.by and self.a.mutants != "table":
                    break
        except DoesNotCompile as error:
            found["does_not_compile"] = str(error)
        shutil.rmtree(folder, ignore_errors=True)
        found["seconds"] = round(clock.seconds, 1)
        path = self.path(m)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, indent=1) + "\n")
        with self.lock:
            self.found[m.name] = found
        return found

    @staticmethod
    def noticed(found: Json) -> Json | None:
        return next((v for v in found["layers"].values() if v.get("by")), None)

    @staticmethod
    def is_the_same(found: Json) -> bool:
        """Compiled for each layer, and no object differed: there is nothing to notice."""
        return found["layers"].keys() == set(LAYERS) and all(v.get("same") for v in found["layers"].values())

    def in_words(self, found: Json) -> str:
        if self.is_the_same(found):
            return "the same program"
        if "does_not_compile" in found:
            return f"does not compile: {found['does_not_compile'][-SHORT:]}"
        if verdict := self.noticed(found):
            after = f" ({verdict['executions']} executions)" if verdict.get("executions") else ""
            return f"noticed by {verdict['by']}{after}: {verdict['message'][:SHORT]}"
        late = self.late(found)
        return f"ran out of time in {', '.join(late[:3])}" if late else "NOTHING NOTICES IT"

    @staticmethod
    def late(found: Json) -> list[str]:
        return [name for v in found["layers"].values() for name in v.get("timed_out", [])]

    # ---- what came of it --------------------------------------------------------------------------------------------

    def report(self, chosen: list[Mutant]) -> int:
        not_mutants = 0
        for m in chosen:
            found = self.found[m.name]
            if "does_not_compile" in found:
                not_mutants += 1
                continue
            verdict, said, failure = self.noticed(found), self.in_words(found), ""
            if self.is_the_same(found):
                said = "every object is that of the right header, byte by byte"
                self.results.all.append(Result("the same program", m.name, found["seconds"], "", said))
                continue
            if verdict and m.name in self.why:
                failure = f"{EQUIVALENT.relative_to(ROOT)} says that nothing can notice it, but it is {said}"
            elif not verdict and m.name not in self.why:
                failure = f"{said}: {found['change']}"
            elif not verdict:
                said = f"not noticed, because {self.why[m.name]}"
            layer = verdict["by"].split(":")[0] if verdict else "equivalent, by argument"
            kind = {"scenario": "noticed by exploration"} | {name: f"noticed by {name}" for name in LAYERS}
            part = "not accounted for" if failure else kind.get(layer, layer)
            details = [f"again: make mutants MUTANT='{m.name}'"]
            self.results.all.append(Result(part, m.name, found["seconds"], failure, said, found["layers"], details))
        self.results.print_table()
        print(f"{not_mutants} changes do not compile, and are no mutants.")
        if self.a.mutants == "table":
            self.print_layers()
        self.write(chosen)
        return self.results.end("mutants")

    def print_layers(self) -> None:
        """What each layer alone would have noticed."""
        live = [f for f in self.found.values() if "does_not_compile" not in f]
        combinations = Counter(
            tuple(layer for layer in LAYERS if f["layers"].get(layer, {}).get("by")) for f in live
        )  # fmt: skip
        print("\n  noticed by            mutants   by nothing else   only ran out of time")
        for layer in LAYERS:
            alone = sum(n for layers, n in combinations.items() if layer in layers)
            verdicts = [f["layers"].get(layer, {}) for f in live]
            late = sum("timed_out" in v and "by" not in v for v in verdicts)
            print(f"  {layer:20} {alone:8} {combinations[(layer,)]:17} {late:22}")
        print(f"  none of them         {combinations[()]:8}")

    def write(self, chosen: list[Mutant]) -> None:
        lines = [
            "# Mutants",
            "",
            "| mutant | change | noticed by, after how many executions, with which message |",
            "|---|---|---|",
        ]
        for m in chosen:
            found = self.found[m.name]
            lines.append(
                "| " + " | ".join(t.replace("|", "\\|") for t in (m.name, found["change"], self.in_words(found))) + " |"
            )
        (self.build / "mutants.md").write_text("\n".join(lines) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, required=True)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--clangxx", default="clang++-19")
    parser.add_argument("--mutant", default="")
    parser.add_argument("--mutants", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    return Mutation(parser.parse_args()).run()


if __name__ == "__main__":
    raise SystemExit(guarded("mutants", main, "interrupted; the next run goes on from here"))
