"""What the contract has to say of scenarios; and whether another contract, with a small difference, would be noticed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "spec"))

import outcomes  # noqa: E402  (spec/outcomes.py)
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
    contracts = {}
    for s in chosen:
        allowed = found[numbers[texts[s.name]]]
        contracts[s.name] = Contract(allowed, allowed.within if s.narrower else allowed.outcomes)
    return contracts


def other_contracts_noticed(
    chosen: list[Scenario], contracts: dict[str, Contract], jar: Path, build: Path
) -> dict[str, tuple[str, str]]:
    """For each of the other contracts: the scenario whose outcomes differ with it from those of the header, which are the
    right contract's, and in what; twice nothing if there is none."""
    asked = {f"{other}-{s.name}": s.for_contract() | {"contract": other} for other in outcomes.other_contracts() for s in chosen}
    found = outcomes.ask_contract([program | {"name": name} for name, program in asked.items()], jar, build, "OtherContracts")
    return {
        other: next(((s.name, said) for s in chosen if (said := _difference(found[f"{other}-{s.name}"], contracts[s.name]))), ("", ""))
        for other in outcomes.other_contracts()
    }


def _difference(other: outcomes.Allowed, right: Contract) -> str:
    if more := sorted(other.outcomes - right.outcomes):
        return f"would allow, as the header never does, {more[0]}"
    if fewer := sorted(right.outcomes - other.outcomes):
        return f"would not allow, as the header does, {fewer[0]}"
    return ""
