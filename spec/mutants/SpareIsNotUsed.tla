--------------------------- MODULE SpareIsNotUsed ----------------------------
(* An installer asks the heap, though there is a spare block.               *)
EXTENDS MCAlgorithm

InstallTakeSpareWrong(h) ==
    /\ at[h] = "InstallTakeSpare"
    /\ UNCHANGED spare
    /\ IF spare = NoBlock /\ omen[h] = "none"
       THEN /\ failures' = failures - 1
            /\ value' = [value EXCEPT ![h] = NoValue]
            /\ Goto(h, "InstallGiveUp")
            /\ Touches({First})
            /\ UNCHANGED <<ready, cell, next, memory, fresh>>
       ELSE /\ omen[h] = "memory"
            /\ \E b \in FromHeap :
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
