--------------------------- MODULE MCThreeSenders ---------------------------
(* Three senders with two values each.  The third is a clone that is made   *)
(* at run time, at any moment, from either of the others, or never.         *)
EXTENDS ChannelProperties, TLC

CONSTANTS a, b, c                   \* handles; a and b are there at the start
CONSTANTS a1, a2, b1, b2, c1, c2    \* values, named for their senders

MCHandle == {a, b, c}
MCValue  == {a1, a2, b1, b2, c1, c2}

MCInit == Begin({a, b}, a :> {a1, a2} @@ b :> {b1, b2} @@ c :> {c1, c2})

(* The only states without a step of the contract: every handle is gone.    *)
Terminated == Gone /\ UNCHANGED vars

MCSpec == MCInit /\ [][Next \/ Terminated]_vars

(* Sound for safety: the initial state does not change when the two values  *)
(* of one sender change places, nor when a and b do together with their     *)
(* values, and no action or property names any of them.                     *)
SwapOfAandB == a :> b @@ b :> a @@ a1 :> b1 @@ b1 :> a1 @@ a2 :> b2 @@ b2 :> a2
Symmetry == Permutations({a1, a2}) \cup Permutations({b1, b2})
                \cup Permutations({c1, c2}) \cup {SwapOfAandB}
=============================================================================
