------------------------------- MODULE MCSync -------------------------------
(* The bounds of MCSmall for the bounded channel, with each capacity; with  *)
(* three, which no run can fill, the contract is the unbounded one's.       *)
EXTENDS SyncProperties, TLC

CONSTANTS a, b              \* handles; a is there at the start
CONSTANTS a1, a2, b1        \* values, named for their senders
CONSTANT MCCapacity

MCHandle == {a, b}
MCValue  == {a1, a2, b1}

MCInit == SyncBegin({a}, a :> {a1, a2} @@ b :> {b1}, MCCapacity)

(* The only states without a step of the contract: every handle is gone.    *)
Terminated == Gone /\ UNCHANGED syncVars

MCSpec == MCInit /\ [][SyncNext \/ Terminated]_syncVars

(* Liveness: without symmetry, which would not be sound for it.             *)
MCIterating == MCSpec /\ SyncIterating
=============================================================================
