-------------------------- MODULE WithdrawnByAStore --------------------------
(* A time-out takes PARKED back by a store of what it expects: a claim made *)
(* meanwhile is lost.                                                       *)
EXTENDS MCAlgorithm

RecvWithdrawWrong ==
    /\ tail' = AtPosition
    /\ \E c \in Within("RecvWithdraw") :
          IF tail.parked THEN Settle(c, tail, TRUE)
          ELSE /\ In(c, "RecvTakeToken")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>
=============================================================================
