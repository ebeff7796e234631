-------------------------- MODULE B7_SentToNobody ---------------------------
(* B7: a send that races with the close, or with the drop of the receiver, *)
(* is accepted, and its value is stranded.                                 *)
EXTENDS MCSmall

SendAcceptedLate(h, v) ==       \* without: receiver = "open"
    /\ handle[h] = "live"
    /\ v \in held[h]
    /\ held' = [held EXCEPT ![h] = @ \ {v}]
    /\ queue' = Append(queue, v)
    /\ sent' = Append(sent, [by |-> h, value |-> v])
    /\ UNCHANGED <<handle, receiver, received, destroyed, givenBack, told>>
=============================================================================
