"""No file refers to a file that is not there: `dir/file.ext` in a text or a comment, `file.ext`, or a relative path.

A name is that of a file if it ends as our files do. It may leave out the first folders, as #include does. What begins
with build/ is made later.
"""

from __future__ import annotations

import re
from pathlib import Path

from ferry_tools.paths import ROOT

ENDINGS = "md|hpp|cpp|cppm|py|tla|cfg|mk|sh|scenario|svg|toml|yml"
NAMED = re.compile(rf"(?<![\w$/.<>*~}}{{)-])((?:[\w.-]+/)*[\w-]+\.(?:{ENDINGS}))(?![\w*(/-]|\.\w)")
CODE = {".py", ".mk"}
UPWARDS = re.compile(r"(?<![\w/.])(?:\.\./)+[\w./-]*\w")
# Is named, and is where the repository is used, not here.
OUTSIDE = {".github/workflows/stress.yml"}


def problems() -> list[str]:
    files = [p for p in sorted(ROOT.rglob("*")) if p.is_file() and not {".git", "build"} & {*p.relative_to(ROOT).parts}]
    ends = {"/".join(parts[i:]) for p in files for parts in [p.relative_to(ROOT).parts] for i in range(len(parts))}
    return [
        f"{path.relative_to(ROOT)}:{number} names {name}, which is not there"
        for path in files
        for number, line in enumerate(path.read_text(errors="ignore").splitlines(), 1)
        for name in named_in(path, line)
        if not (is_there(path, name) if name.startswith("../") else name in ends | OUTSIDE or name.startswith("build/"))
    ]


def named_in(path: Path, line: str) -> list[str]:
    if path.suffix in CODE:  # `a.scenario` is no file there, and a command may have changed the folder
        return [name for name in NAMED.findall(line) if "/" in name and not name.startswith("../")]
    return [name for name in NAMED.findall(line) if not name.startswith("../")] + UPWARDS.findall(line)


def is_there(path: Path, upwards: str) -> bool:
    """Within the repository, from the folder of the file that names it."""
    target = (path.parent / upwards).resolve()
    return target.is_relative_to(ROOT) and (target.exists() or target.is_relative_to(ROOT / "build"))
