"""What the contract has to say of scenarios; and whether a wrong contract would be noticed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "spec"))

import outcomes  # noqa: E402  (spec/outcomes.py)
from wrong_contracts import RIGHT, wrong_contracts  # noqa: E402  (spec/wrong_contracts.py)
from scenario import Scenario, ScenarioError  # noqa: E402


@dataclass
class Contract:
    """What the contract allows in a scenario, and what of it the header is to show."""

    allowed: outcomes.Allowed
    outcomes: set[str]  # without those that `narrower` leaves out

    @property
    def left_out(self) -> int:
        return len(self.allowed.outcomes) - len(self.outcomes)

    def waits_for_ever(self) -> str | None:
        return next((o for o in sorted(self.outcomes) if o in self.allowed.waiting), None)

    def objection(self, s: Scenario) -> ScenarioError | None:
        """Why this is no scenario."""
        if self.allowed.misuse:
            return s.wrong(*self.allowed.misuse)
        if stuck := self.waits_for_ever():
            results = stuck.removeprefix("deadlock | ")
            return s.wrong(self.allowed.waiting[stuck], f"by the contract, this thread can wait for ever after {results!r}")
        return None


def ask_contract(chosen: list[Scenario], jar: Path, build: Path) -> dict[str, Contract]:
    # To the contract, scenarios that differ in their blocks alone are one.
    texts = {s.name: json.dumps(s.for_contract() | {"name": ""}) for s in chosen}
    numbers = {text: str(i) for i, text in enumerate(dict.fromkeys(texts.values()))}
    found = outcomes.ask_contract([json.loads(text) | {"name": number} for text, number in numbers.items()], jar, build)
    return {s.name: Contract(allowed := found[numbers[texts[s.name]]], to_be_shown(s, allowed)) for s in chosen}


def to_be_shown(s: Scenario, allowed: outcomes.Allowed) -> set[str]:
    """Of what a contract allows, what the header is to show."""
    return allowed.within if s.narrower else allowed.outcomes


def wrong_contracts_noticed(
    chosen: list[Scenario], contracts: dict[str, Contract], jar: Path, build: Path
) -> Iterator[tuple[str, str, str, str]]:
    """For each of the wrong contracts: the scenario whose outcomes differ with it from those of the header, which are the
    right contract's, and in what, if there is one; and what is wrong with that."""
    unseen = {RIGHT: "it is the right contract"} | {model.name: model.unseen for model in wrong_contracts()}
    asked = {f"{wrong}-{s.name}": s.for_contract() | {"contract": wrong} for wrong in unseen for s in chosen}
    found = outcomes.ask_contract([program | {"name": name} for name, program in asked.items()], jar, build, wrong=True)
    for wrong, reason in unseen.items():
        differences = {s.name: _difference(to_be_shown(s, found[f"{wrong}-{s.name}"]), contracts[s.name].outcomes) for s in chosen}
        by, said = next(((name, said) for name, said in differences.items() if said), ("", ""))
        if reason:
            yield wrong, by, said, f"{by} notices it, although {reason}" if by else ""
        else:
            yield wrong, by, said, "" if by else "no scenario notices it"


def _difference(wrong: set[str], right: set[str]) -> str:
    if more := sorted(wrong - right):
        return f"would allow, as the header never does, {more[0]}"
    if fewer := sorted(right - wrong):
        return f"would not allow, as the header does, {fewer[0]}"
    return ""
