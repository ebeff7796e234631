"""Mutants of the header: one change each, made from the names and places in clang's syntax tree (mutant_sites.py).

STEP=ORDER         an atomic instruction has a weaker memory order (STEP=success-ORDER: the compare-exchange's first)
STEP=split         a read-modify-write is a load, and then a write
STEP=omitted       an instruction does nothing: it reads (a load: zero; a compare-exchange: says that it succeeded)
STEP=succeeded     a compare-exchange is made, and taken as successful
STEP=doubled       a wake-up is given twice
Ring::STEP=...     the same in the bounded channel
FUNCTION.KIND.N    the N-th place of that kind in the function:
  swapped          two neighbouring statements are in the other order: so each step of a block's life comes earlier, too
  inverted         a condition, or an operand of one, or of what a function returns that answers yes or no
  bound            a comparison is strict, or is no longer
  more, less       a constant is one more or one less; true and false are `more` of each other
  weaker, removed, split, dropped, doubled   as above, for the platform's own instructions, which have no name
  null, small, unaligned, throws             there is no memory; a byte less is asked for; aligned as a byte is; what
                                             allocates throws
  dropped, small, unaligned                  memory is not given back; or with another size or alignment

WHOLE names what stays as it is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ferry_tools.errors import ToolError
from ferry_tools.mutant_sites import FUNCTIONS, Node, functions, read_tree
from ferry_tools.paths import RING, ROOT
from ferry_tools.statements import BUGS

INCLUDE = ROOT / "impl" / "include"
KNOWN_BUGS = sorted((ROOT / "verify" / "mutants").glob("known_bugs*.json"))
# A file, or a name within one: why it is not taken apart.
WHOLE = {
    "pace.hpp": "the algorithm is correct with any pace: nothing there is verified",
    "sender_pace.hpp": "the same",
    "StandardPlatform::capacity_to_note": "speed: the bounded channel is explored with notes and without",
    "StandardPlatform::block_slots": "speed: blocks of 1 to 16 slots are explored, and of all sizes are tested",
    "StandardPlatform::first_block_slots": "the same",
    "StandardPlatform::padding": "speed",
    "Shared::padding_between_": "speed",
    "prefetch_for_writing": "speed: it reads and writes nothing",
    "Block::prefetch_beyond": "speed: it only prefetches",
    "Block::groups_ahead": "speed: of the prefetch",
    "RingShared::group_slots": "speed: groups of one slot are explored, and of eight are tested",
    "RingShared::has_room_inside": "speed: a ring is explored apart from its channel, and tested inside of it, too",
    "RingShared::prefetch_beyond": "speed: it only prefetches",
    "RingShared::groups_ahead": "speed: of the prefetch",
    "RingShared::padding_between_": "speed",
}

WEAKER = {"acq_rel": ["acquire", "release"], "acquire": ["relaxed"], "release": ["relaxed"]}
MODIFIES = {
    "exchange": "{0}",
    "fetch_add": "v + ({0})",
    "fetch_sub": "v - ({0})",
    "fetch_or": "v | ({0})",
    "fetch_and": "v & ({0})",
}
WITHOUT = {"store": "(void)0", "unpark": "(void)0", "park": "(void)0", "take_token": "(void)0", "park_until": "false",
           "release": "(void)0", "lock": "(void)0", "unlock": "(void)0", "compare_exchange": "true"}  # fmt: skip
# What the explorer can plant itself, without being compiled again.
PLANTED = {"load", "store", "await", "unpark", "release", "unlock", "take_token", "compare_exchange", *MODIFIES}
# What allocates and what frees, and what such a call becomes.
OPERATORS = {"new": "null", "delete": "dropped"}
MEMORY = {
    "allocate": "null",
    "allocate_block": "null",
    "deallocate": "dropped",
    "deallocate_block": "dropped",
    **OPERATORS,
}
STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
SIZES = {"slot_count", "first_slot_count"}


@dataclass(frozen=True)
class Change:
    file: Path
    begin: int
    end: int
    text: str

    def line(self) -> str:
        source = self.file.read_bytes()
        before, number = source[self.begin : self.end].decode(), source.count(b"\n", 0, self.begin) + 1
        short = [" ".join(text.split()) for text in (before, self.text)]
        return f"{self.file.relative_to(ROOT)}:{number}: `{short[0]}` becomes `{short[1]}`"


@dataclass(frozen=True)
class Mutant:
    name: str
    changes: tuple[Change, ...]
    plant: str = ""  # for the explorer, which is then not compiled again
    file: Path = field(default=Path())

    @property
    def tested_first(self) -> str:
        """A file of tests."""
        return {"platform.hpp": "standard_platform", "parker.hpp": "parkers", "condition_parker.hpp": "parkers"}.get(
            self.file.name, ""
        )

    def texts(self) -> dict[Path, bytes]:
        """The changed files."""
        made: dict[Path, bytes] = {}
        for change in sorted(self.changes, key=lambda c: -c.begin):
            text, new = made.get(change.file, change.file.read_bytes()), change.text.encode()
            # What is behind keeps its line, which assert has in its message.
            new += b"\n" * (text.count(b"\n", change.begin, change.end) - new.count(b"\n"))
            made[change.file] = text[: change.begin] + new + text[change.end :]
        return made

    def replaces(self) -> str:
        """The beginning of what it replaces."""
        change = self.changes[0]
        return " ".join(change.file.read_bytes()[change.begin : change.end].decode().split())[:60]

    def says(self) -> str:
        return "; ".join(change.line() for change in self.changes)


class Maker:
    """The mutants of one function."""

    def __init__(self, name: str, node: Node, counts: Counter[str]) -> None:
        self.name, self.node, self.counts = name, node, counts
        self.source = node.file.read_bytes()
        self.made: list[Mutant] = []

    def text(self, node: Node) -> str:
        return self.source[node.begin : node.end].decode()

    def add(self, name: str, begin: int, end: int, text: str, plant: str = "") -> None:
        if "." not in name and "=" not in name:
            name = f"{self.name}.{name}"
            self.counts[name] += 1
            name += f".{self.counts[name]}"
        elif self.node.file == RING:  # both algorithms have some steps of the same name
            name = f"Ring::{name}"
        self.made.append(Mutant(name, (Change(self.node.file, begin, end, text),), plant, self.node.file))

    def replace(self, name: str, node: Node, text: str, plant: str = "") -> None:
        self.add(name, node.begin, node.end, text, plant)

    def all(self) -> list[Mutant]:
        conditions: dict[int, Node] = {}
        self.visit(self.node, conditions)
        for node in conditions.values():
            if node.kind != "CXXBoolLiteralExpr":
                self.replace("inverted", node, f"!({self.text(node)})")
        return self.made

    def visit(self, node: Node, conditions: dict[int, Node]) -> None:
        if node.kind in ("StaticAssertDecl", "CXXNoexceptExpr", "FullComment") or (node.kind and not node.written):
            return
        if node.kind in ("CallExpr", "CXXMemberCallExpr"):
            self.call(node)
        elif node.kind == "CompoundStmt":
            self.neighbours(node)
        elif node.kind == "IntegerLiteral" and self.text(node)[0].isdigit():  # not the zero of a rewritten `<`
            self.replace("more", node, f"({self.text(node)} + 1)")
            if node.raw["value"] != "0":
                self.replace("less", node, f"({self.text(node)} - 1)")
        elif node.kind == "CXXBoolLiteralExpr":
            self.replace("more", node, "false" if self.text(node) == "true" else "true")
        elif node.kind in ("DeclRefExpr", "UnresolvedLookupExpr", "UnresolvedMemberExpr", "MemberExpr"):
            if self.text(node) in SIZES and self.node.kind in FUNCTIONS:
                self.replace("more", node, f"({self.text(node)} + 1)")
        elif node.kind == "BinaryOperator" and node.raw["opcode"] in STRICT:
            left, right = node.children
            between = self.source[left.end : right.begin].decode()
            sign = node.raw["opcode"]
            self.add("bound", left.end, right.begin, between.replace(sign, STRICT[sign]))
        self.condition(node, conditions)
        for child in node.children:
            if node.kind != "LambdaExpr" or child.kind != "CXXRecordDecl":  # which has the same body once more
                self.visit(child, conditions)

    def condition(self, node: Node, conditions: dict[int, Node]) -> None:
        found: list[Node] = []
        if node.kind == "IfStmt" and not node.raw.get("isConstexpr"):
            at = bool(node.raw.get("hasInit")) + bool(node.raw.get("hasVar"))
            if node.raw.get("hasVar"):
                var = node.children[at - 1].children[0]
                self.replace("inverted", var, f"{self.text(var)}; !({var.raw['name']})")
            else:
                found = [node.children[at]]
        elif node.kind == "WhileStmt" or node.kind == "ConditionalOperator":
            found = [node.children[0]]
        elif node.kind == "DoStmt":
            found = [node.children[1]]
        elif node.kind == "ForStmt" and node.children[2].kind:
            found = [node.children[2]]
        elif node.kind == "BinaryOperator" and node.raw["opcode"] in ("&&", "||"):
            found = node.children
        elif node.kind == "VarDecl" and re.fullmatch(r"(const )?bool", node.raw["type"]["qualType"]):
            found = [child for child in node.children if child.kind != "FullComment"][-1:]
        elif node.kind == "ReturnStmt" and node.children and self.answers(node.children[0]):
            found = [node.children[0]]
        for one in found:
            for leaf in leaves(one):
                conditions.setdefault(leaf.begin * 100_000 + leaf.end, leaf)

    def answers(self, value: Node) -> bool:
        inner = value
        while inner.kind in ("ParenExpr", "ImplicitCastExpr", "ExprWithCleanups"):
            inner = inner.children[0]
        compares = inner.kind == "BinaryOperator" and inner.raw["opcode"] in (
            "==",
            "!=",
            "<",
            ">",
            "<=",
            ">=",
            "&&",
            "||",
        )
        return compares or value.raw.get("type", {}).get("qualType") == "bool"

    def call(self, node: Node) -> None:
        callee, *arguments = node.children
        parts = re.fullmatch(r"(.*?)(?:\.|->)?(\w+)", self.text(callee), re.DOTALL)
        if not parts:
            return
        target, operation = self.text(callee)[: -len(parts[2])], parts[2]
        given = [a for a in arguments if a.written and a.end > a.begin >= node.begin]
        step = re.fullmatch(r'"(\w+)"', self.text(given[0])) if given else None
        if step:
            self.instruction(node, step[1], target, operation, given)
        elif target.startswith("value_") and operation != "reset" and self.name.startswith("Atomic::"):
            self.unnamed(node, target, operation, given)
        elif operation in MEMORY:
            self.memory(node, callee, operation, given)
        elif operation in ("notify_one", "wake"):
            self.replace("dropped", node, "(void)0")
            self.replace("doubled", node, f"({self.text(node)}, {self.text(node)})")

    def memory(self, node: Node, callee: Node, operation: str, given: list[Node]) -> None:
        self.replace(MEMORY[operation], node, {"null": "nullptr", "dropped": "(void)0"}[MEMORY[operation]])
        for i, argument in enumerate(given):
            text = self.text(argument)
            rest = ", ".join(self.text(other) for other in given[:i] + given[i + 1 :])
            if operation in OPERATORS and i > 0:
                kind = "throws" if "nothrow" in text else "unaligned"
                self.replace(kind, node, f"{self.text(callee)}({rest})")
            elif re.search(r"\balignof\b", text):
                self.replace("unaligned", argument, "1")
            elif re.search(r"\bsizeof\b|\bbytes\b", text):
                self.replace("small", argument, f"({text} - 1)")

    def instruction(self, node: Node, step: str, target: str, operation: str, given: list[Node]) -> None:
        orders = [a for a in given if self.text(a) in (*WEAKER, "relaxed")]
        for i, order in enumerate(orders):
            weaker = WEAKER.get(self.text(order), [])
            first_of_two = i == 0 and len(orders) == 2 and self.text(orders[1]) != "relaxed"
            for name in weaker:
                called = f"{step}={'success-' if first_of_two else ''}{name}"
                self.replace(called, order, name, "" if first_of_two else called)
        plant = f"{step}=omitted" if operation in PLANTED else ""
        whole, called = self.text(node), f'"{step}"'
        if operation in MODIFIES:
            self.replace(f"{step}=omitted", node, f"{target}load({called}, acquire)", plant)
            value, same = MODIFIES[operation].format(self.text(given[1])), self.text(orders[0])
            split = f"({{ auto v = {target}load({called}, acquire); {target}exchange({called}, {value}, {same}); v; }})"
            self.replace(f"{step}=split", node, split, f"{step}=split")
        elif operation == "await":
            self.replace(f"{step}=omitted", node, f"{target}load({called}, {self.text(orders[0])})", plant)
        elif operation == "load":
            self.replace(f"{step}=omitted", node, f"std::remove_cvref_t<decltype({whole})>{{}}", plant)
        elif operation in WITHOUT:
            self.replace(f"{step}=omitted", node, WITHOUT[operation], plant)
        if operation == "compare_exchange":
            self.replace(f"{step}=succeeded", node, f"({whole}, true)")
        if operation in ("unpark", "release"):
            self.replace(f"{step}=doubled", node, f"({whole}, {whole})")

    def unnamed(self, node: Node, target: str, operation: str, given: list[Node]) -> None:
        orders = [a for a in given if self.text(a) in ("order", "success", "failure")]
        for order in orders:
            self.replace("weaker", order, "std::memory_order::relaxed")
        if operation in MODIFIES:
            self.replace("removed", node, f"{target}load(std::memory_order::acquire)")
            value = MODIFIES[operation].format(self.text(given[0]))
            self.replace("split", node, f"({{ U v = {target}load(); {target}store({value}); v; }})")
        else:
            self.replace("removed", node, {"load": "U{}", "store": "(void)0"}.get(operation, "true"))

    def neighbours(self, body: Node) -> None:
        """Swapped, unless the second needs what the first declares, or neither can see what the other does."""
        for first, second in zip(body.children, body.children[1:]):
            if not (first.written and second.written):  # assert
                continue
            ends = [self.end_of(n) for n in (first, second)]
            texts = [self.source[n.begin : e].decode() for n, e in zip((first, second), ends)]
            declared = [n.raw.get("name", "") for n in first.children] if first.kind == "DeclStmt" else []
            if any(name and re.search(rf"\b{name}\b", texts[1]) for name in declared):
                continue
            if second.kind in ("ReturnStmt", "ContinueStmt", "BreakStmt") and first.kind == "DeclStmt":
                continue
            if any(re.match(r"using |const auto \w+ = \[", text) for text in texts):  # names a type or a function
                continue
            if apart(*texts) or apart(*reversed(texts)):
                continue
            between = self.source[ends[0] : second.begin].decode()
            self.add("swapped", first.begin, ends[1], re.sub(r"//.*", "", texts[1] + between + texts[0]))

    def end_of(self, statement: Node) -> int:
        """With its semicolon, which clang counts among the statement's characters only at a declaration."""
        match = re.match(rb"\s*;", self.source[statement.end :])
        return statement.end + match.end() if match else statement.end


