---------------------- MODULE B1_ParksWithoutASecondLook ---------------------
(* B1: parking does not compare the word with the position: a value that    *)
(* came after the look is slept over.                                       *)
EXTENDS MCAlgorithm

RecvParkWrong ==
    /\ \E c \in Within("RecvPark") :
          IF ~tail.done /\ ~tail.parked      \* not: tail = AtPosition
          THEN /\ tail' = [tail EXCEPT !.parked = TRUE]
               /\ In(c, IF c = "recv" THEN "RecvSleep" ELSE "RecvSleepUntil")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
          ELSE Settle(c, tail, FALSE) /\ UNCHANGED tail
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>
=============================================================================
