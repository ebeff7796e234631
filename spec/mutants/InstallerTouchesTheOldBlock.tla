--------------------- MODULE InstallerTouchesTheOldBlock ---------------------
(* B21: an installer comes back to the full block after it has linked the   *)
(* new one.                                                                 *)
EXTENDS MCAlgorithm

InstallLinkWrong(h) ==
    /\ at[h] = "InstallLink"
    /\ next' = [next EXCEPT ![word[h].block] = fresh[h]]
    /\ UNCHANGED <<word, fresh>>
    /\ Goto(h, IF next[word[h].block] # fresh[h] THEN "InstallLink"   \* once more
               ELSE IF word[h].parked THEN "InstallWake" ELSE "idle")
    /\ Touches({word[h].block})
    /\ UNCHANGED <<tail, ready, cell, spare, senders, oneSideLeft, token,
                   receivers, value, omen, heap, handle, receiver, logs,
                   outcomes>>
=============================================================================
