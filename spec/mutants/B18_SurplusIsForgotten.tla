------------------------ MODULE B18_SurplusIsForgotten -----------------------
(* B18: when there is a spare block already, it is replaced and never       *)
(* freed.                                                                   *)
EXTENDS MCAlgorithm

RecvRecycleWrong ==
    /\ \E c \in Within("RecvRecycle") : Found(c, head, 0)
    /\ spare' = old
    /\ old' = NoBlock
    /\ memory' = memory
    /\ Uses({First, head}, {spare} \ {NoBlock}, {})
    /\ UNCHANGED <<tail, ready, next, senders, oneSideLeft, token, end,
                   private, failures, handle, receiver, logs>>
=============================================================================
