-------------------- MODULE InstallerPublishesAnEmptyBlock -------------------
(* The count of a new block starts at 0, its first slot is claimed again.   *)
EXTENDS MCAlgorithm

InstallPublishWrong(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF tail = word[h]
       THEN /\ tail' = [block |-> fresh[h], count |-> 0, parked |-> FALSE,
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
