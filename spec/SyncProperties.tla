--------------------------- MODULE SyncProperties ---------------------------
(* What the contract of the bounded channel (SyncChannel.tla) claims beyond *)
(* what ChannelProperties.tla says of values and handles, which holds here  *)
(* as it stands.  What is said there of the calls is said here anew, for    *)
(* here some of them wait.                                                  *)
EXTENDS SyncChannel, ChannelProperties

-----------------------------------------------------------------------------
(* Room.                                                                    *)

(* S30: never more values than there is room for; with capacity 0, at most  *)
(* one, which a receive was waiting for.                                    *)
S30_NeverMoreThanCapacity ==
    Len(queue) <= IF capacity = 0 THEN 1 ELSE capacity

(* S31: a send waits exactly while the channel is full and open.            *)
S31_SendWaitsExactlyWhileFull ==
    /\ line # <<>> => receiver = "open" /\ Len(queue) >= capacity
    /\ \A h \in Handle, v \in Value : CanSend(h, v) /\ ~IsWaiting(v) =>
           /\ ENABLED SyncSendAccepted(h, v) <=>
                  /\ receiver = "open" /\ line = <<>>
                  /\ Len(queue) < capacity + (IF meeting THEN 1 ELSE 0)
           /\ ENABLED SendWaits(h, v) <=>
                  receiver = "open" /\ ~ENABLED SyncSendAccepted(h, v)
           /\ ENABLED SyncSendRefused(h, v) <=> receiver # "open"

(* S32: whoever waits is let in in the order of the line, and before all    *)
(* who come later.                                                          *)
S32_FirstComeFirstServed ==
    [][/\ line # <<>> /\ sent' # sent => sent' = Append(sent, line[1])
       /\ Len(line') < Len(line) =>
              \/ line' = <<>>
              \/ sent' # sent /\ line' = Tail(line)
              \/ sent' = sent /\ \E i \in DOMAIN line :
                     line' = SubSeq(line, 1, i - 1) \o SubSeq(line, i + 1, Len(line))
       /\ Len(line') > Len(line) => SubSeq(line', 1, Len(line)) = line]_syncVars

(* S33: a close or a drop refuses all that wait, at once, and they keep     *)
(* their values.                                                            *)
S33_ClosingRefusesWhoWaits ==
    [][receiver = "open" /\ receiver' # "open" =>
           /\ line' = <<>> /\ sent' = sent /\ held' = held
           /\ \A i \in DOMAIN line : line[i].value \in givenBack']_syncVars

(* S34: with capacity 0, a send is accepted only by a receive under way.    *)
S34_Rendezvous ==
    [][capacity = 0 /\ sent' # sent =>
           meeting \/ received' = Append(received, sent'[Len(sent')].value)]_syncVars

(* S35: try_send has one answer, and the true one.                          *)
S35_TrySendTellsTheTruth ==
    \A h \in Handle, v \in Value : CanSend(h, v) /\ ~IsWaiting(v) =>
        ENABLED TrySendFull(h, v) <=>
            /\ receiver = "open"
            /\ line # <<>> \/ Len(queue) >= capacity + (IF meeting THEN 1 ELSE 0)

(* S36: who waits can give up, and changes nothing but the line.            *)
S36_GivingUpIsAlwaysPossible ==
    \A h \in Handle, v \in Value :
        IsWaiting(v) /\ v \in held[h] => ENABLED SendGivesUp(h, v)
S36_GivingUpChangesNothing ==
    [][Len(line') < Len(line) /\ sent' = sent /\ receiver' = receiver =>
           Len(line') = Len(line) - 1 /\ UNCHANGED <<vars, meeting>>]_syncVars

(* S38: whoever waits is answered, if the receiver goes on receiving.       *)
S38_WhoWaitsIsAnswered == \A v \in Value : IsWaiting(v) ~> ~IsWaiting(v)

-----------------------------------------------------------------------------
(* The statements of the calls, with the line.                              *)

Nothing == queue = <<>> /\ line = <<>>

S10_SyncRecvBlocksExactlyWhileEmptyAndConnected ==
    receiver # "dropped" =>
        (~ENABLED SyncRecv <=> Nothing /\ receiver = "open" /\ ~NoSenderLives)

S12_SyncTryRecvTellsTheTruth ==
    receiver # "dropped" /\ ~meeting =>
        /\ (\E v \in Value : ENABLED SyncTryRecvValue(v)) <=> ~Nothing
        /\ ENABLED SyncTryRecvEmpty <=>
               Nothing /\ receiver = "open" /\ ~NoSenderLives
        /\ ENABLED SyncTryRecvDisconnected <=>
               Nothing /\ (receiver = "closed" \/ NoSenderLives)

S13_SyncValueAndEndBeatTheDeadline ==
    receiver # "dropped" =>
        /\ (\E v \in Value : ENABLED SyncRecvTimedValue(v)) <=> ~Nothing
        /\ ENABLED SyncRecvTimedOut <=>
               Nothing /\ receiver = "open" /\ ~NoSenderLives
        /\ ENABLED SyncRecvTimedDisconnected <=>
               Nothing /\ (receiver = "closed" \/ NoSenderLives)

S20_SyncCloseIsAlwaysPossible ==
    receiver # "dropped" /\ ~meeting => ENABLED SyncClose

S22_SyncDropsInAnyOrder ==
    /\ \A h \in Handle :
           handle[h] = "live" /\ (\A i \in DOMAIN line : line[i].by # h) =>
               ENABLED SyncDropSender(h)
    /\ receiver # "dropped" /\ ~meeting => ENABLED SyncDropReceiver

S29_SyncTheReceiverIsToldTheTruth ==
    receiver # "dropped" /\ ~meeting =>
        /\ ENABLED SyncReceiverDisconnected <=>
               Nothing /\ (receiver = "closed" \/ NoSenderLives)
        /\ ENABLED SyncReceiverConnected <=>
               ~Nothing \/ (receiver = "open" /\ ~NoSenderLives)

-----------------------------------------------------------------------------
(* The unbounded channel is the special case.                               *)
S7_UnboundedIsTheContract ==
    [][capacity >= Cardinality(Value) => [Next]_vars]_syncVars

-----------------------------------------------------------------------------
THEOREM SyncSpec => []SyncTypeOK

THEOREM Room ==
    SyncSpec => /\ []S30_NeverMoreThanCapacity
                /\ []S31_SendWaitsExactlyWhileFull
                /\ S32_FirstComeFirstServed
                /\ S33_ClosingRefusesWhoWaits
                /\ S34_Rendezvous
                /\ []S35_TrySendTellsTheTruth
                /\ []S36_GivingUpIsAlwaysPossible
                /\ S36_GivingUpChangesNothing
                /\ S7_UnboundedIsTheContract

THEOREM SyncCalls ==
    SyncSpec => /\ []S10_SyncRecvBlocksExactlyWhileEmptyAndConnected
                /\ []S12_SyncTryRecvTellsTheTruth
                /\ []S13_SyncValueAndEndBeatTheDeadline
                /\ []S20_SyncCloseIsAlwaysPossible
                /\ []S22_SyncDropsInAnyOrder
                /\ []S29_SyncTheReceiverIsToldTheTruth

(* Of a receiver that goes on calling recv ...                              *)
THEOREM SyncSpec /\ SyncIterating => S38_WhoWaitsIsAnswered
=============================================================================
