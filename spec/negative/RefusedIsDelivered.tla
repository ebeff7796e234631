------------------------- MODULE RefusedIsDelivered -------------------------
(* A refused send gives the value back and puts it into the channel as     *)
(* well, where a receiver that has only closed finds it.                   *)
EXTENDS MCSmall

SendRefusedButBuffered(h, v) == \* one effect more: the queue gets v
    /\ handle[h] = "live"
    /\ v \in held[h]
    /\ receiver # "open"
    /\ givenBack' = givenBack \cup {v}
    /\ held' = [held EXCEPT ![h] = @ \ {v}]
    /\ queue' = Append(queue, v)
    /\ UNCHANGED <<handle, receiver, received, destroyed, sent, told>>
=============================================================================
