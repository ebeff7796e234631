------------------------ MODULE B10_TokenIsLeftBehind ------------------------
(* B10: a waker was faster than the deadline; the receiver does not wait    *)
(* for its token.                                                           *)
EXTENDS MCAlgorithm

RecvWithdrawWrong ==
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ \E c \in Within("RecvWithdraw") :
          IF tail.parked THEN Settle(c, tail, TRUE)
          ELSE /\ In(c, Look(taken))
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>
=============================================================================
