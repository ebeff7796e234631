------------------------ MODULE FreedBeforeTheLastSlot -----------------------
(* The receiver takes a claimed slot without waiting until it is ready: its *)
(* block is gone before its sender is through.                              *)
EXTENDS MCAlgorithm

RecvAwaitReadyWrong ==
    /\ \E c \in Within("RecvAwaitReady") :
          Found(c, head, taken)
    /\ Touches({First, head})
    /\ UNCHANGED <<tail, ready, next, spare, senders, oneSideLeft, token, end,
                   old, private, heap, handle, receiver, logs>>
=============================================================================
