"""make lint: clang-tidy's bugprone-use-after-move as an error. First on the classic mistake, which must be reported,
and on its twin, which must not; then on everything else."""

import argparse
import concurrent.futures
import os
import pathlib
import shlex
import subprocess
import sys

CHECK = "bugprone-use-after-move"
CLASSIC = pathlib.Path("tests/lint/S2_use_after_send.cpp")


def tidy(program, flags, file, *more):
    """Whether clang-tidy is content, and what it says."""
    done = subprocess.run([program, f"--checks=-*,{CHECK}", f"--warnings-as-errors={CHECK}",
                           "--header-filter=.*/(ferry|tests)/.*", "--quiet", file, "--", *flags, *more],
                          capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def classic_mistake(program, flags):
    """What is wrong with the lint itself, or nothing."""
    content, said = tidy(program, flags, CLASSIC, "-DMISTAKE")
    if content or f"'value' used after it was moved [{CHECK}" not in said:
        return f"the use of a value after it was sent is not reported: {said}"
    content, said = tidy(program, flags, CLASSIC)
    return "" if content else f"the correct twin is reported: {said}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tidy", default="clang-tidy-19")
    parser.add_argument("--flags", required=True)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    flags = shlex.split(arguments.flags)

    failure = classic_mistake(arguments.tidy, flags)
    print(f"  the classic mistake{': ' + failure if failure else ' is reported, its twin is not'}", flush=True)
    failed = int(bool(failure))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = {file: pool.submit(tidy, arguments.tidy, flags, file) for file in arguments.files}
        for file, look in looks.items():
            content, said = look.result()
            print(f"  {file}" if content else f"\n  FAILED {file}\n{said}", flush=True)
            failed += not content
    print(f"lint: {len(looks) + 1 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