def apart(plain: str, other: str) -> bool:
    """Whether `plain` only sets a variable, calls nothing, and the two have no variable in common that either sets."""
    sets = re.match(r"(?:[\w:<>*& ]+\s)?(\w+) = [^()=]*;$", plain)
    if not sets:
        return False
    others = set(re.findall(r"(\w+) =[^=]", other)) | set(re.findall(r"\+\+(\w+)", other))
    if (
        sets[1] in re.findall(r"\w+", other)
        or others & set(re.findall(r"\w+", plain))
        or re.search(r"\b(return|continue|break)\b", other)
    ):
        return False
    # What is called may see members, but no variable of the function.
    return "(" not in other or not re.search(r"\w_\b", plain)


def leaves(node: Node) -> Iterator[Node]:
    if node.kind in ("ParenExpr", "ImplicitCastExpr", "ExprWithCleanups") and node.children:
        yield from leaves(node.children[0])
    elif node.kind == "BinaryOperator" and node.raw["opcode"] in ("&&", "||"):
        for child in node.children:
            yield from leaves(child)
    elif node.written and node.end > node.begin:
        yield node


def generated(compiler: str, folder: Path) -> list[Mutant]:
    counts: Counter[str] = Counter()
    found, left_out = [], set()
    for name, node in functions(read_tree(compiler, INCLUDE, folder)):
        if node.file.is_relative_to(INCLUDE):
            left_out |= {name, node.file.name} & WHOLE.keys()
            if not {name, node.file.name} & WHOLE.keys():
                found += Maker(name, node, counts).all()
    if left_out != WHOLE.keys():
        raise ToolError(f"there is no {', '.join(WHOLE.keys() - left_out)} to leave whole: mutant_changes.WHOLE")
    return found


