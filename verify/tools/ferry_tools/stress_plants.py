"""Shows that make stress sees: plants bugs by the name of a step (verify/platforms/plant.hpp), one after the other.
Each has to be found by the recipe that is there to find it, and told of as is said here. A run ends as soon as the bug
is found."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from ferry_tools.plants import STRESS, Stress
from ferry_tools.results import Clock, Result, Results

DURATION = "60s"
PATIENCE = "5"  # seconds in which something has to move
# How threads meet is the machine's doing, so a bug may show in another way than is said here: a hang, say. Then the
# next seed is tried.
SEEDS = range(1, 16)


def failure(step: str, plant: Stress, build: Path) -> str:
    """What is wrong; nothing, if the bug was found."""
    folder = build / "shown" / step
    folder.mkdir(parents=True, exist_ok=True)
    said = folder / "said.txt"
    for seed in SEEDS:
        said.write_text(run(step, plant, build, folder, seed))
        if "FAILED" not in said.read_text():
            return f"not found: {said}"
        if re.search(plant.told, said.read_text()):
            return ""
    return f"found, but not told as {plant.told}: {said}"


def run(step: str, plant: Stress, build: Path, folder: Path, seed: int) -> str:
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
    environment = os.environ | {"FERRY_PLANT": step}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--plant")
    arguments = parser.parse_args()
    plants = [(step, plant) for step, plant in STRESS.items() if arguments.plant in (None, step)]
    results = Results()
    for i, (step, plant) in enumerate(plants, 1):
        clock = Clock()
        wrong = failure(step, plant, arguments.build)
        said = f"found by {plant.recipe} ({plant.san}) in {clock.seconds:.0f} seconds"
        again = [f"again: make stress-shown PLANT={step}"]
        results.all.append(Result("stress-shown", step, clock.seconds, wrong, said, details=again))
        results.report(i, len(plants), results.all[-1])
    return results.end("stress-shown")


if __name__ == "__main__":
    sys.exit(main())
