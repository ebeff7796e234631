-------------------------- MODULE B1_NoSecondLook ---------------------------
(* B1: recv looks at the queue, then at the senders, and does not look at  *)
(* the queue again: a value that came in between is left behind by         *)
(* "disconnected".                                                         *)
EXTENDS MCSmall

RecvDisconnectedUnseen ==       \* without: queue = <<>>
    /\ receiver # "dropped"
    /\ Ended
    /\ told' = TRUE
    /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                   sent, givenBack>>
=============================================================================
