----------------------- MODULE B23_LastDropWakesNobody -----------------------
(* B23: the last drop wakes nobody.                                         *)
EXTENDS MCAlgorithm

DropLastSenderWrong(h) ==
    /\ at[h] = "DropLastSender"
    /\ tail' = [tail EXCEPT !.done = TRUE]
    /\ handle' = [handle EXCEPT ![h] = "dropped"]
    /\ Goto(h, "Leave")
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, private, heap, receiver, logs, outcomes>>
=============================================================================
