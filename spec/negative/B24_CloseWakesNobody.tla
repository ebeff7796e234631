------------------------ MODULE B24_CloseWakesNobody ------------------------
(* B24: after a close, recv goes on waiting for senders that cannot send.  *)
EXTENDS MCSmall

RecvDisconnectedIfAlone ==      \* without: or the receiver has closed
    /\ receiver # "dropped"
    /\ queue = <<>>
    /\ Live = {}
    /\ told' = TRUE
    /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                   sent, givenBack>>
=============================================================================
