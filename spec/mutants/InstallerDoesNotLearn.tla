------------------------ MODULE InstallerDoesNotLearn ------------------------
(* A compare-exchange that has failed is tried again with the same          *)
(* expectation, for ever.                                                   *)
EXTENDS MCAlgorithm

InstallPublishWrong(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF tail = word[h]
       THEN /\ tail' = [block |-> fresh[h], count |-> 1, parked |-> FALSE,
                        closed |-> tail.closed, done |-> FALSE]
            /\ Goto(h, "InstallLink")
            /\ UNCHANGED word
       ELSE /\ UNCHANGED word
            /\ UNCHANGED <<tail, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, omen, heap, handle, receiver,
                   logs, outcomes>>
=============================================================================
