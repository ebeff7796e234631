------------------------- MODULE WokenIsNotAnswered --------------------------
(* A receiver that was woken returns at once, with nothing.                 *)
EXTENDS MCAlgorithm

RecvSleepWrong ==
    /\ \E c \in Within("RecvSleep") : /\ token /\ token' = FALSE
          /\ Return /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, head,
                   taken, end, old, expired, private, heap, handle, receiver,
                   logs, outcomes>>
=============================================================================
