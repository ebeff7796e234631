"""The bugs that are planted at a step of the header: one list, with where each is to be noticed, and how that is told.

A plant is STEP=relaxed (or acquire, or release: a weaker memory order), STEP=omitted or STEP=split, on the explorer's
platform and on the announced one (verify/platforms/plant.hpp). Beside these, `make verify` weakens each memory order of
the header and leaves out each publication: exploration.py takes those from the header itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from ferry_tools import step_names
from ferry_tools.paths import CORE, OF_RING, SCENARIOS


@dataclass(frozen=True)
class Stress:
    """In make stress: the recipe that is there to find it, under these sanitizers."""

    san: str
    recipe: str
    told: str


@dataclass(frozen=True)
class Plant:
    step: str
    explored: tuple[tuple[str, str], ...] = ()  # what it violates, and how the explorer tells of that
    full: str = ""  # a scenario in which Relacy's own full search has to find it, too
    recorded: str = ""  # a scenario in which real threads have to show it; then TLC and the oracle reject the trace
    stress: Stress | None = None
    tests: tuple[str, ...] = ()  # of make test, that fail with it: those with the number of a shipped bug are all here


RACE, PLAIN, ENDED = "DATA RACE", "DATA RACE: plain data", "DATA RACE: beginning or end of memory"
LEAK, HANG, STRAY = r"memory is left \(S23\)", "DEADLOCK", "a stray token"
NOT_ALLOWED = "the contract does not allow"
STILL_PARKED = "a clock receives from the channel"  # so the header takes a parking that it finds where it is to park
# A race has two stacks; both name our functions.
SEND_AND_TAKE = r"(?s)data race.*take ferry/detail/shared.*ferry::detail::Core::send ferry/detail/core"

PLANTS = (
    Plant(
        "SendReady=relaxed",
        explored=(("S6", RACE),),
        full="send_against_try_recv",
        stress=Stress("thread", "ping_pong", SEND_AND_TAKE),
    ),
    Plant("RecvReady=relaxed", explored=(("S6", RACE),)),
    Plant(
        "DropLastSender=relaxed",
        explored=(("S21 B8", PLAIN),),
        full="end_seen_without_waiting",
        stress=Stress("thread", "ping_pong", r"data race"),
        tests=(
            "S21_what_happened_before_the_last_drop_happens_before_the_recv_that_says_disconnected_B8",
            "S21_what_happened_before_the_last_drop_happens_before_the_try_recv_that_says_disconnected_B8",
            "S21_what_happened_before_the_last_drop_happens_before_the_timed_recv_that_says_disconnected_B8",
            "S21_what_happened_before_the_last_drop_happens_before_the_end_of_the_loop_B8",
        ),
    ),
    Plant("DropSender=release", explored=(("S21", PLAIN),)),
    Plant("TryRecvLook=relaxed", explored=(("S21 B8", PLAIN),)),
    Plant("ReceiverLook=relaxed", explored=(("S21 B8", PLAIN),)),
    Plant("RecvPark=relaxed", explored=(("S21 B8", PLAIN),)),
    Plant("RecvWithdraw=relaxed", explored=(("S21 B8", PLAIN),)),
    Plant("RecvAwaitInstall=relaxed", explored=(("S21 B8", PLAIN),)),
    Plant("RecvAwaitReady=relaxed", full="send_against_the_receiver_s_drop"),
    Plant("Close=release", explored=(("S21 B8", PLAIN),)),
    Plant("Close=relaxed", full="send_against_close", stress=Stress("thread", "receiver_closed", r"data race")),
    Plant("SendClaim=omitted", explored=(("S1", r"\(S1\)|the value in a slot"),)),
    # Two senders claim one slot.
    Plant("SendClaim=split", explored=(("S26", f"{HANG}|{NOT_ALLOWED}"),), recorded="try_recv_in_the_middle_of_a_send"),
    Plant(
        "Wake=omitted",
        explored=(("S10 B17 B22", HANG),),
        full="send_against_recv",
        stress=Stress("none", "ping_pong", r"nothing moves: .*(recv|iterate)"),
        tests=(
            "S10_a_send_between_the_receivers_look_and_its_sleep_is_seen_B22",
            "S16_a_value_in_a_new_block_wakes_a_receiver_that_sleeps_B17",
        ),
    ),
    # The count of senders is too low: the end comes while one is still there.
    Plant(
        "CloneSender=omitted",
        recorded="three_senders",
        stress=Stress("none", "channels_in_channels", r"S17: .* too early"),
        tests=(
            "S15_a_drop_that_is_not_the_last_one_neither_ends_nor_wakes_B12",
            "S15_a_clone_made_while_the_receiver_waits_with_a_deadline_keeps_the_channel_open_B9",
        ),
    ),
    # The end does not come.
    Plant(
        "DropLastSender=omitted",
        explored=(("S16 B23", HANG),),
        recorded="end_seen_without_waiting",
        tests=("S16_the_last_drop_between_the_receivers_look_and_its_sleep_is_seen_B23",),
    ),
    Plant("DropSender=split", explored=(("B11", f"{HANG}|{NOT_ALLOWED}"),)),
    Plant("RecvWithdraw=omitted", explored=(("S27 B9 B25", f"{STRAY}|{STILL_PARKED}"),)),
    Plant(
        "RecvTakeToken=omitted",
        explored=(("S14 S27 B9 B10 B25", STRAY),),
        tests=("S13_S14_a_waker_that_comes_late_leaves_nothing_behind_for_the_next_sleep_B10",),
    ),
    Plant(
        "StopClaim=omitted",
        explored=(("S40", HANG),),
        stress=Stress("none", "stopped", r"the process crashed: signal 6"),  # the receiver finds itself parked
    ),
    # The receiver parks after it, and does not see the request.
    Plant("StopClaim=relaxed", explored=(("S40", HANG),)),
    Plant("InstallGiveUp=omitted", explored=(("S24", f"{HANG}|{NOT_ALLOWED}"), ("B15", HANG))),
    Plant("RecvRecycle=omitted", explored=(("S23 B18", LEAK),)),
    Plant("DropSpare=omitted", explored=(("S23 B6 B18", LEAK),)),
    # Neither side learns that it comes second and has to free the channel.
    Plant(
        "Leave=omitted",
        explored=(("S23", LEAK),),
        stress=Stress("address,undefined", "long_lived", r"S23: memory was left behind"),
    ),
    Plant("RecvAwaitNext=omitted", explored=(("B2", "use of memory|Segmentation fault"),)),
    Plant(
        "CloseAwaitInstall=omitted",
        explored=(("B3", f"{LEAK}|{ENDED}"), ("S20", f"{HANG}|{NOT_ALLOWED}")),
        tests=("S3_S19_dropping_the_receiver_while_a_block_is_installed_destroys_its_value_and_the_block_B3",),
    ),
    # What is sent after the receiver has gone, or closed, is let in.
    Plant(
        "Close=omitted",
        explored=(("S20", f"{NOT_ALLOWED} here: SendClaim"),),
        recorded="send_against_close",
        stress=Stress("none", "receiver_dropped", r"S3: .* lost"),
        tests=("S19_dropping_the_receiver_destroys_also_what_a_send_is_still_putting_in_B7",),
    ),
    Plant("InstallTakeSpare=omitted", explored=(("B4", f"FREED|{ENDED}"),)),
    Plant("DropLastSender=split", explored=(("B24", HANG),)),
    Plant("InstallLink=omitted", explored=(("B20", HANG),)),
    Plant("Leave=release", explored=(("B21", ENDED),)),
    Plant(
        "Leave=relaxed",
        full="both_sides_leave",
        tests=("S16_S21_S22_a_waker_is_through_with_the_channel_before_it_is_freed_B21",),
    ),
)

# In the bounded channel.
RING_PLANTS = (
    Plant("SendReady=relaxed", explored=(("S6", RACE),)),
    Plant("JoinUnlock=relaxed", explored=(("S6 S37", RACE),)),
    Plant("RecvReady=relaxed", explored=(("S6", RACE),)),
    Plant("SendLook=relaxed", explored=(("S8 S29", PLAIN),)),
    Plant("SendClaim=relaxed", explored=(("S8", PLAIN),)),
    Plant("JoinClaim=relaxed", explored=(("S8", PLAIN),)),
    Plant("SenderLook=relaxed", explored=(("S8 S29", PLAIN),)),
    Plant("Close=acquire", explored=(("S8", PLAIN),)),
    Plant("DropLastSender=relaxed", explored=(("S21 S29", PLAIN),)),
    Plant("TryRecvLook=relaxed", explored=(("S21", PLAIN),)),
    Plant("RecvPark=relaxed", explored=(("S21", PLAIN),)),
    Plant("RecvPark=acquire", explored=(("S37", PLAIN),)),
    Plant("SendClaim=release", explored=(("S37", PLAIN),)),
    Plant("SendClaim=split", recorded="three_for_one_slot_and_a_close"),  # two senders claim one slot
    Plant("Close=omitted", recorded="claim_in_line_refused_by_a_close"),
    Plant("SendClaim=acquire", explored=(("S35 B41", "at no moment where the contract allows it: full"),)),
    Plant(
        "RecvRoom=relaxed",
        explored=(("S37", RACE),),
        stress=Stress("thread", "bounded_stream", r"(?s)data race.*detail::Ring"),
    ),
    Plant("AdmitRoom=relaxed", explored=(("S30", RACE),)),
    Plant("AdmitRoom=omitted", explored=(("B38", "at no moment where the contract allows it: full"),)),
    # A slot is filled, and the next sender claims it, too.
    Plant("AdmitClaim=omitted", explored=(("B36", r"\(S1\)|the value in a slot|waits for ever"),)),
    Plant("JoinBlock=relaxed", explored=(("S37", RACE),)),
    Plant("SendSeenRoom=relaxed", explored=(("S30", RACE),)),
    Plant("JoinBlock=omitted", explored=(("S31 S38 B29", f"{HANG}|{NOT_ALLOWED}"),)),
    Plant("RecvRoom=omitted", explored=(("S31 S38", HANG),)),
    Plant(
        "AdmitWake=omitted",
        explored=(("S32 S38 B28", HANG),),
        stress=Stress("none", "bounded_stream", r"nothing moves: .*send at SendSleep"),
    ),
    Plant(
        "CloseWake=omitted",
        explored=(("S33 B26", HANG),),
        stress=Stress("none", "bounded_receiver_closed", r"nothing moves: .*send at SendSleep"),
    ),
    Plant("Wake=omitted", explored=(("S10 S34 B39", HANG),)),
    Plant("DropLastSender=omitted", explored=(("S17", HANG),)),
    Plant("CloneSender=split", explored=(("S15", HANG),)),
    Plant("RecvWithdraw=omitted", explored=(("S27", f"{STRAY}|{STILL_PARKED}|{NOT_ALLOWED}"),)),
    Plant("StopClaim=omitted", explored=(("S40", HANG),)),
    Plant("DismissWake=omitted", explored=(("S40", HANG),)),
    # The last drop and a request to stop both wake the receiver.
    Plant("WakeClaim=split", explored=(("S40", STRAY),)),
    Plant("SendTakeToken=omitted", explored=(("S36 B27", "allow|use of memory|region"),)),
    Plant("Leave=release", explored=(("S23", ENDED),)),
)

# What the explorer says of a header that breaks the search itself: the plant, the complaint, and a line of its table.
COMPLAINTS_IN = "send_against_try_recv"
COMPLAINTS = (
    ("RecvAwaitReady=spins", "LIVELOCK", r"the last 1 again, \d+ times"),
    ("RecvAwaitReady=strays", "an atomic outside of the memory", r"in stray \.\.\."),
    ("RecvAwaitReady=stuck", "DEADLOCK: the drop of what is left", r"RecvAwaitReady ready \.\.\."),
    ("RecvAwaitReady=crashes", "the explorer crashed in this execution: Segmentation fault", r"SendClaim"),
    ("RecvAwaitReady=loops", "stopped after the time that it had, in this execution", r"SendClaim"),
)

EXPLORED = [(plant.step, labels, told) for plant in PLANTS for labels, told in plant.explored]
EXPLORED_RING = [(plant.step, labels, told) for plant in RING_PLANTS for labels, told in plant.explored]
FULL = {plant.full: plant.step for plant in PLANTS if plant.full}
RECORDED = [(plant.step, plant.recorded) for plant in (*PLANTS, *RING_PLANTS) if plant.recorded]
STRESS = {plant.step: plant.stress for plant in (*PLANTS, *RING_PLANTS) if plant.stress}
TESTS = [(test, plant.step) for plant in PLANTS for test in plant.tests]


def problems() -> list[str]:
    """A plant at a step that is gone would never be met, and one in a scenario that is gone never be looked for."""
    found = [
        f"plants.py names the scenario {s}, which is not there"
        for s in [*FULL, *(scenario for _, scenario in RECORDED), COMPLAINTS_IN]
        if not any(SCENARIOS.rglob(f"{s}.scenario"))
    ]
    for headers, of in ((CORE, PLANTS), (OF_RING, RING_PLANTS)):
        steps = {step.name for step in step_names.header_steps(headers)}
        written = [plant.step for plant in of]
        found += [
            f"a bug is planted at {p}, and there is no such step" for p in written if p.split("=")[0] not in steps
        ]
        found += [f"{p} is planted twice" for p in sorted({p for p in written if written.count(p) > 1})]
    return found
