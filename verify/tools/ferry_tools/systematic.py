"""The scenarios that nobody chose: all programs of two senders and a receiver, each of up to two operations, out of
nearly the whole API. Two programs that differ only in names, or in which of two sending threads is which, are one.

A thread's operations are a word, a letter each; `0` is a thread that does nothing. A scenario's name has the words of
the two sending threads, the receiving thread's, and the block: `all-d-cS-ri-21` is

    thread p: drop a                      s send   c clone     d drop     q is_disconnected, by its own sender
    thread q: clone b as b1; send b1 1    S send   C clone     D drop     through its clone
    thread r: recv; iterate               r recv   t try_recv  f recv_for u recv_unwound     i iterate   y try_iterate
    block 2 1                             c close  d drop rx   q is_disconnected

and with `c1` instead of the block's slots, a bounded channel of capacity 1, in which each sends through its own sender:

    s send   t try_send   f send_for   d drop          the receiver: r t f i c d, as above

There, up to three values are sent, because four take too many executions.

Left out: calls that can be asked to stop, which are like those with a deadline and would make many more programs; on a
bounded channel also what may be left by unwinding; to move a handle, which touches nothing that is shared; to ask a
sender elsewhere than before or after a send;
and two threads at one sender, which to the channel is the same as one sender each. (Scenarios that were chosen have
all.) A program whose threads can wait for ever, by the contract, is none; which those are TLC says.

    python3 -m ferry_tools.systematic         how many there are
    python3 -m ferry_tools.systematic NAME    that scenario's text
"""

from __future__ import annotations

import functools
import itertools
import sys

from ferry_tools.errors import guarded
from ferry_tools.scenarios import Scenario, ScenarioError, parse_text

PREFIX = "all-"
BLOCKS = ("11", "21")  # a boundary at every value; and boundaries with a slot between them
FOUR_SENDS = ("21",)  # a boundary at every one of four values takes ten million executions and more, each
CAPACITIES = ("c0", "c1")
MOST_VALUES = 3  # in a bounded channel
BOUNDED_SAMPLE = 53  # every so many of these
SAMPLE = 13  # every 13th is in `make verify`: a prime, so that all operations take their turns
RECEIVING = {
    "r": "recv",
    "t": "try_recv",
    "f": "recv_for",
    "i": "iterate",
    "y": "try_iterate",
    "c": "close",
    "d": "drop rx",
    "u": "recv_unwound",
    "q": "is_disconnected rx",
}
NOTHING = "0"


def sending_words() -> list[str]:
    after = {"s": "scdq", "c": "sScCdD", "d": "", "q": "s"}  # with one operation more
    return [NOTHING, *after, *(first + second for first, more in after.items() for second in more)]


def receiving_words() -> list[str]:
    words = [NOTHING, *RECEIVING]
    return words + [first + second for first in RECEIVING if first != "d" for second in RECEIVING]


@functools.cache
def names() -> dict[str, None]:
    return unbounded() | bounded()


def bounded() -> dict[str, None]:
    words = [NOTHING, *"stfd", *(first + second for first in "stf" for second in "stfd")]
    receiving = [NOTHING, *"rtficd", *(first + second for first in "rtfic" for second in "rtficd")]
    return {
        f"{PREFIX}{p}-{q}-{r}-{capacity}": None
        for p, q in itertools.combinations_with_replacement(words, 2)
        if len(values := (p + q).replace(NOTHING, "").replace("d", "")) <= MOST_VALUES and values
        for r in receiving
        for capacity in CAPACITIES
    }


def unbounded() -> dict[str, None]:
    senders = itertools.combinations_with_replacement(sending_words(), 2)
    programs = [f"{PREFIX}{p}-{q}-{r}" for p, q in senders for r in receiving_words() if (p, q, r) != (NOTHING,) * 3]
    return {
        f"{name}-{block}": None
        for name in programs
        for block in (FOUR_SENDS if name.lower().count("s") == 4 else BLOCKS)
    }


def text(name: str) -> str:
    """The scenario of that name, as a file would have it."""
    if name not in names():
        raise ScenarioError(f"no scenario `{name}`: see ferry_tools/systematic.py for what the names mean")
    p, q, r, block = name.removeprefix(PREFIX).split("-")
    values = itertools.count(1)
    size = f"capacity {block[1:]}" if block in CAPACITIES else f"block {' '.join(block)}"
    lines = [f"# All programs: {name}.", "shows all", size, "senders a b"]
    lines += [
        f"thread {thread}: " + "; ".join(sending(word, handle, values))
        for thread, word, handle in (("p", p, "a"), ("q", q, "b"))
    ]
    lines.append("thread r: " + "; ".join(RECEIVING[letter] for letter in r if letter != NOTHING))
    return "\n".join(lines) + "\n"


def sending(word: str, handle: str, values: itertools.count[int]) -> list[str]:
    operations = []
    clones = itertools.count(1)
    for letter in word.replace(NOTHING, ""):
        through = handle if letter.islower() else f"{handle}1"
        match letter.lower():
            case "s":
                operations.append(f"send {through} {next(values)}")
            case "t":
                operations.append(f"try_send {through} {next(values)}")
            case "f":
                operations.append(f"send_for {through} {next(values)}")
            case "c":
                operations.append(f"clone {through} as {handle}{next(clones)}")
            case "d":
                operations.append(f"drop {through}")
            case "q":
                operations.append(f"is_disconnected {through}")
    return operations


def load(chosen: list[str]) -> list[Scenario]:
    return [parse_text(name, name, name, text(name)) for name in chosen]


def fixed_sample() -> list[Scenario]:
    return load(list(unbounded())[::SAMPLE] + list(bounded())[::BOUNDED_SAMPLE])


def main() -> int:
    if len(sys.argv) > 1:
        print(text(sys.argv[1]), end="")
    else:
        samples = f"each {SAMPLE}th of the unbounded, each {BOUNDED_SAMPLE}th of the bounded"
        print(f"{len(names())} scenarios; in `make verify`, {samples}: {len(fixed_sample())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded("verify", main))
