------------------------- MODULE OneQueuePerSender --------------------------
(* Every sender has a queue of its own and recv takes from any of them:    *)
(* the order of one sender is kept (S4), the order across senders is not   *)
(* (S5).                                                                   *)
EXTENDS MCSmall

Remove(i) == SubSeq(queue, 1, i - 1) \o SubSeq(queue, i + 1, Len(queue))
FirstOfItsSender(i) ==
    \A h \in Handle, k \in 1 .. i - 1 :
        ~(By(h, queue[i]) /\ By(h, queue[k]))

RecvValueFromAny(v) ==          \* instead of: the head of the queue
    /\ receiver # "dropped"
    /\ \E i \in DOMAIN queue :
           /\ v = queue[i]
           /\ FirstOfItsSender(i)
           /\ queue' = Remove(i)
    /\ received' = Append(received, v)
    /\ UNCHANGED <<handle, receiver, held, destroyed, sent, givenBack, told>>
=============================================================================
