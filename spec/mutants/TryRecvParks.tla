---------------------------- MODULE TryRecvParks -----------------------------
(* A try_recv that finds nothing sleeps for a while.                        *)
EXTENDS MCAlgorithm

NotReadyWrong(c) ==
    IF end # NoEnd
    THEN Settle(c, end, FALSE)
    ELSE /\ In(c, "RecvPark")
         /\ Touches({First, head})
         /\ UNCHANGED <<expired, told>>
=============================================================================
