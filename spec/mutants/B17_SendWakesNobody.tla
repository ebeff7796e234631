------------------------- MODULE B17_SendWakesNobody -------------------------
(* B17: a send into a slot wakes nobody.                                    *)
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
