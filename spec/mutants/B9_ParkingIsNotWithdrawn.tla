----------------------- MODULE B9_ParkingIsNotWithdrawn ----------------------
(* B9: a timed receive that gives up leaves PARKED behind: a waiter that is *)
(* not there any more.                                                      *)
EXTENDS MCAlgorithm

RecvWithdrawWrong ==
    /\ tail' = tail
    /\ \E c \in Within("RecvWithdraw") :
          IF tail.parked THEN Settle(c, tail, TRUE)
          ELSE /\ In(c, "RecvTakeToken")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>
=============================================================================