def by_hand() -> list[Mutant]:
    """The known bugs: texts that occur exactly once, and what they become."""
    made, problems = [], []
    for entry in (entry for file in KNOWN_BUGS for entry in json.loads(file.read_text())):
        changes = []
        for change in entry["change"]:
            file = INCLUDE / "ferry" / change["in"]
            pattern = r"\s+".join(re.escape(word) for word in change["replace"].split())
            places = list(re.finditer(pattern.encode(), file.read_bytes()))
            if len(places) != 1:
                problems.append(
                    f"{entry['name']}: {len(places)} times in {change['in']}, not once: {change['replace']}"
                )
                continue
            changes.append(Change(file, places[0].start(), places[0].end(), change["by"]))
        if changes:
            made.append(Mutant(entry["name"], tuple(changes), "", changes[0].file))
    numbers = {mutant.name.split("_")[0] for mutant in made}
    problems += [f"{bug} of spec/BUGS.md has no mutant" for bug in BUGS if bug not in numbers]
    if problems:
        raise ToolError("\n".join(f"known bugs: {problem}" for problem in problems))
    return made


def all_mutants(compiler: str, folder: Path) -> list[Mutant]:
    found = generated(compiler, folder) + by_hand()
    twice = [name for name, n in Counter(mutant.name for mutant in found).items() if n > 1]
    if twice:
        raise ToolError(f"two mutants have one name: {', '.join(twice)}")
    return found
