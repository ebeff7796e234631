----------------------- MODULE WaitingSendClaimsAgain ------------------------
(* A send that waits for an installer claims again and again: the count     *)
(* runs over.                                                               *)
EXTENDS MCAlgorithm

SendAwaitInstallWrong(h) ==
    /\ at[h] = "SendAwaitInstall"
    /\ Goto(h, "SendClaim")
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes>>
=============================================================================
