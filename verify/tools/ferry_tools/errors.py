"""What keeps a tool from its work."""

from __future__ import annotations

import sys
from collections.abc import Callable


class ToolError(Exception):
    """Its text is all that is told, in one line or a few."""


def guarded(command: str, work: Callable[[], int], interrupted: str = "interrupted") -> int:
    """The status of the process."""
    try:
        return work()
    except ToolError as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{command}: {interrupted}", file=sys.stderr)
        return 130
