----------------------- MODULE CloseCountsRefusedClaims ----------------------
(* A close that waited for an installer counts the claims that were refused *)
(* meanwhile.                                                               *)
EXTENDS MCAlgorithm

CloseAwaitInstallWrong ==
    /\ tail.block # old
    /\ \E c \in Within("CloseAwaitInstall") :
          IF tail.block # NoBlock THEN Closed(c, tail.block, tail.count)
                                  ELSE Closed(c, old, Slots)
    /\ old' = NoBlock
    /\ Touches({First})
    /\ UNCHANGED <<shared, head, taken, expired, private, heap, handle,
                   receiver, logs, outcomes>>
=============================================================================
