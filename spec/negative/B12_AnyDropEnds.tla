-------------------------- MODULE B12_AnyDropEnds ---------------------------
(* B12: the channel ends when some sender is dropped, though another one   *)
(* lives.                                                                  *)
EXTENDS MCSmall

EndedByAnyDrop ==               \* instead of: Live = {}
    receiver = "closed" \/ \E h \in Handle : handle[h] = "dropped"
=============================================================================
