-------------------------- MODULE EverySenderLeaves --------------------------
(* B21: every sender that is dropped leaves as if it were the last: the     *)
(* core is gone while others use it.                                        *)
EXTENDS MCAlgorithm

DropSenderWrong(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ senders' = senders - 1
    /\ IF senders # 1
       THEN handle' = [handle EXCEPT ![h] = "dropped"] /\ Goto(h, "Leave")
       ELSE Goto(h, "DropLastSender") /\ UNCHANGED handle
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, token,
                   receivers, private, heap, receiver, logs, outcomes>>
=============================================================================
