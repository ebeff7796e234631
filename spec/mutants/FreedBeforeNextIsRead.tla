------------------------ MODULE FreedBeforeNextIsRead ------------------------
(* The receiver learns of the next block from the word, not from `next`:    *)
(* the full block is gone before its installer is through.                  *)
EXTENDS MCAlgorithm

RecvNextWrong ==
    /\ \E c \in Within("RecvNext") :
          IF tail.block # head
          THEN GoOver(c, IF next[head] # NoBlock THEN next[head] ELSE tail.block)
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<ready, cell, next, head, taken, old, memory,
                              received, destroyed>>
    /\ UNCHANGED <<tail, spare, senders, oneSideLeft, token, end, private,
                   failures, handle, receiver, logs>>
=============================================================================
