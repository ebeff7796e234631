"""Runs a program of CppUnit tests (tests/harness/runner.cpp). A test that blocks or crashes takes the process with it;
it has failed then, and the tests behind it are run in a new process."""

import pathlib
import signal
import subprocess
import time

from outcomes import Outcome

# A channel that is broken in its middle makes many tests hang, for a minute each: a few show enough.
MOST_STUCK = 3


def list_tests(program):
    """Name -> the file that it is in, without directory and suffix."""
    listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    return {name: pathlib.Path(file).stem for _, name, file in (line.split("\t") for line in listed.splitlines())}


def run_tests(program, only, outcomes, prefix=""):
    """Returns the names of the tests that were run."""
    files = list_tests(program)
    names = sorted((name for name in files if only in name), key=lambda name: (files[name], name))
    waiting, stuck = list(names), 0
    while waiting:
        if stuck == MOST_STUCK:
            for name in waiting:
                outcomes.add(Outcome(prefix + files[name], name, 0, "not run: too many tests were stuck"))
            break
        began = time.monotonic()
        with subprocess.Popen([program, *waiting], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            running = None
            for line in process.stdout:
                event, name, *rest = line.rstrip("\n").split("\t")
                if event == "begin":
                    running, began = name, time.monotonic()
                    continue
                waiting.remove(name)
                running = None
                if event == "stuck":
                    stuck += 1
                    outcomes.add(Outcome(prefix + files[name], name, time.monotonic() - began, rest[0]))
                else:
                    outcomes.add(Outcome(prefix + files[name], name, float(rest[0]), rest[1] if event == "failed" else ""))
            complaint = process.stderr.read()
        if running is not None:
            how = signal.Signals(-process.returncode).name if process.returncode < 0 else f"status {process.returncode}"
            waiting.remove(running)
            outcomes.add(Outcome(prefix + files[running], running, time.monotonic() - began,
                                 f"the process ended with {how}: {complaint.strip()[:2000]}"))
        elif process.returncode != 0 and not stuck:
            # All tests have said that they passed, and then a sanitizer found a leak, say.
            outcomes.add(Outcome(prefix + "whole run", "the_process_ends_well", 0, complaint.strip()[:4000]))
    return names
