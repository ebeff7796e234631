----------------------- MODULE InstallerDoesNotCompare -----------------------
(* A plain exchange where a compare-exchange has to be: whoever parked      *)
(* meanwhile is forgotten.                                                  *)
EXTENDS MCAlgorithm

InstallPublishWrong(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF TRUE
       THEN /\ tail' = [block |-> fresh[h], count |-> 1, parked |-> FALSE,
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
