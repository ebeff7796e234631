-------------------------- MODULE MCContractProof --------------------------
(* Bounds for ContractProof, as MCProof has them for ChannelProof.          *)
EXTENDS ContractProof, TLC

CONSTANTS a, b              \* handles; a is there at the start
CONSTANTS a1, a2, b1        \* values, named for their owners

MCOwner == a1 :> a @@ a2 :> a @@ b1 :> b

(* For who evaluates the lemmas elsewhere, to compare.                      *)
ASSUME PrintT(<<"constants",
    [Handle |-> Handle, Value |-> Value, Owner |-> Owner, Alive |-> Alive]>>)
=============================================================================
