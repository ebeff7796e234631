"""ferry is installed into an empty place, and a program is built by each way that its users have, and run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Callable
from pathlib import Path

from ferry_tools.amalgamate import amalgamated
from ferry_tools.errors import guarded
from ferry_tools.gdb_printer import PRINTER, compiled, problems, sourced
from ferry_tools.results import Clock, Result, Results

PROGRAM = Path("impl/examples/three_workers.cpp").resolve()
CONSUMER = Path("impl/package/consumer").resolve()
IMPL = Path("impl").resolve()
PATIENCE_SECONDS = 300
LINES_SHOWN = 20


class Failed(Exception):
    pass


def run(*command: str | Path, **more: str) -> str:
    """What the command prints."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, env=environment(more))
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise Failed("\n         ".join([f"{' '.join(words)}: status {done.returncode}", *said[:LINES_SHOWN]]))
    return done.stdout


def environment(more: dict[str, str]) -> dict[str, str]:
    """Without what the `make` around this run says to those that it starts."""
    return {k: v for k, v in os.environ.items() if not k.startswith("MAKE")} | more


class Installs:
    def __init__(self, place: Path, cxx: str) -> None:
        self.place, self.cxx = place, cxx
        self.prefix = place / "prefix"

    def by_cmake(self, way: str, *definitions: str) -> None:
        build = self.place / way
        run("cmake", "-S", CONSUMER, "-B", build, f"-DWAY={way}", f"-DPROGRAM={PROGRAM}",
            f"-DCMAKE_CXX_COMPILER={self.cxx}", *definitions)  # fmt: skip
        run("cmake", "--build", build)
        self.runs(build / "consumer")

    def by_compiler(self, way: str, program: Path, *flags: str) -> None:
        built = self.place / way
        run(self.cxx, "-std=c++23", "-Wall", "-Wextra", "-Werror", program, *flags, "-o", built)
        self.runs(built)

    def runs(self, program: Path) -> None:
        said = sorted(run(program).splitlines())
        if said != [f"got: message from worker {n}" for n in (1, 2, 3)]:
            raise Failed(f"{program} says {said}")

    def find_package(self) -> None:
        self.by_cmake("find_package", f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def add_subdirectory(self) -> None:
        self.by_cmake("add_subdirectory", f"-DFERRY={IMPL}")

    def fetch_content(self) -> None:
        archive = self.place / "ferry.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(IMPL, "ferry/impl")
            tar.add("LICENSE", "ferry/LICENSE")
        self.by_cmake("FetchContent", f"-DFERRY={archive}")

    def pkg_config(self) -> None:
        flags = run("pkg-config", "--cflags", "--libs", "ferry",
                    PKG_CONFIG_PATH=str(self.prefix / "share/pkgconfig")).split()  # fmt: skip
        self.by_compiler("pkg-config", PROGRAM, *flags)

    def one_file(self) -> None:
        """The amalgamated header takes the place of the include; no other file is near."""
        place = self.place / "copied"
        place.mkdir()
        (place / "ferry.hpp").write_text(amalgamated())
        copied = place / "program.cpp"
        copied.write_text(PROGRAM.read_text().replace("<ferry/channel.hpp>", '"ferry.hpp"'))
        self.by_compiler("amalgamated", copied, "-pthread")

    def conan(self) -> None:
        tools = self.place / "conan"
        venv.create(tools, with_pip=True)
        run(tools / "bin/pip", "install", "--quiet", "conan")
        home = {"CONAN_HOME": str(self.place / "conan-home")}
        run(tools / "bin/conan", "profile", "detect", **home)
        run(tools / "bin/conan", "create", IMPL, "--no-remote", **home)
        out = self.place / "conan-found"
        run(tools / "bin/conan", "install", "--requires=ferry/0.1.0", "--no-remote", "-g", "CMakeDeps",
            "--output-folder", out, **home)  # fmt: skip
        build = self.place / "by-conan"
        run("cmake", "-S", CONSUMER, "-B", build, "-DWAY=find_package", f"-DPROGRAM={PROGRAM}", f"-Dferry_DIR={out}",
            f"-DCMAKE_CXX_COMPILER={self.cxx}", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_STANDARD=23")  # fmt: skip
        run("cmake", "--build", build)
        self.runs(build / "consumer")

    def gdb(self) -> None:
        """The script where it is installed, in both ways that it names: sourced, and loaded by gdb with a program."""
        folder, script = self.place / "gdb", self.prefix / "share/ferry/gdb" / PRINTER.name
        folder.mkdir()
        program = folder / "program"
        wrong = compiled([self.cxx], self.prefix / "include", program) or problems(program, sourced(script))
        (folder / "program-gdb.py").symlink_to(script)
        wrong += problems(program, ["-iex", f"add-auto-load-safe-path {folder}"])
        if wrong:
            raise Failed("; ".join(wrong))

    def uninstall(self) -> None:
        run("make", "uninstall")
        left = [str(p) for p in self.prefix.rglob("*") if not p.is_dir()]
        if left:
            raise Failed(f"make uninstall leaves {', '.join(left)}")


def run_installs(place: Path, cxx: str, results: Results) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    installs = Installs(place.resolve(), cxx)

    def check(name: str, work: Callable[[], object]) -> None:
        clock = Clock()
        try:
            work()
            failure = ""
        except (Failed, subprocess.TimeoutExpired) as error:
            failure = str(error)
        results.add(Result("install", name, clock.seconds, failure))

    check("make install", lambda: run("make", "install", f"PREFIX={installs.prefix}"))
    for name, way in (
        ("find_package", installs.find_package), ("add_subdirectory", installs.add_subdirectory),
        ("FetchContent", installs.fetch_content), ("pkg-config", installs.pkg_config),
        ("amalgamated", installs.one_file), ("Conan", installs.conan), ("gdb", installs.gdb),
        ("make uninstall", installs.uninstall),
    ):  # fmt: skip
        check(name, way)


def main() -> int:
    results = Results()
    run_installs(Path("build/installs"), sys.argv[1] if len(sys.argv) > 1 else "g++", results)
    results.print_table()
    return results.end("installs")


if __name__ == "__main__":
    raise SystemExit(guarded("installs", main))
