"""The review page's pictures, drawn by graphviz: of the header's own constants, of the states that TLC lists, and of
the parts of `make verify`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ferry_tools.counterexample import Value, parse_value
from ferry_tools.errors import ToolError
from ferry_tools.model_checking import configuration
from ferry_tools.models import Model
from ferry_tools.paths import HEADER, MODELS
from ferry_tools.review_executions import NOTHING, numbered, placed_state
from ferry_tools.review_facts import CONTRACT, Part
from ferry_tools.tla_states import Graph, read_dump
from ferry_tools.tlc import HOLDS, run_tlc

SLOTS = HEADER.parent / "detail" / "slots.hpp"
WORD_BITS = 64
CONSTANT = re.compile(r"inline constexpr (?:Word|unsigned) (\w+) = (\d+);(?: *// (.*))?")
FLAGS = ("parked", "closed", "done")

# The smallest contract, as a module of its own; and an algorithm in which each block has two slots.
SMALLEST = """\
---- MODULE SmallestContract ----
(* Written by review_pictures.py. *)
EXTENDS Channel, TLC
CONSTANTS a, v
TheHandle == {a}
TheValue == {v}
TheInit == Begin({a}, a :> {v})
TheSpec == TheInit /\\ [][Next]_vars
====
"""
SMALLEST_CFG = """\
CONSTANTS
    a = a
    v = v
    Handle <- TheHandle
    Value <- TheValue
