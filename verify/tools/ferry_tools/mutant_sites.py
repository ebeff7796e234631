"""Where the header can be changed: clang's syntax tree of it, with the place of each node in its file."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferry_tools.errors import ToolError
from ferry_tools.paths import HEADER

FUNCTIONS = {"FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl", "CXXDestructorDecl", "CXXConversionDecl"}
NAMED = FUNCTIONS | {"CXXRecordDecl", "VarDecl", "FieldDecl"}


@dataclass
class Node:
    kind: str
    file: Path
    begin: int  # offsets, in bytes
    end: int
    raw: dict[str, Any]
    children: list[Node] = field(default_factory=list)
    written: bool = True  # here, and not in a macro

    def below(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.below()


class Reader:
    """clang names a file only where it differs from that of the place before."""

    def __init__(self) -> None:
        self.file = Path()

    def node(self, raw: dict[str, Any]) -> Node:
        self.place(raw.get("loc", {}))
        begin, _ = self.place(raw.get("range", {}).get("begin", {}))
        last, length = self.place(raw.get("range", {}).get("end", {}))
        made = Node(raw.get("kind", ""), self.file, begin, last + length, raw, written=begin >= 0 and last >= 0)
        made.children = [self.node(child) for child in raw.get("inner", [])]
        return made

    def place(self, raw: dict[str, Any]) -> tuple[int, int]:
        """The offset of a token and its length; none, if a macro wrote it."""
        if "spellingLoc" in raw or "expansionLoc" in raw:
            self.place(raw.get("spellingLoc", {}))
            self.place(raw.get("expansionLoc", {}))
            return -1, 0
        if "file" in raw:
            self.file = Path(raw["file"]).resolve()
        return raw.get("offset", -1), raw.get("tokLen", 0)


def read_tree(compiler: str, include: Path, folder: Path) -> list[Node]:
    """Templates as they are written: nothing instantiates them."""
    folder.mkdir(parents=True, exist_ok=True)
    unit = folder / "header.cpp"
    # The parker of platforms without a semaphore is not included here.
    unit.write_text("#include <ferry/sync_channel.hpp>\n#include <ferry/detail/condition_parker.hpp>\n")
    dump = ["-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang", "-ast-dump-filter=ferry"]
    command = [compiler, "-std=c++23", f"-I{include}", *dump, str(unit)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise ToolError(f"the header does not compile: {run.stderr.strip().splitlines()[:1]}")
    decoder, at, trees = json.JSONDecoder(), 0, []
    while at < len(run.stdout):
        raw, at = decoder.raw_decode(run.stdout, at)
        trees.append(Reader().node(raw))
        at += len(run.stdout[at:]) - len(run.stdout[at:].lstrip())
    check_places(trees)
    return trees


def check_places(trees: list[Node]) -> None:
    """That a node is where it is said to be: each string literal is looked up."""
    seen = 0
    for node in (n for tree in trees for n in tree.below()):
        if node.kind == "StringLiteral" and node.written and node.begin != node.end:
            there = node.file.read_bytes()[node.begin : node.end].decode()
            seen += there == node.raw.get("value")
            if there != node.raw.get("value") and '" "' not in re.sub(r"\s+", " ", there):
                raise ToolError(f"{node.file}: clang's places are not those of the file: {there!r}")
    if not seen:
        raise ToolError(f"{HEADER}: clang shows no string literal: its syntax tree has another shape")


def functions(trees: list[Node]) -> Iterator[tuple[str, Node]]:
    """Each function that has a body, and each other initialized name, once; lambdas belong to the function around."""
    seen: set[tuple[Path, int]] = set()

    def within(node: Node, scope: str) -> Iterator[tuple[str, Node]]:
        name = node.raw.get("name", "")
        if node.kind in NAMED and node.written and (node.kind != "CXXRecordDecl" or node.children):
            body = node.kind != "CXXRecordDecl"
            if body and (node.file, node.begin) in seen:
                return
            if body and not node.raw.get("isImplicit"):
                seen.add((node.file, node.begin))
                yield (f"{scope}::{name}" if scope else name), node
                return
            scope = f"{scope}::{name}" if scope and name else name or scope
        for child in node.children:
            yield from within(child, scope)

    for tree in trees:
        yield from within(tree, "")
