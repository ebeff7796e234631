---------------------------- MODULE MCSendSteps ----------------------------
(* S7, as far as it goes: a send ends in a bounded number of its own steps, *)
(* unless others keep succeeding.  It is not lock-free (it may wait for an  *)
(* installer), but it never works in vain: what it does again, it does      *)
(* because another thread's step has changed the word meanwhile.            *)
EXTENDS MCAlgorithm

VARIABLE effort     \* effort[h]: h's steps within its call, since the
                    \* last time that another thread changed the word
MostSteps == 7      \* await, claim, take the spare block, publish, link, ready,
                    \* claim the wake-up

StepsInit == MCInit /\ effort = [h \in Handle |-> 0]

Left(g) == IF tail' # tail THEN 0 ELSE effort[g]

StepsNext ==
    \/ \E h \in Handle :
          /\ Sender(h)
          /\ effort' = [g \in Handle |->
                IF g = h THEN (IF at'[h] = "idle" THEN 0 ELSE effort[h] + 1)
                ELSE Left(g)]
    \/ Receiver /\ effort' = [g \in Handle |-> Left(g)]
    \/ Terminated /\ UNCHANGED effort

StepsSpec == StepsInit /\ [][StepsNext]_<<vars, effort>>

S7_SendEndsInFewOwnSteps == \A h \in Handle : effort[h] <= MostSteps
=============================================================================
