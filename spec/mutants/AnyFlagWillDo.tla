---------------------------- MODULE AnyFlagWillDo ----------------------------
(* The receiver takes its slot when a later one is ready.                   *)
EXTENDS MCAlgorithm

RecvReadyWrong ==
    /\ \E c \in Within("RecvReady") :
          IF \E i \in Index : i >= taken /\ ready[head][i]
          THEN Found(c, head, taken) /\ Touches({First, head})
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<cell, head, taken, received, destroyed>>
    /\ UNCHANGED <<tail, ready, next, spare, senders, oneSideLeft, token, end,
                   old, private, heap, handle, receiver, logs>>
=============================================================================
