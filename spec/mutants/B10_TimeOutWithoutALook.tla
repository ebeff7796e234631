----------------------- MODULE B10_TimeOutWithoutALook -----------------------
(* B10: at the deadline the receiver does not look at what the word says.   *)
EXTENDS MCAlgorithm

RecvWithdrawWrong ==
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ \E c \in Within("RecvWithdraw") :
          IF tail.parked THEN Settle(c, AtPosition, TRUE)
          ELSE /\ In(c, "RecvTakeToken")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>
=============================================================================
