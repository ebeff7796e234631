---------------------------- MODULE MCTwoSenders ----------------------------
(* Two senders with three values each.  The second is a clone that is made  *)
(* at run time, at any moment, or never.                                    *)
EXTENDS ChannelProperties, TLC

CONSTANTS a, b                      \* handles; a is there at the start
CONSTANTS a1, a2, a3, b1, b2, b3    \* values, named for their senders

MCHandle == {a, b}
MCValue  == {a1, a2, a3, b1, b2, b3}

MCInit == Begin({a}, a :> {a1, a2, a3} @@ b :> {b1, b2, b3})

(* The only states without a step of the contract: every handle is gone.    *)
Terminated == Gone /\ UNCHANGED vars

MCSpec == MCInit /\ [][Next \/ Terminated]_vars

(* Sound for safety: the initial state does not change when the values of   *)
(* one sender change places, and no action or property names any of them.   *)
Symmetry == Permutations({a1, a2, a3}) \cup Permutations({b1, b2, b3})
=============================================================================
