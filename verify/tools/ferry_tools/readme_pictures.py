"""The README's pictures: two of the review page's, in Mermaid, which is text that is drawn where the README is shown.

They are made of the states that TLC lists of the algorithm, and of the header's constants. `make test` looks that the
README has them as they are made.

python3 -m ferry_tools.readme_pictures --jar JAR       writes them to build/pictures/, to be copied after a change
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ferry_tools.errors import ToolError, guarded
from ferry_tools.paths import ROOT
from ferry_tools.results import Clock, Result, Results
from ferry_tools.review_pictures import changes, slot_life, states_of_algorithm, word_of
from ferry_tools.tla_states import Graph

README = ROOT / "README.md"
FENCE, END = "```mermaid\n", "```\n"


def word_text(graph: Graph) -> str:
    word = word_of(graph)
    fields = "<br/>".join(f"{name} ({bits}): {now}" for name, bits, now in word.fields)
    lines = ["flowchart LR", "    %% word", f'    word["the word<br/>{fields}"]']
    for block in word.blocks:
        title = f"{block.name}, the receiver's" if block.has_receiver else block.name
        slots = "<br/>".join(f"slot {i}: {ready}, {value}" for i, (ready, value) in block.slots.items())
        lines.append(f'    {block.name}["{title}<br/>{slots}"]')
    lines += [f"    {block.name} -->|next| {block.next}" for block in word.blocks if block.next]
    return "\n".join([*lines, f"    word -->|block| {word.block}", ""])


def slot_text(graph: Graph) -> str:
    names, arrows = changes(graph, slot_life)
    number = {name: f"s{i}" for i, name in enumerate(names)}
    lines = ["stateDiagram-v2", "    %% slot", *(f'    state "{name}" as {number[name]}' for name in names)]
    lines += [f"    {number[a]} --> {number[b]} : {', '.join(by)}" for (a, b), by in arrows.items()]
    return "\n".join([*lines, f"    [*] --> {number[names[0]]}", ""])


def made(jar: Path, folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    graph = states_of_algorithm(jar, folder)
    texts = {"word": word_text(graph), "slot": slot_text(graph)}
    for name, text in texts.items():
        (folder / f"{name}.mmd").write_text(text)
    return texts


def problems(readme: str, texts: dict[str, str], folder: Path) -> list[str]:
    """Each picture is there, as it is made, and the README has no other."""
    there = [part.split(END, 1)[0] for part in readme.split(FENCE)[1:]]
    found = [f"README.md has no picture as {folder}/{n}.mmd is now" for n, text in texts.items() if text not in there]
    unknown = len([text for text in there if text not in texts.values()])
    return found + ([f"README.md has {unknown} pictures that are not made from the spec"] if unknown else [])


def check_pictures(jar: Path, folder: Path, results: Results) -> None:
    clock = Clock()
    texts = made(jar, folder)
    wrong = problems(README.read_text(), texts, folder)
    results.add(Result("README", f"{len(texts)} pictures", clock.seconds, "; ".join(wrong)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"))
    a = parser.parse_args()
    if wrong := problems(README.read_text(), made(a.jar, a.build / "pictures"), a.build / "pictures"):
        raise ToolError("\n".join(wrong))
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded("pictures", main))
