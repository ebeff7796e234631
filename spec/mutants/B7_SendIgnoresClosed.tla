------------------------- MODULE B7_SendIgnoresClosed ------------------------
(* B7: a send does not look at CLOSED: its value is stranded.               *)
EXTENDS MCAlgorithm

SendClaimWrong(h) ==
    /\ handle[h] = "live" /\ at[h] \in {"idle", "SendClaim"}
    /\ ToSend(h) # {}
    /\ tail' = [tail EXCEPT !.count = @ + 1]
    /\ LET v == CHOOSE x \in ToSend(h) : TRUE IN
       IF tail.closed /\ receiver = "open" THEN Refused(h, v)
       ELSE IF tail.count < Slots THEN Claimed(h, v)
       ELSE IF tail.count = Slots THEN Installs(h, v)
       ELSE Waits(h)
    /\ UNCHANGED <<ready, next, spare, senders, oneSideLeft, token, receivers,
                   fresh, heap, handle, receiver, outcomes>>
=============================================================================
