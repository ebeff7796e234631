---------------------------- MODULE NewestFirst -----------------------------
(* The channel is a stack: recv takes the newest value.                    *)
EXTENDS MCSmall

RecvValueNewest(v) ==           \* instead of: the head of the queue
    /\ receiver # "dropped"
    /\ queue # <<>>
    /\ v = queue[Len(queue)]
    /\ queue' = SubSeq(queue, 1, Len(queue) - 1)
    /\ received' = Append(received, v)
    /\ UNCHANGED <<handle, receiver, held, destroyed, sent, givenBack, told>>
=============================================================================
