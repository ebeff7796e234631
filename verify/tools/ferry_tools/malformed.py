"""Files that are no scenarios: each has to be refused in one line, with the file, the line, and what was expected."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ferry_tools import scenarios
from ferry_tools.scenarios import Scenario, ScenarioError
from ferry_tools.statements import STATEMENTS

GOOD = """\
# A send against a receive.
shows S6 B17
block 1 1
senders a
thread p: send a 1; drop a
thread r: recv; recv
"""
P, R = "thread p: send a 1; drop a", "thread r: recv; recv"

# What replaces what in GOOD, the line that is to blame, and some of what has to be said.
REPLACED: list[tuple[str, str, int, str]] = [
    (GOOD, "", 1, "a first comment"),
    (GOOD, "# Nothing but this.", 1, "expected a line `shows`"),
    ("# A send against a receive.\n", "", 1, "a first comment"),
    ("# A send against a receive.", "#", 1, "a first comment"),
    ("shows S6 B17\n", "", 6, "expected a line `shows`"),
    ("shows S6 B17", "shows", 2, f"S1 to {STATEMENTS[-1]}"),
    ("S6 B17", "S6,B17", 2, f"S1 to {STATEMENTS[-1]}"),
    ("S6 B17", "S0", 2, f"S1 to {STATEMENTS[-1]}"),
    ("S6 B17", "B0", 2, f"S1 to {STATEMENTS[-1]}"),
    ("S6 B17", "S6 B17 S6", 2, "S6 stands here twice"),
    ("block 1 1\n", "", 6, "expected either a line `block`"),
    ("block 1 1", "block 1 1\ncapacity 1", 8, "expected either a line `block`"),
    ("block 1 1", "capacity none", 3, "a number below 100"),
    ("send a 1", "try_send a 1", 5, "expected a line `capacity`"),
    ("block 1 1", "block 1", 3, "one of `1 1`"),
    ("block 1 1", "block 3 3", 3, "one of `1 1`"),
    ("block 1 1", "block one one", 3, "one of `1 1`"),
    ("block 1 1", "block 1 1\nblock 1 1", 4, "`block` stands here a second time, after line 3"),
    ("senders a\n", "", 6, "expected a line `senders`"),
    ("senders a", "senders", 4, "names, of small letters"),
    ("senders a", "senders A", 4, "names, of small letters"),
    ("senders a", "senders a a", 4, "a stands here twice"),
    ("senders a", "senders a rx", 4, "the receiver's name"),
    ("senders a", "senders a b c d e f g h i", 6, "no more than 8 names"),
    ("senders a", "sender a", 4, "found 'sender'"),
    ("senders a", "senders a\nallocations few", 5, "a number below 100"),
    ("senders a", "senders a\nallocations -1", 5, "a number below 100"),
    ("senders a", "senders a\nallocations 99999999999", 5, "a number below 100"),
    ("senders a", "senders a\nlooks \N{SUPERSCRIPT TWO}", 5, "a number below 100"),
    ("senders a", "senders a\nnarrower throws_only_for_want_of_a_block", 5, "expected a line `allocations`"),
    ("senders a", "senders a\nallocations 0\nnarrower never_throws", 6, "throws_only_for_want_of_a_block"),
    ("senders a", "senders a\ndeep down", 5, "`deep`, and behind it nothing"),
    (R + "\n", "", 6, "2 to 4 threads, found 1"),
    (R, R + "".join(f"\nthread {t}: " for t in "stu"), 9, "2 to 4 threads, found 5"),
    ("thread r", "thread p", 6, "another thread is called p"),
    ("thread r", "thread R", 6, "`thread NAME: OPERATION; OPERATION; ...`"),
    ("thread r:", "thread r", 6, "`thread NAME: OPERATION; OPERATION; ...`"),
    ("thread r:", "threadr:", 6, "found 'threadr:'"),
    (R, "thread r: receive", 6, "unknown operation 'receive'"),
    (R, "thread r: recv, recv", 6, "unknown operation 'recv,'"),
    (R, "thread r: recv recv", 6, "expected `recv`"),
    (R, R + " # and again", 6, "expected `recv`"),
    ("send a 1", "send a", 5, "expected `send HANDLE VALUE`"),
    ("send a 1", "send a x", 5, "a value from 1 to 31"),
    ("send a 1", "send a 0", 5, "a value from 1 to 31"),
    ("send a 1", "send a 32", 5, "a value from 1 to 31"),
    ("send a 1", "send a \N{SUPERSCRIPT TWO}", 5, "a value from 1 to 31"),
    ("send a 1", "send A 1", 5, "a name of small letters"),
    ("send a 1", "send rx 1", 5, "found the receiver"),
    ("send a 1", "send b 1", 5, "a sender that `senders` or `clone` names"),
    ("send a 1", "send a 1; send a 1", 5, "the value 1 is sent a second time, after line 5"),
    ("drop a", "drop b", 5, "a sender that `senders` or `clone` names"),
    ("send a 1", "clone a", 5, "expected `clone HANDLE AS`"),
    ("send a 1", "clone a as a", 5, "a new name for a clone"),
    ("send a 1", "clone a as rx", 5, "found the receiver"),
    ("send a 1", "await x", 5, "expected a `signal x`"),
    ("send a 1", "read x", 5, "expected a `write x`"),
    (R, "thread r: recv_stoppable", 6, "expected a `stop`"),
    ("send a 1", "signal stop", 5, "another name than stop"),
    ("send a 1", "write x; read x if", 5, "`read DATUM if RESULT`"),
    ("send a 1", "write x; read x if late", 5, "RESULT a value or one of ok"),
    ("send a 1", "; ".join(["move a"] * 64), 5, "no more than 64 operations"),
    ("\n", "\r", 0, ""),  # another machine's ends of lines are fine
    ("\n", "\r\n", 0, ""),
    (" ", "\t", 0, ""),
    ("# A send", "\N{BYTE ORDER MARK}# A send", 0, ""),
    ("thread", "  thread", 0, ""),
    ("; drop a", "; ; drop a;", 0, ""),
]
# What only the contract knows, so that TLC has to be asked: threads as in GOOD.
ASKED: list[tuple[str, str, int, str]] = [
    (P, "thread p: drop a; send a 1", 5, "a handle that does not exist"),
    (P + "\n" + R, "thread p: send a 1; recv\nthread r: recv", 5, "the receiver while another thread may use it"),
    (R, R + "\nthread s: drop rx", 6, "the receiver while another thread may use it"),
    (R, "thread r: drop rx; recv", 6, "a handle that does not exist"),
    (P, "thread p: clone a as b; drop a\nthread q: send b 1", 6, "a handle that does not exist"),
    ("; drop a", "", 6, "can wait for ever after 'p: ok | r: 1'"),
    (P, "thread p: await x; send a 1; signal x; drop a", 5, "can wait for ever"),
]
FILE = "wrong" + scenarios.SUFFIX


def problems(ask: Callable[[list[Scenario]], list[ScenarioError | None]]) -> list[str]:
    """Of what is not refused as it should be. `ask` gives what the contract has to say against each scenario."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE
        for old, new, line, said in REPLACED:
            file.write_bytes(GOOD.replace(old, new).encode())
            found += _problem(f"{old!r} replaced by {new!r}", _error(file), line, said)
        file.write_bytes(GOOD.replace("send a 1", "send \N{LATIN SMALL LETTER E WITH ACUTE} 1").encode("latin-1"))
        found += _problem("not UTF-8", _error(file), 5, "text in UTF-8")
        file.unlink()
        found += _problem("no file", _error(file), 1, "a file that can be read")
        file.mkdir()
        found += _problem("a folder", _error(file), 1, "a file that can be read")
    texts = [GOOD.replace(old, new) for old, new, _, _ in ASKED]
    objections = ask([scenarios.parse_text(f"wrong_{i}", FILE, FILE, text) for i, text in enumerate(texts)])
    for (old, new, line, said), objection in zip(ASKED, objections):
        found += _problem(f"{old!r} replaced by {new!r}", str(objection or ""), line, said)
    return found


def count() -> int:
    return sum(line > 0 for _, _, line, _ in REPLACED + ASKED) + 3


def _error(file: Path) -> str:
    try:
        scenarios.parse(file)
    except ScenarioError as error:
        return str(error)
    except Exception as crash:
        return f"{type(crash).__name__}: {crash}"
    return ""


def _problem(what: str, error: str, line: int, said: str) -> list[str]:
    if line == 0:
        return [f"{what}: refused: {error}"] if error else []
    if error.startswith(f"{FILE}:{line}: ") and said in error and "\n" not in error:
        return []
    return [f"{what}: expected an error at line {line} with {said!r}, got {error!r}"]
