------------------------- MODULE B18_SpareIsForgotten ------------------------
(* B18: the spare block is not freed with the channel.                      *)
EXTENDS MCAlgorithm

DropSpareWrong ==
    /\ \E c \in Within("DropSpare") : In(c, "Leave")
    /\ LET mine == ({head} \ {First}) IN
       /\ memory' = [b \in Block |-> IF b \in mine THEN "freed" ELSE memory[b]]
       /\ Uses({First}, mine, IF head = spare THEN {"freed twice"} ELSE {})
    /\ UNCHANGED <<shared, head, taken, end, old, expired, private, failures,
                   handle, receiver, logs, outcomes>>
=============================================================================
