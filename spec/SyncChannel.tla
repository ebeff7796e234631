----------------------------- MODULE SyncChannel -----------------------------
(* The contract of the bounded channel: the steps of Channel.tla, and room. *)
(* A send that finds no room waits in line, with its value still its own.   *)
(* With a capacity that no run can fill nobody waits, and this is           *)
(* Channel.tla, state for state (the model sync_unbounded says so).         *)
(*                                                                          *)
(* A call that waits takes two steps: it begins to wait, and is answered,   *)
(* by a step of another thread.                                             *)
EXTENDS Channel

VARIABLE capacity   \* how many values the channel holds; 0: none, a send
                    \* meets a receive.  No step changes it
CapacityType == capacity \in Nat

VARIABLE line       \* the sends that wait for room, first come first served
LineType == line \in Seq([by: Handle, value: Value])

VARIABLE meeting    \* with capacity 0: a receive waits, which is room for one
MeetingType == meeting \in BOOLEAN

waiting  == <<capacity, line, meeting>>
syncVars == <<vars, waiting>>

SyncTypeOK == TypeOK /\ CapacityType /\ LineType /\ MeetingType

(* No run fills it; and it is no rendezvous where there are no values.      *)
Unbounded == Cardinality(Value) + 1

SyncBegin(alive, holding, room) ==
    /\ Begin(alive, holding)
    /\ capacity = room
    /\ line = <<>>
    /\ meeting = FALSE

SyncInit == Init /\ capacity \in Nat /\ line = <<>> /\ meeting = FALSE

-----------------------------------------------------------------------------
(* Sending.                                                                 *)

Full         == Len(queue) >= capacity + (IF meeting THEN 1 ELSE 0)
NoRoom       == Full \/ line # <<>>     \* nobody overtakes who waits
IsWaiting(v) == \E i \in DOMAIN line : line[i].value = v

(* A call of send with v, which is not the one that waits already.          *)
MaySend(h, v) == handle[h] = "live" /\ v \in held[h] /\ ~IsWaiting(v)

SyncSendAccepted(h, v) ==
    /\ MaySend(h, v) /\ ~NoRoom
    /\ SendAccepted(h, v)
    /\ UNCHANGED waiting

SyncSendRefused(h, v) ==
    /\ MaySend(h, v)
    /\ SendRefused(h, v)
    /\ UNCHANGED waiting

SendWaits(h, v) ==
    /\ MaySend(h, v) /\ receiver = "open" /\ NoRoom
    /\ line' = Append(line, [by |-> h, value |-> v])
    /\ UNCHANGED <<vars, capacity, meeting>>

TrySendFull(h, v) ==
    /\ MaySend(h, v) /\ receiver = "open" /\ NoRoom
    /\ UNCHANGED syncVars

(* A send that waits gives up: at its deadline, or asked to stop.           *)
SendGivesUp(h, v) ==
    /\ \E i \in DOMAIN line : line[i] = [by |-> h, value |-> v]
    /\ line' = SelectSeq(line, LAMBDA w : w.value # v)
    /\ UNCHANGED <<vars, capacity, meeting>>

(* A send may be left by unwinding at any moment until it is answered: its  *)
(* clock throws, or its thread is cancelled.                                *)
SendUnwound(h, v) == SendGivesUp(h, v) \/ (MaySend(h, v) /\ UNCHANGED syncVars)

