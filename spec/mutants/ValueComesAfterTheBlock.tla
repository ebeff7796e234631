----------------------- MODULE ValueComesAfterTheBlock -----------------------
(* The new block is published without its value in it.                      *)
EXTENDS MCAlgorithm

ConstructedWrong(b, v) ==        \* with v in its first slot
    /\ memory' = [memory EXCEPT ![b] = "live"]
    /\ ready' = [ready EXCEPT ![b] = [i \in Index |-> i = 0]]
    /\ cell' = [cell EXCEPT ![b] = [i \in Index |-> NoValue]]
    /\ next' = [next EXCEPT ![b] = NoBlock]
=============================================================================
