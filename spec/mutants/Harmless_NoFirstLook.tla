------------------------ MODULE Harmless_NoFirstLook -------------------------
(* Harmless: the receiver does not look at its slot first, but only at the  *)
(* word. What it finds there tells it to wait for the slot, which is ready  *)
(* then: the look is for speed.                                             *)
EXTENDS MCAlgorithm

RecvReadyWrong ==
    /\ \E c \in Within("RecvReady") :
          IF FALSE
          THEN Found(c, head, taken) /\ Touches({First, head})
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<cell, head, taken, received, destroyed>>
    /\ UNCHANGED <<tail, ready, next, spare, senders, oneSideLeft, token, end,
                   old, private, heap, handle, receiver, logs>>

RecvNextWrong ==
    /\ \E c \in Within("RecvNext") :
          IF FALSE
          THEN GoOver(c, next[head])
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<ready, cell, next, head, taken, old, memory,
                              received, destroyed>>
    /\ UNCHANGED <<tail, spare, senders, oneSideLeft, token, end, private,
                   failures, handle, receiver, logs>>
=============================================================================
