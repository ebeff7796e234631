---------------------------- MODULE ChannelTrace ----------------------------
(* Traces: what real threads did to the channel, as they recorded it.  TLC  *)
(* reads each with one cursor for each thread, and accepts it if the        *)
(* contract's own steps lead to the end of all of them.                     *)
(*                                                                          *)
(* Many traces are judged at once: which one it is, is part of the initial  *)
(* state.  ferry_tools.traces writes the module TraceData; it defines       *)
(*                                                                          *)
(*   Traces  a sequence of [capacity |-> negative: it is unbounded,         *)
(*                          senders |-> the handles alive at the start,     *)
(*                          held |-> for each handle, what is sent by it,   *)
(*                          mayFail |-> whether sends may throw (S24),      *)
(*                          threads |-> a sequence of sequences of events]  *)
(*   AllHandles, AllValues  of all of them                                  *)
(*                                                                          *)
(* and reads what is printed.  An event is [step |-> its name, at |-> its   *)
(* place] and, where it has them, handle, value, as (the name of the        *)
(* clone), event, destroyed.                                                *)
(*                                                                          *)
(* The order.  A thread's events are read in its own order.  What the       *)
(* channel's word decided is numbered, across all threads: the claimed      *)
(* positions say in which order (`at`, from 1 on).  All else is not ordered *)
(* but by what the contract says of it: a value is received once it is the  *)
(* first in the queue, an Await goes on once its Signal was given.  Such an *)
(* event is read as soon as it can be, before what the word decided next:   *)
(* none of them takes anything from another thread's, so nothing is lost    *)
(* by that, and each trace has one course.  One does, of a bounded channel: *)
(* who takes a value ends it for others that there is no room.  So it is    *)
(* read when nothing else can be: the next claim needs that room, or the    *)
(* next event of the same thread has to come.  Whatever the numbers are, a  *)
(* trace that is accepted is one of the contract's: the order is a witness, *)
(* not an assumption.                                                       *)
EXTENDS SyncChannel, Integers, TLC, TraceData

VARIABLE trace      \* the index of the trace that is read
VARIABLE read       \* read[t]: how many events of thread t have been read
VARIABLE now        \* the place of the last event that the word decided
VARIABLE signalled  \* the events that have been signalled

reader == <<trace, read, now, signalled>>

Threads  == Traces[trace].threads
Last     == Len(Threads)   \* drops what is left, when all are through
Unread   == {t \in DOMAIN Threads : read[t] < Len(Threads[t])}
Event(t) == Threads[t][read[t] + 1]

TraceType == /\ trace \in DOMAIN Traces
             /\ \A t \in DOMAIN Threads : read[t] \in 0 .. Len(Threads[t])
             /\ now \in Nat
             /\ SyncTypeOK

IsBounded == Traces[trace].capacity >= 0

TraceInit ==
    /\ trace \in DOMAIN Traces
    /\ SyncBegin(Traces[trace].senders,
                 [h \in Handle |-> IF h \in DOMAIN Traces[trace].held
                                   THEN Traces[trace].held[h] ELSE {}],
                 IF IsBounded THEN Traces[trace].capacity ELSE Unbounded)
    /\ read = [t \in DOMAIN Threads |-> 0]
    /\ now = 0
    /\ signalled = {}

-----------------------------------------------------------------------------
(* Some things it is for the word to decide: that a value is accepted, that *)
(* there is nothing, that it is over; this last, once the receiver has      *)
(* closed, it knows without the word.  Of the drops of senders, only that   *)
(* of the last is for the word; of receives, those that let in a sender who *)
(* waits.  Who joins the line, and when a receive waits for a send, is told *)
(* by the word and by how often the lock was taken.  Who finds it full has  *)
(* seen how many values were claimed.  Of a bounded channel, whose lock is  *)
(* not taken for that, it is not told when the receiver saw that it is      *)
(* connected.                                                               *)

Takes  == {"RecvValue", "TryRecvValue", "RecvTimedValue"}
LetsIn == line # <<>> /\ (capacity > 0 \/ queue = <<>>)

DecidedByTheWord(e) ==
    CASE e.step \in {"SendAccepted", "SendWaits", "RecvWaits",
                     "TryRecvEmpty", "RecvTimedOut", "RecvStopped"} -> TRUE
      [] e.step \in Takes -> LetsIn
      [] e.step \in {"RecvDisconnected", "TryRecvDisconnected",
                     "RecvTimedDisconnected", "TryIterEnds",
                     "ReceiverDisconnected",
                     "Close", "DropReceiver"} -> receiver = "open"
      [] e.step = "ReceiverConnected" -> ~IsBounded /\ receiver = "open"
      [] e.step = "DropSender" -> Live = {e.handle}
      [] OTHER -> FALSE

InItsPlace(e) ==
    IF e.at = 0 THEN ~DecidedByTheWord(e)
    ELSE e.at = now + 1 /\ (e.step \in Takes \cup {"DropSender"} => DecidedByTheWord(e))

Stop == 0       \* the request to stop, among the events

(* A step of the contract; or what is none: a send that throws (S24), one   *)
(* that has waited and is told that a receive has let it in, and what the   *)
(* threads tell each other outside of the channel.                          *)
Explained(e) ==
    CASE e.step = "SendAccepted"    -> SyncSendAccepted(e.handle, e.value)
      [] e.step = "SendRefused"     -> SyncSendRefused(e.handle, e.value)
      [] e.step = "SendWaits"       -> SendWaits(e.handle, e.value)
      [] e.step = "TrySendFull"     -> /\ Len(sent) = e.claimed
                                       /\ TrySendFull(e.handle, e.value)
      [] e.step = "SendGivesUp"     -> SendGivesUp(e.handle, e.value)
      [] e.step = "SendStopped"     -> /\ Stop \in signalled
                                       /\ SendGivesUp(e.handle, e.value)
      [] e.step = "Clone"           -> SyncClone(e.handle, e.as)
      [] e.step = "DropSender"      -> SyncDropSender(e.handle)
      [] e.step = "RecvWaits"       -> RecvWaits
      [] e.step = "RecvValue"       -> SyncRecvValue(e.value)
      [] e.step = "RecvDisconnected" -> SyncRecvDisconnected
      [] e.step = "TryRecvValue"    -> SyncTryRecvValue(e.value)
      [] e.step = "TryRecvEmpty"    -> SyncTryRecvEmpty
      [] e.step = "TryRecvDisconnected" -> SyncTryRecvDisconnected
      [] e.step = "RecvTimedValue"  -> SyncRecvTimedValue(e.value)
      [] e.step = "RecvTimedOut"    -> SyncRecvTimedOut
      [] e.step = "RecvTimedDisconnected" -> SyncRecvTimedDisconnected
      [] e.step = "RecvStopped"     -> Stop \in signalled /\ SyncRecvTimedOut
      [] e.step = "RecvUnwound"     -> SyncRecvUnwound
      [] e.step = "SenderConnected"    -> SyncSenderConnected(e.handle)
      [] e.step = "SenderDisconnected" -> SyncSenderDisconnected(e.handle)
      [] e.step = "ReceiverConnected"  -> SyncReceiverConnected
      [] e.step = "ReceiverDisconnected" -> SyncReceiverDisconnected
      [] e.step = "Close"           -> SyncClose
      [] e.step = "DropReceiver"    -> SyncDropReceiver /\ destroyed' = e.destroyed
      [] e.step = "TryIterEnds"     -> SyncTryRecvEmpty \/ SyncTryRecvDisconnected
      [] e.step = "SendLetIn"       -> /\ IsBounded
                                       /\ handle[e.handle] = "live"
                                       /\ e.value \notin held[e.handle]
                                       /\ UNCHANGED syncVars
      [] e.step = "SendThrew"       -> /\ Traces[trace].mayFail
                                       /\ handle[e.handle] = "live"
                                       /\ e.value \in held[e.handle]
                                       /\ UNCHANGED syncVars
      [] e.step = "Signal"          -> UNCHANGED syncVars
      [] e.step = "Await"           -> e.event \in signalled /\ UNCHANGED syncVars
      [] OTHER                      -> FALSE

Read(t) ==
    LET e == Event(t) IN
    /\ t = Last => Unread = {Last}
    /\ InItsPlace(e)
    /\ Explained(e)
    /\ read' = [read EXCEPT ![t] = @ + 1]
    /\ now' = IF e.at = 0 THEN now ELSE e.at
    /\ signalled' = IF e.step = "Signal" THEN signalled \cup {e.event}
                                         ELSE signalled
    /\ UNCHANGED trace

CanGoOn == {t \in Unread : ENABLED Read(t)}
ComesLast(t) == IsBounded /\ Event(t).at = 0 /\ Event(t).step \in Takes
Unnumbered(threads) == {t \in threads : Event(t).at = 0 /\ ~ComesLast(t)}
Numbered(threads) == {t \in threads : Event(t).at # 0}
First(threads) == CHOOSE t \in threads : \A u \in threads : t <= u

(* Accepted: every event of every thread is explained, and every handle is  *)
(* gone, so that nothing is left that the trace does not account for.       *)
Accepted == Unread = {} /\ Gone
Rejected == ~Accepted /\ CanGoOn = {}

TraceNext ==
    \/ /\ CanGoOn # {}
       /\ LET soonest == Unnumbered(CanGoOn)
              sooner  == Numbered(CanGoOn) IN
          Read(First(IF soonest # {} THEN soonest
                     ELSE IF sooner # {} THEN sooner ELSE CanGoOn))
    \/ (Accepted \/ Rejected) /\ UNCHANGED <<syncVars, reader>>

TraceSpec == TraceInit /\ [][TraceNext]_<<syncVars, reader>>

-----------------------------------------------------------------------------
(* An invariant, because TLC evaluates it exactly once for each state.  It  *)
(* is not enough that TLC finds no error: a trace is accepted if this says  *)
(* so.                                                                      *)
EveryVerdictIsPrinted ==
    /\ Accepted => PrintT("accepted " \o ToString(trace))
    /\ Rejected => PrintT("rejected " \o ToString(trace) \o " " \o ToString(read))
=============================================================================
