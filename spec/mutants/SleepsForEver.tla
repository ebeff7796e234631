---------------------------- MODULE SleepsForEver ----------------------------
(* B17, as it looks from the receiver: a recv does not return although a    *)
(* value is there.                                                          *)
EXTENDS MCAlgorithm

SendReadyWrong(h) ==
    /\ at[h] = "SendReady"
    /\ ready' = [ready EXCEPT ![word[h].block][word[h].count] = TRUE]
    /\ word' = [word EXCEPT ![h] = NoEnd]
    /\ Goto(h, "idle")
    /\ Touches({word[h].block})
    /\ UNCHANGED <<tail, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, omen, heap, handle, receiver,
                   logs, outcomes>>
=============================================================================
