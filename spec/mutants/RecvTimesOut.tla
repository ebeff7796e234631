---------------------------- MODULE RecvTimesOut -----------------------------
(* A recv parks as a timed receive does, and gives up.                      *)
EXTENDS MCAlgorithm

RecvParkWrong ==
    /\ \E c \in Within("RecvPark") :
          IF tail = AtPosition
          THEN /\ tail' = [tail EXCEPT !.parked = TRUE]
               /\ In(c, "RecvSleepUntil")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
          ELSE Settle(c, tail, FALSE) /\ UNCHANGED tail
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>
=============================================================================
