-------------------------- MODULE CloseForgetsClaims -------------------------
(* A close ends the stream where the receiver is, and forgets what is       *)
(* claimed behind.                                                          *)
EXTENDS MCAlgorithm

CloseWrong ==
    /\ tail' = [tail EXCEPT !.closed = TRUE]
    /\ receiver' = "closed"
    /\ \E c \in Within("Close") :
          IF tail.count > Slots
          THEN In(c, "CloseAwaitInstall") /\ old' = tail.block /\ UNCHANGED end
          ELSE Closed(c, head, taken) /\ UNCHANGED old
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, expired, private, heap, handle, logs, outcomes>>
=============================================================================
