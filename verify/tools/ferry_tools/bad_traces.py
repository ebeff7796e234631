"""Bad traces: good ones that were recorded (verify/trace/), each with one thing wrong. Whoever judges traces has to
reject every one.

Each kind is a function that takes a copy of a trace and goes wrong in it at every place where it can, one after the
other: it yields a trace for each.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ferry_tools.results import Json

VALUE = ("RecvValue", "TryRecvValue", "RecvTimedValue")
NOTHING = ("TryRecvEmpty", "RecvTimedOut")
END = ("RecvDisconnected", "TryRecvDisconnected", "RecvTimedDisconnected")
NEVER_SENT = 1_000_000
REQUEST_TO_STOP = 0  # among the events (verify/program.hpp)


@dataclass
class Place:
    """An event in a trace: which thread's, and where among its events."""

    thread: int
    index: int
    event: Json


class Trace:
    """A copy of a trace, to be changed."""

    def __init__(self, trace: Json) -> None:
        self.trace = copy.deepcopy(trace)
        self.threads = [thread["events"] for thread in self.trace["threads"]]

    def places(self, *steps: str) -> list[Place]:
        return [
            Place(t, i, e) for t, events in enumerate(self.threads) for i, e in enumerate(events) if e["step"] in steps
        ]

    def decided(self, at: int) -> Json | None:
        """The event that has this place in the order."""
        return next((e for events in self.threads for e in events if e["at"] == at), None)

    def senders(self) -> dict[int, str]:
        """Of each value that was accepted, the sender."""
        return {p.event["value"]: p.event["handle"] for p in self.places("SendAccepted", "SendLetIn")}

    def answer_to(self, waits: Place) -> Json:
        """What became of a send that waits."""
        answer: Json = self.threads[waits.thread][waits.index + 1]
        return answer

    def take_number(self, event: Json) -> None:
        """It has no place in the order any more."""
        for e in (e for events in self.threads for e in events if e["at"] > event["at"]):
            e["at"] -= 1
        event["at"] = 0

    def let_in_by(self, value: int) -> Json | None:
        """The receive that has let in a sender who waited with it."""
        waits = [(p.event["at"], p.event["value"]) for p in self.places("SendWaits")]
        let_in = [v for _, v in sorted(waits) if any(p.event["value"] == v for p in self.places("SendLetIn"))]
        by = sorted((p.event for p in self.places(*VALUE) if p.event["at"] != 0), key=lambda e: int(e["at"]))
        return dict(zip(let_in, by)).get(value)

    def destroyed(self) -> list[int]:
        """By the drop of the receiver; to be changed."""
        return next((p.event["destroyed"] for p in self.places("DropReceiver")), [])

    def take_out(self, value: int) -> None:
        """Nobody has received it or destroyed it."""
        for p in self.places(*VALUE):
            if p.event["value"] == value:
                events = self.threads[p.thread]
                waited = p.index > 0 and events[p.index - 1]["step"] == "RecvWaits"  # a part of the same call
                del events[p.index - waited : p.index + 1]
        if value in self.destroyed():
            self.destroyed().remove(value)


Kind = Callable[[Json], Iterator[Trace]]


def each(good: Json, *steps: str) -> Iterator[tuple[Trace, Place]]:
    """A fresh copy for each event that is one of these steps."""
    for i in range(len(Trace(good).places(*steps))):
        trace = Trace(good)
        yield trace, trace.places(*steps)[i]


# Two owners.


def received_twice(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, *VALUE):
        trace.threads[p.thread].insert(p.index + 1, copy.deepcopy(p.event))
        yield trace


def received_and_destroyed(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, *VALUE):
        if drops := trace.places("DropReceiver"):
            drops[0].event["destroyed"].append(p.event["value"])
            yield trace


def received_and_given_back(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, "SendAccepted"):
        if any(r.event["value"] == p.event["value"] for r in trace.places(*VALUE)):
            p.event["step"] = "SendRefused"
            yield trace


