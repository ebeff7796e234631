"""The wrong contracts, all in one module: TLC takes longer to start than to list the outcomes of all.

Which contract it is, is part of the scenario ("contract"). Each definition of Channel.tla or SyncChannel.tla that some
contract changes has a form for each of these, and the right one for the others; Wrong_... chooses, and is put in its
place.
"""

from __future__ import annotations

import re
from pathlib import Path

from ferry_tools.models import Model, load_models
from ferry_tools.paths import CONTRACT, SPEC, SYNC_CONTRACT
from ferry_tools.results import Result
from ferry_tools.tla_modules import HEAD, changed, definitions

RIGHT = "right"  # the contract of a scenario that names none


def wrong_contracts() -> list[Model]:
    return [model for model in load_models() if model.change and model.subject in (CONTRACT, SYNC_CONTRACT)]


def write_module(folder: Path) -> Path:
    """The module, with its configuration beside it."""
    forms: dict[str, dict[str, str]] = {}  # definition -> contract -> the text that it has there
    rights: dict[str, str] = {}  # definition -> the right text
    for model in wrong_contracts():
        right = model.subject.read_text()
        wrong = changed(right, model.change)
        for name in {change["in"]: None for change in model.change}:
            forms.setdefault(name, {})[model.name] = text_of(name, wrong)
            rights[name] = text_of(name, right)
    lines = ["---- MODULE WrongContracts ----", "(* Written by wrong_contracts.py. *)", "EXTENDS Scenario"]
    lines += ["Is(name) == Scenarios[scenario].contract = name"]
    lines += ["Wrong_Waiting == Unfinished  \\* by these, any call may have to wait"]
    for name, of in forms.items():
        lines += [renamed(text, f"{contract}_{name}") for contract, text in (of | {RIGHT: rights[name]}).items()]
        parameters = head_of(rights[name])[2] or ""
        chosen = " [] ".join(f'Is("{contract}") -> {contract}_{name}{parameters}' for contract in of)
        lines += [f"Wrong_{name}{parameters} == CASE {chosen} [] OTHER -> {RIGHT}_{name}{parameters}"]
    folder.mkdir(parents=True, exist_ok=True)
    module = folder / "WrongContracts.tla"
    module.write_text("\n".join([*lines, "====", ""]))
    cfg = re.sub(r"ACTION_CONSTRAINT\s+\w+", "CHECK_DEADLOCK FALSE", (SPEC / "Scenario.cfg").read_text())
    replaced = "".join(f"CONSTANT {name} <- Wrong_{name}\n" for name in ["Waiting", *forms])
    module.with_suffix(".cfg").write_text(cfg + replaced)
    return module


def text_of(name: str, module: str) -> str:
    start, end = definitions(module)[name]
    return module[start:end]


def head_of(text: str) -> re.Match[str]:
    head = HEAD.match(text)
    assert head, f"no definition: {text}"
    return head


def renamed(text: str, name: str) -> str:
    """The lines of the definition keep their columns, by which TLA+ tells what belongs together."""
    head = head_of(text)
    return f"{name}{head[2] or ''} ==\n{' ' * head.end()}{text[head.end() :]}"


def notice_contracts(noticed: dict[str, dict[str, str]], most_steps: int, seconds: float) -> list[Result]:
    """Whether each wrong contract is noticed by some scenario, and the right one by none."""
    unseen = {RIGHT: "it is the right contract"} | {model.name: model.unseen for model in wrong_contracts()}
    where = [
        f"spec/models/wrong_contracts/ has it; tried were the scenarios with up to {most_steps} steps of the contract"
    ]
    results = []
    for contract, by_scenario in noticed.items():
        by, as_ = next(((name, said) for name, said in by_scenario.items() if said), ("", ""))
        failure = "" if by else "no scenario notices it"
        if unseen[contract]:
            failure = f"{by} notices it, although {unseen[contract]}" if by else ""
        said = f"noticed by {by}: {as_}" if by else "not noticed"
        figures = {"noticed_by": by, "as": as_} if by else {}
        results.append(Result("contracts", contract, seconds / len(noticed), failure, said, figures, where))
    return results
