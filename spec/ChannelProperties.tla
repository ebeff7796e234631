-------------------------- MODULE ChannelProperties --------------------------
(* What the contract (Channel.tla) claims.  The name of a property begins   *)
(* with the number of its statement in the README.  The theorems at the end *)
(* say what is claimed of which behaviours.                                 *)
(*                                                                          *)
(* From a property to the contracts that violate it: they stand under its   *)
(* name in models/wrong_contracts/, which has a file for each section.      *)
(*                                                                          *)
(* The properties are written in terms of the state and of ENABLED, never   *)
(* in terms of the contract's guards: a wrong guard must not make its       *)
(* property wrong as well.                                                  *)
EXTENDS Channel

Values(log) == [i \in DOMAIN log |-> log[i].value]
Prefix(s, t) == Len(s) <= Len(t) /\ SubSeq(t, 1, Len(s)) = s

(* How often a value occurs in a sequence, and at all its possible owners.  *)
Count(v, seq) == Cardinality({i \in DOMAIN seq : seq[i] = v})
Owners(v) == Cardinality({h \in Handle : v \in held[h]})
                 + Count(v, queue) + Count(v, received) + Count(v, destroyed)

NoSenderLives == \A h \in Handle : handle[h] # "live"
CanSend(h, v) == handle[h] = "live" /\ v \in held[h]

-----------------------------------------------------------------------------
(* Ownership and delivery.                                                  *)

(* S1: never two owners.  (That there never is none is S3.)                 *)
S1_NoValueHasTwoOwners == \A v \in Value : Owners(v) <= 1

(* S3: a value that was sent is buffered, received or destroyed, once; and  *)
(* when the channel is gone with its last handle, it is not buffered.       *)
S3_SentIsReceivedOrDestroyedOnce ==
    \A v \in Value : Count(v, Values(sent)) =
        Count(v, received) + Count(v, destroyed)
            + (IF Gone THEN 0 ELSE Count(v, queue))

(* S3: and a value that was not sent is still with its sender.              *)
S3_UnsentStaysWithItsSender ==
    \A v \in Value : Count(v, Values(sent)) = 0 =>
        \E h \in Handle : v \in held[h]

(* S4: of what one sender sent, the earlier is received before the later.   *)
S4_EachSendersOrderIsKept ==
    \A j, k \in 1 .. Len(sent) : j < k /\ sent[j].by = sent[k].by =>
        \A q \in 1 .. Len(received) : received[q] = sent[k].value =>
            \E p \in 1 .. q - 1 : received[p] = sent[j].value

(* S5: across senders, too.  Steps are in one order, which contains         *)
(* happens-before, whatever made it.                                        *)
S5_OneQueueForAllSenders == Prefix(received, Values(sent))

-----------------------------------------------------------------------------
(* Sending.                                                                 *)

(* S7: whoever has a handle and a value can send at once.                   *)
S7_SendNeverWaits ==
    \A h \in Handle, v \in Value : CanSend(h, v) => ENABLED Send(h, v)

(* S8: accepted if the receiver is there and open, refused if not.          *)
S8_RefusedExactlyWhenClosedOrGone ==
    \A h \in Handle, v \in Value : CanSend(h, v) =>
        /\ ENABLED SendAccepted(h, v) <=> receiver = "open"
        /\ ENABLED SendRefused(h, v)  <=> receiver # "open"

(* S8: a refused value is the sender's again and never comes out.           *)
S8_GivenBackIsNeverReceived ==
    \A v \in givenBack : /\ \E h \in Handle : v \in held[h]
                         /\ Count(v, queue \o received \o destroyed) = 0

(* S9: success is no promise.  What was accepted can be destroyed: the      *)
(* receiver can be dropped while something is buffered                      *)
(* (S22_DropsInAnyOrder), and the model AcceptedIsAPromise refutes the      *)
(* contrary.                                                                *)

-----------------------------------------------------------------------------
(* Receiving.                                                               *)

(* S10: recv blocks exactly while the channel is open and empty and a       *)
(* sender lives.                                                            *)
S10_RecvBlocksExactlyWhileEmptyAndConnected ==
    receiver # "dropped" =>
        (~ENABLED Recv <=>
            queue = <<>> /\ receiver = "open" /\ ~NoSenderLives)

(* S10: so whoever goes on receiving gets everything that was sent.         *)
S10_BufferedIsReceivedInTheEnd ==
    \A v \in Value : Count(v, queue) > 0 ~>
        Count(v, received) > 0 \/ receiver = "dropped"

(* S11: "disconnected" comes after everything that was sent ...             *)
S11_EverythingBeforeDisconnected ==
    told => queue = <<>> /\ received = Values(sent)

(* S11: ... and is the only answer from then on.                            *)
S11_DisconnectedIsFinal ==
    told /\ receiver # "dropped" =>
        /\ ENABLED RecvDisconnected
        /\ ENABLED TryRecvDisconnected
        /\ ENABLED RecvTimedDisconnected
        /\ ENABLED ReceiverDisconnected
        /\ ~ENABLED TryRecvEmpty
        /\ ~ENABLED RecvTimedOut
        /\ ~ENABLED ReceiverConnected
        /\ \A v \in Value : ~ENABLED RecvValue(v)

(* S12: try_recv always has one answer, and the true one: a value if one    *)
(* was sent and not yet taken, empty if one may still come, or disconnected. *)
S12_TryRecvTellsTheTruth ==
    receiver # "dropped" =>
        /\ (\E v \in Value : ENABLED TryRecvValue(v)) <=> queue # <<>>
        /\ ENABLED TryRecvEmpty <=>
               queue = <<>> /\ receiver = "open" /\ ~NoSenderLives
        /\ ENABLED TryRecvDisconnected <=>
               queue = <<>> /\ (receiver = "closed" \/ NoSenderLives)

(* S13: a value, and the end, beat the deadline.                            *)
S13_ValueAndEndBeatTheDeadline ==
    receiver # "dropped" =>
        /\ (\E v \in Value : ENABLED RecvTimedValue(v)) <=> queue # <<>>
        /\ ENABLED RecvTimedOut <=>
               queue = <<>> /\ receiver = "open" /\ ~NoSenderLives
        /\ ENABLED RecvTimedDisconnected <=>
               queue = <<>> /\ (receiver = "closed" \/ NoSenderLives)

(* S14: a value leaves the queue for the receiver, or when the receiver is  *)
(* dropped; and who finds nothing ends nothing.  So a time-out leaves       *)
(* everything to the next call.                                             *)
S14_TimeOutChangesNothing ==
    [][/\ queue' # queue =>
              sent' # sent \/ received' # received \/ receiver' = "dropped"
       /\ RecvTimedOut \/ TryRecvEmpty \/ RecvUnwound =>
              UNCHANGED <<handle, receiver>>]_vars

-----------------------------------------------------------------------------
(* Cloning, dropping, closing.                                              *)

(* S15: a clone is one more sender, and takes nothing from the others.      *)
S15_CloneAddsASender ==
    [][\A c \in Handle : handle[c] # "live" /\ handle'[c] = "live" =>
           /\ handle[c] = "unborn" /\ ~NoSenderLives
           /\ handle' = [handle EXCEPT ![c] = "live"]
           /\ held' = held]_vars

(* S15: while a sender lives and the receiver is open, no call says         *)
(* "disconnected", whoever else has been dropped.                           *)
S15_OpenUntilTheLastDrop ==
    ~NoSenderLives /\ receiver = "open" =>
        /\ ~told
        /\ ~ENABLED RecvDisconnected
        /\ ~ENABLED TryRecvDisconnected
        /\ ~ENABLED RecvTimedDisconnected

(* S16: after the last drop a recv can return: nothing blocks it any more.  *)
S16_LastDropUnblocksRecv ==
    NoSenderLives /\ receiver # "dropped" => ENABLED Recv

(* S16: and so it does return.                                              *)
S16_LastDropIsToldInTheEnd ==
    NoSenderLives ~> told \/ receiver = "dropped"

(* S17: the loop ends after the last drop (or a close) with every value     *)
(* yielded: not before (S11_EverythingBeforeDisconnected and                *)
(* S15_OpenUntilTheLastDrop), and not later, once every sender leaves.      *)
S17_IterationEnds ==
    <>(receiver = "dropped" \/ (told /\ received = Values(sent)))

(* S18: try_iter ends when nothing is buffered, and only then               *)
(* (S12_TryRecvTellsTheTruth), and leaves all to the next one (S14).        *)

(* S19: nothing stays behind the receiver: what it did not take has been    *)
(* destroyed, in order ...                                                  *)
S19_DropDestroysTheRestInOrder ==
    receiver = "dropped" =>
        queue = <<>> /\ received \o destroyed = Values(sent)

(* S19: ... by the drop and by nothing else, at once, whoever else lives.   *)
S19_OnlyTheDropDestroys ==
    [][destroyed' # destroyed =>
           receiver # "dropped" /\ receiver' = "dropped"]_vars

(* S19: and nothing comes after it.                                         *)
S19_NothingIsSentToADroppedReceiver ==
    [][receiver = "dropped" => sent' = sent /\ receiver' = "dropped"]_vars

(* S20: closing stops sends at once, and for good.                          *)
S20_NothingIsSentAfterClose ==
    [][receiver = "closed" => sent' = sent /\ receiver' # "open"]_vars

(* S20: what was sent before is still received, then comes "disconnected".  *)
S20_ClosedIsDrainedThenDisconnected ==
    receiver = "closed" =>
        /\ received \o queue = Values(sent)
        /\ IF queue = <<>> THEN ENABLED RecvDisconnected
                           ELSE ENABLED RecvValue(Head(queue))

(* S20: closing can be repeated.                                            *)
S20_CloseIsAlwaysPossible == receiver # "dropped" => ENABLED Close

(* S22: every handle can be dropped at every moment, whatever came before;  *)
(* the receiver's, too, while something is buffered (S9).                   *)
S22_DropsInAnyOrder ==
    /\ \A h \in Handle : handle[h] = "live" => ENABLED DropSender(h)
    /\ receiver # "dropped" => ENABLED DropReceiver

(* S22: a drop ends that handle, and no other.                              *)
S22_ADropEndsOnlyThatHandle ==
    [][\A h \in Handle : handle[h] = "live" /\ handle'[h] # "live" =>
           /\ handle' = [handle EXCEPT ![h] = "dropped"]
           /\ receiver' = receiver]_vars

-----------------------------------------------------------------------------
(* Leaving a receive, and asking.                                           *)

(* S27: a receive can be left whenever it may be called, and that changes   *)
(* nothing (S14_TimeOutChangesNothing).                                     *)
S27_UnwindingIsAlwaysPossible == receiver # "dropped" => ENABLED RecvUnwound

(* S29: a sender is told that it is disconnected exactly if every later     *)
(* send fails ...                                                           *)
S29_SendersAreToldTheTruth ==
    \A h \in Handle : handle[h] = "live" =>
        /\ ENABLED SenderDisconnected(h) <=> receiver # "open"
        /\ ENABLED SenderConnected(h)    <=> receiver = "open"

(* S29: ... and the receiver, exactly if its next receive reports the end.  *)
S29_TheReceiverIsToldTheTruth ==
    receiver # "dropped" =>
        /\ ENABLED ReceiverDisconnected <=>
               queue = <<>> /\ (receiver = "closed" \/ NoSenderLives)
        /\ ENABLED ReceiverConnected <=>
               queue # <<>> \/ (receiver = "open" /\ ~NoSenderLives)

-----------------------------------------------------------------------------
(* What is claimed.  Each name stands here; TLC checks each, and some wrong *)
(* contract violates each.                                                  *)

THEOREM Spec => []TypeOK

THEOREM OwnershipAndDelivery ==
    Spec => /\ []S1_NoValueHasTwoOwners
            /\ []S3_SentIsReceivedOrDestroyedOnce
            /\ []S3_UnsentStaysWithItsSender
            /\ []S4_EachSendersOrderIsKept
            /\ []S5_OneQueueForAllSenders

THEOREM Sending ==
    Spec => /\ []S7_SendNeverWaits
            /\ []S8_RefusedExactlyWhenClosedOrGone
            /\ []S8_GivenBackIsNeverReceived

THEOREM Receiving ==
    Spec => /\ []S10_RecvBlocksExactlyWhileEmptyAndConnected
            /\ []S11_EverythingBeforeDisconnected
            /\ []S11_DisconnectedIsFinal
            /\ []S12_TryRecvTellsTheTruth
            /\ []S13_ValueAndEndBeatTheDeadline
            /\ S14_TimeOutChangesNothing

THEOREM ComingAndGoing ==
    Spec => /\ S15_CloneAddsASender
            /\ []S15_OpenUntilTheLastDrop
            /\ []S16_LastDropUnblocksRecv
            /\ []S19_DropDestroysTheRestInOrder
            /\ S19_OnlyTheDropDestroys
            /\ S19_NothingIsSentToADroppedReceiver
            /\ S20_NothingIsSentAfterClose
            /\ []S20_ClosedIsDrainedThenDisconnected
            /\ []S20_CloseIsAlwaysPossible
            /\ []S22_DropsInAnyOrder
            /\ S22_ADropEndsOnlyThatHandle

THEOREM LeavingAndAsking ==
    Spec => /\ []S27_UnwindingIsAlwaysPossible
            /\ []S29_SendersAreToldTheTruth
            /\ []S29_TheReceiverIsToldTheTruth

(* Of a receiver that goes on calling recv ...                              *)
THEOREM Spec /\ Iterating => /\ S10_BufferedIsReceivedInTheEnd
                             /\ S16_LastDropIsToldInTheEnd

(* ... and of senders that are all dropped in the end.                      *)
THEOREM Spec /\ Iterating /\ SendersLeave => S17_IterationEnds
=============================================================================
