--------------------------- MODULE ContractProof ---------------------------
(* That the contract keeps what its properties promise, for any number of   *)
(* handles and values: an inductive invariant, as in ChannelProof.          *)
(*                                                                          *)
(* Not here: what is about "in the end" (TLC, MCIterating and MCEnding).    *)
EXTENDS ChannelProperties, Integers

CONSTANTS Owner,        \* whose each value is at the start
          Alive         \* the handles that are alive then

ASSUME /\ IsFiniteSet(Handle) /\ IsFiniteSet(Value)
       /\ Owner \in [Value -> Handle]
       /\ Alive \subseteq Handle /\ Alive # {}

(* Any Alive and any Owner are all of Init.                                 *)
ContractInit == Begin(Alive, [h \in Handle |-> {v \in Value : Owner[v] = h}])
ContractSpec == ContractInit /\ [][Next]_vars

Types == TypeOK

-----------------------------------------------------------------------------
Ranges ==
    /\ receiver \in {"open", "closed", "dropped"}
    /\ Len(sent) >= 0 /\ Len(received) >= 0 /\ Len(destroyed) >= 0 /\ Len(queue) >= 0
RangesOfHandles ==
    /\ \A h \in Handle : handle[h] \in {"unborn", "live", "dropped"}
    /\ \A h \in Handle : held[h] \subseteq Value
RangeOfSent == \A k \in 1 .. Len(sent) : sent[k].value \in Value /\ sent[k].by \in Handle

(* One line: what was received, then what was destroyed, then what waits.   *)
OneLine ==
    /\ Len(sent) = Len(received) + Len(destroyed) + Len(queue)
    /\ \A k \in 1 .. Len(received) : received[k] = sent[k].value
    /\ \A k \in 1 .. Len(destroyed) : destroyed[k] = sent[Len(received) + k].value
    /\ \A k \in 1 .. Len(queue) :
           queue[k] = sent[Len(received) + Len(destroyed) + k].value
(* The same, looked for from what was sent.                                 *)
SameLine == \A k \in 1 .. Len(sent) :
    LET d == k - Len(received)  q == d - Len(destroyed) IN
    /\ d \in 1 .. Len(destroyed) => destroyed[d] = sent[k].value
    /\ q \in 1 .. Len(queue) => queue[q] = sent[k].value

(* Each value has one owner: the sender that has not sent it, or its one    *)
(* place in that line.                                                      *)
SentOnce == \A j, k \in 1 .. Len(sent) : sent[j].value = sent[k].value => j = k
HeldByOne == \A h \in Handle, v \in Value : v \in held[h] =>
    /\ \A g \in Handle : v \in held[g] => g = h
    /\ \A k \in 1 .. Len(sent) : sent[k].value # v
HeldOrSent == \A v \in Value :
    (\E h \in Handle : v \in held[h]) \/ \E k \in 1 .. Len(sent) : sent[k].value = v

(* Nothing is given back while the receiver is open; later nothing is sent. *)
GivenBackIsHeld ==
    /\ receiver = "open" => givenBack = {}
    /\ \A v \in givenBack : v \in Value /\ \E h \in Handle : v \in held[h]

(* Only the drop destroys, and it leaves nothing.                           *)
DropLeavesNothing ==
    /\ receiver = "dropped" => queue = <<>>
    /\ receiver # "dropped" => destroyed = <<>>

(* The end is told when nothing is left and nothing can come.               *)
ToldAtTheEnd == told =>
    /\ queue = <<>> /\ destroyed = <<>>
    /\ receiver # "open" \/ NoSenderLives

Invariant ==
    /\ Ranges /\ RangesOfHandles /\ RangeOfSent /\ OneLine /\ SameLine
    /\ SentOnce /\ HeldByOne /\ HeldOrSent /\ GivenBackIsHeld /\ DropLeavesNothing
    /\ ToldAtTheEnd

By_Any == Ranges /\ RangesOfHandles /\ DropLeavesNothing

-----------------------------------------------------------------------------
(* What is proved.                                                          *)

THEOREM Inductive == ContractSpec => []Invariant

THEOREM InEveryState == ContractSpec => [](
    /\ TypeOK
    /\ S1_NoValueHasTwoOwners
    /\ S3_SentIsReceivedOrDestroyedOnce /\ S3_UnsentStaysWithItsSender
    /\ S4_EachSendersOrderIsKept /\ S5_OneQueueForAllSenders
    /\ S7_SendNeverWaits
    /\ S8_RefusedExactlyWhenClosedOrGone /\ S8_GivenBackIsNeverReceived
    /\ S10_RecvBlocksExactlyWhileEmptyAndConnected
    /\ S11_EverythingBeforeDisconnected /\ S11_DisconnectedIsFinal
    /\ S12_TryRecvTellsTheTruth /\ S13_ValueAndEndBeatTheDeadline
    /\ S15_OpenUntilTheLastDrop /\ S16_LastDropUnblocksRecv
    /\ S19_DropDestroysTheRestInOrder
    /\ S20_ClosedIsDrainedThenDisconnected /\ S20_CloseIsAlwaysPossible
    /\ S22_DropsInAnyOrder
    /\ S27_UnwindingIsAlwaysPossible
    /\ S29_SendersAreToldTheTruth /\ S29_TheReceiverIsToldTheTruth)

THEOREM InEveryStep == ContractSpec =>
    /\ S14_TimeOutChangesNothing
    /\ S15_CloneAddsASender
    /\ S19_OnlyTheDropDestroys /\ S19_NothingIsSentToADroppedReceiver
    /\ S20_NothingIsSentAfterClose
    /\ S22_ADropEndsOnlyThatHandle
=============================================================================
