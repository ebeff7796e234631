-------------------------- MODULE B23_ParksAtTheEnd --------------------------
(* B22, B23: parking overlooks DONE: a receiver that comes after the last   *)
(* drop sleeps for ever.                                                    *)
EXTENDS MCAlgorithm

RecvParkWrong ==
    /\ \E c \in Within("RecvPark") :
          IF [tail EXCEPT !.done = FALSE] = AtPosition
          THEN /\ tail' = [tail EXCEPT !.parked = TRUE]
               /\ In(c, IF c = "recv" THEN "RecvSleep" ELSE "RecvSleepUntil")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
          ELSE Settle(c, tail, FALSE) /\ UNCHANGED tail
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>
=============================================================================
