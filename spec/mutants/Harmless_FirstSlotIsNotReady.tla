--------------------- MODULE Harmless_FirstSlotIsNotReady --------------------
(* Harmless: the flag of a new block's first slot is not set. The receiver  *)
(* comes to it by `next` only, and never asks.                              *)
EXTENDS MCAlgorithm

ConstructedWrong(b, v) ==        \* with v in its first slot
    /\ memory' = [memory EXCEPT ![b] = "live"]
    /\ ready' = [ready EXCEPT ![b] = [i \in Index |-> FALSE]]
    /\ cell' = [cell EXCEPT ![b] = [i \in Index |-> IF i = 0 THEN v ELSE NoValue]]
    /\ next' = [next EXCEPT ![b] = NoBlock]
=============================================================================
