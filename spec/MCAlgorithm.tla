---------------------------- MODULE MCAlgorithm ----------------------------
(* Bounds for the algorithm.  Which of them a model has, the manifest says. *)
EXTENDS ChannelAlgorithm, TLC

CONSTANTS a, b, c                   \* handles; a is there at the start
CONSTANTS a1, a2, a3, b1, b2, b3, c1    \* values, named for their senders

One1     == a :> {a1}
One2     == a :> {a1, a2}
One3     == a :> {a1, a2, a3}
Two1     == a :> {a1} @@ b :> {b1}
Two21    == a :> {a1, a2} @@ b :> {b1}
Two2     == a :> {a1, a2} @@ b :> {b1, b2}
Two3     == a :> {a1, a2, a3} @@ b :> {b1, b2, b3}
Three1   == a :> {a1} @@ b :> {b1} @@ c :> {c1}
Three21  == a :> {a1, a2} @@ b :> {b1} @@ c :> {c1}

CONSTANT Holding                    \* one of these
MCHandle == DOMAIN Holding
MCValue  == UNION {Holding[h] : h \in MCHandle}

(* The only states without a step: every handle is gone.                    *)
Terminated == Gone /\ UNCHANGED vars

MCInit == Begin(a, Holding)
MCSpec == MCInit /\ [][Next \/ Terminated]_vars
MCFair == MCSpec /\ Fair
=============================================================================
