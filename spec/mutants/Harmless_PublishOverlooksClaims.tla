------------------- MODULE Harmless_PublishOverlooksClaims -------------------
(* Harmless: an installer that publishes does not mind claims made since it *)
(* looked at the word, for all of them wait for its block. Whoever parks or *)
(* closes is not overlooked.                                                *)
EXTENDS MCAlgorithm

InstallPublishWrong(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF tail = [word[h] EXCEPT !.count = tail.count]
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
