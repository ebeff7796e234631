--------------------------- MODULE NeitherSideFrees --------------------------
(* B3: neither side thinks that it is the second.                           *)
EXTENDS MCAlgorithm

LeaveWrong(t) ==
    /\ at[t] = "Leave"
    /\ oneSideLeft' = TRUE
    /\ IF FALSE
       THEN /\ memory' = [memory EXCEPT ![First] = "freed"]
            /\ Uses({First}, {First}, {})
       ELSE UNCHANGED memory /\ Touches({First})
    /\ IF t = rx THEN Return /\ receiver' = "dropped"
                 ELSE Goto(t, "idle") /\ UNCHANGED <<call, receiver>>
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, token, head, taken,
                   end, old, expired, private, failures, handle, logs, outcomes>>
=============================================================================
