-------------------------- MODULE AlgorithmReceiver --------------------------
(* What the receiver's thread does: it receives, asks, closes and leaves.   *)
EXTENDS AlgorithmState

-----------------------------------------------------------------------------
(* Receiving: recv, try_recv, recv_for.  Dropping the receiver takes the    *)
(* same steps to what is left, and destroys it.                             *)

(* With which step the receiver asks whether a value is ready at slot n.    *)
ReadyStep(n) == IF n # Slots THEN "RecvReady" ELSE "RecvNext"

(* What a drop does at a position, once the channel is closed with end e.   *)
Drain(b, n, e) == IF b = e.block /\ n = e.count THEN "DropSpare"
                  ELSE IF n # Slots THEN "RecvAwaitReady"
                  ELSE "RecvAwaitNext"

FirstStep(c) ==
    IF c = "close"     THEN IF end = NoEnd THEN "Close" ELSE "none"
    ELSE IF c = "drop" THEN IF end = NoEnd THEN "Close" ELSE Drain(head, taken, end)
    ELSE IF c = "is_disconnected" THEN IF end = NoEnd THEN "ReceiverLook" ELSE "none"
    ELSE ReadyStep(taken)

(* The calls that the receiver may be in when it takes this step.           *)
Within(step) ==
    IF at[rx] = step THEN {call}
    ELSE IF at[rx] = "idle" /\ receiver # "dropped"
    THEN {c \in Calls : FirstStep(c) = step}
    ELSE {}

In(c, step) == /\ call' = c
               /\ Goto(rx, step)
Return == In("none", "idle")

(* A drop that has only the spare block left to free has just freed the     *)
(* block that it stands in, unless that is the first.                       *)
LastBlock == IF at'[rx] = "DropSpare" THEN {head} \ {First} ELSE {}
LetsGo(touches) ==
    /\ memory' = [b \in Block |-> IF b \in LastBlock THEN "freed" ELSE memory[b]]
    /\ Uses(touches, LastBlock, {})

(* A value is ready at slot i of block b.                                   *)
Found(c, b, i) ==
    /\ cell' = [cell EXCEPT ![b][i] = NoValue]
    /\ head' = b /\ taken' = i + 1
    /\ expired' = FALSE
    /\ IF c = "drop"
       THEN /\ destroyed' = Append(destroyed, cell[b][i])
            /\ In(c, Drain(b, i + 1, end))
            /\ UNCHANGED <<received, told>>
       ELSE /\ received' = Append(received, cell[b][i])
            /\ Return
            /\ UNCHANGED <<destroyed, told>>

(* The receiver goes over to block b, in which the first value is on its    *)
(* way.  The block that it leaves is destroyed, unless it is the first.     *)
GoOver(c, b) ==
    /\ head' = b /\ taken' = 0
    /\ Touches({First, head})
    /\ IF head = First
       THEN /\ In(c, "RecvAwaitReady")
            /\ UNCHANGED <<ready, next, old, memory>>
       ELSE /\ memory' = [memory EXCEPT ![head] = "kept"]
            /\ ready' = [ready EXCEPT ![head] = [i \in Index |-> FALSE]]
            /\ next' = [next EXCEPT ![head] = NoBlock]
            /\ old' = head
            /\ In(c, "RecvRecycle")

(* "empty", "timeout" and "disconnected" must be true when they are said.   *)
Says(truth) == IF truth THEN {} ELSE {"lie"}

(* What the word w says of the receiver's position, where nothing is ready. *)
Settle(c, w, late) ==
    IF w.block = head /\ w.count = taken
    THEN IF w.done
         THEN /\ told' = TRUE
              /\ Return
              /\ expired' = FALSE
              /\ Uses({First}, {}, Says(Queue = <<>> /\ Ended))
         ELSE IF c = "try_recv" \/ late
         THEN /\ Return
              /\ expired' = FALSE
              /\ Uses({First}, {}, Says(Queue = <<>> /\ ~Ended))
              /\ UNCHANGED told
         ELSE /\ In(c, ReadyStep(taken))
              /\ expired' = FALSE
              /\ Touches({First})
              /\ UNCHANGED told
    ELSE /\ expired' = late
         /\ In(c, IF taken # Slots THEN "RecvAwaitReady"
                  ELSE IF w.block = head THEN "RecvAwaitInstall"
                  ELSE "RecvAwaitNext")
         /\ Touches({First})
         /\ UNCHANGED told

LooksOrParks(c) ==
    IF end # NoEnd
    THEN Settle(c, end, FALSE)
    ELSE /\ In(c, IF c = "try_recv" THEN "TryRecvLook" ELSE "RecvPark")
         /\ Touches({First, head})
         /\ UNCHANGED <<expired, told>>

(* A receive that may be unwound may end here, too, whether or not the end  *)
(* is known: its clock throws before anything has changed.                  *)
NotReady(c) ==
    \/ /\ c = "recv_unwound" /\ Return
       /\ Touches({First, head})
       /\ UNCHANGED <<expired, told>>
    \/ IF c = "recv_stoppable" /\ at[rx] = "idle"
       THEN /\ In(c, "StopRegister")
            /\ Touches({First, head})
            /\ UNCHANGED <<expired, told>>
       ELSE LooksOrParks(c)

RecvReady ==
    /\ \E c \in Within("RecvReady") :
          IF ready[head][taken]
          THEN Found(c, head, taken) /\ Touches({First, head})
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<cell, head, taken, received, destroyed>>
    /\ UNCHANGED <<tail, ready, next, spare, senders, oneSideLeft, stop, token,
                   end, old, private, heap, handle, receiver, logs>>

RecvNext ==
    /\ \E c \in Within("RecvNext") :
          IF next[head] # NoBlock
          THEN GoOver(c, next[head]) /\ UNCHANGED <<expired, told>>
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<ready, next, head, taken, old, memory>>
    /\ UNCHANGED <<tail, cell, spare, senders, oneSideLeft, stop, token, end,
                   private, failures, handle, receiver, logs, received,
                   destroyed>>

RecvRecycle ==
    /\ \E c \in Within("RecvRecycle") : In(c, "RecvAwaitReady")
    /\ spare' = old
    /\ old' = NoBlock
    /\ memory' = IF spare # NoBlock THEN [memory EXCEPT ![spare] = "freed"]
                                    ELSE memory
    /\ Uses({First, head}, {spare} \ {NoBlock}, {})
    /\ UNCHANGED <<tail, ready, cell, next, senders, oneSideLeft, stop, token,
                   head, taken, end, expired, private, failures, handle,
                   receiver, logs, outcomes>>

TryRecvLook ==
    /\ \E c \in Within("TryRecvLook") : Settle(c, tail, FALSE)
    /\ UNCHANGED <<shared, head, taken, end, old, private, heap, handle,
                   receiver, logs, received, destroyed>>

AtPosition == [block |-> head, count |-> taken,
               parked |-> FALSE, closed |-> FALSE, done |-> FALSE]

RecvPark ==
    /\ \E c \in Within("RecvPark") :
          IF tail = AtPosition
          THEN /\ tail' = [tail EXCEPT !.parked = TRUE]
               /\ In(c, IF c = "recv_for" THEN "RecvSleepUntil"
                        ELSE IF c = "recv_stoppable" THEN "StopLook"
                        ELSE "RecvSleep")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
          ELSE Settle(c, tail, FALSE) /\ UNCHANGED tail
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, stop, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>

(* A callback that is registered when a stop has been requested already, is *)
(* called there and then, by the receiver.                                  *)
StopRegister ==
    /\ \E c \in Within("StopRegister") :
          IF stop THEN In(c, "StopClaim") /\ Touches({}) /\ UNCHANGED <<expired, told>>
                  ELSE LooksOrParks(c)
    /\ UNCHANGED <<shared, head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>

(* Before it sleeps, the receiver looks whether it is to stop.              *)
StopLook ==
    /\ \E c \in Within("StopLook") :
          In(c, IF stop THEN "RecvWithdraw" ELSE "RecvSleep")
    /\ Touches({})
    /\ UNCHANGED <<shared, head, taken, end, old, expired, private, heap, handle,
                   receiver, logs, outcomes>>

TakeToken(c) ==
    /\ token' = FALSE
    /\ In(c, ReadyStep(taken))
    /\ Touches({First})

(* Whether or not there is a token, it may be left.                         *)
RecvSleep ==
    /\ \E c \in Within("RecvSleep") :
          \/ token /\ TakeToken(c)
          \/ /\ c = "recv_unwound"
             /\ In(c, "RecvWithdraw")
             /\ Touches({First})
             /\ UNCHANGED token
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, stop,
                   head, taken, end, old, expired, private, heap, handle,
                   receiver, logs, outcomes>>

(* Without a token, this is the moment at which the deadline is past.       *)
RecvSleepUntil ==
    /\ \E c \in Within("RecvSleepUntil") :
          IF token THEN TakeToken(c)
          ELSE In(c, "RecvWithdraw") /\ Touches({First}) /\ UNCHANGED token
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, stop,
                   head, taken, end, old, expired, private, heap, handle,
                   receiver, logs, outcomes>>

RecvWithdraw ==
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ \E c \in Within("RecvWithdraw") :
          IF tail.parked /\ c # "recv_unwound" THEN Settle(c, tail, TRUE)
          ELSE /\ IF tail.parked THEN Return ELSE In(c, "RecvTakeToken")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, stop, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>

RecvTakeToken ==
    /\ token /\ token' = FALSE
    /\ \E c \in Within("RecvTakeToken") :
          IF c = "recv_unwound" THEN Return ELSE In(c, ReadyStep(taken))
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, stop,
                   head, taken, end, old, expired, private, heap, handle,
                   receiver, logs, outcomes>>

RecvAwaitReady ==
    /\ \E c \in Within("RecvAwaitReady") :
          ready[head][taken] /\ Found(c, head, taken)
    /\ LetsGo({First, head})
    /\ UNCHANGED <<tail, ready, next, spare, senders, oneSideLeft, stop, token,
                   end, old, private, failures, handle, receiver, logs>>

RecvAwaitInstall ==
    /\ tail.block # head \/ tail.count <= Slots
    /\ \E c \in Within("RecvAwaitInstall") : Settle(c, tail, expired)
    /\ UNCHANGED <<shared, head, taken, end, old, private, heap, handle,
                   receiver, logs, received, destroyed>>

RecvAwaitNext ==
    /\ \E c \in Within("RecvAwaitNext") :
          next[head] # NoBlock /\ GoOver(c, next[head])
    /\ UNCHANGED <<tail, cell, spare, senders, oneSideLeft, stop, token, end,
                   expired, private, failures, handle, receiver, logs,
                   outcomes>>

-----------------------------------------------------------------------------
(* Asking.  The answer is the action's; nothing changes but what the        *)
(* receiver has been told.                                                  *)

ReceiverLook ==
    /\ Within("ReceiverLook") # {}
    /\ LET over == tail.done /\ tail.block = head /\ tail.count = taken IN
       /\ told' = (told \/ over)
       /\ Uses({First}, {}, Says(over => Queue = <<>> /\ Ended)
                              \cup Says(~over => Queue # <<>> \/ ~Ended))
    /\ UNCHANGED <<shared, receivers, private, at, heap, handle, receiver,
                   logs, received, destroyed>>

-----------------------------------------------------------------------------
(* Closing: once the end is known, a close returns and a drop goes on.      *)
Closed(c, b, n) ==
    LET e == [NoEnd EXCEPT !.block = b, !.count = n, !.done = TRUE] IN
    /\ end' = e
    /\ IF c = "drop" THEN In(c, Drain(head, taken, e)) ELSE Return

Close ==
    /\ tail' = [tail EXCEPT !.closed = TRUE]
    /\ receiver' = "closed"
    /\ \E c \in Within("Close") :
          IF tail.count > Slots
          THEN In(c, "CloseAwaitInstall") /\ old' = tail.block /\ UNCHANGED end
          ELSE Closed(c, tail.block, tail.count) /\ UNCHANGED old
    /\ LetsGo({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, stop, token,
                   head, taken, expired, private, failures, handle, logs,
                   outcomes>>

CloseAwaitInstall ==
    /\ tail.block # old
    /\ \E c \in Within("CloseAwaitInstall") :
          IF tail.block # NoBlock THEN Closed(c, tail.block, 1)
                                  ELSE Closed(c, old, Slots)
    /\ old' = NoBlock
    /\ LetsGo({First})
    /\ UNCHANGED <<shared, head, taken, expired, private, failures, handle,
                   receiver, logs, outcomes>>

(* Everything is destroyed.  The receiver's block has been freed (LetsGo),  *)
(* unless the drop begins here; the spare one follows.                      *)
DropSpare ==
    /\ \E c \in Within("DropSpare") : In(c, "Leave")
    /\ LET begins == at[rx] = "idle"
           mine == (IF begins THEN {head} \ {First} ELSE {})
                       \cup ({spare} \ {NoBlock}) IN
       /\ memory' = [b \in Block |-> IF b \in mine THEN "freed" ELSE memory[b]]
       /\ Uses({First}, mine, IF begins /\ head = spare THEN {"freed twice"} ELSE {})
    /\ UNCHANGED <<shared, head, taken, end, old, expired, private, failures,
                   handle, receiver, logs, outcomes>>
=============================================================================
