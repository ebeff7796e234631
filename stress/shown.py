"""Shows that make stress sees: plants bugs by the name of a step (verify/platforms/plant.hpp), one after the other. Each has
to be found by the recipe that is there to find it, and told of as is said here. A run ends as soon as the bug is found."""

import argparse
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import time

DURATION = "60s"
PATIENCE = "5"  # seconds in which something has to move
# How threads meet is the machine's doing, so a bug may show in another way than is said here: a hang, say. Then the next
# seed is tried.
SEEDS = range(1, 16)


@dataclasses.dataclass
class Plant:
    step: str
    san: str
    recipe: str
    told: str


PLANTS = [
    # The race has two stacks; both name our functions.
    Plant("SendReady=relaxed", "thread", "ping_pong", r"(?s)data race.*take ferry/channel.*ferry::detail::Core::send ferry/channel"),
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


def failure(plant: Plant, build: pathlib.Path) -> str:
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


def run(plant: Plant, build: pathlib.Path, folder: pathlib.Path, seed: int) -> str:
    """What make stress says then."""
    command = [sys.executable, pathlib.Path(__file__).parent / "run.py", "--build", folder, "--programs", build,
               "--seed", str(seed), "--san", plant.san, "--recipe", plant.recipe, "--duration", DURATION, "--patience", PATIENCE]
    environment = os.environ | {"FERRY_PLANT": plant.step}
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--plant")
    arguments = parser.parse_args()
    plants = [plant for plant in PLANTS if arguments.plant in (None, plant.step)]
    failed = 0
    for plant in plants:
        began = time.monotonic()
        wrong = failure(plant, arguments.build)
        failed += bool(wrong)
        print(f"  {plant.step:24} {plant.san:18} {plant.recipe:18} {wrong or 'found'}, {time.monotonic() - began:.0f} seconds", flush=True)
        if wrong:
            print(f"         again: make stress-shown PLANT={plant.step}")
    print(f"stress-shown: {len(plants) - failed} passed, {failed} failed")
    return 1 if failed or not plants else 0


if __name__ == "__main__":
    sys.exit(main())
