"""Tests made from the spec: TLC writes down the complete state graph of a small model of the contract; paths are found
that together go over every edge; and each is replayed, call by call, against the real channel: from_spec/replay.cpp."""

import collections
import dataclasses
import pathlib
import re
import shutil
import subprocess
import time

from outcomes import Outcome

HERE = pathlib.Path("tests/from_spec")
SPEC = pathlib.Path("spec")

PATIENCE_SECONDS = 120
LONGEST_PATH = 60  # a path that fails is to be read


@dataclasses.dataclass
class Graph:
    start: int
    edges: dict  # state -> {(call, state)}

    def count(self):
        return sum(map(len, self.edges.values()))


class NoGraph(Exception):
    """TLC is not there, or did not do what it was asked."""


def write_graph(jar, folder, dot):
    """Has TLC write its state graph there."""
    if not jar.is_file():
        raise NoGraph(f"no TLC at {jar}: TLA2TOOLS_JAR=... names another")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    here = folder.resolve()
    command = ["java", "-XX:+UseParallelGC", f"-Djava.io.tmpdir={here}", f"-DTLA-Library={SPEC.resolve()}",
               "-cp", jar.resolve(), "tlc2.TLC", "-workers", "1", "-fp", "0", "-metadir", here / "states",
               "-dump", "dot", dot.resolve(), "-config", "Calls.cfg", "Calls.tla"]
    try:
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    except FileNotFoundError:
        raise NoGraph("no java on the PATH: TLC needs it") from None
    if done.returncode != 0:
        raise NoGraph(f"TLC ended with status {done.returncode}: {done.stdout[-1500:]}{done.stderr[-500:]}")


def words_of(call):
    """<<"send", a, a1, "sent">> -> send a a1 sent"""
    return " ".join(re.findall(r"\w+", call))


def read_graph(dot):
    """TLC's nodes are states together with the call that led there. Here a call belongs to its edge, and a state is
    what the contract says it is."""
    numbers, state_of, call_of, start = {}, {}, {}, None
    steps = []
    for line in dot.read_text().splitlines():
        if match := re.match(r'(-?\d+) -> (-?\d+)', line):
            steps.append(match.groups())
        elif match := re.match(r'(-?\d+) \[label="(.*?)"(,style = filled)?\]', line.replace(r'\"', "'")):
            node, label, is_start = match.groups()
            conjuncts = label.replace(r"\n", " ").replace("\\\\", "\\").split("/\\ ")[1:]
            call_of[node] = next(words_of(c.split(" = ", 1)[1]) for c in conjuncts if c.startswith("call = "))
            state = "".join(c for c in conjuncts if not c.startswith("call = "))
            state_of[node] = numbers.setdefault(state, len(numbers))
            if is_start:
                start = state_of[node]
    edges = {number: set() for number in numbers.values()}
    for origin, target in steps:
        if call_of[target] != "begin":
            edges[state_of[origin]].add((call_of[target], state_of[target]))
    return Graph(start, edges)


def covering_paths(graph):
    """Paths from the start that together go over every edge: along uncovered edges as long as there are any near, then
    from the start again."""
    uncovered = {state: set(edges) for state, edges in graph.edges.items()}
    paths = []
    while True:
        path, state = [], graph.start
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


def shortest_way(graph, state, uncovered):
    """The calls to the nearest state with an uncovered edge, and that state; or None."""
    came_by, queue = {state: None}, collections.deque([state])
    while queue:
        here = queue.popleft()
        if uncovered[here]:
            nearest, way = here, []
            while came_by[here]:
                call, here = came_by[here]
                way.append(call)
            return way[::-1], nearest
        for call, target in sorted(graph.edges[here]):
            if target not in came_by:
                came_by[target] = (call, here)
                queue.append(target)
    return None


def is_current(made, makers):
    return made.exists() and all(maker.stat().st_mtime < made.stat().st_mtime for maker in makers)


def run_from_spec(program, jar, folder, outcomes):
    began = time.monotonic()
    failure = ""
    try:
        dot = folder / "graph.dot"
        if not is_current(dot, [*SPEC.glob("*.tla"), *HERE.glob("Calls.*")]):
            write_graph(jar, folder, dot)
        graph = read_graph(dot)
        paths = covering_paths(graph)
        file = folder / "paths.txt"
        file.write_text("".join(";".join(path) + "\n" for path in paths))
        done = subprocess.run([program, file], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        print(f"\n  from the spec: {len(graph.edges)} states, {graph.count()} edges, covered by {len(paths)} paths; "
              f"{done.stdout.strip()}")
        if done.returncode != 0:
            failure = done.stdout.strip() + done.stderr.strip()[:1000] or f"status {done.returncode}"
    except NoGraph as error:
        failure = str(error)
    except subprocess.TimeoutExpired:
        failure = "the replay does not end: a call blocks that the spec says returns"
    outcomes.add(Outcome("from the spec", "every_edge_of_the_state_graph", time.monotonic() - began, failure))
