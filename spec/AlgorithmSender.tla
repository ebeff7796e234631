--------------------------- MODULE AlgorithmSender ---------------------------
(* What a thread with a sender handle does: it sends, asks, clones the      *)
(* handle and drops it.                                                     *)
EXTENDS AlgorithmState

-----------------------------------------------------------------------------
(* send                                                                     *)

(* Each value is tried until it is accepted, or refused once.               *)
ToSend(h) == held[h] \ givenBack

Accept(h, v) ==
    /\ held' = [held EXCEPT ![h] = @ \ {v}]
    /\ sent' = Append(sent, [by |-> h, value |-> v])
    /\ UNCHANGED givenBack

Claimed(h, v) ==            \* a slot: the value is put there
    /\ Accept(h, v)
    /\ cell' = [cell EXCEPT ![tail.block][tail.count] = v]
    /\ word' = [word EXCEPT ![h] = tail]
    /\ Goto(h, "SendReady")
    /\ Touches({First, tail.block})
    /\ UNCHANGED <<value, omen>>

Installs(h, v) ==           \* the slot behind the last one
    /\ \/ Accept(h, v) /\ omen' = [omen EXCEPT ![h] = "memory"]
       \/ failures > 0 /\ omen' = [omen EXCEPT ![h] = "none"] /\ UNCHANGED logs
    /\ word' = [word EXCEPT ![h] = [tail EXCEPT !.count = @ + 1]]
    /\ value' = [value EXCEPT ![h] = v]
    /\ Goto(h, "InstallTakeSpare")
    /\ Touches({First})
    /\ UNCHANGED cell

Waits(h) ==                 \* another sender installs
    /\ Goto(h, "SendAwaitInstall")
    /\ Touches({First})
    /\ UNCHANGED <<logs, cell, word, value, omen>>

Refused(h, v) ==
    /\ givenBack' = givenBack \cup {v}
    /\ Goto(h, "idle")
    /\ Touches({First})
    /\ UNCHANGED <<held, sent, cell, word, value, omen>>

SendClaim(h) ==
    /\ handle[h] = "live" /\ at[h] \in {"idle", "SendClaim"}
    /\ ToSend(h) # {}
    /\ tail' = [tail EXCEPT !.count = @ + 1]
    /\ LET v == CHOOSE x \in ToSend(h) : TRUE IN
       IF tail.closed            THEN Refused(h, v)
       ELSE IF tail.count < Slots THEN Claimed(h, v)
       ELSE IF tail.count = Slots THEN Installs(h, v)
       ELSE Waits(h)
    /\ UNCHANGED <<ready, next, spare, senders, oneSideLeft, stop, token,
                   receivers, fresh, heap, handle, receiver, outcomes>>

SendReady(h) ==
    /\ at[h] = "SendReady"
    /\ ready' = [ready EXCEPT ![word[h].block][word[h].count] = TRUE]
    /\ word' = [word EXCEPT ![h] = NoEnd]
    /\ Goto(h, IF word[h].parked THEN "WakeClaim" ELSE "idle")
    /\ Touches({word[h].block})
    /\ UNCHANGED <<tail, cell, next, spare, senders, oneSideLeft, stop, token,
                   receivers, value, fresh, omen, heap, handle, receiver, logs,
                   outcomes>>

SendAwaitInstall(h) ==
    /\ at[h] = "SendAwaitInstall"
    /\ tail.count <= Slots \/ tail.closed
    /\ Goto(h, "SendClaim")
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes>>

(* Of those who saw the receiver parked, one wakes it.  After a wake-up a   *)
(* send returns, and the drop of the last handle goes on.                   *)
Awake(h) == IF handle[h] = "dropped" THEN "Leave" ELSE "idle"

WakeClaim(h) ==
    /\ at[h] = "WakeClaim"
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ Goto(h, IF tail.parked THEN "Wake" ELSE Awake(h))
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, stop, token,
                   receivers, private, heap, handle, receiver, logs, outcomes>>

Wake(h) ==
    /\ at[h] = "Wake"
    /\ Unpark
    /\ Goto(h, Awake(h))
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, stop,
                   receivers, private, heap, handle, receiver, logs, outcomes>>

