"""Shows that make stress sees: plants bugs in copies of the header, one after the other. Each has to be found by the
recipe that is there to find it, in less than the two minutes of a plain `make stress`, and told of as is said here."""

import argparse
import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
import time

HEADERS = pathlib.Path("impl/include/ferry")
DURATION = "60s"


@dataclasses.dataclass
class Plant:
    name: str
    before: str
    after: str
    san: str
    recipe: str
    told: str


PLANTS = [
    # The race has two stacks; both name our functions.
    Plant("relaxed_publish", '"SendReady", true, release', '"SendReady", true, relaxed',
          "thread", "ping_pong", r"(?s)data race.*take ferry/detail/core.*ferry::detail::Core::send ferry/detail/core"),
    Plant("relaxed_last_drop", '"DropLastSender", word::done, release', '"DropLastSender", word::done, relaxed',
          "thread", "ping_pong", r"data race"),
    Plant("relaxed_close", '"Close", word::closed, acq_rel', '"Close", word::closed, acquire',
          "thread", "receiver_closed", r"data race"),
    Plant("no_wake", 'parker_.unpark("Wake")', "void()", "none", "ping_pong", r"nothing moves: .*(recv|iterate)"),
    Plant("end_too_early", "return w & word::done ? Seen::disconnected : Seen::empty;", "return Seen::disconnected;",
          "none", "without_waiting", r"S17: .* too early"),
    Plant("stranded", "for (; seen == Seen::value; seen = settle(end_)) {", "for (; seen == Seen::value; seen = Seen::empty) {",
          "none", "receiver_dropped", r"S3: .* lost"),
    Plant("block_leaked", "deallocate_block(surplus);", "static_cast<void>(surplus);",
          "address,undefined", "long_lived", r"S23: memory was left behind"),
]


def failure(plant, build, makefile, jar):
    """What is wrong; nothing, if the bug was found."""
    folder = build / "stress" / "shown" / plant.name
    shutil.rmtree(folder / "include", ignore_errors=True)
    shutil.copytree(HEADERS, folder / "include" / "ferry")
    texts = {header: header.read_text() for header in (folder / "include").rglob("*.hpp")}
    if sum(text.count(plant.before) for text in texts.values()) != 1:
        return f"nowhere to plant it: {plant.before}"
    for header, text in texts.items():
        header.write_text(text.replace(plant.before, plant.after))
    run = subprocess.run(["make", "-f", makefile, "--no-print-directory", "stress", f"BUILD={folder / 'build'}", f"TLA2TOOLS_JAR={jar}", "SEED=1",
                          f"STRESS_INCLUDE={folder / 'include'}", f"SAN={plant.san}", f"RECIPE={plant.recipe}",
                          f"DURATION={DURATION}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (folder / "said.txt").write_text(run.stdout)
    if "FAILED" not in run.stdout:
        return f"not found: {folder / 'said.txt'}"
    if not re.search(plant.told, run.stdout):
        return f"found, but not told as {plant.told}: {folder / 'said.txt'}"
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--makefile", required=True)
    parser.add_argument("--jar", type=pathlib.Path, required=True, help="TLC: what is set up for make, though stress needs it not")
    parser.add_argument("--plant")
    arguments = parser.parse_args()
    plants = [plant for plant in PLANTS if arguments.plant in (None, plant.name)]
    failed = 0
    for plant in plants:
        began = time.monotonic()
        wrong = failure(plant, arguments.build, arguments.makefile, arguments.jar)
        failed += bool(wrong)
        print(f"  {plant.name:20} {plant.san:18} {plant.recipe:18} {wrong or 'found'}, "
              f"{time.monotonic() - began:.0f} seconds with compiling", flush=True)
    print(f"stress-shown: {len(plants) - failed} passed, {failed} failed")
    return 1 if failed or not plants else 0


if __name__ == "__main__":
    sys.exit(main())
