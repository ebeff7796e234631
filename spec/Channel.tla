------------------------------ MODULE Channel ------------------------------
(* The contract of the channel: what its users may rely on, and nothing of  *)
(* how it is done.  One operation is one atomic step, named for the call    *)
(* and for what the call returned: RecvValue is a recv() that returned a    *)
(* value.  A call that has to wait is a step that is not enabled yet, so    *)
(* "recv blocks" is said as ~ENABLED Recv.                                  *)
(*                                                                          *)
(* Not in here: threads (any of them may take any step: S22, S26), moving a *)
(* handle (a moved handle is the same handle: S22), clocks and stop tokens  *)
(* (a timed recv, or one that can be asked to stop, may give up whenever    *)
(* nothing is there: S13, S40), and memory (S6, S21, S23 are about          *)
(* happens-before and allocation: verify/ checks them).                     *)
(* S-numbers are the statements in the README; ChannelProperties.tla says   *)
(* them.                                                                    *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Handle,     \* names of sender handles; each is used for one handle only
    Value       \* the values; each can be sent successfully at most once

ASSUME /\ IsFiniteSet(Handle) /\ Handle # {}
       /\ IsFiniteSet(Value)

-----------------------------------------------------------------------------
(* The state.  A value is where its owner is: with a sender, in the queue,  *)
(* with the receiver, or destroyed.                                         *)

VARIABLE handle     \* the life of each sender handle: a name comes alive once
HandleType == handle \in [Handle -> {"unborn", "live", "dropped"}]

VARIABLE receiver   \* closed: it takes what is buffered, but lets nothing in
ReceiverType == receiver \in {"open", "closed", "dropped"}

VARIABLE held       \* held[h]: the values of the sender that sends through h
HeldType == held \in [Handle -> SUBSET Value]

VARIABLE queue      \* owned by the channel, oldest first
QueueType == queue \in Seq(Value)

VARIABLE received   \* handed to the receiver, in the order of the calls
ReceivedType == received \in Seq(Value)

VARIABLE destroyed  \* destroyed with the channel, in the order of destruction
DestroyedType == destroyed \in Seq(Value)

(* History: no step looks at these three; the properties do.                *)

VARIABLE sent       \* every successful send, in the order they took effect
SentType == sent \in Seq([by: Handle, value: Value])

VARIABLE givenBack  \* values that a refused send has given back
GivenBackType == givenBack \subseteq Value

VARIABLE told       \* has the receiver been told "disconnected"?
ToldType == told \in BOOLEAN

vars == <<handle, receiver, held, queue, received, destroyed,
          sent, givenBack, told>>

TypeOK == /\ HandleType  /\ ReceiverType  /\ HeldType
          /\ QueueType   /\ ReceivedType  /\ DestroyedType
          /\ SentType    /\ GivenBackType /\ ToldType

Live == {h \in Handle : handle[h] = "live"}

(* Nothing can enter the channel any more.  What is buffered still counts.  *)
Ended == receiver = "closed" \/ Live = {}

(* Every handle has been dropped.                                           *)
Gone == receiver = "dropped" /\ Live = {}

-----------------------------------------------------------------------------
(* The beginning: some handles are alive (one, or one and clones made       *)
(* earlier), and each value is with the sender that may send it.            *)

Begin(alive, holding) ==
    /\ handle = [h \in Handle |-> IF h \in alive THEN "live" ELSE "unborn"]
    /\ receiver = "open"
    /\ held = holding
    /\ queue = <<>>
    /\ received = <<>>
    /\ destroyed = <<>>
    /\ sent = <<>>
    /\ givenBack = {}
    /\ told = FALSE

Init == \E alive \in SUBSET Handle \ {{}}, sender \in [Value -> Handle] :
            Begin(alive, [h \in Handle |-> {v \in Value : sender[v] = h}])

-----------------------------------------------------------------------------
(* Sending: there is no third outcome, and nothing to wait for.             *)

SendAccepted(h, v) ==
    /\ handle[h] = "live"
    /\ v \in held[h]
    /\ receiver = "open"
    /\ held' = [held EXCEPT ![h] = @ \ {v}]
    /\ queue' = Append(queue, v)
    /\ sent' = Append(sent, [by |-> h, value |-> v])
    /\ UNCHANGED <<handle, receiver, received, destroyed, givenBack, told>>

(* The value stays with its sender, who may try again, to be refused again. *)
SendRefused(h, v) ==
    /\ handle[h] = "live"
    /\ v \in held[h]
    /\ receiver # "open"
    /\ givenBack' = givenBack \cup {v}
    /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                   sent, told>>

Send(h, v) == SendAccepted(h, v) \/ SendRefused(h, v)

-----------------------------------------------------------------------------
(* Sender handles.                                                          *)

Clone(h, c) ==
    /\ handle[h] = "live"
    /\ handle[c] = "unborn"
    /\ handle' = [handle EXCEPT ![c] = "live"]
    /\ UNCHANGED <<receiver, held, queue, received, destroyed,
                   sent, givenBack, told>>

(* Values that were not sent are their sender's own affair and stay in held. *)
DropSender(h) ==
    /\ handle[h] = "live"
    /\ handle' = [handle EXCEPT ![h] = "dropped"]
    /\ UNCHANGED <<receiver, held, queue, received, destroyed,
                   sent, givenBack, told>>

-----------------------------------------------------------------------------
(* Receiving.  The three calls agree on what they return when something is  *)
(* there, and on when it is over; they differ in what they do otherwise:    *)
(* recv waits, try_recv says empty, a timed recv waits or says timeout.     *)
(* (One that can be asked to stop is a timed recv, and says stopped.)       *)

Take(v) ==
    /\ queue # <<>>
    /\ v = Head(queue)
    /\ queue' = Tail(queue)
    /\ received' = Append(received, v)
    /\ UNCHANGED <<handle, receiver, held, destroyed, sent, givenBack, told>>

FindNothing ==
    /\ queue = <<>>
    /\ ~Ended
    /\ UNCHANGED vars

LearnTheEnd ==
    /\ queue = <<>>
    /\ Ended
    /\ told' = TRUE
    /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                   sent, givenBack>>

RecvValue(v)          == receiver # "dropped" /\ Take(v)
RecvDisconnected      == receiver # "dropped" /\ LearnTheEnd

TryRecvValue(v)       == receiver # "dropped" /\ Take(v)
TryRecvEmpty          == receiver # "dropped" /\ FindNothing
TryRecvDisconnected   == receiver # "dropped" /\ LearnTheEnd

RecvTimedValue(v)     == receiver # "dropped" /\ Take(v)
RecvTimedOut          == receiver # "dropped" /\ FindNothing
RecvTimedDisconnected == receiver # "dropped" /\ LearnTheEnd

(* A receive may be left at any moment by unwinding: its clock throws, or   *)
(* its thread is cancelled.  Then it has done nothing.                      *)
RecvUnwound == receiver # "dropped" /\ UNCHANGED vars

(* The calls as wholes.  Iterating is repeating Recv until RecvDisconnected; *)
(* try_iter is repeating TryRecv until TryRecvEmpty or TryRecvDisconnected. *)
Recv      == \/ \E v \in Value : RecvValue(v)
             \/ RecvDisconnected
TryRecv   == \/ \E v \in Value : TryRecvValue(v)
             \/ TryRecvEmpty
             \/ TryRecvDisconnected
RecvTimed == \/ \E v \in Value : RecvTimedValue(v)
             \/ RecvTimedOut
             \/ RecvTimedDisconnected

-----------------------------------------------------------------------------
(* The receiver closes or leaves.                                           *)

(* Closing what is closed already is a step that changes nothing.           *)
Close ==
    /\ receiver # "dropped"
    /\ receiver' = "closed"
    /\ UNCHANGED <<handle, held, queue, received, destroyed,
                   sent, givenBack, told>>

DropReceiver ==
    /\ receiver # "dropped"
    /\ receiver' = "dropped"
    /\ queue' = <<>>
    /\ destroyed' = destroyed \o queue
    /\ UNCHANGED <<handle, held, received, sent, givenBack, told>>

-----------------------------------------------------------------------------
(* Asking: would a send be refused, would a receive report the end?         *)

SenderConnected(h) ==
    /\ handle[h] = "live" /\ receiver = "open"
    /\ UNCHANGED vars
SenderDisconnected(h) ==
    /\ handle[h] = "live" /\ receiver # "open"
    /\ UNCHANGED vars

ReceiverConnected ==
    /\ receiver # "dropped"
    /\ queue # <<>> \/ ~Ended
    /\ UNCHANGED vars
ReceiverDisconnected == receiver # "dropped" /\ LearnTheEnd

-----------------------------------------------------------------------------
Next ==
    \/ \E h \in Handle, v \in Value : SendAccepted(h, v)
    \/ \E h \in Handle, v \in Value : SendRefused(h, v)
    \/ \E h, c \in Handle : Clone(h, c)
    \/ \E h \in Handle : DropSender(h)
    \/ \E v \in Value : RecvValue(v)
    \/ RecvDisconnected
    \/ \E v \in Value : TryRecvValue(v)
    \/ TryRecvEmpty
    \/ TryRecvDisconnected
    \/ \E v \in Value : RecvTimedValue(v)
    \/ RecvTimedOut
    \/ RecvTimedDisconnected
    \/ RecvUnwound
    \/ Close
    \/ DropReceiver
    \/ \E h \in Handle : SenderConnected(h)
    \/ \E h \in Handle : SenderDisconnected(h)
    \/ ReceiverConnected
    \/ ReceiverDisconnected

(* Nobody has to do anything: a contract says what may happen.              *)
Spec == Init /\ [][Next]_vars

(* Liveness needs parties that want something.  A receiver that goes on     *)
(* calling recv (it iterates) until it is told of the end ...               *)
Iterating == WF_vars(Recv)

(* ... and senders that are all dropped, sooner or later.                   *)
SendersLeave == \A h \in Handle : WF_vars(DropSender(h))

=============================================================================
