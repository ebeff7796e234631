------------------------- MODULE CloseWaitsForSenders ------------------------
(* A close that waits for an installer waits for all senders to be dropped. *)
EXTENDS MCAlgorithm

CloseAwaitInstallWrong ==
    /\ tail.block # old /\ Live = {}
    /\ \E c \in Within("CloseAwaitInstall") :
          IF tail.block # NoBlock THEN Closed(c, tail.block, 1)
                                  ELSE Closed(c, old, Slots)
    /\ old' = NoBlock
    /\ Touches({First})
    /\ UNCHANGED <<shared, head, taken, expired, private, heap, handle,
                   receiver, logs, outcomes>>
=============================================================================
