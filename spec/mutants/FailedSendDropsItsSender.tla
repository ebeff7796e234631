---------------------- MODULE FailedSendDropsItsSender -----------------------
(* A send that throws drops its sender. Step by step this is nothing that   *)
(* the contract forbids, but it is not what this step is.                   *)
EXTENDS MCAlgorithm

InstallGiveUpWrong(h) ==
    /\ at[h] = "InstallGiveUp"
    /\ IF tail = word[h]
       THEN /\ tail' = IF tail.closed
                       THEN [tail EXCEPT !.block = NoBlock, !.count = 0]
                       ELSE [tail EXCEPT !.count = Slots]
            /\ word' = [word EXCEPT ![h] = NoEnd]
            /\ omen' = [omen EXCEPT ![h] = "memory"]
            /\ IF senders > 1
               THEN /\ Goto(h, "idle") /\ senders' = senders - 1
                    /\ handle' = [handle EXCEPT ![h] = "dropped"]
               ELSE Goto(h, "DropLastSender") /\ UNCHANGED <<senders, handle>>
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, omen, at, senders, handle>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, oneSideLeft, token,
                   receivers, value, fresh, heap, receiver, logs,
                   outcomes>>
=============================================================================
