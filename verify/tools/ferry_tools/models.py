"""The models of spec/models/: what each is, and what TLC has to say of it.

In a file there, a table is a model, by its name; in the files of wrong contracts and wrong algorithms, by the property
that it violates and its name. What is said in the table `default` is said of each model of the file. A wrong contract,
or a wrong algorithm, is the right one with a text replaced (`change`). Whatever a model, a module or a configuration
says that is no longer so is a ModelError.

What TLC counts is in pins.toml, which `model_checking --pin` writes.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ferry_tools.errors import ToolError
from ferry_tools.paths import (
    ALGORITHM,
    CONTRACT,
    CONTRACT_STEPS,
    MODELS,
    PINS,
    PROPERTIES,
    ROOT,
    SYNC_ALGORITHM,
    SYNC_CONTRACT,
)
from ferry_tools.tla_modules import ChangeError, changed_modules, claims, definitions, extends, tla
from ferry_tools.tlc import HOLDS

FILES = [
    *(MODELS / f"{name}.toml" for name in ("contract", "sync_contract", "algorithm", "harmless_algorithms", "ring")),
    *sorted(MODELS.glob("wrong_*/*.toml")),
]
STATEMENT = re.compile(r"S\d+_")
# Properties that no wrong model violates, each with the reason.
NOT_VIOLATED = dict.fromkeys(
    ("TypeOK", "SyncTypeOK"), "it says what the variables range over; a wrong model violates what it is wrong in"
)
ALGORITHMS = (ALGORITHM, SYNC_ALGORITHM)
SUBJECTS = (*ALGORITHMS, SYNC_CONTRACT, CONTRACT)


class ModelError(ToolError):
    """What is said of the models, or a name that was to be looked up there, is wrong."""


@dataclass
class Model:
    """A module, a configuration, and what TLC has to say about them."""

    name: str
    module: str
    cfg: list[str]  # files; all together are the configuration
    shows: str
    expected: str = HOLDS  # or the property that must be violated
    change: list[dict[str, str]] = field(default_factory=list)  # what makes the contract, or the algorithm, a wrong one
    unseen: str = ""  # of a wrong contract: why no scenario has other outcomes with it
    bounds: dict[str, str] = field(default_factory=dict)  # of the algorithm: constants, in TLA+
    every_action: bool = False  # must every action of Next have been taken?
    together: str = ""  # every action must have been taken by some model of this group
    deep: bool = False  # too long for every day
    pins: dict[str, int] = field(default_factory=dict)  # distinct, generated, depth; or length, of the counterexample

    @property
    def module_path(self) -> Path:
        return MODELS / self.module

    @property
    def subject(self) -> Path:
        """The algorithm, if the model is one of it, or the contract, the bounded channel's if it is one of that."""
        modules = extends(self.module_path)
        return next(module for module in SUBJECTS if module in modules)

    def changed_modules(self) -> dict[Path, str]:
        return changed_modules(extends(self.module_path), self.change)


def load_models() -> list[Model]:
    found: dict[str, Model] = {}
    pins = read_pins()
    for file in FILES:
        try:
            for model in models_of(file):
                if model.name in found:
                    raise ModelError(f"there are two models {model.name}")
                model.pins = pins.pop(model.name, {})
                found[model.name] = model
        except (ValueError, KeyError, TypeError, ModelError) as error:
            raise ModelError(f"{file.relative_to(ROOT)}: {error}") from error
    if pins:
        raise ModelError(f"{PINS.relative_to(ROOT)}: there is no model {', '.join(pins)}")
    return list(found.values())


def models_of(file: Path) -> list[Model]:
    tables = tomllib.loads(file.read_text())
    default = tables.pop("default")
    if file.parent == MODELS:
        return [made(name, default, table) for name, table in tables.items()]
    return [
        made(name, default, table, violates)
        for violates, wrong in tables.items()
        for name, table in wrong.items()
    ]  # fmt: skip


def made(name: str, default: dict[str, Any], table: dict[str, Any], violates: str = HOLDS) -> Model:
    says = default | table
    says["bounds"] = {key: bound(b) for key, b in (default.get("bounds", {}) | table.get("bounds", {})).items()}
    says["change"] = changes(says.pop("change", {}))
    says["expected"] = says.pop("violates", violates)
    if "wrong" in says:
        says["shows"] = says.pop("wrong")
    known = {of.name for of in fields(Model)} - {"name", "pins"}
    if unknown := says.keys() - known:
        raise ModelError(f"model {name} says {', '.join(sorted(unknown))}, which means nothing")
    if missing := {"module", "cfg", "shows"} - says.keys():
        raise ModelError(f"model {name} does not say {', '.join(sorted(missing))}")
    return Model(name=name, **says)