def slot_claimed_twice(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, "SendAccepted"):
        after = trace.decided(p.event["at"] + 1)
        if after and after["step"] == "SendAccepted":
            after["at"] = p.event["at"]
            yield trace


# Reordered.


def swapped_values(good: Json, same_sender: bool) -> Iterator[Trace]:
    for trace, p in each(good, *VALUE):
        sender = trace.senders()
        for later in trace.places(*VALUE):
            a, b = p.event["value"], later.event["value"]
            if (later.thread, later.index) > (p.thread, p.index) and (sender[a] == sender[b]) == same_sender:
                p.event["value"], later.event["value"] = b, a
                yield trace
                break


def reordered_of_one_sender(good: Json) -> Iterator[Trace]:
    return swapped_values(good, same_sender=True)


def reordered_across_senders(good: Json) -> Iterator[Trace]:
    return swapped_values(good, same_sender=False)


def reordered_against_a_signal(good: Json) -> Iterator[Trace]:
    """One thread sends and signals, another waits for that and sends: the later value comes first in the channel."""
    for trace, p in each(good, "Signal"):
        first = [e for e in trace.threads[p.thread][: p.index] if e["step"] == "SendAccepted"]
        for wait in trace.places("Await"):
            second = [e for e in trace.threads[wait.thread][wait.index :] if e["step"] == "SendAccepted"]
            if wait.event["event"] == p.event["event"] and first and second:
                first[-1]["at"], second[0]["at"] = second[0]["at"], first[-1]["at"]
                yield trace
                break


def destroyed_out_of_order(good: Json) -> Iterator[Trace]:
    trace = Trace(good)
    if len(trace.destroyed()) > 1:
        trace.destroyed().reverse()
        yield trace


# Lost, or out of nowhere.


def lost_before_its_receive(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, *VALUE):
        trace.take_out(p.event["value"])
        yield trace


def lost_with_the_channel(good: Json) -> Iterator[Trace]:
    for value in Trace(good).destroyed():
        trace = Trace(good)
        trace.take_out(value)
        yield trace


def destroyed_elsewhere(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, *VALUE):
        p.event["step"] = "Destroyed"
        yield trace


def never_sent(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, *VALUE):
        trace.threads[p.thread].insert(p.index, p.event | {"value": NEVER_SENT})
        yield trace


def cut_off(good: Json) -> Iterator[Trace]:
    """A handle is never dropped: there may be more that the trace does not tell of."""
    for trace, p in each(good, "DropReceiver", "DropSender"):
        if p.event["at"] in (0, max(e["at"] for events in trace.threads for e in events)):
            del trace.threads[p.thread][p.index]
            yield trace


# Ended early, ended late.


def ended_with_a_value_left(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, *END):
        events = trace.threads[p.thread]
        if p.index > 0 and events[p.index - 1]["step"] in VALUE:
            events[p.index - 1], events[p.index] = events[p.index], events[p.index - 1]
            yield trace


def ended_with_a_sender_left(good: Json) -> Iterator[Trace]:
    """The receiver is told of the end right before the last drop."""
    for trace, p in each(good, *END):
        before = trace.decided(p.event["at"] - 1) if p.event["at"] > 1 else None
        if before and before["step"] == "DropSender":
            before["at"], p.event["at"] = p.event["at"], before["at"]
            yield trace


def ended_late_empty(good: Json) -> Iterator[Trace]:
    """The end has come, and a call says that there is nothing now."""
    for trace, p in each(good, *END):
        p.event["step"] = "TryRecvEmpty" if p.event["step"] == "TryRecvDisconnected" else "RecvTimedOut"
        yield trace


