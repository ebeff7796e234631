---------------------------- MODULE ChannelTrace ----------------------------
(* Traces: what real threads did to the channel, as they recorded it.  TLC  *)
(* reads each with one cursor for each thread, and accepts it if the        *)
(* contract's own steps lead to the end of all of them.                     *)
(*                                                                          *)
(* Many traces are judged at once: which one it is, is part of the initial  *)
(* state.  ferry_tools.traces writes the module TraceData; it defines       *)
(*                                                                          *)
(*   Traces  a sequence of [senders |-> the handles alive at the start,     *)
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
(* by that, and each trace has one course.  Whatever the numbers are, a     *)
(* trace that is accepted is one of the contract's: the order is a witness, *)
(* not an assumption.                                                       *)
EXTENDS Channel, Integers, TLC, TraceData

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
             /\ TypeOK

TraceInit ==
    /\ trace \in DOMAIN Traces
    /\ Begin(Traces[trace].senders,
             [h \in Handle |-> IF h \in DOMAIN Traces[trace].held
                               THEN Traces[trace].held[h] ELSE {}])
    /\ read = [t \in DOMAIN Threads |-> 0]
    /\ now = 0
    /\ signalled = {}

-----------------------------------------------------------------------------
(* Some things it is for the word to decide: that a value is accepted, that *)
(* there is nothing, that it is over; this last, once the receiver has      *)
(* closed, it knows without the word.  Of the drops of senders, only that   *)
(* of the last is for the word.                                             *)

DecidedByTheWord(e) ==
    CASE e.step \in {"SendAccepted", "TryRecvEmpty", "RecvTimedOut"} -> TRUE
      [] e.step \in {"RecvDisconnected", "TryRecvDisconnected",
                     "RecvTimedDisconnected", "TryIterEnds",
                     "ReceiverConnected", "ReceiverDisconnected",
                     "Close", "DropReceiver"} -> receiver = "open"
      [] e.step = "DropSender" -> Live = {e.handle}
      [] OTHER -> FALSE

InItsPlace(e) ==
    IF e.at = 0 THEN ~DecidedByTheWord(e)
    ELSE e.at = now + 1 /\ (e.step = "DropSender" => DecidedByTheWord(e))

(* A step of the contract; or what is none: a send that throws (S24), and   *)
(* what the threads tell each other outside of the channel.                 *)
Explained(e) ==
    CASE e.step = "SendAccepted"    -> SendAccepted(e.handle, e.value)
      [] e.step = "SendRefused"     -> SendRefused(e.handle, e.value)
      [] e.step = "Clone"           -> Clone(e.handle, e.as)
      [] e.step = "DropSender"      -> DropSender(e.handle)
      [] e.step = "RecvValue"       -> RecvValue(e.value)
      [] e.step = "RecvDisconnected" -> RecvDisconnected
      [] e.step = "TryRecvValue"    -> TryRecvValue(e.value)
      [] e.step = "TryRecvEmpty"    -> TryRecvEmpty
      [] e.step = "TryRecvDisconnected" -> TryRecvDisconnected
      [] e.step = "RecvTimedValue"  -> RecvTimedValue(e.value)
      [] e.step = "RecvTimedOut"    -> RecvTimedOut
      [] e.step = "RecvTimedDisconnected" -> RecvTimedDisconnected
      [] e.step = "RecvUnwound"     -> RecvUnwound
      [] e.step = "SenderConnected"    -> SenderConnected(e.handle)
      [] e.step = "SenderDisconnected" -> SenderDisconnected(e.handle)
      [] e.step = "ReceiverConnected"  -> ReceiverConnected
      [] e.step = "ReceiverDisconnected" -> ReceiverDisconnected
      [] e.step = "Close"           -> Close
      [] e.step = "DropReceiver"    -> DropReceiver /\ destroyed' = e.destroyed
      [] e.step = "TryIterEnds"     -> TryRecvEmpty \/ TryRecvDisconnected
      [] e.step = "SendThrew"       -> /\ Traces[trace].mayFail
                                       /\ handle[e.handle] = "live"
                                       /\ e.value \in held[e.handle]
                                       /\ UNCHANGED vars
      [] e.step = "Signal"          -> UNCHANGED vars
      [] e.step = "Await"           -> e.event \in signalled /\ UNCHANGED vars
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
Unnumbered(threads) == {t \in threads : Event(t).at = 0}
First(threads) == CHOOSE t \in threads : \A u \in threads : t <= u

(* Accepted: every event of every thread is explained, and every handle is  *)
(* gone, so that nothing is left that the trace does not account for.       *)
Accepted == Unread = {} /\ Gone
Rejected == ~Accepted /\ CanGoOn = {}

TraceNext ==
    \/ /\ CanGoOn # {}
       /\ LET soonest == Unnumbered(CanGoOn) IN
          Read(First(IF soonest # {} THEN soonest ELSE CanGoOn))
    \/ (Accepted \/ Rejected) /\ UNCHANGED <<vars, reader>>

TraceSpec == TraceInit /\ [][TraceNext]_<<vars, reader>>

-----------------------------------------------------------------------------
(* An invariant, because TLC evaluates it exactly once for each state.  It  *)
(* is not enough that TLC finds no error: a trace is accepted if this says  *)
(* so.                                                                      *)
EveryVerdictIsPrinted ==
    /\ Accepted => PrintT("accepted " \o ToString(trace))
    /\ Rejected => PrintT("rejected " \o ToString(trace) \o " " \o ToString(read))
=============================================================================
