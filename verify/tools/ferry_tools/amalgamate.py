"""`make amalgamated`: the header in one file, for those who copy it."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from ferry_tools.errors import ToolError, guarded

INTERFACES = [Path("impl/include/ferry") / name for name in ("channel.hpp", "sync_channel.hpp")]
OWN = re.compile(r'#include "([^"]+)"\n')
STANDARD = re.compile(r"#include <[^>]+>\n")


def amalgamated() -> str:
    """Each of the header's files once, before the first that includes it; the standard's includes first."""
    there: list[Path] = []
    parts: list[str] = []

    def add(file: Path) -> None:
        if file in there:
            return
        there.append(file)
        text = file.read_text()
        for name in OWN.findall(text):
            add((file.parent / name).resolve())
        parts.append(text)

    for interface in INTERFACES:
        add(interface.resolve())
    text = "\n".join(parts)
    if text.count("#pragma once") != len(parts):
        raise ToolError("each file of the header has to have one #pragma once")
    # An include between #if and #endif stays where it is.
    standard = sorted(set(STANDARD.findall(re.sub(r"(?ms)^#if.*?^#endif", "", text))))
    text = OWN.sub("", text.replace("#pragma once\n", ""))
    for line in standard:
        text = re.sub(rf"(?m)^{re.escape(line)}", "", text)
    licence = "".join(f"// {line}".rstrip() + "\n" for line in Path("LICENSE").read_text().splitlines())
    head = "// Made from impl/include/ferry/ by `make amalgamated`. To be changed there.\n//\n"
    return head + licence + "#pragma once\n\n" + "".join(standard) + "\n" + re.sub(r"\n{3,}", "\n\n", text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    file = parser.parse_args().file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(amalgamated())
    print(f"amalgamated: {file}")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded("amalgamated", main))
