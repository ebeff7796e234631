--------------------------- MODULE B4_FreedAndKept ---------------------------
(* B4: one path keeps the block as the spare one, and frees it as well.     *)
EXTENDS MCAlgorithm

RecvRecycleWrong ==
    /\ \E c \in Within("RecvRecycle") : Found(c, head, 0)
    /\ spare' = old
    /\ old' = NoBlock
    /\ memory' = [memory EXCEPT ![old] = "freed"]
    /\ Uses({First, head}, ({old} \cup {spare}) \ {NoBlock}, {})
    /\ UNCHANGED <<tail, ready, next, senders, oneSideLeft, token, end,
                   private, failures, handle, receiver, logs>>
=============================================================================
