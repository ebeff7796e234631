---------------------------- MODULE B4_SpareIsRead ---------------------------
(* B4: one path takes the spare block, the other only reads it: it is in    *)
(* use, and freed as surplus.                                               *)
EXTENDS MCAlgorithm

InstallTakeSpareWrong(h) ==
    /\ at[h] = "InstallTakeSpare"
    /\ spare' = spare
    /\ IF spare = NoBlock /\ omen[h] = "none"
       THEN /\ failures' = failures - 1
            /\ value' = [value EXCEPT ![h] = NoValue]
            /\ Goto(h, "InstallGiveUp")
            /\ Touches({First})
            /\ UNCHANGED <<ready, cell, next, memory, fresh>>
       ELSE /\ omen[h] = "memory"
            /\ \E b \in IF spare # NoBlock THEN {spare} ELSE FromHeap :
                  /\ Constructed(b, value[h])
                  /\ fresh' = [fresh EXCEPT ![h] = b]
                  /\ Uses({First}, {}, IF b = spare /\ memory[b] # "kept"
                                       THEN {"touched"} ELSE {})
            /\ value' = [value EXCEPT ![h] = NoValue]
            /\ Goto(h, "InstallPublish")
            /\ UNCHANGED failures
    /\ UNCHANGED <<tail, senders, oneSideLeft, token, receivers, word, omen,
                   handle, receiver, logs, outcomes>>
=============================================================================
