------------------------- MODULE WaitingSendGivesUp --------------------------
(* A send that finds another one installing fails, though there was memory  *)
(* and the receiver is there.                                               *)
EXTENDS MCAlgorithm

SendAwaitInstallWrong(h) ==
    /\ at[h] = "SendAwaitInstall"
    /\ tail.count <= Slots \/ tail.closed
    /\ Goto(h, "idle")
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes>>
=============================================================================
