---------------------- MODULE WaitingSendOverlooksClosed ---------------------
(* A send that waits for an installer does not notice that the channel was  *)
(* closed: refused claims have filled the word again.                       *)
EXTENDS MCAlgorithm

SendAwaitInstallWrong(h) ==
    /\ at[h] = "SendAwaitInstall"
    /\ tail.count <= Slots
    /\ Goto(h, "SendClaim")
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes>>
=============================================================================
