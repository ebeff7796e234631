#!/usr/bin/env python3
"""Lists every outcome that the contract allows for scenarios, and every step on the way, many in one run of TLC.

A scenario is a litmus test for channels, as a dict:

    {"name": "two_senders", "senders": ["a", "b"],
     "threads": [{"name": "p", "ops": [{"op": "send", "handle": "a", "value": 1}, {"op": "drop", "handle": "a"}]},
                 {"name": "r", "ops": [{"op": "recv"}, {"op": "iterate"}, {"op": "drop", "handle": "rx"}]}]}

OPERATIONS has the operations and what each needs; `rx` is the receiver. An outcome is one line, the
results of each thread's calls in their order: `p: ok | r: 1 [] destroyed[]`. Where no thread drops the
receiver, a last part `end: destroyed[...]` says what was left. If the threads can get stuck, there is
an outcome `deadlock | ` with the results so far. What happens is Scenario.tla's business.

With "memory": {"blocks": 1, "slots": 2, "first": 1}, the contract lets any send throw. One block of two slots can be
had then, besides the first with one; the outcomes that a code does not have whose sends throw exactly for want of a block
are told apart.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tlc import HOLDS, SPEC, TlcFailed, TlcUnavailable, run_tlc
from wrong_contracts import RIGHT, write_module

# Each operation with the fields that it needs besides "op".
OPERATIONS: dict[str, tuple[str, ...]] = {
    "send": ("handle", "value"),
    "clone": ("handle", "as"),
    "drop": ("handle",),
    "recv": (),
    "try_recv": (),
    "recv_for": (),
    "recv_unwound": (),
    "iterate": (),
    "try_iterate": (),
    "close": (),
    "is_disconnected": ("handle",),
    "move": ("handle",),
    "signal": ("event",),
    "await": ("event",),
}
RECEIVER = "rx"
MOST_LINES = 12  # of what TLC says of an error

OUTCOME = re.compile(r'"outcome (\d+) (within|beyond) (\d+) (.*)"')
STEP = re.compile(r'"step (\d+) (\d+) (.*?) \| (.*) \| (.*)"')


class ScenarioError(Exception):
    """A scenario that is not a program, or that C++ would not allow."""


@dataclass
class Allowed:
    """What the contract allows in one scenario."""

    outcomes: set[str] = field(default_factory=set)
    # Those of them for which no send has to throw, or not to throw, otherwise than for want of a block.
    within: set[str] = field(default_factory=set)
    # What has to be said of a thread, the first that it happens to: it comes to use a handle that does not exist, or the
    # receiver at the same time as another; and, in each outcome that is a deadlock, it waits for ever.
    misuse: tuple[int, str] | None = None
    waiting: dict[str, int] = field(default_factory=dict)
    # (from, thread, what its caller was shown, to): states by number, 0 is the first; threads by their place. A
    # result stands as in an outcome; what an iteration under way yields has a `+` before it; "" is no result.
    # In the order in which TLC came to them; TLC may print one several times.
    steps: dict[tuple[int, int, str, int], None] = field(default_factory=dict)


def enumerate_outcomes(scenarios: list[dict], jar: Path | str, build_dir: Path | str) -> dict[str, Allowed]:
    """What is allowed in each scenario, by its name.

    Raises ScenarioError for a scenario that is malformed or in which threads misuse a handle,
    TlcUnavailable without java or jar, and TlcFailed if TLC gives no answer.
    """
    allowed = ask_contract(scenarios, jar, build_dir)
    for name, found in allowed.items():
        if found.misuse:
            thread, what = found.misuse
            raise ScenarioError(f"scenario {name}, thread {thread + 1}: {what}")
    return allowed


def ask_contract(scenarios: list[dict], jar: Path | str, build_dir: Path | str, wrong: bool = False) -> dict[str, Allowed]:
    """As enumerate_outcomes; of a scenario in which threads misuse a handle, it says so. With `wrong`, by the contract that a
    scenario names as its "contract": there may be no outcomes, and there are no steps.
    """
    for scenario in scenarios:
        require_well_formed(scenario)
    require_distinct([scenario["name"] for scenario in scenarios], "scenario names")
    folder = Path(build_dir) / "spec" / "outcomes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ScenarioData.tla").write_text(data_module(scenarios))
    module = write_module(folder) if wrong else SPEC / "Scenario.tla"
    run = run_tlc(Path(jar), module, module.with_suffix(".cfg"), folder, brief=True)
    if run.result != HOLDS:
        errors = [line[:200] for error in run.errors for line in error.splitlines()][:MOST_LINES]
        raise TlcFailed("\n".join([f"{module.name}: {run.result}", *errors]))
    allowed = read_allowed(scenarios, run.printed)
    if silent := [name for name, found in allowed.items() if not (wrong or found.outcomes or found.misuse)]:
        raise TlcFailed(f"{module.name} printed no outcome of {', '.join(silent)}")
    return allowed


def read_allowed(scenarios: list[dict], printed: list[str]) -> dict[str, Allowed]:
    allowed = {scenario["name"]: Allowed() for scenario in scenarios}
    names = list(allowed)
    states: dict[str, dict[str, int]] = {name: {} for name in names}
    for line in printed:
        if step := STEP.fullmatch(line):
            index, thread, shown, before, after = step.groups()
            name = names[int(index) - 1]
            number = states[name]
            # The first step that is printed is one from the first state: TLC searches breadth first.
            numbers = [number.setdefault(state, len(number)) for state in (before, after)]
            allowed[name].steps.setdefault((numbers[0], int(thread) - 1, shown, numbers[1]))
        elif outcome := OUTCOME.fullmatch(line):
            name = names[int(outcome[1]) - 1]
            thread, text = int(outcome[3]) - 1, outcome[4]
            if text.startswith("misuse | "):
                allowed[name].misuse = allowed[name].misuse or (thread, misuse(text.removeprefix("misuse | ")))
                continue
            allowed[name].outcomes.add(text)
            if outcome[2] == "within":
                allowed[name].within.add(text)
            if text.startswith("deadlock | "):
                allowed[name].waiting[text] = thread
    return allowed


def misuse(results: str) -> str:
    return (
        f"after {results!r} this thread can come to use a handle that does not exist, or the receiver while another thread "
        "may use it: a signal and an await must rule it out"
    )


# A scenario as a dict: is it a program?


def require_well_formed(scenario: dict) -> None:
    try:
        name, threads = scenario["name"], scenario["threads"]
        operations = [operation for thread in threads for operation in thread["ops"]]
        require_words([name, *scenario["senders"], *(thread["name"] for thread in threads)])
        require_distinct([thread["name"] for thread in threads], "thread names")
        for operation in operations:
            require_operation(operation)
        require_references(scenario["senders"], operations)
    except (KeyError, TypeError) as error:
        raise ScenarioError(f"scenario {scenario!r}: not of the documented form: {error!r}") from error
    except ScenarioError as error:
        raise ScenarioError(f"scenario {name}: {error}") from None


def require_operation(operation: dict) -> None:
    needed = OPERATIONS.get(operation["op"])
    if needed is None:
        raise ScenarioError(f"no operation {operation['op']!r}; there are: {', '.join(OPERATIONS)}")
    if set(operation) != {"op", *needed}:
        raise ScenarioError(f"{operation['op']} needs {', '.join(needed) or 'nothing more'}: {operation}")
    require_words([operation[field] for field in needed if field != "value"])
    if "value" in needed and type(operation["value"]) is not int:
        raise ScenarioError(f"values are integers: {operation}")


def require_references(senders: list[str], operations: list[dict]) -> None:
    """Every name is introduced by something, and only once."""
    handles = [*senders, *(operation["as"] for operation in operations if operation["op"] == "clone")]
    require_distinct([*handles, RECEIVER], "handles")
    require_distinct([operation["value"] for operation in operations if "value" in operation], "sent values")
    signalled = {operation["event"] for operation in operations if operation["op"] == "signal"}
    for operation in operations:
        known = [*handles, RECEIVER] if operation["op"] in ("drop", "move", "is_disconnected") else handles
        if "handle" in operation and operation["handle"] not in known:
            raise ScenarioError(f"{operation['op']} of unknown handle {operation['handle']!r}")
        if operation["op"] == "await" and operation["event"] not in signalled:
            raise ScenarioError(f"nobody signals {operation['event']!r}")


def require_words(words: list[str]) -> None:
    for word in words:
        if not re.fullmatch(r"[\w-]+", word):
            raise ScenarioError(f"a name has letters, digits, _ and - only: {word!r}")


def require_distinct(names: list, what: str) -> None:
    if len(set(names)) != len(names):
        raise ScenarioError(f"{what} must differ: {names}")


# A scenario in TLA+.


def data_module(scenarios: list[dict]) -> str:
    operations = [op for scenario in scenarios for thread in scenario["threads"] for op in thread["ops"]]
    handles = {handle for scenario in scenarios for handle in scenario["senders"]}
    handles |= {op["as"] for op in operations if op["op"] == "clone"}
    values = {op["value"] for op in operations if op["op"] == "send"}
    return f"""\
