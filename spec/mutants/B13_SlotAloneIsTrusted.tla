------------------------ MODULE B13_SlotAloneIsTrusted -----------------------
(* B13, B14: try_recv trusts the slot alone, and says empty while an        *)
(* earlier send is still writing.                                           *)
EXTENDS MCAlgorithm

NotReadyWrong(c) ==
    IF c = "try_recv" /\ end = NoEnd
    THEN Settle(c, AtPosition, FALSE)
    ELSE IF end # NoEnd
    THEN Settle(c, end, FALSE)
    ELSE /\ In(c, IF c = "try_recv" THEN "TryRecvLook" ELSE "RecvPark")
         /\ Touches({First, head})
         /\ UNCHANGED <<expired, told>>
=============================================================================
