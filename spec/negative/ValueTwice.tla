----------------------------- MODULE ValueTwice -----------------------------
(* A value is handed to the receiver and stays in the channel.             *)
EXTENDS MCSmall

RecvValueAgain(v) ==            \* without: the queue gives v up
    /\ receiver # "dropped"
    /\ queue # <<>>
    /\ v = Head(queue)
    /\ received' = Append(received, v)
    /\ UNCHANGED <<handle, receiver, held, queue, destroyed,
                   sent, givenBack, told>>
=============================================================================