---------------------------- MODULE ScenarioData ----------------------------
(* Written by outcomes.py. *)
EXTENDS Integers

AllHandles == {tla(handles)}
AllValues == {tla(values)}
Scenarios == <<
  {", ".join(tla(without_name(scenario)) for scenario in scenarios)}
>>
=============================================================================
"""


NO_MEMORY_NEEDED = {"blocks": 0, "slots": 1, "first": 1}


def without_name(scenario: dict) -> dict:
    return {
        "senders": set(scenario["senders"]),
        "contract": scenario.get("contract", RIGHT),
        "memory": {"runsOut": "memory" in scenario} | scenario.get("memory", NO_MEMORY_NEEDED),
        "threads": scenario["threads"],
    }


def tla(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dict):
        return "[" + ", ".join(f"{key} |-> {tla(item)}" for key, item in value.items()) + "]"
    if isinstance(value, list):
        return "<<" + ", ".join(map(tla, value)) + ">>"
    if isinstance(value, set):
        return "{" + ", ".join(map(tla, sorted(value))) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


# Is this file, together with Scenario.tla, right? Outcomes written out by hand.


def send(handle: str, value: int) -> dict:
    return {"op": "send", "handle": handle, "value": value}


def drop(handle: str) -> dict:
    return {"op": "drop", "handle": handle}


def simple(op: str) -> dict:
    return {"op": op}


def scenario(name: str, senders: str, **threads: list[dict]) -> dict:
    return {
        "name": name,
        "senders": senders.split(),
        "threads": [{"name": thread, "ops": ops} for thread, ops in threads.items()],
    }


SIGNAL, AWAIT = {"op": "signal", "event": "x"}, {"op": "await", "event": "x"}
RECV, TRY_RECV, RECV_FOR = simple("recv"), simple("try_recv"), simple("recv_for")
ITERATE, TRY_ITERATE, CLOSE = simple("iterate"), simple("try_iterate"), simple("close")

SELF_TEST: list[tuple[dict, set[str]]] = [
    (
        scenario("one_sender", "a", p=[send("a", 1), send("a", 2), drop("a")], r=[ITERATE, drop(RECEIVER)]),
        {"p: ok ok | r: [1,2] destroyed[]"},
    ),
    (
        scenario("two_senders", "a b", p=[send("a", 1)], q=[send("b", 2)], r=[RECV, RECV]),
        {"p: ok | q: ok | r: 1 2 | end: destroyed[]", "p: ok | q: ok | r: 2 1 | end: destroyed[]"},
    ),
    (
        scenario("one_before_the_other", "a b", p=[send("a", 1), SIGNAL], q=[AWAIT, send("b", 2)], r=[RECV, RECV]),
        {"p: ok | q: ok | r: 1 2 | end: destroyed[]"},
    ),
    (
        scenario("value_or_empty_never_disconnected", "a", p=[send("a", 1), drop("a")], r=[TRY_RECV]),
        {"p: ok | r: 1 | end: destroyed[]", "p: ok | r: empty | end: destroyed[1]"},
    ),
    (
        scenario("time_out", "a", p=[drop("a")], r=[RECV_FOR, RECV, TRY_RECV, RECV_FOR]),
        {
            "p: | r: timeout disconnected disconnected disconnected | end: destroyed[]",
            "p: | r: disconnected disconnected disconnected disconnected | end: destroyed[]",
        },
    ),
    (
        scenario("receiver_leaves", "a", p=[send("a", 1), send("a", 2)], r=[drop(RECEIVER)]),
        {
            "p: ok ok | r: destroyed[1,2]",
            "p: ok refused | r: destroyed[1]",
            "p: refused refused | r: destroyed[]",
        },
    ),
    (
        scenario("close_twice", "a", p=[send("a", 1)], r=[CLOSE, CLOSE, RECV, RECV]),
        {
            "p: ok | r: 1 disconnected | end: destroyed[]",
            "p: refused | r: disconnected disconnected | end: destroyed[]",
        },
    ),
    (
        scenario("try_iterate_twice", "a", p=[send("a", 1)], r=[TRY_ITERATE, TRY_ITERATE]),
        {
            "p: ok | r: [1] [] | end: destroyed[]",
            "p: ok | r: [] [1] | end: destroyed[]",
            "p: ok | r: [] [] | end: destroyed[1]",
        },
    ),
    (
        scenario(
            "clone_outlives_original",
            "a",
            p=[{"op": "clone", "handle": "a", "as": "b"}, SIGNAL, {"op": "move", "handle": "a"}, drop("a")],
            q=[AWAIT, send("b", 3), drop("b")],
            r=[{"op": "move", "handle": RECEIVER}, ITERATE],
        ),
        {"p: | q: ok | r: [3] | end: destroyed[]"},
    ),
    (
        scenario("waits_for_ever", "a", p=[send("a", 1)], r=[RECV, RECV]),
        {"deadlock | p: ok | r: 1"},
    ),
    (
        scenario("nobody_sends_in_time", "a", p=[AWAIT, send("a", 1)], r=[RECV, SIGNAL]),
        {"deadlock | p: | r:"},
    ),
]

# Where memory runs out: also what a code has whose sends throw exactly for want of a block.
FIRST_BLOCK_ONLY = scenario("no_memory", "a", p=[send("a", 1), send("a", 2), drop("a")], r=[ITERATE])
FIRST_BLOCK_ONLY |= {"memory": {"blocks": 0, "slots": 1, "first": 1}}
SELF_TEST.append(
    (
        FIRST_BLOCK_ONLY,
        {
            "p: ok ok | r: [1,2] | end: destroyed[]",
            "p: ok no_memory | r: [1] | end: destroyed[]",
            "p: no_memory ok | r: [2] | end: destroyed[]",
            "p: no_memory no_memory | r: [] | end: destroyed[]",
        },
    )
)
TWO_BLOCKS = scenario("memory_comes_back", "a", p=[send("a", v) for v in range(1, 6)], r=[RECV, RECV, RECV])
TWO_BLOCKS |= {"memory": {"blocks": 2, "slots": 1, "first": 1}}
WITHIN: list[tuple[dict, set[str]]] = [
    (FIRST_BLOCK_ONLY, {"p: ok no_memory | r: [1] | end: destroyed[]"}),
    (
        TWO_BLOCKS,  # a block comes back with the third value, perhaps in time
        {
            "p: ok ok ok no_memory no_memory | r: 1 2 3 | end: destroyed[]",
            "p: ok ok ok ok no_memory | r: 1 2 3 | end: destroyed[4]",
            "p: ok ok ok no_memory ok | r: 1 2 3 | end: destroyed[5]",
        },
    ),
]

MISUSED = [
    scenario("receiver_used_by_two", "a", p=[send("a", 1)], r=[RECV], s=[TRY_RECV]),
    scenario("used_before_it_is_cloned", "a", p=[{"op": "clone", "handle": "a", "as": "b"}], q=[send("b", 1)]),
    scenario("used_after_it_is_dropped", "a", p=[send("a", 1)], q=[drop("a")]),
]
MALFORMED = [
    scenario("unknown_operation", "a", p=[simple("peek")]),
    scenario("field_missing", "a", p=[simple("send")]),
    scenario("unknown_handle", "a", p=[drop("b")]),
    scenario("value_sent_twice", "a", p=[send("a", 1), send("a", 1)]),
    scenario("awaited_but_not_signalled", "a", p=[AWAIT]),
]


def self_test(jar: Path, build_dir: Path) -> list[str]:
    """What is wrong; nothing, if all is well."""
    found = enumerate_outcomes([scenario for scenario, _ in SELF_TEST] + [TWO_BLOCKS], jar, build_dir)
    compared = [(tested["name"], found[tested["name"]].outcomes, expected) for tested, expected in SELF_TEST]
    compared += [(tested["name"], found[tested["name"]].within, expected) for tested, expected in WITHIN]
    problems = []
    for name, got, expected in compared:
        problems += [f"{name}: not allowed, but should be: {outcome}" for outcome in sorted(expected - got)]
        problems += [f"{name}: allowed, but should not be: {outcome}" for outcome in sorted(got - expected)]
    problems += [f"{name}: not refused" for name, found in ask_contract(MISUSED, jar, build_dir).items() if not found.misuse]
    problems += [f"{bad['name']}: not refused" for bad in MALFORMED if not refused(bad, jar, build_dir)]
    return problems


def refused(bad: dict, jar: Path, build_dir: Path) -> bool:
    try:
        enumerate_outcomes([bad], jar, build_dir)
    except ScenarioError:
        return True
    return False


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="List every outcome that the contract allows for scenarios.")
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where TLC may write (default: build)")
    parser.add_argument("--scenarios", type=Path, help="JSON file with a list of scenarios")
    parser.add_argument("--out", type=Path, help="JSON file for the outcomes (default: standard output)")
    parser.add_argument("--self-test", action="store_true", help="compare with outcomes written out by hand")
    arguments = parser.parse_args()
    if bool(arguments.scenarios) == arguments.self_test:
        parser.error("one of --scenarios and --self-test is needed")
    return arguments


def report_self_test(problems: list[str]) -> int:
    for problem in problems:
        print(f"outcomes: {problem}")
    print(f"outcomes: self-test {'FAILED' if problems else 'passed'}")
    return 1 if problems else 0


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.self_test:
            return report_self_test(self_test(arguments.jar, arguments.build))
        scenarios = json.loads(arguments.scenarios.read_text())
        allowed = enumerate_outcomes(scenarios, arguments.jar, arguments.build)
    except (ScenarioError, TlcFailed, TlcUnavailable, OSError, ValueError) as error:
        print(f"outcomes: {error}", file=sys.stderr)
        return 2
    text = json.dumps({name: sorted(found.outcomes) for name, found in allowed.items()}, indent=2) + "\n"
    if arguments.out:
        arguments.out.write_text(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
