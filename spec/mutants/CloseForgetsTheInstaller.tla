----------------------- MODULE CloseForgetsTheInstaller ----------------------
(* A close does not wait for the installer: the value that it has claimed   *)
(* for is left behind.                                                      *)
EXTENDS MCAlgorithm

CloseWrong ==
    /\ tail' = [tail EXCEPT !.closed = TRUE]
    /\ receiver' = "closed"
    /\ \E c \in Within("Close") :
          IF FALSE
          THEN In(c, "CloseAwaitInstall") /\ old' = tail.block /\ UNCHANGED end
          ELSE Closed(c, tail.block, IF tail.count > Slots THEN Slots ELSE tail.count) /\ UNCHANGED old
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, expired, private, heap, handle, logs, outcomes>>
=============================================================================
