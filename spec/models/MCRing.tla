------------------------------- MODULE MCRing -------------------------------
(* Bounds for the bounded channel's algorithm.  Which of them a model has,  *)
(* it says itself.                                                          *)
EXTENDS SyncRefinement, TLC

CONSTANTS A, B, C                   \* handles; A is there at the start
CONSTANTS a1, a2, a3, b1, b2, c1    \* values, named for their senders

One2   == A :> {a1, a2}
One3   == A :> {a1, a2, a3}
One2_0 == A :> {a1, a2} @@ B :> {}      \* B sends nothing
Two1   == A :> {a1} @@ B :> {b1}
Two21  == A :> {a1, a2} @@ B :> {b1}
Two2   == A :> {a1, a2} @@ B :> {b1, b2}
Three1 == A :> {a1} @@ B :> {b1} @@ C :> {c1}

CONSTANT Holding                    \* one of these
MCHandle == DOMAIN Holding
MCValue  == UNION {Holding[h] : h \in MCHandle}

(* The only states without a step: every handle is gone.                    *)
Terminated == Gone /\ UNCHANGED vars

MCInit == Begin(A, Holding)
MCSpec == MCInit /\ [][Next \/ Terminated]_vars
MCFair == MCSpec /\ Fair
=============================================================================
