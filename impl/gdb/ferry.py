"""Handles of ferry's channels, as gdb prints them: how many values are queued, and which side waits.

In gdb, or in its start-up file: source impl/gdb/ferry.py (`make install` puts it into <prefix>/share/ferry/gdb).
To have gdb load it by itself with a program: ln -s <prefix>/share/ferry/gdb/ferry.py <program>-gdb.py, beside the
program, and in gdb's start-up file, once for the folder: add-auto-load-safe-path FOLDER

What it prints is what memory holds while the program stands still; a send under way counts from its claim on.
"""

import re

import gdb
import gdb.printing

PARKED, CLOSED, DONE, FLAGS = 1, 2, 4, 7  # as in detail/slots.hpp
COUNT_SHIFT = 48
BLOCKED = 1  # in `room_` of a bounded channel


def plain(value):
    """What an atomic holds, in whichever library's wrapping."""
    while value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
        members = [f for f in value.type.strip_typedefs().fields() if hasattr(f, "bitpos")]  # the others are static
        value = value[members[0]]
    return value


def plural(count, what):
    return f"{count} {what}{'' if count == 1 else 's'}"


def queued_in_blocks(core):
    """Of the unbounded channel: from the receiver's position to the word's, or to the end that the receiver knows."""
    word = int(core["end_"]) or int(plain(core["tail_"]))
    newest, count = word & ((1 << COUNT_SHIFT) - 1) & ~FLAGS, word >> COUNT_SHIFT
    block, taken = core["head_"], int(core["taken_"])
    slots = int(block.dereference()["slot_count"])
    queued = 0
    while int(block) != newest and int(plain(block["next"])) != 0:
        queued += slots - taken
        block, taken = plain(block["next"]), 0
    return max(0, queued + min(count, slots) - taken)


def queued_in_ring(core):
    """Of a bounded channel. Of what is claimed, the capacity is queued; what is more, waits."""
    end = int(core["end_"]) or int(plain(core["tail_"]))
    claimed = ((end & ~FLAGS) - int(core["at_"])) // (FLAGS + 1)
    return max(0, min(claimed, int(core["capacity_"])))


class HandlePrinter:
    def __init__(self, value):
        references = (gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF)  # a structured binding is one
        self.value = value.referenced_value() if value.type.strip_typedefs().code in references else value

    def to_string(self):
        kind = re.match(r"ferry::\w+", str(self.value.type.strip_typedefs()))[0]
        if int(self.value["core_"]) == 0:
            return f"{kind}: empty, because it was moved from"
        core = self.value["core_"].dereference()
        word, bounded = int(plain(core["tail_"])), "capacity_" in {f.name for f in all_fields(core.type)}
        said = [f"{queued_in_ring(core) if bounded else queued_in_blocks(core)} queued"]
        if bounded:
            said[0] += f" of {int(core['capacity_'])}"
        said.append("no sender is left" if word & DONE else plural(int(plain(core["senders_"])), "sender"))
        if word & CLOSED:
            said.append("closed")
        if word & PARKED:
            said.append("the receiver waits")
        if bounded and not word & CLOSED and int(plain(core["room_"])) & BLOCKED and int(core["line_"]["first_"]) != 0:
            said.append("senders wait")
        return f"{kind}: {', '.join(said)}"


def all_fields(of):
    for field in of.strip_typedefs().fields():
        yield field
        if field.is_base_class:
            yield from all_fields(field.type)


def printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter("ferry")
    collection.add_printer("handle", r"^ferry::(Sender|SyncSender|Receiver)<", HandlePrinter)
    return collection


gdb.printing.register_pretty_printer(gdb.current_objfile(), printers(), replace=True)
