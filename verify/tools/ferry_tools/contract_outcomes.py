"""Every outcome that the contract allows for scenarios, and every step on the way, many in one run of TLC; and whether
a wrong contract would be noticed by the outcomes.

An outcome is one line, the results of each thread's calls in their order: `p: ok | r: 1 [] destroyed[]`. Where no
thread drops the receiver, a last part `end: destroyed[...]` says what was left. If the threads can get stuck, there is
an outcome `deadlock | ` with the results so far. What happens is Scenario.tla's business.

Where memory can run out, the contract lets any send throw. The outcomes that a code does not have whose sends throw
exactly for want of a block are told apart.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from ferry_tools.paths import SPEC
from ferry_tools.scenarios import Scenario, ScenarioError
from ferry_tools.tla_modules import tla
from ferry_tools.tlc import HOLDS, run_tlc
from ferry_tools.tlc_java import TlcError
from ferry_tools.wrong_contracts import RIGHT, write_module

MOST_LINES = 12  # of what TLC says of an error
AT_ONCE = 2  # TLCs, each with one worker

OUTCOME = re.compile(r'"outcome (\d+) (within|beyond) (\d+) (.*)"')
STEP = re.compile(r'"step (\d+) (\d+) (.*?) \| (.*) \| (.*)"')


@dataclass
class Allowed:
    """What the contract allows in one scenario."""

    outcomes: set[str] = field(default_factory=set)
    # Those of them for which no send has to throw, or not to throw, otherwise than for want of a block.
    within: set[str] = field(default_factory=set)
    narrower: bool = False  # the header shows these alone
    # What has to be said of a thread, the first that it happens to: it comes to use a handle that does not exist, or
    # the receiver at the same time as another; and, in each outcome that is a deadlock, it waits for ever.
    misuse: tuple[int, str] | None = None
    waiting: dict[str, int] = field(default_factory=dict)
    # (from, thread, what its caller was shown, to): states by number, 0 is the first; threads by their place. A
    # result stands as in an outcome; what an iteration under way yields has a `+` before it; "" is no result.
    # In the order in which TLC came to them; TLC may print one several times.
    steps: dict[tuple[int, int, str, int], None] = field(default_factory=dict)

    @property
    def shown(self) -> set[str]:
        """What of it the header is to show."""
        return self.within if self.narrower else self.outcomes

    @property
    def left_out(self) -> int:
        return len(self.outcomes) - len(self.shown)

    def waits_for_ever(self) -> str | None:
        return next((o for o in sorted(self.shown) if o in self.waiting), None)

    def objection(self, s: Scenario) -> ScenarioError | None:
        """Why this is no scenario."""
        if self.misuse:
            return s.wrong(*self.misuse)
        if stuck := self.waits_for_ever():
            results = stuck.removeprefix("deadlock | ")
            return s.wrong(self.waiting[stuck], f"by the contract, this thread can wait for ever after {results!r}")
        return None


def ask_contract(chosen: list[Scenario], jar: Path, build: Path) -> dict[str, Allowed]:
    """What is allowed in each scenario, by its name."""
    # To the contract, scenarios that differ in their blocks alone are one.
    texts = {s.name: tla(s.for_contract(RIGHT)) for s in chosen}
    found = dict.fromkeys(texts.values())
    allowed = dict(zip(found, enumerate_outcomes(list(found), chosen, SPEC / "Scenario.tla", jar, build)))
    if silent := [s.name for s in chosen if not ((a := allowed[texts[s.name]]).outcomes or a.misuse)]:
        raise TlcError(f"Scenario.tla printed no outcome of {', '.join(silent)}")
    return {s.name: replace(allowed[texts[s.name]], narrower=bool(s.narrower)) for s in chosen}


def enumerate_outcomes(texts: list[str], named: list[Scenario], module: Path, jar: Path, build: Path) -> list[Allowed]:
    """`texts`: scenarios in TLA+; `named`: where their names come from. Every other one goes to another TLC."""

    def ask(part: int) -> list[Allowed]:
        some = texts[part::AT_ONCE]
        folder = build / "spec" / "outcomes" / str(part)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ScenarioData.tla").write_text(data_module(some, named))
        run = run_tlc(jar, module, module.with_suffix(".cfg"), folder, brief=True)
        if run.result != HOLDS:
            errors = [line[:200] for error in run.errors for line in error.splitlines()][:MOST_LINES]
            raise TlcError("\n".join([f"{module.name}: {run.result}", *errors]))
        return read_allowed(len(some), run.printed)

    parts = range(min(AT_ONCE, len(texts)))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = {part + AT_ONCE * k: one for part, of in zip(parts, pool.map(ask, parts)) for k, one in enumerate(of)}
    return [found[k] for k in range(len(texts))]


def data_module(texts: list[str], named: list[Scenario]) -> str:
    handles = {handle for s in named for handle in (*s.senders, *s.names_of("as"))}
    values = {int(value) for s in named for value in s.names_of("value")}
    return f"""\
