----------------------- MODULE Harmless_WakeBeforeReady ----------------------
(* Harmless: a sender wakes the receiver before its slot is ready. Who is   *)
(* woken finds the claim in the word, and waits for the slot.               *)
EXTENDS MCAlgorithm

ClaimedWrong(h, v) ==            \* a slot: the value is put there
    /\ Accept(h, v)
    /\ cell' = [cell EXCEPT ![tail.block][tail.count] = v]
    /\ word' = [word EXCEPT ![h] = tail]
    /\ Goto(h, IF tail.parked THEN "WakeClaim" ELSE "SendReady")
    /\ Touches({First, tail.block})
    /\ UNCHANGED <<value, omen>>

AwakeWrong(h) == IF handle[h] = "dropped" THEN "Leave"
                 ELSE IF word[h] # NoEnd THEN "SendReady" ELSE "idle"

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