SPECIFICATION TheSpec
CHECK_DEADLOCK FALSE
"""
ALGORITHM = Model(
    name="picture",
    module="MCAlgorithm.tla",
    cfg=["MCAlgorithm.cfg"],
    shows="the lives of slots and blocks",
    bounds={
        "Slots": "2", "FirstSlots": "1", "Failures": "0", "Holding": "One4", "MaxBlock": "4",
        "Calls": '{"recv", "try_recv", "drop"}',
    },
)  # fmt: skip
SPECIFICATION = "SPECIFICATION MCSpec\nCHECK_DEADLOCK FALSE\n"
IN_EACH = int(ALGORITHM.bounds["Slots"])
FIRST_BLOCK, NOT_IN_FIRST = "b1", IN_EACH - int(ALGORITHM.bounds["FirstSlots"])  # its slots have the last numbers
BLOCK, SLOT = "2", "1"  # whose life is drawn: the second block, which is had and given back, and its last slot

State = dict[str, Value]


@dataclass
class Picture:
    key: str
    title: str
    says: str
    drawing: str  # SVG


def pictures(contract: Graph, algorithm: Graph, parts: list[Part], folder: Path) -> list[Picture]:
    """Also written into the folder, one file each."""
    listed = f"{len(algorithm.states):,} states of one sender with four values and blocks of two"
    drawn = [
        Picture(
            "word",
            "The channel's word, with blocks and slots",
            f"The word's fields are the constants of {SLOTS.name}. The state is one that TLC has listed of the "
            "algorithm: it has the most blocks of all.",
            word_picture(algorithm),
        ),
        Picture(
            "slot",
            "A slot's life",
            "Each arrow is an action of the algorithm that changes what is true of the slot, in some state that "
            f"TLC has listed: {listed}.",
            life(algorithm, slot_life),
        ),
        Picture("block", "A block's life", "The same of a block.", life(algorithm, block_life)),
        Picture(
            "contract",
            f"All states of the smallest {CONTRACT}",
            "One sender, one value. A state says where the value is, and who is there. Steps that change nothing of "
            "this (to be told the end, for instance) are left out.",
            life(contract, contract_life),
        ),
        Picture(
            "parts",
            "How the parts fit",
            "Each line has the parts of make verify that look for a difference between its two ends.",
            parts_picture(parts),
        ),
    ]
    for picture in drawn:
        (folder / f"{picture.key}.svg").write_text(picture.drawing)
    return drawn


def dump(jar: Path, module: Path, cfg: Path, folder: Path) -> Graph:
    path = folder / f"{cfg.stem}.dot"
    run = run_tlc(jar, module, cfg, folder, brief=True, options=["-dump", "dot,actionlabels", str(path.resolve())])
    if run.result != HOLDS:
        raise ToolError(f"{module.name} has no states to draw: {run.result}; {'; '.join(run.errors)[:300]}")
    return read_dump(path)


def states_of_contract(jar: Path, folder: Path) -> Graph:
    module = folder / "SmallestContract.tla"
    module.write_text(SMALLEST)
    module.with_suffix(".cfg").write_text(SMALLEST_CFG)
    return dump(jar, module, module.with_suffix(".cfg"), folder)


def states_of_algorithm(jar: Path, folder: Path) -> Graph:
    cfg = folder / "picture.cfg"
    cfg.write_text(configuration(ALGORITHM) + SPECIFICATION)
    return dump(jar, MODELS / ALGORITHM.module, cfg, folder)


# ---- lives: what is true of one thing, and which actions change it --------------------------------------------------


Arrows = dict[tuple[str, str], list[str]]  # from what is true to what is true then: by which actions


def changes(graph: Graph, view: Callable[[State], str]) -> tuple[list[str], Arrows]:
    """What may be true of the thing, in the order in which TLC finds it; and what changes it."""
    seen = {number: view({k: parse_value(text) for k, text in state.items()}) for number, state in graph.states.items()}
    arrows: dict[tuple[str, str], set[str]] = {}
    for before, action, after in graph.actions:
        if seen[before] != seen[after]:
            arrows.setdefault((seen[before], seen[after]), set()).add(action)
    return list(dict.fromkeys(seen.values())), {ends: sorted(by) for ends, by in sorted(arrows.items())}


def life(graph: Graph, view: Callable[[State], str]) -> str:
    names, arrows = changes(graph, view)
    lines = [f"{quoted(name)} [shape=box, style=rounded{', penwidth=2' if name == names[0] else ''}]" for name in names]
    lines += [f"{quoted(a)} -> {quoted(b)} [label={quoted(chr(10).join(by))}]" for (a, b), by in arrows.items()]
    return svg(lines)


def slot_life(state: State) -> str:
    memory = numbered(state["memory"])[BLOCK]
    if memory != "live":
        return "no block here"
    value = numbered(numbered(state["cell"])[BLOCK])[SLOT]
    is_ready = numbered(numbered(state["ready"])[BLOCK])[SLOT] == "TRUE"
    tail = state["tail"]
    if is_ready:
        return "taken" if value == "NoValue" else "ready"
    if value != "NoValue":
        return "filled"
    is_claimed = tail["block"] == BLOCK and int(tail["count"]) > int(SLOT)
    return "empty" if not is_claimed else "claimed once closed" if tail["closed"] == "TRUE" else "claimed"


def is_being_installed(state: State) -> bool:
    """With one sender, no other block comes before this one is linked."""
    return BLOCK in state["fresh"].values() and state["tail"]["block"] != BLOCK


def block_life(state: State) -> str:
    memory = numbered(state["memory"])[BLOCK]
    if memory != "live":
        return "the spare block" if memory == "kept" and state["spare"] == BLOCK else str(memory)
    if is_being_installed(state):
        return "being installed"
    ends = ["senders claim here"] if state["tail"]["block"] == BLOCK else []
    ends += ["the receiver takes here"] if state["head"] == BLOCK else []
    return "\n".join(ends) or "full"


def contract_life(state: State) -> str:
    where = next(
        name
        for name, at in (("queued", "queue"), ("received", "received"), ("destroyed", "destroyed"), ("held", "held"))
        if at == "held" or state[at]
    )
    sender = next(iter(state["handle"].values()))
    back = ", was given back" if state["givenBack"] else ""
    return f"value {where}{back}\nsender {sender}\nreceiver {state['receiver']}"


# ---- the word -------------------------------------------------------------------------------------------------------


@dataclass
class Block:
    name: str
    slots: dict[int, tuple[str, str]]  # of each: whether it is ready; the value, or that there is none
    has_receiver: bool
    next: str  # "": none


@dataclass
class Word:
    fields: list[tuple[str, str, str]]  # its name, its bits, and what is in it now
    block: str  # that it names
    blocks: list[Block]


def word_of(graph: Graph) -> Word:
    constants = {name: int(number) for name, number, _ in CONSTANT.findall(SLOTS.read_text())}
    if missing := [name for name in (*FLAGS, "count_shift") if name not in constants]:
        raise ToolError(f"{SLOTS.name} has no constant {', '.join(missing)}")
    shift = constants["count_shift"]
    flags = sorted(FLAGS, key=lambda name: -constants[name])
    low = max(constants[name].bit_length() for name in FLAGS)
    state = placed_state(fullest(graph))
    block, count, *set_flags = re.split(r"[: ]", state["tail"])
    fields = [("count", f"{WORD_BITS - 1}..{shift}", count), ("block", f"{shift - 1}..{low}", block)]
    fields += [
        (name.upper(), str(constants[name].bit_length() - 1), str(int(name.upper() in set_flags))) for name in flags
    ]
    names = [key.split(".")[0] for key, life in state.items() if key.endswith(".memory") and life == "live"]
    blocks = []
    for name in names:
        slots = {}
        for i in range(NOT_IN_FIRST if name == FIRST_BLOCK else 0, IN_EACH):
            value = state[f"{name}.value[{i}]"]
            is_ready = state[f"{name}.ready[{i}]"] == "1"
            slots[i] = ("ready" if is_ready else "not ready", "empty" if value == NOTHING else value)
        after = state[f"{name}.next"]
        has_receiver = state["receiver's position"].startswith(f"{name}:")
        blocks.append(Block(name, slots, has_receiver, after if after in names else ""))
    return Word(fields, block, blocks)


def word_picture(graph: Graph) -> str:
    word = word_of(graph)
    rows = "".join(
        "<TR>" + "".join(f'<TD PORT="{of[0]}{row}">{escape(of[part])}</TD>' for of in word.fields) + "</TR>"
        for row, part in enumerate((1, 0, 2))
    )
    lines = [
        "rankdir=LR",
        f'word [shape=none, label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0">{rows}</TABLE>>]',
    ]
    for block in word.blocks:
        row = "".join(f"<TD>slot {i}<BR/>{ready}<BR/>{value}</TD>" for i, (ready, value) in block.slots.items())
        head = " (the receiver)" if block.has_receiver else ""
        title = f'<TD COLSPAN="{len(block.slots)}">{block.name}{head}</TD>'
        lines.append(f'{block.name} [shape=none, label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0">'
                     f"<TR>{title}</TR><TR>{row}</TR></TABLE>>]")  # fmt: skip
        if block.next:
            lines.append(f"{block.name} -> {block.next} [label=next]")
    lines.append(f"word:block2 -> {word.block}")
    return svg(lines)


def fullest(graph: Graph) -> State:
    """The state with the most living blocks, and of these the one with the most values that are ready."""

    def size(text: dict[str, str]) -> tuple[int, int, str]:
        return text["memory"].count('"live"'), text["ready"].count("TRUE"), text["tail"]

    chosen = max((s for s in graph.states.values() if "block |-> 0" not in s["tail"]), key=size)
    return {name: parse_value(text) for name, text in chosen.items()}


# ---- how the parts fit ----------------------------------------------------------------------------------------------


def parts_picture(parts: list[Part]) -> str:
    lines = []
    between: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        between.setdefault(part.between, []).append(part)
    for name in dict.fromkeys(end for ends in between for end in ends):
        lines.append(f"{quoted(name)} [shape=box]")
    for (a, b), of in between.items():
        verdicts = {part.verdict for part in of}
        verdict = "failed" if "failed" in verdicts else "passed" if verdicts == {"passed"} else "unknown"
        label = quoted("\n".join(f"{part.key}: {part.verdict}" for part in of))
        lines.append(f'{quoted(a)} -> {quoted(b)} [dir=none, label={label}, class="{verdict}"]')
    return svg(lines)


def quoted(text: str) -> str:
    return '"' + text.replace('"', "'").replace("\n", "\\n") + '"'


def svg(lines: list[str]) -> str:
    """The page's own colours are put on by its style."""
    source = "\n".join(["digraph {", 'bgcolor=transparent; fontname=sans; node [fontname=sans, fontsize=11];',
                        "edge [fontname=sans, fontsize=10];", *lines, "}"])  # fmt: skip
    done = subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, text=True)
    if done.returncode != 0:
        raise ToolError(f"graphviz can't draw this: {done.stderr.strip()}")
    # The page has several of these, and graphviz's names are the same in each.
    return re.sub(r' id="[^"]*"', "", done.stdout[done.stdout.index("<svg") :])
