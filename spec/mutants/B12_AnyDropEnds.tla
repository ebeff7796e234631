--------------------------- MODULE B12_AnyDropEnds ---------------------------
(* B12: any one sender's drop ends the stream.                              *)
EXTENDS MCAlgorithm

DropSenderWrong(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ senders' = senders - 1
    /\ IF FALSE
       THEN handle' = [handle EXCEPT ![h] = "dropped"] /\ UNCHANGED at
       ELSE Goto(h, "DropLastSender") /\ UNCHANGED handle
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, token,
                   receivers, private, heap, receiver, logs, outcomes>>
=============================================================================
