-------------------------- MODULE SendDoesNotAwait --------------------------
(* A sender that finds another installing claims again and again meanwhile. *)
EXTENDS MCSendSteps

SendAwaitInstallWrong(h) ==
    /\ at[h] = "SendAwaitInstall"
    /\ tail.count < Slots + 4      \* or there would be no end of states
    /\ Goto(h, "SendClaim")
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes>>
=============================================================================
