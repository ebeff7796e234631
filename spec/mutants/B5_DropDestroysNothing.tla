------------------------ MODULE B5_DropDestroysNothing -----------------------
(* B5, B6, B19: a receiver that leaves does not destroy what is left.       *)
EXTENDS MCAlgorithm

DrainWrong(b, n, e) == "DropSpare"
=============================================================================
