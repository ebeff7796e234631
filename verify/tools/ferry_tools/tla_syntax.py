"""TLA+ modules as SANY, TLC's own parser, takes them apart."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ferry_tools.tla_values import TranslationError
from ferry_tools.tlc_java import require_tlc

LEVEL_OF_ACTIONS = 2


@dataclass(frozen=True, eq=False)
class Operator:
    """What is applied: built in, defined, declared as a constant or a variable, or a parameter."""

    kind: str
    name: str
    uid: str
    module: str
    parameters: tuple[str, ...] = ()
    syntax: Syntax | None = field(default=None, repr=False)
    element: Element | None = field(default=None, repr=False)

    @cached_property
    def body(self) -> Expression:
        if self.syntax is None or self.element is None:
            raise TranslationError(f"{self.name} has no definition")
        return self.syntax.expression(self.element)


@dataclass(frozen=True, eq=False)
class Bound:
    """x, y \\in S: a parameter for each."""

    parameters: tuple[str, ...]
    of: Expression


@dataclass(frozen=True, eq=False)
class Expression:
    """`kind`: number, string, at (the @ of an EXCEPT), apply, substituted (of an INSTANCE), operator (an argument)."""

    kind: str
    level: int
    line: int
    text: str = ""
    operator: Operator | None = None
    arguments: tuple[Expression, ...] = ()
    bounds: tuple[Bound, ...] = ()
    by: tuple[tuple[str, Expression], ...] = ()  # what is substituted, by its uid

    @property
    def applied(self) -> Operator:
        if self.operator is None:
            raise TranslationError(f"line {self.line}: an operator is wanted")
        return self.operator

    @property
    def name(self) -> str:
        return self.operator.name if self.operator else ""

    def walk(self) -> Iterator[Expression]:
        """Itself and what it is made of, without the definitions that it names."""
        yield self
        for e in (*self.arguments, *(b.of for b in self.bounds)):
            yield from e.walk()


class Syntax:
    """A module, and the modules that it is made of. `folders` is where they are looked for, besides its own."""

    def __init__(self, jar: Path, module: Path, folders: tuple[Path, ...] = ()) -> None:
        require_tlc(jar)
        library = [option for f in folders for option in ("-I", str(f.resolve()))]
        java = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(jar.resolve())]
        command = [*java, "tla2sany.xml.XMLExporter", *library, "-o", module.name]
        run = subprocess.run(command, cwd=module.parent, capture_output=True, text=True)
        if "<?xml" not in run.stdout:
            raise TranslationError(f"{module.name} is not parsed: {(run.stdout + run.stderr).strip()[-2000:]}")
        root = ElementTree.fromstring(run.stdout[run.stdout.index("<?xml") :])
        self.name = _text(root, "RootModule")
        self._nodes = {_text(entry, "UID"): entry[1] for entry in root.iter("entry")}
        self._operators: dict[str, Operator] = {}
        self.strings = sorted({node.text or "" for node in root.iter("StringValue")})
        modules = [n for n in self._nodes.values() if n.tag == "ModuleNode"]
        self._root = next(node for node in modules if _text(node, "uniquename") == self.name)
        declared = [self.operator(_text(ref, "UID")) for ref in self._root.findall("OpDeclNodeRef")]
        self.constants = [op.name for op in declared if op.kind == "constant"]
        self.variables = [op.name for op in declared if op.kind == "variable"]
        own = [self.operator(_text(ref, "UID")) for ref in self._root.findall("UserDefinedOpKindRef")]
        self.definitions = {op.name: op for op in own}

    def definition(self, name: str) -> Operator:
        if name not in self.definitions:
            raise TranslationError(f"{self.name} has no definition {name}")
        return self.definitions[name]

    def assumptions(self) -> list[Expression]:
        found = (self._nodes[_text(ref, "UID")] for ref in self._root.iter("AssumeNodeRef"))
        return [self.expression(_child(node, "body")[0]) for node in found]

    def theorems(self) -> dict[str, Expression]:
        """Of this module alone, by their names."""
        nodes = [node for node in self._nodes.values() if node.tag == "TheoremNode" and self._is_own(node)]
        named = [node for node in nodes if node.find("definition") is not None]
        if len(named) != len(nodes):
            raise TranslationError(f"{self.name}: a theorem without a name")
        return {
            _text(self._nodes[_text(_child(node, "definition"), "TheoremDefRef/UID")], "uniquename"): self.expression(
                _child(node, "body")[0]
            )
            for node in named
        }

    def _is_own(self, node: Element) -> bool:
        return node.findtext("location/filename") == self.name

    def operator(self, uid: str) -> Operator:
        if uid not in self._operators:
            self._operators[uid] = self._operator(uid, self._nodes[uid])
        return self._operators[uid]

    def _operator(self, uid: str, node: Element) -> Operator:
        name, module = _text(node, "uniquename"), node.findtext("location/filename") or ""
        match node.tag:
            case "BuiltInKind":
                return Operator("builtin", name, uid, module)
            case "FormalParamNode":
                return Operator("parameter", name, uid, module)
            case "OpDeclNode":
                kind = {"2": "constant", "3": "variable"}[_text(node, "kind")]
                return Operator(kind, name, uid, module)
            case "UserDefinedOpKind":
                if node.find("recursive") is not None:
                    raise TranslationError(f"{name} is recursive")
                refs = node.iterfind("params/leibnizparam/FormalParamNodeRef/UID")
                body = node.find("body")
                return Operator(
                    "defined", name, uid, module, tuple(ref.text or "" for ref in refs), self,
                    body[0] if body is not None else None,
                )  # fmt: skip
        raise TranslationError(f"{name}: a {node.tag} is not translated")

    def expression(self, node: Element) -> Expression:
        level, line = int(node.findtext("level") or 0), int(node.findtext("location/line/begin") or 0)
        match node.tag:
            case "NumeralNode":
                return Expression("number", level, line, _text(node, "IntValue"))
            case "StringNode":
                return Expression("string", level, line, node.findtext("StringValue") or "")
            case "AtNode":
                return Expression("at", level, line)
            case "LetInNode":  # what is defined there is found by its uid
                return self.expression(_child(node, "body")[0])
            case "SubstInNode":
                by = tuple((_text(s[0], "UID"), self.expression(s[1])) for s in _child(node, "substs"))
                body = self.expression(_child(node, "body")[0])
                return Expression("substituted", level, line, arguments=(body,), by=by)
            case "OpArgNode":
                operator = self.operator(_text(_child(node, "argument")[0], "UID"))
                return Expression("operator", level, line, operator=operator)
            case "OpApplNode":
                return self._application(node, level, line)
        raise TranslationError(f"line {line}: a {node.tag} is not translated")

    def _application(self, node: Element, level: int, line: int) -> Expression:
        operator = self.operator(_text(_child(node, "operator")[0], "UID"))
        arguments = tuple(self.expression(a) for a in _child(node, "operands"))
        bounds = []
        for bound in node.iterfind("boundSymbols/*"):
            if bound.tag != "bound" or bound.find("tuple") is not None:
                raise TranslationError(f"line {line}: {operator.name} without a set, or with a tuple")
            refs = tuple(_text(ref, "UID") for ref in bound if ref.tag == "FormalParamNodeRef")
            bounds.append(Bound(refs, self.expression(bound[-1])))
        return Expression("apply", level, line, operator=operator, arguments=arguments, bounds=tuple(bounds))


def _child(node: Element, name: str) -> Element:
    child = node.find(name)
    if child is None:
        raise TranslationError(f"SANY's {node.tag} has no {name}")
    return child


def _text(node: Element, path: str) -> str:
    return _child(node, path).text or ""
