------------------------- MODULE AcceptedIsAPromise -------------------------
(* S9 from the other side. The contract is unchanged; what is wrong is the *)
(* claim that an accepted value will be received: it may be destroyed.     *)
EXTENDS MCSmall

AcceptedIsNeverDestroyed == destroyed = <<>>
=============================================================================
