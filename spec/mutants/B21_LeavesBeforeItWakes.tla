----------------------- MODULE B21_LeavesBeforeItWakes -----------------------
(* B21: the last drop lets go of the channel before it wakes the receiver,  *)
(* which may free it meanwhile.                                             *)
EXTENDS MCAlgorithm

DropLastSenderWrong(h) ==
    /\ at[h] = "DropLastSender"
    /\ tail' = [tail EXCEPT !.done = TRUE]
    /\ handle' = [handle EXCEPT ![h] = "dropped"]
    /\ Goto(h, "Leave")
    /\ word' = [word EXCEPT ![h] = tail]
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, omen, heap, receiver, logs, outcomes>>

LeaveWrong(t) ==
    /\ at[t] = "Leave"
    /\ oneSideLeft' = TRUE
    /\ IF oneSideLeft
       THEN /\ memory' = [memory EXCEPT ![First] = "freed"]
            /\ Uses({First}, {First}, {})
       ELSE UNCHANGED memory /\ Touches({First})
    /\ IF t = rx THEN Return /\ receiver' = "dropped"
                 ELSE Goto(t, IF word[t].parked THEN "WakeClaim" ELSE "idle") /\ UNCHANGED <<call, receiver>>
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, token, head, taken,
                   end, old, expired, private, failures, handle, logs, outcomes>>

AwakeWrong(h) == "idle"

(* Who is on the way to wake is somewhere else than there.                  *)
S10_NoLostWakeUpWrong == TRUE
=============================================================================
