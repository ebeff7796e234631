--------------------------- MODULE SyncRefinement ---------------------------
(* That the algorithm of the bounded channel does what its contract         *)
(* (SyncChannel.tla) says; and what else is claimed of it.                  *)
EXTENDS SyncAlgorithm

Past == Len(received) + Len(destroyed)

(* A close answers all that wait at once; here it tells them one after the  *)
(* other.  A value that the receiver has in its hands is received when it   *)
(* makes room; what a drop destroys, when the receiver leaves.              *)
Contract == INSTANCE SyncChannel WITH
    capacity <- Capacity,
    line <- IF tail.closed THEN <<>>
            ELSE LET waits == IF letIn # Nobody /\ standing[letIn] = "waits"
                              THEN <<letIn>> \o line ELSE line
                 IN [i \in DOMAIN waits |-> [by |-> waits[i], value |-> value[waits[i]]]],
    queue <- SubSeq(Values(sent),
                    (IF receiver = "dropped" THEN Past ELSE Len(received)) + 1,
                    Len(sent)),
    destroyed <- IF receiver = "dropped" THEN destroyed ELSE <<>>

(* Every step is a step of the contract, or changes nothing there.          *)
SyncAlgorithmRefines == Contract!SyncSpec

(* What changes nothing there is true where it is said: full, empty and     *)
(* timeout, disconnected; stopped.                                          *)
S35_NoSyncCallLies == "lie" \notin faults

(* Slots are filled when they are empty, and emptied when they are full.    *)
S1_NoSlotIsFilledTwice  == "overwritten" \notin faults
S3_NoSlotIsEmptiedTwice == "nothing there" \notin faults

(* Who is answered still waits for that, and is answered once.              *)
NoWaiterIsTouchedTooLate == "touched" \notin faults

(* Room never falls behind the tail; and grows past it only if nobody waits.*)
S30_RoomIsWithinTheRing ==
    Capacity > 0 => /\ tail.at <= IF lock = rx /\ letIn # Nobody THEN room + 1 ELSE room
                    /\ room <= pos + Capacity
S32_NobodyCanOvertake ==
    Capacity > 0 /\ line # <<>> /\ ~tail.closed /\ lock = Nobody =>
        blocked /\ tail.at = room

(* Each parking is cleared by one thread, which owes a wake-up, whose token *)
(* is taken; or by the receiver.                                            *)
One(p) == IF p THEN 1 ELSE 0
SyncParkingIsWokenOnceOrWithdrawn ==
    One(tail.parked) + One(token)
        + Cardinality({h \in Handle : \/ at[h] = "Wake"
                                      \/ /\ at[h] \in {"SendReady", "JoinNotUnlock"}
                                         /\ word[h].parked /\ ~word[h].closed})
      = One(\/ at[rx] \in {"StopLook", "RecvSleep", "RecvSleepUntil", "RecvWithdraw",
                         "RecvTakeToken"}
            \/ /\ at[rx] = "AdmitUnlock" /\ Capacity = 0 /\ letIn = Nobody
               /\ call # "try_recv" /\ found.parked)

(* A receiver that sleeps though it is to stop: whoever has requested that  *)
(* is on the way.                                                           *)
S40_NoSyncStopIsLost ==
    stop.receiver /\ tail.parked /\ call = "recv_stoppable" /\ at[rx] = "RecvSleep" =>
        \E h \in Handle : at[h] = "StopClaim"

Gone == receiver = "dropped" /\ Live = {} /\ \A t \in Thread : at[t] = "idle"

(* Liveness, under Fair.                                                    *)
S38_SyncSendsAreAnswered ==
    \A h \in Handle : at[h] \in {"SendSleep", "SendTakeToken"} /\ standing[h] # "waits"
        ~> at[h] = "idle"
S36_TimedSendsReturn ==
    \A h \in Handle : at[h] = "SendSleepUntil" ~> at[h] = "idle"
S10_SyncRecvReturns ==
    call = "recv" /\ (Queue # <<>> \/ line # <<>> \/ Ended) ~> at[rx] = "idle"
S40_SyncStoppedRecvReturns ==
    (call = "recv_stoppable" /\ stop.receiver) ~> at[rx] = "idle"
S40_StoppedSendsReturn ==
    \A h \in Handle : at[h] = "SendSleep" /\ how[h] = "send_stoppable" /\ stop.senders
        ~> at[h] = "idle"
S19_SyncDropEnds == call = "drop" ~> receiver = "dropped"

THEOREM Spec => /\ SyncAlgorithmRefines
                /\ []S35_NoSyncCallLies
                /\ []S1_NoSlotIsFilledTwice
                /\ []S3_NoSlotIsEmptiedTwice
                /\ []NoWaiterIsTouchedTooLate
                /\ []S30_RoomIsWithinTheRing
                /\ []S32_NobodyCanOvertake
                /\ []SyncParkingIsWokenOnceOrWithdrawn
                /\ []S40_NoSyncStopIsLost

THEOREM Spec /\ Fair => /\ S38_SyncSendsAreAnswered
                        /\ S36_TimedSendsReturn
                        /\ S10_SyncRecvReturns
                        /\ S40_SyncStoppedRecvReturns
                        /\ S40_StoppedSendsReturn
                        /\ S19_SyncDropEnds
=============================================================================
