--------------------------- MODULE BoundedBuffer ----------------------------
(* The buffer holds two values: the sender of a third waits for room.      *)
EXTENDS MCSmall

SendAcceptedIfRoom(h, v) ==     \* one guard more: Len(queue) < 2
    /\ handle[h] = "live"
    /\ v \in held[h]
    /\ receiver = "open"
    /\ Len(queue) < 2
    /\ held' = [held EXCEPT ![h] = @ \ {v}]
    /\ queue' = Append(queue, v)
    /\ sent' = Append(sent, [by |-> h, value |-> v])
    /\ UNCHANGED <<handle, receiver, received, destroyed, givenBack, told>>
=============================================================================
