------------------------- MODULE InstallerKeepsParked ------------------------
(* An installer leaves PARKED in the word, and wakes nevertheless: two      *)
(* wake-ups for one parking.                                                *)
EXTENDS MCAlgorithm

InstallPublishWrong(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF tail = word[h]
       THEN /\ tail' = [block |-> fresh[h], count |-> 1, parked |-> tail.parked,
                        closed |-> tail.closed, done |-> FALSE]
            /\ Goto(h, "InstallLink")
            /\ UNCHANGED word
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, omen, heap, handle, receiver,
                   logs, outcomes>>
=============================================================================
