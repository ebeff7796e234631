"""Is the enumeration of outcomes right? Programs, and their outcomes, written out by hand."""

from __future__ import annotations

from pathlib import Path

from ferry_tools.contract_outcomes import ask_contract
from ferry_tools.scenarios import Scenario, parse_text

# name: threads, outcomes. The senders are a and b.
BY_HAND: dict[str, tuple[list[str], set[str]]] = {
    "one_sender": (
        ["p: send a 1; send a 2; drop a; drop b", "r: iterate; drop rx"],
        {"p: ok ok | r: [1,2] destroyed[]"},
    ),
    "two_senders": (
        ["p: send a 1", "q: send b 2", "r: recv; recv"],
        {"p: ok | q: ok | r: 1 2 | end: destroyed[]", "p: ok | q: ok | r: 2 1 | end: destroyed[]"},
    ),
    "one_before_the_other": (
        ["p: send a 1; signal x", "q: await x; send b 2", "r: recv; recv"],
        {"p: ok | q: ok | r: 1 2 | end: destroyed[]"},
    ),
    "value_or_empty_never_disconnected": (
        ["p: drop b; send a 1; drop a", "r: try_recv"],
        {"p: ok | r: 1 | end: destroyed[]", "p: ok | r: empty | end: destroyed[1]"},
    ),
    "time_out": (
        ["p: drop b; drop a", "r: recv_for; recv; try_recv; recv_for"],
        {
            "p: | r: timeout disconnected disconnected disconnected | end: destroyed[]",
            "p: | r: disconnected disconnected disconnected disconnected | end: destroyed[]",
        },
    ),
    "receiver_leaves": (
        ["p: send a 1; send a 2", "r: drop rx"],
        {"p: ok ok | r: destroyed[1,2]", "p: ok refused | r: destroyed[1]", "p: refused refused | r: destroyed[]"},
    ),
    "close_twice": (
        ["p: send a 1", "r: close; close; recv; recv"],
        {
            "p: ok | r: 1 disconnected | end: destroyed[]",
            "p: refused | r: disconnected disconnected | end: destroyed[]",
        },
    ),
    "try_iterate_twice": (
        ["p: send a 1", "r: try_iterate; try_iterate"],
        {
            "p: ok | r: [1] [] | end: destroyed[]",
            "p: ok | r: [] [1] | end: destroyed[]",
            "p: ok | r: [] [] | end: destroyed[1]",
        },
    ),
    "clone_outlives_original": (
        ["p: clone a as c; drop b; signal x; move a; drop a", "q: await x; send c 3; drop c", "r: move rx; iterate"],
        {"p: | q: ok | r: [3] | end: destroyed[]"},
    ),
    "waits_for_ever": (["p: send a 1", "r: recv; recv"], {"deadlock | p: ok | r: 1"}),
    "nobody_sends_in_time": (["p: await x; send a 1", "r: recv; signal x"], {"deadlock | p: | r:"}),
    "no_memory": (
        ["p: send a 1; send a 2; drop a; drop b", "r: iterate"],
        {
            "p: ok ok | r: [1,2] | end: destroyed[]",
            "p: ok no_memory | r: [1] | end: destroyed[]",
            "p: no_memory ok | r: [2] | end: destroyed[]",
            "p: no_memory no_memory | r: [] | end: destroyed[]",
        },
    ),
}

# Where sends throw exactly for want of a block.
NARROWER: dict[str, tuple[list[str], set[str]]] = {
    "no_memory_within": (BY_HAND["no_memory"][0], {"p: ok no_memory | r: [1] | end: destroyed[]"}),
    "memory_comes_back": (
        ["p: send a 1; send a 2; send a 3; send a 4; send a 5", "r: recv; recv; recv"],
        {  # a block comes back with the third value, perhaps in time
            "p: ok ok ok no_memory no_memory | r: 1 2 3 | end: destroyed[]",
            "p: ok ok ok ok no_memory | r: 1 2 3 | end: destroyed[4]",
            "p: ok ok ok no_memory ok | r: 1 2 3 | end: destroyed[5]",
        },
    ),
}
BLOCKS = {"no_memory": 0, "no_memory_within": 0, "memory_comes_back": 2}  # that can be had, besides the first


def scenario_of(name: str, threads: list[str]) -> Scenario:
    lines = ["# Written out by hand.", "shows all", "block 1 1", "senders a b"]
    if name in BLOCKS:
        lines.append(f"allocations {BLOCKS[name]}")
    if name in NARROWER:
        lines.append("narrower throws_only_for_want_of_a_block")
    return parse_text(name, name, name, "\n".join([*lines, *(f"thread {thread}" for thread in threads)]))


def problems(jar: Path, build: Path) -> list[str]:
    """What is wrong; nothing, if all is well."""
    tested = BY_HAND | NARROWER
    found = ask_contract([scenario_of(name, threads) for name, (threads, _) in tested.items()], jar, build)
    wrong = []
    for name, (_, expected) in tested.items():
        got = found[name].shown
        wrong += [f"{name}: not allowed, but should be: {outcome}" for outcome in sorted(expected - got)]
        wrong += [f"{name}: allowed, but should not be: {outcome}" for outcome in sorted(got - expected)]
    return wrong
