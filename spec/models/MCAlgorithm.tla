---------------------------- MODULE MCAlgorithm ----------------------------
(* Bounds for the algorithm.  Which of them a model has, it says itself.    *)
EXTENDS AlgorithmProperties, TLC

CONSTANTS A, B, C                       \* handles; A is there at the start
CONSTANTS a1, a2, a3, a4, b1, b2, b3, c1    \* values, named for their senders

One1     == A :> {a1}
One2     == A :> {a1, a2}
One3     == A :> {a1, a2, a3}
One4     == A :> {a1, a2, a3, a4}
Two1     == A :> {a1} @@ B :> {b1}
Two21    == A :> {a1, a2} @@ B :> {b1}
Two2     == A :> {a1, a2} @@ B :> {b1, b2}
Two31    == A :> {a1, a2, a3} @@ B :> {b1}
Two3     == A :> {a1, a2, a3} @@ B :> {b1, b2, b3}
Three1   == A :> {a1} @@ B :> {b1} @@ C :> {c1}
Three21  == A :> {a1, a2} @@ B :> {b1} @@ C :> {c1}

CONSTANT Holding                    \* one of these
MCHandle == DOMAIN Holding
MCValue  == UNION {Holding[h] : h \in MCHandle}

(* The only states without a step: every handle is gone.                    *)
Terminated == Gone /\ UNCHANGED vars

(* Sound for safety, where B and C send one value each: they begin alike,   *)
(* and no action and no property names any of them.  TLC takes no notice of *)
(* a group of two, so a3 and a4, which nobody sends there, change places as *)
(* well.                                                                    *)
SwapOfBandC == Permutations({a3, a4})
                   \cup {B :> C @@ C :> B @@ b1 :> c1 @@ c1 :> b1}

MCInit == Begin(A, Holding)
MCSpec == MCInit /\ [][Next \/ Terminated]_vars
MCFair == MCSpec /\ Fair
=============================================================================