def ended_late_value_taken_in(good: Json) -> Iterator[Trace]:
    """The receiver had closed when the value was accepted; it is received, or destroyed, like any other."""
    for trace, p in each(good, "Close", "DropReceiver"):
        if p.event["at"] == 0:
            continue
        for refused in trace.places("SendRefused"):
            for event in (e for events in trace.threads for e in events if e["at"] > p.event["at"]):
                event["at"] += 1
            refused.event |= {"step": "SendAccepted", "at": p.event["at"] + 1}
            for drop in trace.places("DropReceiver"):
                drop.event["destroyed"].append(refused.event["value"])
            yield trace
            break


def refused_though_open(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, "SendAccepted"):
        trace.take_out(p.event["value"])
        p.event["step"] = "SendRefused"
        yield trace


def empty_though_sent(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, *NOTHING):
        after = trace.decided(p.event["at"] + 1)
        if after and after["step"] == "SendAccepted":
            after["at"], p.event["at"] = p.event["at"], after["at"]
            yield trace


# Left by unwinding; asked.


def unwound_with_a_value(good: Json) -> Iterator[Trace]:
    """A receive that is left by unwinding takes a value along."""
    for trace, p in each(good, "RecvValue"):
        p.event["step"] = "RecvUnwound"
        del p.event["value"]
        yield trace


def stopped_without_a_request(good: Json) -> Iterator[Trace]:
    """Nobody has requested the stop that a call says it was asked for."""
    for trace, _ in each(good, "RecvStopped", "SendStopped"):
        for events in trace.threads:
            events[:] = [e for e in events if e["step"] != "Signal" or e["event"] != REQUEST_TO_STOP]
        yield trace


def told_disconnected_early(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, "ReceiverConnected"):
        p.event["step"] = "ReceiverDisconnected"
        yield trace
    for trace, p in each(good, "SenderConnected"):
        # What the sender does afterwards shows that the receiver was open.
        if any(e["step"] == "SendAccepted" for e in trace.threads[p.thread][p.index :]):
            p.event["step"] = "SenderDisconnected"
            yield trace


def told_connected_late(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, "ReceiverDisconnected"):
        p.event["step"] = "ReceiverConnected"
        yield trace
    for trace, p in each(good, "SenderDisconnected"):
        # What the sender did before shows that the receiver had closed.
        if any(e["step"] == "SendRefused" for e in trace.threads[p.thread][: p.index]):
            p.event["step"] = "SenderConnected"
            yield trace


def used_after_its_drop(good: Json) -> Iterator[Trace]:
    for trace, p in each(good, "DropSender"):
        events = trace.threads[p.thread]
        if p.index > 0 and events[p.index - 1].get("handle") == p.event["handle"]:
            events[p.index - 1], events[p.index] = events[p.index], events[p.index - 1]
            yield trace


# Of bounded channels.


def let_in_beyond_the_capacity(good: Json, *, is_rendezvous: bool) -> Iterator[Trace]:
    """A send that finds no room succeeds instead of waiting for the receive, which comes later."""
    for trace, p in each(good, "SendWaits"):
        if trace.answer_to(p)["step"] == "SendLetIn" and (good["capacity"] == 0) == is_rendezvous:
            p.event["step"] = "SendAccepted"
            del trace.threads[p.thread][p.index + 1]
            yield trace


def one_more_than_the_capacity(good: Json) -> Iterator[Trace]:
    return let_in_beyond_the_capacity(good, is_rendezvous=False)


def rendezvous_with_nobody(good: Json) -> Iterator[Trace]:
    return let_in_beyond_the_capacity(good, is_rendezvous=True)


def returned_before_its_receive(good: Json) -> Iterator[Trace]:
    """A send that waits is let in, says a later send of the same thread; and the receive comes after that."""
    for trace, p in each(good, "SendLetIn"):
        by = trace.let_in_by(p.event["value"])
        later = [e for e in trace.threads[p.thread][p.index + 1 :] if e["at"] != 0]
        if by and later and later[0]["step"] == "SendWaits" and later[0]["at"] == by["at"] + 1:
            by["at"], later[0]["at"] = later[0]["at"], by["at"]
            yield trace