---------------------------- MODULE ScenarioData ----------------------------
(* Written by contract_outcomes.py. *)
EXTENDS Integers

AllHandles == {tla(handles)}
AllValues == {tla(values)}
Scenarios == <<
  {", ".join(texts)}
>>
=============================================================================
"""


def read_allowed(count: int, printed: list[str]) -> list[Allowed]:
    allowed = [Allowed() for _ in range(count)]
    states: list[dict[str, int]] = [{} for _ in range(count)]
    for line in printed:
        if step := STEP.fullmatch(line):
            index, thread, shown, before, after = step.groups()
            number = states[int(index) - 1]
            # The first step that is printed is one from the first state: TLC searches breadth first.
            numbers = [number.setdefault(state, len(number)) for state in (before, after)]
            allowed[int(index) - 1].steps.setdefault((numbers[0], int(thread) - 1, shown, numbers[1]))
        elif outcome := OUTCOME.fullmatch(line):
            of, who, text = allowed[int(outcome[1]) - 1], int(outcome[3]) - 1, outcome[4]
            if text.startswith("misuse | "):
                of.misuse = of.misuse or (who, misuse(text.removeprefix("misuse | ")))
                continue
            of.outcomes.add(text)
            if outcome[2] == "within":
                of.within.add(text)
            if text.startswith("deadlock | "):
                of.waiting[text] = who
    return allowed


def misuse(results: str) -> str:
    return (
        f"after {results!r} this thread can come to use a handle that does not exist, or the receiver while another "
        "thread may use it: a signal and an await must rule it out"
    )


def wrong_contracts_noticed(
    tried: list[tuple[str, Scenario]], right: dict[str, Allowed], jar: Path, build: Path
) -> dict[str, dict[str, str]]:
    """Of pairs of a contract and a scenario: contract -> scenario -> how its outcomes with that contract differ from
    the header's, which are the right contract's; nothing, if they do not."""
    texts = [tla(s.for_contract(contract)) for contract, s in tried]
    different = dict.fromkeys(texts)
    module = write_module(build / "spec" / "wrong_contracts")
    scenarios = list({s.name: s for _, s in tried}.values())
    found = dict(zip(different, enumerate_outcomes(list(different), scenarios, module, jar, build)))
    noticed: dict[str, dict[str, str]] = {}
    for (contract, s), text in zip(tried, texts):
        allowed = replace(found[text], narrower=bool(s.narrower))
        noticed.setdefault(contract, {})[s.name] = difference(allowed.shown, right[s.name].shown)
    return noticed


def difference(wrong: set[str], right: set[str]) -> str:
    if more := sorted(wrong - right):
        return f"would allow, as the header never does, {more[0]}"
    if fewer := sorted(right - wrong):
        return f"would not allow, as the header does, {fewer[0]}"
    return ""
