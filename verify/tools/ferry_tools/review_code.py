"""The review page's three columns: contract, algorithm and header, line by line, and which action a line belongs to.

step_names knows the actions and their lines; AlgorithmRefinement.tla says which action is which step of the contract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import RegexLexer, words
from pygments.lexers import CppLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text

from ferry_tools import step_names
from ferry_tools.errors import ToolError
from ferry_tools.models import contract_steps
from ferry_tools.paths import CONTRACT, ROOT, SPEC, SYNC_CONTRACT
from ferry_tools.step_names import BOUNDED, UNBOUNDED, Algorithm, Definition, Step
from ferry_tools.tla_modules import definitions, extends

REFINEMENT = SPEC / "AlgorithmRefinement.tla"
LINEARIZATION_POINT = "Lin"  # how its definitions begin that say which action a step of the contract is
STYLES = {"light": "default", "dark": "github-dark"}


KEYWORDS = (
    *("MODULE", "EXTENDS", "CONSTANTS", "CONSTANT", "VARIABLES", "VARIABLE", "ASSUME", "THEOREM", "INSTANCE", "WITH"),
    *("LET", "IN", "IF", "THEN", "ELSE", "CASE", "OTHER", "CHOOSE", "EXCEPT", "UNCHANGED", "ENABLED", "DOMAIN"),
    *("SUBSET", "UNION", "LAMBDA", "LOCAL"),
)


class TlaLexer(RegexLexer):  # type: ignore[misc]
    """TLA+, which this Pygments has no lexer for."""

    name = "TLA+"
    tokens = {  # noqa: RUF012  (as Pygments has it)
        "root": [
            (r"\(\*.*?\*\)", Comment),
            (r"\\\*.*", Comment),
            (r"-{4,}|={4,}", Comment),
            (r'"\w*"', String),
            (words(KEYWORDS, prefix=r"\b", suffix=r"\b"), Keyword),
            (r"\b(?:TRUE|FALSE|BOOLEAN|Nat|Seq)\b", Keyword.Constant),
            (r"^(\w+)(?=(\([\w, ]*\))?\s*==)", Name.Function),
            (r"\b\d+\b", Number),
            (r"\\\w+|/\\|\\/|[-+*/=<>~#|:!'^@\\]+", Operator),
            (r"\w+|\s+|.", Text),
        ]
    }
    flags = re.MULTILINE


@dataclass
class Line:
    number: int
    html: str
    actions: list[str] = field(default_factory=list)
    is_name: bool = False  # the line with the action's name on it: its definition, or its instruction


@dataclass
class Source:
    """A file of a column."""

    path: Path
    lines: list[Line]

    @property
    def anchor(self) -> str:
        return self.path.name.replace(".", "-")

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))


@dataclass
class Action:
    name: str
    step: Step
    of: Definition
    partners: list[str]
    contract: list[str]  # the steps of the contract that it is


@dataclass
class Channel:
    """One of the two: what is held against each other, side by side."""

    key: str
    title: str
    columns: list[tuple[str, list[Source]]]  # by what the column is
    actions: list[Action]
    linearized: bool  # whether the spec says which action is which step of the contract
    differing: list[str]  # between header, algorithm and table: nothing, unless `make verify` fails as well


def channels() -> list[Channel]:
    return [
        channel("unbounded", "The channel", UNBOUNDED, [CONTRACT]),
        channel("bounded", "The bounded channel", BOUNDED, [SYNC_CONTRACT]),
    ]


def channel(key: str, title: str, of: Algorithm, contract: list[Path]) -> Channel:
    steps, defined = step_names.header_steps(of.headers), step_names.actions_of_the_algorithm(of)
    points = linearization_points(set(defined)) if of is UNBOUNDED else {}
    actions = [
        Action(
            step.name,
            step,
            defined[step.name],
            step_names.partners(step, steps),
            [point for point, by in points.items() if step.name in by],
        )
        for step in steps
        if step.name in defined
    ]
    columns = [
        ("contract", [contract_source(path, actions) for path in contract]),
        ("algorithm", [algorithm_source(path, actions) for path in extends(of.module)]),
        ("header", [header_source(path, steps) for path in of.headers if any(s.file == path for s in steps)]),
    ]
    return Channel(key, title, columns, actions, bool(points), step_names.check_names(of=of))


def linearization_points(actions: set[str]) -> dict[str, set[str]]:
    """Of each step of the contract, the actions that it may be."""
    text = REFINEMENT.read_text()
    defined = {
        name: Definition(REFINEMENT, 0, re.sub(r"Contract!\w+", "", text[start:end]))
        for name, (start, end) in definitions(text).items()
    }
    found = {
        step: step_names.uses(name, defined | {action: Definition(REFINEMENT, 0, "") for action in actions}) & actions
        for step in contract_steps()
        if (name := LINEARIZATION_POINT + step) in defined
    }
    if not all(found.values()):
        raise ToolError(f"{REFINEMENT.name}: a linearization point without an action")
    return found


def highlighted(path: Path) -> list[str]:
    lexer = CppLexer() if path.suffix == ".hpp" else TlaLexer()
    lexer.stripnl = False
    html = str(highlight(path.read_text(), lexer, HtmlFormatter(nowrap=True)))
    return html.rstrip("\n").split("\n")


def plain(path: Path) -> Source:
    return Source(path, [Line(i, html) for i, html in enumerate(highlighted(path), 1)])


def mark(source: Source, first: int, last: int, actions: list[str]) -> None:
    for line in source.lines[first - 1 : last]:
        line.actions += [name for name in actions if name not in line.actions]
    source.lines[first - 1].is_name = True


def contract_source(path: Path, actions: list[Action]) -> Source:
    source, text = plain(path), path.read_text()
    for name, (first, last) in ranges(text).items():
        if belonging := [action.name for action in actions if name in action.contract]:
            mark(source, first, last, belonging)
    return source


def algorithm_source(path: Path, actions: list[Action]) -> Source:
    source, here = plain(path), ranges(path.read_text())
    for action in actions:
        if action.of.file == path:
            mark(source, *here[action.name], [action.name])
    return source


def ranges(text: str) -> dict[str, tuple[int, int]]:
    """The first and the last line of each definition, without what stands between it and the next."""
    found = {}
    for name, (start, end) in definitions(text).items():
        body = re.split(r"\n\s*\n|\n\(\*|\n-{4,}", text[start:end], maxsplit=1)[0].rstrip()
        first = text.count("\n", 0, start) + 1
        found[name] = (first, first + body.count("\n"))
    return found


def header_source(path: Path, steps: list[Step]) -> Source:
    source = plain(path)
    for line in source.lines:
        line.actions = step_names.actions_of_header_line(path, line.number, steps)
        line.is_name = any(step.line == line.number and step.file == path for step in steps)
    return source


def styles() -> dict[str, str]:
    """CSS of the colours, for the light and the dark page."""
    return {key: str(HtmlFormatter(style=style).get_style_defs(".code")) for key, style in STYLES.items()}
