------------------------------ MODULE Channel ------------------------------
(* The contract of the channel: what its users may rely on, and nothing of  *)
(* how it is done.  One operation is one atomic step, named for the call    *)
(* and for what the call returned: RecvValue is a recv() that returned a    *)
(* value.  A call that has to wait is a step that is not enabled yet, so    *)
(* "recv blocks" is said as ~ENABLED Recv.                                  *)
(*                                                                          *)
(* Not in here: threads (any of them may take any step: S22, S26), moving a *)
(* handle (a moved handle is the same handle: S22), clocks (a timed recv    *)
(* may give up whenever nothing is there: S13), and memory (S6, S21, S23    *)
(* are about happens-before and allocation: verify/ checks them).           *)
(* S-numbers are the statements in the README.                              *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Handle,     \* names of sender handles; each is used for one handle only
    Value       \* the values; each can be sent successfully at most once

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

-----------------------------------------------------------------------------
(* The properties.  Their names carry the number of the statement.  They    *)
(* are written in terms of the state and of ENABLED, never in terms of the  *)
(* guards above: a wrong guard must not make its property wrong as well.    *)

Values(log) == [i \in DOMAIN log |-> log[i].value]
By(h, v)    == \E i \in DOMAIN sent : sent[i] = [by |-> h, value |-> v]
Prefix(s, t) == Len(s) <= Len(t) /\ SubSeq(t, 1, Len(s)) = s

(* How often a value occurs in a sequence, and at all its possible owners.  *)
Count(v, seq) == Cardinality({i \in DOMAIN seq : seq[i] = v})
Owners(v) == Cardinality({h \in Handle : v \in held[h]})
                 + Count(v, queue) + Count(v, received) + Count(v, destroyed)

NoSenderLives == \A h \in Handle : handle[h] # "live"
CanSend(h, v) == handle[h] = "live" /\ v \in held[h]

-----------------------------------------------------------------------------
(* Ownership and delivery.                                                  *)

(* S1: never two owners.  (That there never is none is S3.)                 *)
S1_NoValueHasTwoOwners == \A v \in Value : Owners(v) <= 1

(* S3: a value that was sent is buffered, received or destroyed, once; and  *)
(* when the channel is gone with its last handle, it is not buffered.       *)
Gone == receiver = "dropped" /\ NoSenderLives
S3_SentIsReceivedOrDestroyedOnce ==
    \A v \in Value : Count(v, Values(sent)) =
        Count(v, received) + Count(v, destroyed)
            + (IF Gone THEN 0 ELSE Count(v, queue))

(* S3: and a value that was not sent is still with its sender.              *)
S3_UnsentStaysWithItsSender ==
    \A v \in Value : Count(v, Values(sent)) = 0 =>
        \E h \in Handle : v \in held[h]

(* S4: what is received from one sender is what it sent first, in order.    *)
S4_EachSendersOrderIsKept ==
    \A h \in Handle :
        LET FromH(v) == By(h, v) IN
        Prefix(SelectSeq(received, FromH),
               SelectSeq(Values(sent), FromH))

(* S5: across senders, too.  Steps are in one order, which contains         *)
(* happens-before, whatever made it.                                        *)
S5_OneQueueForAllSenders == Prefix(received, Values(sent))

-----------------------------------------------------------------------------
(* Sending.                                                                 *)

(* S7: whoever has a handle and a value can send at once.                   *)
S7_SendNeverWaits ==
    \A h \in Handle, v \in Value : CanSend(h, v) => ENABLED Send(h, v)

(* S8: accepted if the receiver is there and open, refused if not.          *)
S8_RefusedExactlyWhenClosedOrGone ==
    \A h \in Handle, v \in Value : CanSend(h, v) =>
        /\ ENABLED SendAccepted(h, v) <=> receiver = "open"
        /\ ENABLED SendRefused(h, v)  <=> receiver # "open"

(* S8: a refused value is the sender's again and never comes out.           *)
S8_GivenBackIsNeverReceived ==
    \A v \in givenBack : /\ \E h \in Handle : v \in held[h]
                         /\ Count(v, queue \o received \o destroyed) = 0

-----------------------------------------------------------------------------
(* Receiving.                                                               *)

(* S10: recv blocks exactly while the channel is open and empty and a       *)
(* sender lives.                                                            *)
S10_RecvBlocksExactlyWhileEmptyAndConnected ==
    receiver # "dropped" =>
        (~ENABLED Recv <=>
            queue = <<>> /\ receiver = "open" /\ ~NoSenderLives)

(* S10: so whoever goes on receiving gets everything that was sent.         *)
S10_BufferedIsReceivedInTheEnd ==
    \A v \in Value : Count(v, queue) > 0 ~>
        Count(v, received) > 0 \/ receiver = "dropped"

(* S11: "disconnected" comes after everything that was sent ...             *)
S11_EverythingBeforeDisconnected ==
    told => queue = <<>> /\ received = Values(sent)

(* S11: ... and is the only answer from then on.                            *)
S11_DisconnectedIsFinal ==
    told /\ receiver # "dropped" =>
        /\ ENABLED RecvDisconnected
        /\ ENABLED TryRecvDisconnected
        /\ ENABLED RecvTimedDisconnected
        /\ ENABLED ReceiverDisconnected
        /\ ~ENABLED TryRecvEmpty
        /\ ~ENABLED RecvTimedOut
        /\ ~ENABLED ReceiverConnected
        /\ \A v \in Value : ~ENABLED RecvValue(v)

(* S12: try_recv always has one answer, and the true one: a value if one    *)
(* was sent and not yet taken, empty if one may still come, or disconnected. *)
S12_TryRecvTellsTheTruth ==
    receiver # "dropped" =>
        /\ (\E v \in Value : ENABLED TryRecvValue(v)) <=> queue # <<>>
        /\ ENABLED TryRecvEmpty <=>
               queue = <<>> /\ receiver = "open" /\ ~NoSenderLives
        /\ ENABLED TryRecvDisconnected <=>
               queue = <<>> /\ (receiver = "closed" \/ NoSenderLives)

(* S13: a value, and the end, beat the deadline.                            *)
S13_ValueAndEndBeatTheDeadline ==
    receiver # "dropped" =>
        /\ (\E v \in Value : ENABLED RecvTimedValue(v)) <=> queue # <<>>
        /\ ENABLED RecvTimedOut <=>
               queue = <<>> /\ receiver = "open" /\ ~NoSenderLives
        /\ ENABLED RecvTimedDisconnected <=>
               queue = <<>> /\ (receiver = "closed" \/ NoSenderLives)

(* S14: a value leaves the queue for the receiver, or when the receiver is  *)
(* dropped; and who finds nothing ends nothing.  So a time-out leaves       *)
(* everything to the next call.                                             *)
S14_TimeOutChangesNothing ==
    [][/\ queue' # queue =>
              sent' # sent \/ received' # received \/ receiver' = "dropped"
       /\ RecvTimedOut \/ TryRecvEmpty \/ RecvUnwound =>
              UNCHANGED <<handle, receiver>>]_vars

-----------------------------------------------------------------------------
(* Cloning, dropping, closing.                                              *)

(* S15: a clone is one more sender, and takes nothing from the others.      *)
S15_CloneAddsASender ==
    [][\A c \in Handle : handle[c] # "live" /\ handle'[c] = "live" =>
           /\ handle[c] = "unborn" /\ ~NoSenderLives
           /\ handle' = [handle EXCEPT ![c] = "live"]
           /\ held' = held]_vars

(* S15: while a sender lives and the receiver is open, no call says         *)
(* "disconnected", whoever else has been dropped.                           *)
S15_OpenUntilTheLastDrop ==
    ~NoSenderLives /\ receiver = "open" =>
        /\ ~told
        /\ ~ENABLED RecvDisconnected
        /\ ~ENABLED TryRecvDisconnected
        /\ ~ENABLED RecvTimedDisconnected

(* S16: after the last drop a recv can return: nothing blocks it any more.  *)
S16_LastDropUnblocksRecv ==
    NoSenderLives /\ receiver # "dropped" => ENABLED Recv

(* S16: and so it does return.                                              *)
S16_LastDropIsToldInTheEnd ==
    NoSenderLives ~> told \/ receiver = "dropped"

(* S17: the loop ends after the last drop (or a close) with every value     *)
(* yielded: not before (S11_EverythingBeforeDisconnected and                *)
(* S15_OpenUntilTheLastDrop), and not later, once every sender leaves.      *)
S17_IterationEnds ==
    <>(receiver = "dropped" \/ (told /\ received = Values(sent)))

(* S18: try_iter ends when nothing is buffered, and only then               *)
(* (S12_TryRecvTellsTheTruth), and leaves all to the next one (S14).        *)

(* S19: nothing stays behind the receiver: what it did not take has been    *)
(* destroyed, in order ...                                                  *)
S19_DropDestroysTheRestInOrder ==
    receiver = "dropped" =>
        queue = <<>> /\ received \o destroyed = Values(sent)

(* S19: ... by the drop and by nothing else, at once, whoever else lives.   *)
S19_OnlyTheDropDestroys ==
    [][destroyed' # destroyed =>
           receiver # "dropped" /\ receiver' = "dropped"]_vars

(* S19: and nothing comes after it.                                         *)
S19_NothingIsSentToADroppedReceiver ==
    [][receiver = "dropped" => sent' = sent /\ receiver' = "dropped"]_vars

(* S20: closing stops sends at once, and for good.                          *)
S20_NothingIsSentAfterClose ==
    [][receiver = "closed" => sent' = sent /\ receiver' # "open"]_vars

(* S20: what was sent before is still received, then comes "disconnected".  *)
S20_ClosedIsDrainedThenDisconnected ==
    receiver = "closed" =>
        /\ received \o queue = Values(sent)
        /\ IF queue = <<>> THEN ENABLED RecvDisconnected
                           ELSE ENABLED RecvValue(Head(queue))

(* S20: closing can be repeated.                                            *)
S20_CloseIsAlwaysPossible == receiver # "dropped" => ENABLED Close

(* S22: every handle can be dropped at every moment, whatever came before;  *)
(* the receiver's, too, while something is buffered (S9).                   *)
S22_DropsInAnyOrder ==
    /\ \A h \in Handle : handle[h] = "live" => ENABLED DropSender(h)
    /\ receiver # "dropped" => ENABLED DropReceiver

(* S22: a drop ends that handle, and no other.                              *)
S22_ADropEndsOnlyThatHandle ==
    [][\A h \in Handle : handle[h] = "live" /\ handle'[h] # "live" =>
           /\ handle' = [handle EXCEPT ![h] = "dropped"]
           /\ receiver' = receiver]_vars

-----------------------------------------------------------------------------
(* Leaving a receive, and asking.                                           *)

(* S27: a receive can be left whenever it may be called.                    *)
S27_UnwindingIsAlwaysPossible == receiver # "dropped" => ENABLED RecvUnwound

(* S29: a sender is told that it is disconnected exactly if every later     *)
(* send fails ...                                                           *)
S29_SendersAreToldTheTruth ==
    \A h \in Handle : handle[h] = "live" =>
        /\ ENABLED SenderDisconnected(h) <=> receiver # "open"
        /\ ENABLED SenderConnected(h)    <=> receiver = "open"

(* S29: ... and the receiver, exactly if its next receive reports the end.  *)
S29_TheReceiverIsToldTheTruth ==
    receiver # "dropped" =>
        /\ ENABLED ReceiverDisconnected <=>
               queue = <<>> /\ (receiver = "closed" \/ NoSenderLives)
        /\ ENABLED ReceiverConnected <=>
               queue # <<>> \/ (receiver = "open" /\ ~NoSenderLives)
=============================================================================
