------------------------ MODULE B13_EmptyThoughSent -------------------------
(* B13: try_recv may say "empty" although a send has happened (the slot in *)
(* front of it is still being written, say).                               *)
EXTENDS MCSmall

TryRecvEmptyThoughSent ==       \* without: queue = <<>>
    /\ receiver # "dropped"
    /\ ~Ended
    /\ UNCHANGED vars
=============================================================================
