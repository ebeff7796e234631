-------------------------- MODULE ReceiverAllocates --------------------------
(* The receiver sees to it that there is a block in reserve.                *)
EXTENDS MCAlgorithm

GoOverWrong(c, b) ==
    IF head = First
    THEN /\ Found(c, b, 0)
         /\ Touches({First, b})
         /\ UNCHANGED <<ready, next, old, memory>>
    ELSE /\ memory' = [memory EXCEPT ![head] = "kept", ![MaxBlock] = "live"]
         /\ ready' = [ready EXCEPT ![head] = [i \in Index |-> FALSE]]
         /\ next' = [next EXCEPT ![head] = NoBlock]
         /\ old' = head /\ head' = b /\ taken' = 0
         /\ In(c, "RecvRecycle")
         /\ Touches({First, head})
         /\ UNCHANGED <<cell, expired, outcomes>>
=============================================================================
