----------------------- MODULE B17_InstallerWakesNobody ----------------------
(* B17: an installer clears PARKED, and wakes nobody.                       *)
EXTENDS MCAlgorithm

InstallLinkWrong(h) ==
    /\ at[h] = "InstallLink"
    /\ next' = [next EXCEPT ![word[h].block] = fresh[h]]
    /\ word' = [word EXCEPT ![h] = NoEnd]
    /\ fresh' = [fresh EXCEPT ![h] = NoBlock]
    /\ Goto(h, "idle")
    /\ Touches({word[h].block})
    /\ UNCHANGED <<tail, ready, cell, spare, senders, oneSideLeft, token,
                   receivers, value, omen, heap, handle, receiver, logs,
                   outcomes>>
=============================================================================
