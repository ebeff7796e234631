------------------------- MODULE DropWaitsForSenders -------------------------
(* The drop of the receiver waits until all senders are dropped.            *)
EXTENDS MCAlgorithm

DropSpareWrong ==
    /\ \E c \in Within("DropSpare") : In(c, "Leave") /\ Live = {}
    /\ LET mine == ({head} \ {First}) \cup ({spare} \ {NoBlock}) IN
       /\ memory' = [b \in Block |-> IF b \in mine THEN "freed" ELSE memory[b]]
       /\ Uses({First}, mine, IF head = spare THEN {"freed twice"} ELSE {})
    /\ UNCHANGED <<shared, head, taken, end, old, expired, private, failures,
                   handle, receiver, logs, outcomes>>
=============================================================================
