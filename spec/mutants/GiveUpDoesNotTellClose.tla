------------------------ MODULE GiveUpDoesNotTellClose -----------------------
(* An installer without memory only takes its claim back: a close that      *)
(* waits for it waits for ever.                                             *)
EXTENDS MCAlgorithm

InstallGiveUpWrong(h) ==
    /\ at[h] = "InstallGiveUp"
    /\ IF tail = word[h]
       THEN /\ tail' = IF FALSE
                       THEN [tail EXCEPT !.block = NoBlock, !.count = 0]
                       ELSE [tail EXCEPT !.count = Slots]
            /\ word' = [word EXCEPT ![h] = NoEnd]
            /\ omen' = [omen EXCEPT ![h] = "memory"]
            /\ Goto(h, "idle")
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, omen, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, heap, handle, receiver, logs,
                   outcomes>>
=============================================================================