-----------------------------------------------------------------------------
(* Sender handles.  One that waits is in use, and can't be dropped.         *)

SyncClone(h, c) == Clone(h, c) /\ UNCHANGED waiting

SyncDropSender(h) ==
    /\ \A i \in DOMAIN line : line[i].by # h
    /\ DropSender(h)
    /\ UNCHANGED waiting

SyncSenderConnected(h)    == SenderConnected(h) /\ UNCHANGED waiting
SyncSenderDisconnected(h) == SenderDisconnected(h) /\ UNCHANGED waiting

-----------------------------------------------------------------------------
(* Receiving.  Who takes a value makes room, and that is given at once to   *)
(* the first in line, whose send is accepted by the same step.  With        *)
(* capacity 0 that value goes from hand to hand.                            *)

LetIn ==
    LET w == Head(line) IN
    /\ line' = Tail(line)
    /\ held' = [held EXCEPT ![w.by] = @ \ {w.value}]
    /\ sent' = Append(sent, w)
    /\ UNCHANGED <<handle, receiver, destroyed, givenBack, told, capacity>>

TakeAndLetIn(v) ==
    /\ receiver # "dropped"
    /\ queue # <<>> /\ line # <<>> /\ capacity > 0
    /\ v = Head(queue)
    /\ queue' = Append(Tail(queue), Head(line).value)
    /\ received' = Append(received, v)
    /\ LetIn

FromHandToHand(v) ==
    /\ receiver # "dropped"
    /\ queue = <<>> /\ line # <<>>
    /\ v = Head(line).value
    /\ received' = Append(received, v)
    /\ LetIn
    /\ UNCHANGED queue

(* `take`: what Channel.tla says of this call where nobody waits.           *)
Receives(v, take) ==
    /\ \/ take /\ (line = <<>> \/ capacity = 0) /\ UNCHANGED line
       \/ TakeAndLetIn(v)
       \/ FromHandToHand(v)
    /\ meeting' = FALSE /\ UNCHANGED capacity

(* `what`: what Channel.tla says of a call that finds nothing.              *)
FindsNobody(what) ==
    /\ what /\ line = <<>>
    /\ meeting' = FALSE /\ UNCHANGED <<capacity, line>>

SyncRecvValue(v)          == Receives(v, RecvValue(v))
SyncRecvDisconnected      == FindsNobody(RecvDisconnected)
SyncRecvTimedValue(v)     == Receives(v, RecvTimedValue(v))
SyncRecvTimedOut          == FindsNobody(RecvTimedOut)
SyncRecvTimedDisconnected == FindsNobody(RecvTimedDisconnected)
SyncTryRecvValue(v)       == ~meeting /\ Receives(v, TryRecvValue(v))
SyncTryRecvEmpty          == ~meeting /\ FindsNobody(TryRecvEmpty)
SyncTryRecvDisconnected   == ~meeting /\ FindsNobody(TryRecvDisconnected)

(* With capacity 0, a receive that finds nobody waits for a send.           *)
RecvWaits ==
    /\ capacity = 0 /\ receiver = "open" /\ ~meeting /\ Live # {}
    /\ queue = <<>> /\ line = <<>>
    /\ meeting' = TRUE
    /\ UNCHANGED <<vars, capacity, line>>

(* If a send was met already, the value is left to the next call.           *)
SyncRecvUnwound ==
    /\ RecvUnwound
    /\ meeting' = FALSE /\ UNCHANGED <<capacity, line>>

(* A receive that waits for a send looks again before it waits any longer.  *)
RecvIsInterrupted ==
    /\ meeting /\ queue = <<>>
    /\ meeting' = FALSE
    /\ UNCHANGED <<vars, capacity, line>>

SyncReceiverConnected ==
    /\ ~meeting
    /\ IF line = <<>> THEN ReceiverConnected
       ELSE receiver # "dropped" /\ UNCHANGED vars
    /\ UNCHANGED waiting
SyncReceiverDisconnected ==
    ~meeting /\ line = <<>> /\ ReceiverDisconnected /\ UNCHANGED waiting

SyncRecv == \/ \E v \in Value : SyncRecvValue(v)
            \/ SyncRecvDisconnected

-----------------------------------------------------------------------------
(* The receiver closes or leaves.  Who waits is refused by the same step,   *)
(* and has its value back.                                                  *)

Refuse == /\ line' = <<>>
          /\ givenBack' = givenBack \cup {line[i].value : i \in DOMAIN line}
          /\ UNCHANGED <<capacity, meeting>>

SyncClose ==
    \/ line = <<>> /\ ~meeting /\ Close /\ UNCHANGED waiting
    \/ /\ line # <<>>
       /\ receiver' = "closed"
       /\ Refuse
       /\ UNCHANGED <<handle, held, queue, received, destroyed, sent, told>>

SyncDropReceiver ==
    \/ line = <<>> /\ ~meeting /\ DropReceiver /\ UNCHANGED waiting
    \/ /\ line # <<>>
       /\ receiver' = "dropped"
       /\ queue' = <<>>
       /\ destroyed' = destroyed \o queue
       /\ Refuse
       /\ UNCHANGED <<handle, held, received, sent, told>>

-----------------------------------------------------------------------------
SyncNext ==
    \/ \E h \in Handle, v \in Value : SyncSendAccepted(h, v)
    \/ \E h \in Handle, v \in Value : SyncSendRefused(h, v)
    \/ \E h \in Handle, v \in Value : SendWaits(h, v)
    \/ \E h \in Handle, v \in Value : TrySendFull(h, v)
    \/ \E h \in Handle, v \in Value : SendGivesUp(h, v)
    \/ \E h \in Handle, v \in Value : SendUnwound(h, v)
    \/ \E h, c \in Handle : SyncClone(h, c)
    \/ \E h \in Handle : SyncDropSender(h)
    \/ \E v \in Value : SyncRecvValue(v)
    \/ SyncRecvDisconnected
    \/ \E v \in Value : SyncTryRecvValue(v)
    \/ SyncTryRecvEmpty
    \/ SyncTryRecvDisconnected
    \/ \E v \in Value : SyncRecvTimedValue(v)
    \/ SyncRecvTimedOut
    \/ SyncRecvTimedDisconnected
    \/ RecvWaits
    \/ SyncRecvUnwound
    \/ RecvIsInterrupted
    \/ SyncClose
    \/ SyncDropReceiver
    \/ \E h \in Handle : SyncSenderConnected(h)
    \/ \E h \in Handle : SyncSenderDisconnected(h)
    \/ SyncReceiverConnected
    \/ SyncReceiverDisconnected

SyncSpec == SyncInit /\ [][SyncNext]_syncVars

(* A receiver that goes on calling recv.                                    *)
SyncIterating == WF_syncVars(SyncRecv)
=============================================================================
