---------------------------- MODULE SyncReceiver ----------------------------
(* What the receiver's thread does: it receives, closes and leaves.         *)
EXTENDS SyncSender

IsOver == end # NoWord
Ended  == receiver # "open" \/ Live = {}

(* With which step a call begins, or goes on to destroy what is left.       *)
Drain(n, e)  == IF n = e.at THEN "Leave" ELSE "RecvAwaitReady"
FirstStep(c) == CASE c = "close" -> IF IsOver THEN "none" ELSE "Close"
                  [] c = "drop"  -> IF IsOver THEN Drain(pos, end) ELSE "Close"
                  [] OTHER       -> "RecvReady"

(* The calls that the receiver may be in when it takes this step.           *)
Within(step) ==
    IF at[rx] = step THEN {call}
    ELSE IF at[rx] = "idle" /\ receiver # "dropped"
    THEN {c \in Calls \ {"is_disconnected"} : FirstStep(c) = step}
    ELSE {}

In(c, step) == call' = c /\ Goto(rx, step)
Return      == In("none", "idle")

(* The value at the position is taken.  Then there is room for one more.    *)
Found(c) ==
    LET v == cell[Index(pos)] IN
    /\ cell' = [cell EXCEPT ![Index(pos)] = NoValue]
    /\ pos' = pos + 1
    /\ faults' = faults \cup (IF v = NoValue THEN {"nothing there"} ELSE {})
    /\ IF c = "drop"
       THEN /\ destroyed' = Append(destroyed, v)
            /\ In(c, Drain(pos + 1, end))
            /\ UNCHANGED <<received, got, meeting, told>>
       ELSE IF IsOver \/ Capacity = 0
       THEN /\ received' = Append(received, v)
            /\ meeting' = FALSE
            /\ Return
            /\ UNCHANGED <<destroyed, got, told>>
       ELSE /\ got' = v
            /\ In(c, "RecvRoom")
            /\ UNCHANGED <<received, destroyed, meeting, told>>

(* What the word w says of the position, where no value was ready.          *)
Settle(c, w, late) ==
    IF w.at # pos
    THEN In(c, "RecvAwaitReady") /\ NoFault /\ UNCHANGED <<told, meeting>>
    ELSE IF w.done
    THEN /\ told' = TRUE /\ meeting' = FALSE
         /\ Says(Queue = <<>> /\ line = <<>> /\ Ended)
         /\ Return
    ELSE IF c = "try_recv" \/ late
    THEN /\ meeting' = FALSE /\ UNCHANGED told
         /\ Return
         /\ Says(Queue = <<>> /\ ~Ended)
    ELSE In(c, "RecvReady") /\ NoFault /\ UNCHANGED <<told, meeting>>

(* A receive may be left by unwinding while it spins, which it does before  *)
(* it parks (with capacity 0: after that), and while it sleeps.             *)
IsLeft == Return /\ meeting' = FALSE /\ NoFault /\ UNCHANGED told

LooksOrParks(c) ==
    IF IsOver THEN Settle(c, end, FALSE)
    ELSE /\ In(c, IF Capacity = 0 THEN "AdmitLock"
                  ELSE IF c = "try_recv" THEN "TryRecvLook"
                  ELSE "RecvPark")
         /\ NoFault /\ UNCHANGED <<told, meeting>>

RecvReady ==
    \E c \in Within("RecvReady") :
        /\ IF ready[Index(pos)] = IsFull(pos)
           THEN Found(c)
           ELSE /\ \/ IF c = "recv_stoppable" /\ at[rx] = "idle"
                      THEN In(c, "StopRegister") /\ NoFault /\ UNCHANGED <<told, meeting>>
                      ELSE LooksOrParks(c)
                   \/ c = "recv_unwound" /\ Capacity # 0 /\ IsLeft
                /\ UNCHANGED <<cell, pos, got, received, destroyed>>
        /\ UNCHANGED <<words, ready, counts, locked, end, found, letIn,
                       private, handle, receiver, logs>>

RecvAwaitReady ==
    /\ ready[Index(pos)] = IsFull(pos)
    /\ \E c \in Within("RecvAwaitReady") : Found(c)
    /\ UNCHANGED <<words, ready, counts, locked, end, found, letIn, private,
                   handle, receiver, logs>>

TryRecvLook ==
    /\ at[rx] = "TryRecvLook"
    /\ Settle(call, tail, FALSE)
    /\ UNCHANGED <<words, ring, counts, locked, pos, end, got, found, letIn,
                   private, handle, receiver, logs, received, destroyed>>

Asleep(c) == IF c = "recv_for" THEN "RecvSleepUntil"
             ELSE IF c = "recv_stoppable" THEN "StopLook"
             ELSE "RecvSleep"

RecvPark ==
    /\ at[rx] = "RecvPark"
    /\ LET free == tail = [NoWord EXCEPT !.at = pos, !.closed = tail.closed] IN
       /\ tail' = [tail EXCEPT !.parked = IF free THEN TRUE ELSE @]
       /\ found' = tail'
       /\ IF Capacity = 0
          THEN /\ In(call, "AdmitUnlock") /\ NoFault
               /\ meeting' = free
               /\ UNCHANGED told
          ELSE IF free
          THEN In(call, Asleep(call)) /\ NoFault /\ UNCHANGED <<told, meeting>>
          ELSE Settle(call, tail, FALSE)
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, pos, end,
                   got, letIn, private, handle, receiver, logs, received,
                   destroyed>>

(* Stopping, as in the unbounded channel.                                   *)
Registered == call = "recv_stoppable" /\ at[rx] \notin {"idle", "StopRegister"}

StopRegister ==
    /\ at[rx] = "StopRegister"
    /\ IF stop.receiver THEN In(call, "StopClaim") /\ NoFault /\ UNCHANGED <<told, meeting>>
                        ELSE LooksOrParks(call)
    /\ UNCHANGED <<words, ring, counts, locked, pos, end, got, found, letIn,
                   private, handle, receiver, logs, received, destroyed>>

StopLook ==
    /\ at[rx] = "StopLook"
    /\ In(call, IF stop.receiver THEN "RecvWithdraw" ELSE "RecvSleep")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, locked, pos, end, got, found, letIn,
                   meeting, private, handle, receiver, logs, outcomes>>

RecvSleep ==
    /\ at[rx] = "RecvSleep"
    /\ \/ token /\ token' = FALSE /\ In(call, "RecvReady")
       \/ call = "recv_unwound" /\ In(call, "RecvWithdraw") /\ UNCHANGED token
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, stop, locked, pos, end, got,
                   found, letIn, meeting, private, handle, receiver, logs,
                   outcomes>>

RecvSleepUntil ==
    /\ at[rx] = "RecvSleepUntil"
    /\ token' = FALSE
    /\ In(call, IF token THEN "RecvReady" ELSE "RecvWithdraw")
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, stop, locked, pos, end, got,
                   found, letIn, meeting, private, handle, receiver, logs,
                   outcomes>>

RecvWithdraw ==
    /\ at[rx] = "RecvWithdraw"
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ IF ~tail.parked
       THEN In(call, "RecvTakeToken") /\ NoFault /\ UNCHANGED <<told, meeting>>
       ELSE IF call = "recv_unwound" THEN IsLeft ELSE Settle(call, tail, TRUE)
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, pos, end,
                   got, found, letIn, private, handle, receiver, logs,
                   received, destroyed>>

RecvTakeToken ==
    /\ at[rx] = "RecvTakeToken" /\ token
    /\ token' = FALSE
    /\ IF call = "recv_unwound" THEN IsLeft
       ELSE In(call, "RecvReady") /\ NoFault /\ UNCHANGED <<told, meeting>>
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, stop, locked, pos, end, got,
                   found, letIn, private, handle, receiver, logs, received,
                   destroyed>>

-----------------------------------------------------------------------------
(* Room is made, for whoever comes or for the first in line.                *)
Received == /\ received' = Append(received, got)
            /\ got' = NoValue
            /\ UNCHANGED <<destroyed, told>>

RecvRoom ==
    /\ at[rx] = "RecvRoom"
    /\ IF ~blocked
       THEN room' = room + 1 /\ Received /\ Return
       ELSE In(call, "AdmitLock") /\ UNCHANGED <<room, got, outcomes>>
    /\ NoFault
    /\ UNCHANGED <<tail, blocked, seenRoom, ring, counts, locked, pos, end,
                   found, letIn, meeting, private, handle, receiver, logs>>

(* The position that a value is let in at: the tail's.                      *)
Next_ == IF Capacity = 0 THEN pos ELSE pos - 1 + Capacity

AdmitLock ==
    /\ at[rx] = "AdmitLock" /\ lock = Nobody
    /\ lock' = rx
    /\ IF line # <<>>
       THEN /\ letIn' = Head(line) /\ line' = Tail(line)
            /\ Put(Next_, value[Head(line)])
            /\ In(call, "AdmitReady")
       ELSE /\ In(call, IF got # NoValue THEN "AdmitRoom"
                        ELSE IF call = "try_recv" THEN "AdmitUnlock"
                        ELSE "RecvPark")
            /\ NoFault /\ UNCHANGED <<letIn, line, cell>>
    /\ UNCHANGED <<words, ready, counts, isClosed, pos, end, got, found,
                   meeting, private, handle, receiver, logs, outcomes>>

AdmitReady ==
    /\ at[rx] = "AdmitReady"
    /\ ready' = [ready EXCEPT ![Index(Next_)] = IsFull(Next_)]
    /\ In(call, "AdmitClaim")
    /\ NoFault
    /\ UNCHANGED <<words, cell, counts, locked, pos, end, got, found, letIn,
                   meeting, private, handle, receiver, logs, outcomes>>

AdmitClaim ==
    /\ at[rx] = "AdmitClaim"
    /\ tail' = [tail EXCEPT !.at = @ + 1]
    /\ Accept(letIn, value[letIn])
    /\ standing' = [standing EXCEPT ![letIn] = "accepted"]
    /\ IF got # NoValue
       THEN Received /\ In(call, "AdmitRoom")
       ELSE /\ received' = Append(received, value[letIn])
            /\ In(call, "AdmitUnlock")
            /\ UNCHANGED <<got, destroyed, told>>
    /\ NoFault
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, pos, end,
                   found, letIn, meeting, how, value, word, saw, answer,
                   handle, receiver>>

AdmitRoom ==
    /\ at[rx] = "AdmitRoom"
    /\ room' = room + 1
    /\ blocked' = (line # <<>>)
    /\ IF got # NoValue THEN Received ELSE UNCHANGED <<got, outcomes>>
    /\ In(call, "AdmitUnlock")
    /\ NoFault
    /\ UNCHANGED <<tail, seenRoom, ring, counts, locked, pos, end, found,
                   letIn, meeting, private, handle, receiver, logs>>

AdmitUnlock ==
    /\ at[rx] = "AdmitUnlock"
    /\ lock' = Nobody
    /\ IF letIn # Nobody \/ Capacity # 0
       THEN /\ IF letIn # Nobody THEN In(call, "AdmitWake") ELSE Return
            /\ NoFault /\ UNCHANGED <<told, meeting>>
       ELSE IF call = "try_recv"
       THEN In(call, "TryRecvLook") /\ NoFault /\ UNCHANGED <<told, meeting>>
       ELSE IF found.parked
       THEN In(call, Asleep(call)) /\ NoFault /\ UNCHANGED <<told, meeting>>
       ELSE Settle(call, found, FALSE)
    /\ UNCHANGED <<words, ring, counts, line, isClosed, pos, end, got, found,
                   letIn, private, handle, receiver, logs, received,
                   destroyed>>

(* A waiter that does not wait any more is no longer there.  With capacity  *)
(* 0 the value that was let in is taken.                                    *)
Answers(h) ==
    /\ answer' = [answer EXCEPT ![h] = TRUE]
    /\ faults' = faults \cup (IF standing[h] \in {"accepted", "refused", "dismissed"}
                                    /\ ~answer[h]
                              THEN {} ELSE {"touched"})

AdmitWake ==
    /\ at[rx] = "AdmitWake"
    /\ Answers(letIn)
    /\ letIn' = Nobody
    /\ Return
    /\ IF Capacity = 0
       THEN /\ cell' = [cell EXCEPT ![Index(pos)] = NoValue]
            /\ pos' = pos + 1
       ELSE UNCHANGED <<cell, pos>>
    /\ UNCHANGED <<words, ready, counts, locked, end, got, found, meeting,
                   how, value, word, saw, standing, handle, receiver, logs,
                   outcomes>>

-----------------------------------------------------------------------------
(* Asking.  Once it has closed, the receiver is told by its own word.       *)
ReceiverLook ==
    /\ at[rx] = "idle" /\ receiver # "dropped" /\ ~IsOver
    /\ "is_disconnected" \in Calls
    /\ LET isOver == tail.done /\ tail.at = pos IN
       /\ told' = (told \/ isOver)
       /\ Says(isOver <=> Queue = <<>> /\ Live = {})
    /\ UNCHANGED <<words, ring, counts, locked, pos, end, call, got, found,
                   letIn, meeting, private, at, handle, receiver, logs,
                   received, destroyed>>

-----------------------------------------------------------------------------
(* Closing and leaving.                                                     *)
Close ==
    /\ tail' = [tail EXCEPT !.closed = TRUE]
    /\ end' = [NoWord EXCEPT !.at = tail.at, !.done = TRUE]
    /\ receiver' = "closed"
    /\ givenBack' = givenBack \cup {value[line[i]] : i \in DOMAIN line}
    /\ \E c \in Within("Close") : In(c, "CloseLock")
    /\ NoFault
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, pos, got,
                   found, letIn, meeting, private, handle, held, sent,
                   outcomes>>

CloseLock ==
    /\ at[rx] = "CloseLock" /\ lock = Nobody
    /\ lock' = rx
    /\ isClosed' = TRUE
    /\ standing' = [h \in Handle |-> IF \E i \in DOMAIN line : line[i] = h
                                     THEN "refused" ELSE standing[h]]
    /\ In(call, "CloseUnlock")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, line, pos, end, got, found, letIn,
                   meeting, how, value, word, saw, answer, handle, receiver,
                   logs, outcomes>>

ClosedGoesOn(rest) ==
    IF rest # <<>> THEN In(call, "CloseWake")
    ELSE IF call = "drop" THEN In(call, Drain(pos, end))
    ELSE Return

CloseUnlock ==
    /\ at[rx] = "CloseUnlock"
    /\ lock' = Nobody
    /\ ClosedGoesOn(line)
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, line, isClosed, pos, end, got, found,
                   letIn, meeting, private, handle, receiver, logs, outcomes>>

(* From here on the line is the receiver's, who needs no lock for it.       *)
CloseWake ==
    /\ at[rx] = "CloseWake"
    /\ Answers(Head(line))
    /\ line' = Tail(line)
    /\ ClosedGoesOn(Tail(line))
    /\ UNCHANGED <<words, ring, counts, lock, isClosed, pos, end, got, found,
                   letIn, meeting, how, value, word, saw, standing, handle,
                   receiver, logs, outcomes>>
=============================================================================
