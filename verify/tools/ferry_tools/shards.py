"""SHARD=k/n: of what only `make verify-deep` does, the k-th of n parts, so that a run that has not the time for all of
it can do some. Which part an item is in depends on its place among all, in the order of their names, and on n alone.

python3 -m ferry_tools.shards K/N       what is in that part
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import NamedTuple

from ferry_tools import scenario_choice, systematic
from ferry_tools.errors import ToolError, guarded
from ferry_tools.models import load_models
from ferry_tools.proof_bounds import PROOFS
from ferry_tools.proof_of_wrong import wrong_algorithms

MOST_PARTS = 1000  # so that each has programs
REFUSED = ("", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "1/1001", "one/three", "1/3 ")


class Item(NamedTuple):
    kind: str  # model, proof, wrong, scenario, program
    name: str


def deep_items() -> list[Item]:
    """What takes minutes comes first, so that no part has more than one of these as long as there are parts enough."""
    models = sorted(model.name for model in load_models() if model.deep)
    scenarios = sorted(s.name for s in scenario_choice.load(deep=True) if s.deep)
    names = {
        "model": models,
        "proof": sorted(PROOFS),  # its questions, to another solver
        "wrong": sorted(model.name for model in wrong_algorithms()),
        "scenario": scenarios,
        "program": sorted(systematic.names()),
    }
    return [Item(kind, name) for kind, of_kind in names.items() for name in of_kind]


@dataclass(frozen=True)
class Shard:
    part: int  # from 1 on
    parts: int

    def of(self, items: list[Item]) -> list[Item]:
        return items[self.part - 1 :: self.parts]

    def names(self, kind: str) -> list[str]:
        return [item.name for item in self.of(deep_items()) if item.kind == kind]


def parse_shard(text: str) -> Shard:
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]) <= MOST_PARTS:
        raise ToolError(f"SHARD={text}: expected K/N, the K-th of N parts: K from 1 to N, N up to {MOST_PARTS}")
    return Shard(int(match[1]), int(match[2]))


def problems() -> list[str]:
    """All parts together are the whole, each item once; and what names no part is refused."""
    found = []
    whole = deep_items()
    for parts in (1, 2, 7, 40, MOST_PARTS):
        together = [item for part in range(1, parts + 1) for item in Shard(part, parts).of(whole)]
        if sorted(together) != sorted(whole):
            found.append(
                f"the {parts} parts together have {len(together)} items, and not just the {len(whole)} there are"
            )
    for text in REFUSED:
        try:
            parse_shard(text)
            found.append(f"SHARD={text} is taken for a part")
        except ToolError:
            pass
    return found


def main() -> int:
    for item in parse_shard(sys.argv[1]).of(deep_items()):
        print(item.kind, item.name)
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded("verify-deep", main))
