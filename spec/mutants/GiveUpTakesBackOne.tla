-------------------------- MODULE GiveUpTakesBackOne -------------------------
(* An installer without memory takes back its own claim only: those behind  *)
(* it wait for nobody.                                                      *)
EXTENDS MCAlgorithm

InstallGiveUpWrong(h) ==
    /\ at[h] = "InstallGiveUp"
    /\ IF tail = word[h]
       THEN /\ tail' = IF tail.closed
                       THEN [tail EXCEPT !.block = NoBlock, !.count = 0]
                       ELSE [tail EXCEPT !.count = @ - 1]
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
