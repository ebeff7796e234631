"""Which scenarios: those of verify/scenarios/, or the ones that SCENARIO= names.

python3 -m ferry_tools.scenario_choice [SCENARIO] checks them, and prints the programs that explore them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ferry_tools import systematic
from ferry_tools.errors import guarded
from ferry_tools.paths import SCENARIOS
from ferry_tools.scenarios import SUFFIX, Scenario, ScenarioError, parse


def load(only: str | None = None, deep: bool = False) -> list[Scenario]:
    """All scenarios in the order of their names, or the one of that name, or of that file, or all in that folder. The
    deep ones only if asked for."""
    if only is not None and only.startswith(systematic.PREFIX):
        return systematic.load([only])
    folder = SCENARIOS if only is None else Path(only)
    if folder.suffix == SUFFIX:
        return [parse(folder)]
    paths = sorted(folder.rglob("*" + SUFFIX)) if only is None or "/" in only else []
    if only is not None and not paths:
        known = {p.stem: p for p in sorted(SCENARIOS.rglob("*" + SUFFIX))}
        if only not in known:
            raise ScenarioError(f"no scenario `{only}`; there are: {', '.join(known)}")
        paths = [known[only]]
    return [s for s in map(parse, paths) if deep or only or not s.deep]


def main() -> int:
    # explore-ring, which takes longest to compile, is the first.
    print(" ".join(sorted({s.explorer for s in load(sys.argv[1] if len(sys.argv) > 1 else None)}, reverse=True)))
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded("verify", main))
