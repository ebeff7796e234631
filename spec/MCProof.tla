------------------------------ MODULE MCProof ------------------------------
(* Bounds in which TLC checks the lemmas of ChannelProof, and in which what *)
(* the solver is told of the modules is held against TLC.                   *)
EXTENDS ChannelProof, TLC

CONSTANTS A, B              \* handles
CONSTANTS a1, a2, a3, b1    \* values, named for their owners

Two1  == a1 :> A @@ b1 :> B
Two21 == a1 :> A @@ a2 :> A @@ b1 :> B
One3  == a1 :> A @@ a2 :> A @@ a3 :> A
MCValue  == DOMAIN Owner
MCHandle == {Owner[v] : v \in MCValue}

(* For who evaluates the lemmas elsewhere, to compare.                      *)
ASSUME PrintT(<<"constants",
    [Handle |-> Handle, Value |-> Value, NoValue |-> NoValue, rx |-> rx,
     Calls |-> Calls, Slots |-> Slots, FirstSlots |-> FirstSlots,
     MaxBlock |-> MaxBlock, Failures |-> Failures, Owner |-> Owner]>>)
=============================================================================
