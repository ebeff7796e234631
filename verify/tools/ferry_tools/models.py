"""The models of manifest.json: what each is, and what TLC has to say of it.

A wrong contract, or a wrong algorithm, is the right one with a text replaced (`change`). Whatever the manifest, a
module or a configuration says that is no longer so is a ManifestError.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ferry_tools.errors import ToolError
from ferry_tools.paths import ALGORITHM, CONTRACT, CONTRACT_STEPS, MANIFEST, PROPERTIES, SPEC
from ferry_tools.tla_modules import ChangeError, changed_modules, claims, definitions, extends
from ferry_tools.tlc import HOLDS

PINNED_IF_HOLDS = ("distinct", "generated", "depth")
PINNED_IF_VIOLATED = ("length",)
STATEMENT = re.compile(r"S\d+_")
# Properties that no wrong model violates, each with the reason.
NOT_VIOLATED = {"TypeOK": "it says what the variables range over; a wrong model violates what it is wrong in"}


class ManifestError(ToolError):
    """The manifest, or a name that was to be looked up in it, is wrong."""


@dataclass
class Model:
    """One entry of the manifest: a module, a configuration, and what TLC has to say about them."""

    name: str
    module: str
    cfg: str
    shows: str
    expected: str  # HOLDS or the property that must be violated
    change: list[dict[str, str]] = field(default_factory=list)  # what makes the contract, or the algorithm, a wrong one
    unseen: str = ""  # of a wrong contract: why no scenario has other outcomes with it
    constants: dict[str, str] = field(default_factory=dict)  # name -> value
    every_action: bool = False  # must every action of Next have been taken?
    together: str = ""  # every action must have been taken by some model of this group
    deep: bool = False  # too long for every day
    distinct: int | None = None
    generated: int | None = None
    depth: int | None = None
    length: int | None = None  # states of the counterexample

    @property
    def module_path(self) -> Path:
        return SPEC / self.module

    @property
    def subject(self) -> Path:
        """The algorithm, if the model is one of it, or the contract."""
        return next(module for module in extends(self.module_path) if module in (ALGORITHM, CONTRACT))

    def changed_modules(self) -> dict[Path, str]:
        return changed_modules(extends(self.module_path), self.change)

    def pinned(self) -> tuple[str, ...]:
        if self.expected == HOLDS:
            return PINNED_IF_HOLDS
        # A counterexample to liveness is as long as TLC happens to have looked: the manifest says null.
        return PINNED_IF_VIOLATED if self.length is not None else ()


def load_manifest() -> list[Model]:
    try:
        return [Model(**entry) for entry in json.loads(MANIFEST.read_text())["models"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{MANIFEST.name}: {error}") from error


def find_model(models: list[Model], name: str) -> Model:
    for model in models:
        if model.name == name:
            return model
    raise ManifestError(f"no model {name!r}; there are: {', '.join(model.name for model in models)}")


def check_manifest(models: list[Model]) -> None:
    require_changes(models)
    require_every_property(models)
    require_every_contract_step()


def require_changes(models: list[Model]) -> None:
    """Each can still be made: one that changed nothing would leave the right module in its place."""
    stale = []
    for model in [model for model in models if model.change]:
        try:
            model.changed_modules()
        except ChangeError as error:
            stale.append(f"model {model.name}: {error}")
    if stale:
        raise ManifestError("\n      ".join(stale))


def require_every_property(models: list[Model]) -> None:
    """What a theorem claims, some model checks, and some wrong model violates: or it might say nothing."""
    claimed = {name: module for module in PROPERTIES for name in claims(module.read_text())}
    checked = {word for model in models if model.expected == HOLDS for word in re.findall(r"\w+", read_cfg(model))}
    violated = {model.expected for model in models} | NOT_VIOLATED.keys()
    for module in PROPERTIES:
        defined = definitions(module.read_text())
        for what, names in (
            ("no theorem claims", [n for n in defined if n not in claimed and (n in checked or STATEMENT.match(n))]),
            ("no model that is to hold checks", [n for n in claimed if claimed[n] == module and n not in checked]),
            ("no wrong model violates", [n for n in claimed if claimed[n] == module and n not in violated]),
        ):
            if names:
                raise ManifestError(f"{module.name}: {what} {', '.join(names)}")


def require_every_contract_step() -> None:
    """Each step of the contract has its linearization point, and a model in which it has to be taken."""
    taken = re.findall(r"\\/ Lin(\w+)", CONTRACT_STEPS.read_text())
    if forgotten := [step for step in contract_steps() if step not in taken]:
        raise ManifestError(f"{CONTRACT_STEPS.name} does not ask for {', '.join(forgotten)}")


def contract_steps() -> list[str]:
    """What the contract's Next is made of."""
    text = CONTRACT.read_text()
    next_step = text[text.index("\nNext ==") : text.index("\nSpec ==")]
    return re.findall(r"^    \\/ (?:\\E [^:]*: )?(\w+)", next_step, re.MULTILINE)


def module_to_check(model: Model, folder: Path) -> Path:
    """Of a wrong model, a copy in `folder`, beside the changed modules: TLC looks there first for what it extends."""
    if not model.change:
        return model.module_path
    for module, text in model.changed_modules().items():
        (folder / module.name).write_text(text)
    return Path(shutil.copy(model.module_path, folder))


def models_table(models: list[Model]) -> str:
    def rows(chosen: list[Model], heads: str, row: Callable[[Model], str]) -> list[str]:
        return ["", heads, "|" + "---|" * (heads.count("|") - 1), *map(row, chosen)]

    def holds(m: Model) -> str:
        return f"| `{m.name}`{' (deep)' if m.deep else ''} | {m.shows} | {m.distinct:,} | {m.depth} |"

    def violates(m: Model) -> str:
        length = m.length or "a loop"
        return f"| `{m.name}` | {m.shows} | `{m.expected}` | {length} |"

    mutants = [m for m in models if m.change and m.subject == ALGORITHM]
    contracts = [m for m in models if m.expected != HOLDS and m.subject == CONTRACT]
    others = [m for m in models if m not in mutants and m not in contracts]
    lines = ["# Models", "", "Made from `spec/manifest.json` by `ferry_tools.model_checking --list`."]
    lines += ["", "## What holds"]
    lines += rows(others, "| model | shows | states | depth |", holds)
    lines += ["", "## Wrong contracts"]
    lines += rows(contracts, "| contract | wrong | violates | in states |", violates)
    lines += ["", "## Wrong algorithms"]
    lines += rows([m for m in mutants if m.expected != HOLDS], "| algorithm | wrong | violates | in states |", violates)
    lines += ["", "## Other algorithms that are as good"]
    lines += rows([m for m in mutants if m.expected == HOLDS], "| algorithm | shows | states | depth |", holds)
    return "\n".join(lines) + "\n"


def read_cfg(model: Model) -> str:
    """The configuration without its comments."""
    return re.sub(r"\\\*.*", "", (SPEC / model.cfg).read_text())
