------------------------- MODULE InstallerLosesClosed ------------------------
(* An installer overwrites CLOSED: sends are accepted again.                *)
EXTENDS MCAlgorithm

InstallPublishWrong(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF tail = word[h]
       THEN /\ tail' = [block |-> fresh[h], count |-> 1, parked |-> FALSE,
                        closed |-> FALSE, done |-> FALSE]
            /\ Goto(h, "InstallLink")
            /\ UNCHANGED word
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, omen, heap, handle, receiver,
                   logs, outcomes>>
=============================================================================