def bound(value: str | int | list[str]) -> str:
    return f"{{{', '.join(map(tla, value))}}}" if isinstance(value, list) else str(value)


def changes(of: dict[str, list[Any]]) -> list[dict[str, str]]:
    """Of each definition, a pair [what is replaced, by what], or a list of pairs; line breaks do not count."""
    return [
        {"in": definition, "replace": " ".join(old.split()), "by": " ".join(new.split())}
        for definition, pairs in of.items()
        for old, new in (pairs if isinstance(pairs[0], list) else [pairs])
    ]


def read_pins() -> dict[str, dict[str, int]]:
    pins = tomllib.loads(PINS.read_text())
    lengths = {name: {"length": length} for name, length in pins["length"].items()}
    return dict(pins["states"]) | lengths


def write_pins(pins: dict[str, dict[str, int]]) -> None:
    of_states = [name for name in pins if "distinct" in pins[name]]
    lines = ["# Written by `model_checking --pin`: what TLC counts in each model.", ""]
    lines += ["[states]  # of each model that holds"]
    lines += [f"{name} = {{ {', '.join(f'{key} = {n}' for key, n in pins[name].items())} }}" for name in of_states]
    lines += ["", "[length]  # of each counterexample, in states; those to liveness go on for ever"]
    lines += [f"{name} = {pin['length']}" for name, pin in pins.items() if name not in of_states]
    PINS.write_text("\n".join(lines) + "\n")


def find_model(models: list[Model], name: str) -> Model:
    for model in models:
        if model.name == name:
            return model
    raise ModelError(f"no model {name!r}; there are: {', '.join(model.name for model in models)}")


def check_models_are_current(models: list[Model]) -> None:
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
        raise ModelError("\n      ".join(stale))


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
                raise ModelError(f"{module.name}: {what} {', '.join(names)}")


def require_every_contract_step() -> None:
    """Each step of the contract has its linearization point, and a model in which it has to be taken."""
    taken = re.findall(r"\\/ Lin(\w+)", CONTRACT_STEPS.read_text())
    if forgotten := [step for step in contract_steps() if step not in taken]:
        raise ModelError(f"{CONTRACT_STEPS.name} does not ask for {', '.join(forgotten)}")


def contract_steps(module: Path = CONTRACT, prefix: str = "") -> list[str]:
    """What the contract's Next is made of; that of the bounded channel has prefixes."""
    text = module.read_text()
    next_step = text[text.index(f"\n{prefix}Next ==") : text.index(f"\n{prefix}Spec ==")]
    return re.findall(rf"^    \\/ (?:\\E [^:]*: )?(?:{prefix})?(\w+)", next_step, re.MULTILINE)


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
        states, depth = m.pins.get("distinct", 0), m.pins.get("depth", 0)
        return f"| `{m.name}`{' (deep)' if m.deep else ''} | {m.shows} | {states:,} | {depth} |"

    def violates(m: Model) -> str:
        return f"| `{m.expected}` | `{m.name}` | {m.shows} | {m.pins.get('length', 'a loop')} |"

    claimed = [name for module in PROPERTIES for name in claims(module.read_text())]
    models = sorted(models, key=lambda m: claimed.index(m.expected) if m.expected in claimed else -1)
    mutants = [m for m in models if m.change and m.subject in ALGORITHMS]
    contracts = [m for m in models if m.expected != HOLDS and m.subject not in ALGORITHMS]
    others = [m for m in models if m not in mutants and m not in contracts]
    lines = ["# Models", "", "Made from `spec/models/` by `ferry_tools.model_checking --list`."]
    lines += ["", "## What holds"]
    lines += rows(others, "| model | shows | states | depth |", holds)
    lines += ["", "## Wrong contracts"]
    lines += rows(contracts, "| property | contract that violates it | wrong | in states |", violates)
    lines += ["", "## Wrong algorithms"]
    lines += rows(
        [m for m in mutants if m.expected != HOLDS],
        "| property | algorithm that violates it | wrong | in states |",
        violates,
    )
    lines += ["", "## Other algorithms that are as good"]
    lines += rows([m for m in mutants if m.expected == HOLDS], "| algorithm | shows | states | depth |", holds)
    return "\n".join(lines) + "\n"


def read_cfg(model: Model) -> str:
    """The configuration without its comments."""
    return "".join(re.sub(r"\\\*.*", "", (MODELS / file).read_text()) for file in model.cfg)
