---------------------------- MODULE TwoInstallers ----------------------------
(* Whoever claims behind the last slot installs, not only the first.        *)
EXTENDS MCAlgorithm

SendClaimWrong(h) ==
    /\ handle[h] = "live" /\ at[h] \in {"idle", "SendClaim"}
    /\ ToSend(h) # {}
    /\ tail' = [tail EXCEPT !.count = @ + 1]
    /\ LET v == CHOOSE x \in ToSend(h) : TRUE IN
       IF tail.closed            THEN Refused(h, v)
       ELSE IF tail.count < Slots THEN Claimed(h, v)
       ELSE IF tail.count >= Slots THEN Installs(h, v)
       ELSE Waits(h)
    /\ UNCHANGED <<ready, next, spare, senders, oneSideLeft, token, receivers,
                   fresh, heap, handle, receiver, outcomes>>
=============================================================================