(* A block to install: the spare one, or one from the heap.  Freed memory   *)
(* may come back at once, or not.                                           *)
FromHeap ==
    {b \in Block : memory[b] = "freed"} \cup
    {b \in Block : memory[b] = "unused" /\ \A c \in Block : c < b => memory[c] # "unused"}

InstallTakeSpare(h) ==
    /\ at[h] = "InstallTakeSpare"
    /\ spare' = NoBlock
    /\ IF spare = NoBlock /\ omen[h] = "none"
       THEN /\ failures' = failures - 1
            /\ value' = [value EXCEPT ![h] = NoValue]
            /\ Goto(h, "InstallGiveUp")
            /\ Touches({First})
            /\ UNCHANGED <<ready, cell, next, memory, fresh>>
       ELSE /\ omen[h] = "memory"
            /\ \E b \in IF spare # NoBlock THEN {spare} ELSE FromHeap :
                  /\ Constructed(b)
                  /\ fresh' = [fresh EXCEPT ![h] = b]
                  /\ Uses({First}, {}, IF b = spare /\ memory[b] # "kept"
                                       THEN {"touched"} ELSE {})
            /\ Goto(h, "InstallPublish")
            /\ UNCHANGED <<failures, value>>
    /\ UNCHANGED <<tail, senders, oneSideLeft, stop, token, receivers, word,
                   omen, handle, receiver, logs, outcomes>>

(* A compare-exchange that fails learns what the word is, and tries again.  *)
InstallGiveUp(h) ==
    /\ at[h] = "InstallGiveUp"
    /\ IF tail = word[h]
       THEN /\ tail' = IF tail.closed
                       THEN [tail EXCEPT !.block = NoBlock, !.count = 0]
                       ELSE [tail EXCEPT !.count = Slots]
            /\ word' = [word EXCEPT ![h] = NoEnd]
            /\ omen' = [omen EXCEPT ![h] = "memory"]
            /\ Goto(h, "idle")
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, omen, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, stop, token,
                   receivers, value, fresh, heap, handle, receiver, logs,
                   outcomes>>

(* The flags stay.  DONE can't be set, because the installer has a handle.  *)
InstallPublish(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF tail = word[h]
       THEN /\ tail' = [tail EXCEPT !.block = fresh[h], !.count = 1]
            /\ Goto(h, "InstallLink")
            /\ UNCHANGED word
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, stop, token,
                   receivers, value, fresh, omen, heap, handle, receiver, logs,
                   outcomes>>

(* Then the first slot of the new block is the installer's, like any other. *)
InstallLink(h) ==
    /\ at[h] = "InstallLink"
    /\ next' = [next EXCEPT ![word[h].block] = fresh[h]]
    /\ cell' = [cell EXCEPT ![fresh[h]][0] = value[h]]
    /\ value' = [value EXCEPT ![h] = NoValue]
    /\ word' = [word EXCEPT ![h].block = fresh[h], ![h].count = 0]
    /\ fresh' = [fresh EXCEPT ![h] = NoBlock]
    /\ Goto(h, "SendReady")
    /\ Touches({word[h].block, fresh[h]})
    /\ UNCHANGED <<tail, ready, spare, senders, oneSideLeft, stop, token,
                   receivers, omen, heap, handle, receiver, logs, outcomes>>

-----------------------------------------------------------------------------
(* Asking.  The answer is the action's; nothing changes.                    *)

SenderLook(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, at, heap, handle, receiver,
                   logs, outcomes>>

-----------------------------------------------------------------------------
(* Sender handles come and go.                                              *)

CloneSender(h, c) ==
    /\ handle[h] = "live" /\ at[h] = "idle" /\ handle[c] = "unborn"
    /\ senders' = senders + 1
    /\ handle' = [handle EXCEPT ![c] = "live"]
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, stop, token,
                   receivers, private, at, heap, receiver, logs, outcomes>>

DropSender(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ senders' = senders - 1
    /\ IF senders # 1
       THEN handle' = [handle EXCEPT ![h] = "dropped"] /\ UNCHANGED at
       ELSE Goto(h, "DropLastSender") /\ UNCHANGED handle
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, stop, token,
                   receivers, private, heap, receiver, logs, outcomes>>

DropLastSender(h) ==
    /\ at[h] = "DropLastSender"
    /\ tail' = [tail EXCEPT !.done = TRUE]
    /\ handle' = [handle EXCEPT ![h] = "dropped"]
    /\ Goto(h, IF tail.parked THEN "WakeClaim" ELSE "Leave")
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, stop, token,
                   receivers, private, heap, receiver, logs, outcomes>>
=============================================================================
