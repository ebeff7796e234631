"""Tests made from the spec: TLC writes down the complete state graph of a small model of the contract; paths are found
that together go over every edge; and each is replayed, call by call, against the real channel: from_spec/replay.cpp."""

from __future__ import annotations

import re
import subprocess
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from ferry_tools.paths import SPEC
from ferry_tools.results import Clock, Result, Results
from ferry_tools.tlc import HOLDS, run_tlc
from ferry_tools.tlc_java import TlcError

CALLS = Path("tests/from_spec/Calls.tla")

PATIENCE_SECONDS = 120
LONGEST_PATH = 60  # a path that fails is to be read


Edges = set[tuple[str, int]]  # (call, state)


@dataclass
class Graph:
    start: int
    edges: dict[int, Edges]

    def count(self) -> int:
        return sum(map(len, self.edges.values()))


def write_graph(jar: Path, folder: Path, dot: Path) -> None:
    """Has TLC write its state graph there."""
    folder.mkdir(parents=True, exist_ok=True)
    run = run_tlc(
        jar, CALLS, CALLS.with_suffix(".cfg"), folder, brief=True, options=["-dump", "dot", str(dot.resolve())]
    )
    if run.result != HOLDS:
        dot.unlink(missing_ok=True)
        raise TlcError("\n".join([f"{CALLS.name}: {run.result}", *run.errors])[:2000])


def words_of(call: str) -> str:
    """<<"send", a, a1, "sent">> -> send a a1 sent"""
    return " ".join(re.findall(r"\w+", call))


def read_graph(dot: Path) -> Graph:
    """TLC's nodes are states together with the call that led there. Here a call belongs to its edge, and a state is
    what the contract says it is."""
    numbers: dict[str, int] = {}
    state_of: dict[str, int] = {}
    call_of: dict[str, str] = {}
    steps: list[tuple[str, str]] = []
    start = 0
    for line in dot.read_text().splitlines():
        if match := re.match(r"(-?\d+) -> (-?\d+)", line):
            steps.append((match[1], match[2]))
        elif match := re.match(r'(-?\d+) \[label="(.*?)"(,style = filled)?\]', line.replace(r"\"", "'")):
            node, label, is_start = match.groups()
            conjuncts = label.replace(r"\n", " ").replace("\\\\", "\\").split("/\\ ")[1:]
            call_of[node] = next(words_of(c.split(" = ", 1)[1]) for c in conjuncts if c.startswith("call = "))
            state = "".join(c for c in conjuncts if not c.startswith("call = "))
            state_of[node] = numbers.setdefault(state, len(numbers))
            if is_start:
                start = state_of[node]
    edges: dict[int, Edges] = {number: set() for number in numbers.values()}
    for origin, target in steps:
        if call_of[target] != "begin":
            edges[state_of[origin]].add((call_of[target], state_of[target]))
    return Graph(start, edges)


def covering_paths(graph: Graph) -> list[list[str]]:
    """Paths from the start that together go over every edge: along uncovered edges as long as there are any near, then
    from the start again."""
    uncovered = {state: set(edges) for state, edges in graph.edges.items()}
    paths: list[list[str]] = []
    while True:
        path: list[str] = []
        state = graph.start
        while len(path) < LONGEST_PATH:
            found = shortest_way(graph, state, uncovered)
            if found is None:
                break
            way, state = found
            path += way
            call, target = min(uncovered[state])
            uncovered[state].remove((call, target))
            path.append(call)
            state = target
        if not path:
            assert not any(uncovered.values()), "a state that can't be reached"
            return paths
        paths.append(path)


def shortest_way(graph: Graph, state: int, uncovered: dict[int, Edges]) -> tuple[list[str], int] | None:
    """The calls to the nearest state with an uncovered edge, and that state; or None."""
    came_by: dict[int, tuple[str, int]] = {}
    queue = deque([state])
    while queue:
        here = queue.popleft()
        if uncovered[here]:
            nearest, way = here, []
            while here != state:
                call, here = came_by[here]
                way.append(call)
            return way[::-1], nearest
        for call, target in sorted(graph.edges[here]):
            if target != state and target not in came_by:
                came_by[target] = (call, here)
                queue.append(target)
    return None


def is_current(made: Path, makers: list[Path]) -> bool:
    return made.exists() and all(maker.stat().st_mtime < made.stat().st_mtime for maker in makers)


def run_from_spec(program: Path, jar: Path, build: Path, results: Results) -> None:
    clock = Clock()
    failure = ""
    folder = build / "from_spec"
    try:
        dot = folder / "graph.dot"
        if not is_current(dot, [*SPEC.rglob("*.tla"), *CALLS.parent.glob("Calls.*")]):
            write_graph(jar, folder, dot)
        graph = read_graph(dot)
        paths = covering_paths(graph)
        file = folder / "paths.txt"
        file.write_text("".join(";".join(path) + "\n" for path in paths))
        done = subprocess.run([program, file], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        said = done.stdout.strip()
        figures = f"{len(graph.edges)} states, {graph.count()} edges, covered by {len(paths)} paths"
        print(f"\n  from the spec: {figures}; {said}")
        if done.returncode != 0:
            failure = said + done.stderr.strip()[:1000] or f"status {done.returncode}"
    except TlcError as error:
        failure = str(error)
    except subprocess.TimeoutExpired:
        failure = "the replay does not end: a call blocks that the spec says returns"
    results.add(Result("from the spec", "every_edge_of_the_state_graph", clock.seconds, failure))
