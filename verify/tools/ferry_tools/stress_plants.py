"""Shows that make stress sees: plants bugs by the name of a step (verify/platforms/plant.hpp), one after the other.
Each has to be found by the recipe that is there to find it, and told of as is said here. A run ends as soon as the bug
is found."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ferry_tools.results import Clock, Result, Results

DURATION = "60s"
PATIENCE = "5"  # seconds in which something has to move
# How threads meet is the machine's doing, so a bug may show in another way than is said here: a hang, say. Then the
# next seed is tried.
SEEDS = range(1, 16)


@dataclass
class Plant:
    step: str
    san: str
    recipe: str
    told: str


PLANTS = [
    # The race has two stacks; both name our functions.
    Plant(
        "SendReady=relaxed",
        "thread",
        "ping_pong",
        r"(?s)data race.*take ferry/detail/core.*ferry::detail::Core::send ferry/detail/core",
    ),
    Plant("DropLastSender=relaxed", "thread", "ping_pong", r"data race"),
    Plant("Close=relaxed", "thread", "receiver_closed", r"data race"),
    Plant("Wake=omitted", "none", "ping_pong", r"nothing moves: .*(recv|iterate)"),
    # The count of senders is too low: the end comes while one is still there.
    Plant("CloneSender=omitted", "none", "channels_in_channels", r"S17: .* too early"),
    # What is sent after the receiver has gone is let in, and stranded.
    Plant("Close=omitted", "none", "receiver_dropped", r"S3: .* lost"),
    # Neither side learns that it comes second and has to free the channel.
    Plant("Leave=omitted", "address,undefined", "long_lived", r"S23: memory was left behind"),
]


def failure(plant: Plant, build: Path) -> str:
    """What is wrong; nothing, if the bug was found."""
    folder = build / "shown" / plant.step
    folder.mkdir(parents=True, exist_ok=True)
    said = folder / "said.txt"
    for seed in SEEDS:
        said.write_text(run(plant, build, folder, seed))
        if "FAILED" not in said.read_text():
            return f"not found: {said}"
        if re.search(plant.told, said.read_text()):
            return ""
    return f"found, but not told as {plant.told}: {said}"


def run(plant: Plant, build: Path, folder: Path, seed: int) -> str:
    """What make stress says then."""
    command = [sys.executable, "-m", "ferry_tools.stress", "--build", str(folder), "--programs", str(build)]
    command += [
        "--seed",
        str(seed),
        "--san",
        plant.san,
        "--recipe",
        plant.recipe,
        "--duration",
        DURATION,
        "--patience",
        PATIENCE,
    ]
    environment = os.environ | {"FERRY_PLANT": plant.step}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--plant")
    arguments = parser.parse_args()
    plants = [plant for plant in PLANTS if arguments.plant in (None, plant.step)]
    results = Results()
    for i, plant in enumerate(plants, 1):
        clock = Clock()
        wrong = failure(plant, arguments.build)
        said = f"found by {plant.recipe} ({plant.san}) in {clock.seconds:.0f} seconds"
        again = [f"again: make stress-shown PLANT={plant.step}"]
        results.all.append(Result("stress-shown", plant.step, clock.seconds, wrong, said, details=again))
        results.report(i, len(plants), results.all[-1])
    return results.end("stress-shown")


if __name__ == "__main__":
    sys.exit(main())
