---------------------- MODULE B23_LastDropWakesNobody -----------------------
(* B23: a recv that is blocked when the last sender is dropped stays       *)
(* blocked. In terms of single steps: the last drop does not enable recv.  *)
EXTENDS MCSmall

RecvDisconnectedIfClosed ==     \* without: or no sender lives
    /\ receiver = "closed"
    /\ queue = <<>>
    /\ told' = TRUE
    /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                   sent, givenBack>>
=============================================================================
