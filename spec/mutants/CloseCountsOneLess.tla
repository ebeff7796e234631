------------------------- MODULE CloseCountsOneLess --------------------------
(* A close overlooks the last claim before it.                              *)
EXTENDS MCAlgorithm

CloseWrong ==
    /\ tail' = [tail EXCEPT !.closed = TRUE]
    /\ receiver' = "closed"
    /\ \E c \in Within("Close") :
          IF tail.count > Slots
          THEN In(c, "CloseAwaitInstall") /\ old' = tail.block /\ UNCHANGED end
          ELSE Closed(c, tail.block,
                      IF tail.block = head /\ tail.count = taken THEN taken
                      ELSE tail.count - 1) /\ UNCHANGED old
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, expired, private, heap, handle, logs, outcomes>>
=============================================================================