def line_out_of_order(good: Json) -> Iterator[Trace]:
    """Of two that wait, the second is let in first."""
    for trace, p in each(good, "SendWaits"):
        after = trace.decided(p.event["at"] + 1)
        both = [q for q in trace.places("SendWaits") if q.event is p.event or q.event is after]
        if len(both) == 2 and all(trace.answer_to(q)["step"] == "SendLetIn" for q in both):
            both[0].event["at"], both[1].event["at"] = both[1].event["at"], both[0].event["at"]
            yield trace


def room_given_to_nobody(good: Json) -> Iterator[Trace]:
    """A receive does not let in who waits."""
    for trace, p in each(good, "SendLetIn"):
        if by := trace.let_in_by(p.event["value"]):
            trace.take_number(by)
            yield trace


def of_the_first(good: Json) -> Iterator[tuple[Trace, Place, int]]:
    """The sends that fill the channel for the first time, so that there is room whatever is received; and how many come
    before each."""
    for trace, p in each(good, "SendAccepted"):
        before = sum(q.event["at"] < p.event["at"] for q in trace.places("SendAccepted"))
        if before < good["capacity"]:
            yield trace, p, before


def full_though_there_was_room(good: Json) -> Iterator[Trace]:
    for trace, p, before in of_the_first(good):
        full = {k: p.event[k] for k in ("handle", "value")} | {"step": "TrySendFull", "at": 0, "claimed": before}
        trace.threads[p.thread].insert(p.index, full)
        yield trace


def timed_out_though_there_was_room(good: Json) -> Iterator[Trace]:
    for trace, p, _ in of_the_first(good):
        p.event["step"] = "SendWaits"
        trace.threads[p.thread].insert(p.index + 1, p.event | {"step": "SendGivesUp", "at": 0})
        trace.take_out(p.event["value"])
        yield trace


def timed_out_and_received(good: Json) -> Iterator[Trace]:
    """A send gives up that a receive has let in."""
    for trace, p in each(good, "SendLetIn"):
        p.event["step"] = "SendGivesUp"
        yield trace


def waiting_value_lost_at_the_end(good: Json) -> Iterator[Trace]:
    """A close, or a drop, tells who waits that the value has been let in."""
    for trace, p in each(good, "SendWaits"):
        if trace.answer_to(p)["step"] == "SendRefused":
            trace.answer_to(p)["step"] = "SendLetIn"
            yield trace


KINDS: tuple[Kind, ...] = (
    received_twice, received_and_destroyed, received_and_given_back, slot_claimed_twice, reordered_of_one_sender,
    reordered_across_senders, reordered_against_a_signal, destroyed_out_of_order, lost_before_its_receive,
    lost_with_the_channel, destroyed_elsewhere, never_sent, cut_off, ended_with_a_value_left, ended_with_a_sender_left,
    ended_late_empty, ended_late_value_taken_in, refused_though_open, empty_though_sent, unwound_with_a_value,
    stopped_without_a_request, told_disconnected_early, told_connected_late, used_after_its_drop,
    one_more_than_the_capacity, rendezvous_with_nobody,
    returned_before_its_receive, line_out_of_order, room_given_to_nobody, full_though_there_was_room,
    timed_out_though_there_was_room, timed_out_and_received, waiting_value_lost_at_the_end,
)  # fmt: skip


def spoil(good: list[Json], kind: Kind, most: int) -> list[Json]:
    """Up to so many bad traces of that kind, no more than two of one good trace."""
    bad: list[Json] = []
    for one in good:
        bad += [spoilt.trace for spoilt in itertools.islice(kind(one), 2)]
        if len(bad) >= most:
            break
    for i, trace in enumerate(bad):
        trace["name"] = f"{kind.__name__}.{i}"
    return bad
