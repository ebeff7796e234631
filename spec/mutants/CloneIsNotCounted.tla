-------------------------- MODULE CloneIsNotCounted --------------------------
(* B9, B12: a clone is not counted: the stream ends at the first drop.      *)
EXTENDS MCAlgorithm

CloneSenderWrong(h, c) ==
    /\ handle[h] = "live" /\ at[h] = "idle" /\ handle[c] = "unborn"
    /\ senders' = senders
    /\ handle' = [handle EXCEPT ![c] = "live"]
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, token,
                   receivers, private, at, heap, receiver, logs, outcomes>>

LeavingTypeWrong == oneSideLeft \in BOOLEAN     \* the count runs below 0
=============================================================================
