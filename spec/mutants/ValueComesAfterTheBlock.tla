----------------------- MODULE ValueComesAfterTheBlock -----------------------
(* The new block is published without its value in it.                      *)
EXTENDS MCAlgorithm

ConstructedWrong(b, v) ==        \* with v in its first slot, whose flag is never asked
    /\ memory' = [memory EXCEPT ![b] = "live"]
    /\ ready' = [ready EXCEPT ![b] = [i \in Index |-> FALSE]]
    /\ cell' = [cell EXCEPT ![b] = [i \in Index |-> NoValue]]
    /\ next' = [next EXCEPT ![b] = NoBlock]
=============================================================================
