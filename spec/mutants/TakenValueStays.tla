--------------------------- MODULE TakenValueStays ---------------------------
(* A value that is received is left in its slot: its block is destroyed     *)
(* with it.                                                                 *)
EXTENDS MCAlgorithm

FoundWrong(c, b, i) ==
    /\ UNCHANGED cell
    /\ head' = b /\ taken' = i + 1
    /\ expired' = FALSE
    /\ IF c = "drop"
       THEN /\ destroyed' = Append(destroyed, cell[b][i])
            /\ In(c, Drain(b, i + 1, end))
            /\ UNCHANGED <<received, told>>
       ELSE /\ received' = Append(received, cell[b][i])
            /\ Return
            /\ UNCHANGED <<destroyed, told>>
=============================================================================
