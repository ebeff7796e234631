----------------------- MODULE B11_CountIsReadThenTaken ----------------------
(* B11: the count is read in one step and taken down in another: two that   *)
(* drop at once both see the other.                                         *)
EXTENDS MCAlgorithm

DropSenderWrong(h) ==
    /\ handle[h] = "live" /\ at[h] \in {"idle", "DropSender"}
    /\ senders' = IF at[h] = "idle" /\ senders # 1 THEN senders ELSE senders - 1
    /\ IF at[h] = "idle" /\ senders # 1
       THEN Goto(h, "DropSender") /\ UNCHANGED handle
       ELSE IF at[h] = "DropSender"
       THEN handle' = [handle EXCEPT ![h] = "dropped"] /\ Goto(h, "idle")
       ELSE Goto(h, "DropLastSender") /\ UNCHANGED handle
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, token,
                   receivers, private, heap, receiver, logs, outcomes>>

AtTypeWrong == at \in [Thread -> Steps \cup {"idle", "DropSender"}]
=============================================================================
