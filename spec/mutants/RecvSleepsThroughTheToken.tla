---------------------- MODULE RecvSleepsThroughTheToken ----------------------
(* A receiver that is woken does not take its token: the next waker's is    *)
(* lost.                                                                    *)
EXTENDS MCAlgorithm

RecvSleepWrong ==
    /\ \E c \in Within("RecvSleep") : token /\ In(c, Look(taken)) /\ Touches({First}) /\ UNCHANGED token
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, head,
                   taken, end, old, expired, private, heap, handle, receiver,
                   logs, outcomes>>
=============================================================================
