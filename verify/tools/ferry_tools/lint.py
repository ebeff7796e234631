"""`make lint`: clang-tidy and clang-format over the C++, ruff and mypy over this package (pyproject.toml), the
workflows for the night by actionlint and by GitLab's schema, and the comments of the public calls by Doxygen."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from ferry_tools.api_reference import check_reference
from ferry_tools.errors import guarded
from ferry_tools.results import Clock, Result, Results
from ferry_tools.use_after_move import lint_cpp

PACKAGE = Path("verify/tools")
CPP = ("impl", "stress", "tests", "verify")
CONFIGURATION = str(PACKAGE / "pyproject.toml")
WORKFLOWS = Path("stress/ci")
# By tools that are installed beside this Python.
CHECKS = {
    "ruff": ["ruff", "check", "--quiet", "--config", CONFIGURATION, str(PACKAGE)],
    "ruff format": ["ruff", "format", "--check", "--quiet", "--config", CONFIGURATION, str(PACKAGE)],
    "mypy": ["mypy", "--no-error-summary", "--config-file", CONFIGURATION, str(PACKAGE)],
    "actionlint": ["actionlint", "-no-color", str(WORKFLOWS / "github-actions.yml")],
    "GitLab's schema": ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(WORKFLOWS / "gitlab-ci.yml")],
}


def run_checks(results: Results) -> None:
    for name, command in CHECKS.items():
        clock = Clock()
        done = subprocess.run([Path(sys.prefix) / "bin" / command[0], *command[1:]], capture_output=True, text=True)
        said = (done.stdout + done.stderr).strip()
        failure = "" if done.returncode == 0 else said or f"status {done.returncode}: {shlex.join(command)} says more"
        results.add(Result("workflows" if str(WORKFLOWS) in command[-1] else "python", name, clock.seconds, failure))


def check_format(program: str, results: Results) -> None:
    clock = Clock()
    files = sorted(str(f) for folder in CPP for ending in ("hpp", "cpp") for f in Path(folder).rglob(f"*.{ending}"))
    done = subprocess.run([program, "--dry-run", "-Werror", *files], capture_output=True, text=True)
    wrong = [f for f in files if f"{f}:" in done.stderr]
    failure = "" if done.returncode == 0 else f"{program} -i {' '.join(wrong)}" if wrong else done.stderr
    results.add(Result("C++", f"format of {len(files)} files", clock.seconds, failure))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--tidy", default="clang-tidy-19")
    parser.add_argument("--format", default="clang-format-19")
    parser.add_argument("--flags", required=True)
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    results = Results()
    run_checks(results)
    lint_cpp(arguments.tidy, shlex.split(arguments.flags), arguments.files, results)
    check_format(arguments.format, results)
    check_reference(arguments.build, results)
    results.print_table()
    return results.end("lint")


if __name__ == "__main__":
    raise SystemExit(guarded("lint", main))
