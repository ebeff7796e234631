---------------------------- MODULE EverybodyWakes ---------------------------
(* All who saw PARKED wake the receiver, not only the one who clears it.    *)
EXTENDS MCAlgorithm

WakeClaimWrong(h) ==
    /\ at[h] = "WakeClaim"
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ Goto(h, "Wake")
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, private, heap, handle, receiver, logs, outcomes>>
=============================================================================
