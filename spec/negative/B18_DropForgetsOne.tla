------------------------- MODULE B18_DropForgetsOne -------------------------
(* B18: the drop of the receiver destroys what is buffered, but for one    *)
(* value.                                                                  *)
EXTENDS MCSmall

DropReceiverForgetsOne ==       \* Tail(queue) instead of: queue
    /\ receiver # "dropped"
    /\ receiver' = "dropped"
    /\ queue' = <<>>
    /\ destroyed' = destroyed \o (IF queue = <<>> THEN <<>> ELSE Tail(queue))
    /\ UNCHANGED <<handle, held, received, sent, givenBack, told>>
=============================================================================
