------------------------- MODULE WakeClaimWritesBack -------------------------
(* PARKED is cleared by a store of what the claim returned: claims made     *)
(* meanwhile are lost.                                                      *)
EXTENDS MCAlgorithm

WakeClaimWrong(h) ==
    /\ at[h] = "WakeClaim"
    /\ tail' = IF tail.closed \/ tail.done THEN [tail EXCEPT !.parked = FALSE]
             ELSE [tail EXCEPT !.parked = FALSE, !.count = @ - 1]
    /\ Goto(h, IF tail.parked THEN "Wake" ELSE Awake(h))
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, private, heap, handle, receiver, logs, outcomes>>
=============================================================================
