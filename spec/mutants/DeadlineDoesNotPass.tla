------------------------- MODULE DeadlineDoesNotPass -------------------------
(* A timed receive that nobody wakes goes on sleeping after its deadline.   *)
EXTENDS MCAlgorithm

RecvSleepUntilWrong ==
    /\ \E c \in Within("RecvSleepUntil") :
          token /\ IF token THEN TakeToken(c)
          ELSE In(c, "RecvWithdraw") /\ Touches({First}) /\ UNCHANGED token
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, head,
                   taken, end, old, expired, private, heap, handle, receiver,
                   logs, outcomes>>
=============================================================================
