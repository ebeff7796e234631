------------------------------ MODULE Scenario ------------------------------
(* Scenarios are litmus tests for channels: a few threads, each with a      *)
(* short program of calls.  TLC takes the threads' steps in every order and *)
(* prints every outcome that the contract allows: what each call returned.  *)
(*                                                                          *)
(* Many scenarios are run at once: which one it is, is part of the initial  *)
(* state.  contract_outcomes.py writes the module ScenarioData: it defines  *)
(*                                                                          *)
(*   Scenarios  a sequence of [senders |-> the handles alive at the start,  *)
(*                             contract |-> see wrong_contracts.py,         *)
(*                             capacity |-> negative: it is unbounded,      *)
(*                             memory  |-> see below,                       *)
(*                             threads |-> a sequence of                    *)
(*                                 [name |-> STRING, ops |-> a sequence]]   *)
(*   AllHandles, AllValues  of all of them                                  *)
(*                                                                          *)
(* and reads what is printed.  An operation is [op |-> its name] and, where *)
(* it has them, handle, value, as (the name of the clone), event.           *)
(* (Data by way of CONSTANT ... <- would be evaluated anew at every use.)   *)
EXTENDS SyncChannel, Integers, TLC, ScenarioData

VARIABLE scenario   \* the index of the scenario that is run
VARIABLE done       \* done[t]: how many operations thread t has finished
VARIABLE results    \* results[t]: what they returned, one string each
VARIABLE taken      \* taken[t]: what an iteration under way has yielded
VARIABLE signalled  \* the events that have been signalled
VARIABLE left       \* what was destroyed after the last thread's end
VARIABLE memory     \* what can still be had of it, see below

driver == <<scenario, done, results, taken, signalled, left, memory>>

Threads    == Scenarios[scenario].threads
Ops(t)     == Threads[t].ops
Unfinished == {t \in DOMAIN Threads : done[t] < Len(Ops(t))}
Op(t)      == Ops(t)[done[t] + 1]
IsBounded  == Scenarios[scenario].capacity >= 0
Memory     == Scenarios[scenario].memory

ScenarioType ==
    /\ scenario \in DOMAIN Scenarios
    /\ \A t \in DOMAIN Threads : /\ done[t] \in 0 .. Len(Ops(t))
                                 /\ taken[t] \in Seq(Value)
    /\ left \in Seq(Value)
    /\ memory \in [blocks: Nat, spare: BOOLEAN, beyond: BOOLEAN]
    /\ SyncTypeOK

-----------------------------------------------------------------------------
AllOps(s) == UNION {{Scenarios[s].threads[t].ops[i] :
                        i \in DOMAIN Scenarios[s].threads[t].ops} :
                    t \in DOMAIN Scenarios[s].threads}

Sends == {"send", "try_send", "send_for", "send_unwound", "send_stoppable"}

(* Whoever sends through h holds, at first, all that is to be sent by it.   *)
Holding(s) == [h \in Handle |->
    {v \in Value : \E op \in AllOps(s) : /\ op.op \in Sends
                                        /\ op.handle = h /\ op.value = v}]

ScenarioInit ==
    /\ scenario \in DOMAIN Scenarios
    /\ SyncBegin(Scenarios[scenario].senders, Holding(scenario),
                 IF IsBounded THEN Scenarios[scenario].capacity ELSE Unbounded)
    /\ done = [t \in DOMAIN Threads |-> 0]
    /\ results = [t \in DOMAIN Threads |-> <<>>]
    /\ taken = [t \in DOMAIN Threads |-> <<>>]
    /\ signalled = {}
    /\ left = <<>>
    /\ memory = [blocks |-> Memory.blocks, spare |-> FALSE, beyond |-> FALSE]

-----------------------------------------------------------------------------
(* Outcomes are text.                                                       *)

RECURSIVE Join(_, _)
Join(words, separator) ==
    IF words = <<>> THEN ""
    ELSE IF Len(words) = 1 THEN words[1]
    ELSE words[1] \o separator \o Join(Tail(words), separator)

List(values) ==
    "[" \o Join([i \in DOMAIN values |-> ToString(values[i])], ",") \o "]"

-----------------------------------------------------------------------------
(* How an operation ends: with a result, without one, or, for iterations,   *)
(* not yet.                                                                 *)

Finish(t) == /\ done' = [done EXCEPT ![t] = @ + 1]
             /\ UNCHANGED <<scenario, left>>

Return(t, result) == /\ Finish(t)
                     /\ results' = [results EXCEPT ![t] = Append(@, result)]
                     /\ UNCHANGED <<taken, signalled>>

ReturnNothing(t) == Finish(t) /\ UNCHANGED <<results, taken, signalled>>

Yield(t, v) == /\ taken' = [taken EXCEPT ![t] = Append(@, v)]
               /\ UNCHANGED <<scenario, done, results, signalled, left>>

ReturnTaken(t) == /\ Finish(t)
                  /\ results' = [results EXCEPT
                                     ![t] = Append(@, List(taken[t]))]
                  /\ taken' = [taken EXCEPT ![t] = <<>>]
                  /\ UNCHANGED signalled

-----------------------------------------------------------------------------
(* The operations: steps of the contract, and what the caller sees of them. *)

(* A call that waits begins with a step of its own (StillIn), and is        *)
(* answered by another thread's.                                            *)
StillIn == UNCHANGED <<scenario, done, results, taken, signalled, left>>

(* A send for which there is no memory leaves everything as it was (S24).   *)
(* The value of a send that was answered with ok has gone to the channel.   *)
DoAnySend(t, h, v) ==
    \/ SyncSendAccepted(h, v) /\ Return(t, "ok")
    \/ SyncSendRefused(h, v) /\ Return(t, "refused")
    \/ IsBounded /\ v \notin held[h] /\ UNCHANGED syncVars /\ Return(t, "ok")

DoSend(t, h, v) == \/ DoAnySend(t, h, v)
                   \/ SendWaits(h, v) /\ StillIn
                   \/ /\ Memory.runsOut
                      /\ UNCHANGED syncVars
                      /\ Return(t, "no_memory")

DoTrySend(t, h, v) == \/ DoAnySend(t, h, v)
                      \/ TrySendFull(h, v) /\ Return(t, "full")

DoSendFor(t, h, v) == \/ DoAnySend(t, h, v)
                      \/ SendWaits(h, v) /\ StillIn
                      \/ SendGivesUp(h, v) /\ Return(t, "timeout")

DoSendUnwound(t, h, v) == \/ DoAnySend(t, h, v)
                          \/ SendWaits(h, v) /\ StillIn
                          \/ SendUnwound(h, v) /\ Return(t, "unwound")

(* Whether a stop has been requested, is told outside of the channel.       *)
Stop == "stop"
DoSendStoppable(t, h, v) ==
    \/ DoAnySend(t, h, v)
    \/ SendWaits(h, v) /\ StillIn
    \/ Stop \in signalled /\ SendGivesUp(h, v) /\ Return(t, "stopped")

DoRecv(t) == \/ \E v \in Value : SyncRecvValue(v) /\ Return(t, ToString(v))
             \/ SyncRecvDisconnected /\ Return(t, "disconnected")
             \/ RecvWaits /\ StillIn

DoRecvUnwound(t) == DoRecv(t) \/ (SyncRecvUnwound /\ Return(t, "unwound"))

DoTryRecv(t) == \/ \E v \in Value : SyncTryRecvValue(v) /\ Return(t, ToString(v))
                \/ SyncTryRecvEmpty /\ Return(t, "empty")
                \/ SyncTryRecvDisconnected /\ Return(t, "disconnected")

DoRecvFor(t) == \/ \E v \in Value : SyncRecvTimedValue(v) /\ Return(t, ToString(v))
                \/ SyncRecvTimedOut /\ Return(t, "timeout")
                \/ SyncRecvTimedDisconnected /\ Return(t, "disconnected")
                \/ RecvWaits /\ StillIn

(* A receive that waits for a send is interrupted by a stop: it looks again. *)
DoRecvStoppable(t) ==
    \/ \E v \in Value : SyncRecvTimedValue(v) /\ Return(t, ToString(v))
    \/ Stop \in signalled /\ SyncRecvTimedOut /\ Return(t, "stopped")
    \/ SyncRecvTimedDisconnected /\ Return(t, "disconnected")
    \/ RecvWaits /\ StillIn
    \/ Stop \in signalled /\ RecvIsInterrupted /\ StillIn

DoIterate(t) == \/ \E v \in Value : SyncRecvValue(v) /\ Yield(t, v)
                \/ SyncRecvDisconnected /\ ReturnTaken(t)
                \/ RecvWaits /\ StillIn

DoTryIterate(t) == \/ \E v \in Value : SyncTryRecvValue(v) /\ Yield(t, v)
                   \/ SyncTryRecvEmpty /\ ReturnTaken(t)
                   \/ SyncTryRecvDisconnected /\ ReturnTaken(t)

DoIsDisconnected(t, h) ==
    \/ /\ IF h = "rx" THEN SyncReceiverConnected ELSE SyncSenderConnected(h)
       /\ Return(t, "connected")
    \/ /\ IF h = "rx" THEN SyncReceiverDisconnected ELSE SyncSenderDisconnected(h)
       /\ Return(t, "disconnected")

DoDropReceiver(t) == SyncDropReceiver /\ Return(t, "destroyed" \o List(destroyed'))

(* Events happen outside of the channel: this is how a scenario says that   *)
(* one thread's operation happens before another's.                         *)
DoSignal(t, event) == /\ signalled' = signalled \cup {event}
                      /\ Finish(t)
                      /\ UNCHANGED <<syncVars, results, taken>>

DoAwait(t, event) == /\ event \in signalled
                     /\ ReturnNothing(t)
                     /\ UNCHANGED syncVars

Step(t) ==
    LET op == Op(t) IN
    CASE op.op = "send"        -> DoSend(t, op.handle, op.value)
      [] op.op = "try_send"    -> DoTrySend(t, op.handle, op.value)
      [] op.op = "send_for"    -> DoSendFor(t, op.handle, op.value)
      [] op.op = "send_stoppable" -> DoSendStoppable(t, op.handle, op.value)
      [] op.op = "send_unwound" -> DoSendUnwound(t, op.handle, op.value)
      [] op.op = "clone"       -> SyncClone(op.handle, op.as) /\ ReturnNothing(t)
      [] op.op = "drop"        -> IF op.handle = "rx" THEN DoDropReceiver(t)
                                  ELSE SyncDropSender(op.handle) /\ ReturnNothing(t)
      [] op.op = "recv"        -> DoRecv(t)
      [] op.op = "try_recv"    -> DoTryRecv(t)
      [] op.op = "recv_for"    -> DoRecvFor(t)
      [] op.op = "recv_unwound" -> DoRecvUnwound(t)
      [] op.op = "recv_stoppable" -> DoRecvStoppable(t)
      [] op.op = "iterate"     -> DoIterate(t)
      [] op.op = "try_iterate" -> DoTryIterate(t)
      [] op.op = "close"       -> SyncClose /\ ReturnNothing(t)
      [] op.op = "is_disconnected" -> DoIsDisconnected(t, op.handle)
      [] op.op = "move"        -> ReturnNothing(t) /\ UNCHANGED syncVars
      [] op.op = "signal"      -> DoSignal(t, op.event)
      [] op.op = "await"       -> DoAwait(t, op.event)
      [] op.op = "stop"        -> DoSignal(t, Stop)

-----------------------------------------------------------------------------
(* Where memory can run out, the contract lets any send throw (S24), and    *)
(* none has to.  A code whose sends throw only for want of a block is       *)
(* narrower.  Which of the contract's outcomes it can have, is counted up   *)
(* here, beside the contract, which knows of no blocks:                     *)
(*                                                                          *)
(*   Memory  [runsOut, blocks |-> how many can be had, slots |-> of a       *)
(*           block, first |-> of the first block, which is always there]    *)
(*                                                                          *)
(* A block is needed for the value behind the last slot.  The receiver goes *)
(* over to the next block with the first value that it takes from there,    *)
(* and leaves the old one, unless it was the first, as a spare.             *)

Begins(value) == /\ value >= Memory.first
                 /\ (value - Memory.first) % Memory.slots = 0
NeedsBlock    == Begins(Len(sent))
LeavesSpare   == Len(received) > Memory.first /\ Begins(Len(received))

IsThere == memory.spare \/ memory.blocks > 0
Throws  == receiver = "open" /\ NeedsBlock /\ ~IsThere

(* `beyond` once a send has thrown that needed nothing which is not there,  *)
(* or has not thrown although it did.                                       *)
MemoryAfter(accepted, threw) ==
    [blocks |-> IF accepted /\ NeedsBlock /\ ~memory.spare /\ IsThere
                THEN memory.blocks - 1 ELSE memory.blocks,
     spare  |-> \/ received' # received /\ LeavesSpare
                \/ memory.spare /\ ~(accepted /\ NeedsBlock),
     beyond |-> memory.beyond \/ (accepted /\ Throws) \/ (threw /\ ~Throws)]

CountMemory(t) ==
    memory' = IF ~Memory.runsOut THEN memory
              ELSE MemoryAfter(sent' # sent,
                               results'[t] = Append(results[t], "no_memory"))

-----------------------------------------------------------------------------
(* A scenario must be a program that C++ allows.  These are the ways in     *)
(* which its threads can get in each other's way.                           *)

NeedsSender(op) ==
    \/ op.op \in Sends \cup {"clone"}
    \/ op.op \in {"drop", "move", "is_disconnected"} /\ op.handle # "rx"
NeedsReceiver(op) ==
    \/ op.op \in {"recv", "try_recv", "recv_for", "recv_unwound",
                  "recv_stoppable", "iterate", "try_iterate", "close"}
    \/ op.op \in {"drop", "move", "is_disconnected"} /\ op.handle = "rx"

(* A handle is used that is not there, yet or any more; or two threads may  *)
(* use the receiver at once (S26).                                          *)
Misuses(t) ==
    \/ NeedsSender(Op(t)) /\ handle[Op(t).handle] # "live"
    \/ NeedsReceiver(Op(t)) /\ receiver = "dropped"
    \/ /\ NeedsReceiver(Op(t))
       /\ \E u \in Unfinished \ {t} : NeedsReceiver(Op(u))
Misused == \E t \in Unfinished : Misuses(t)

(* Nobody can go on, though somebody is not through.  Only these operations *)
(* can wait; asking first whether all are at one of them saves time.        *)
Waiting == {t \in Unfinished :
               \/ Op(t).op \in {"recv", "recv_stoppable", "iterate", "await"}
               \/ IsBounded /\ Op(t).op \in {"send", "send_stoppable"}}
Stuck == /\ Unfinished # {}
         /\ Waiting = Unfinished
         /\ \A t \in Unfinished : ~ENABLED Step(t)

(* When all threads are through, the channel goes, with what is left in it. *)
DropWhatIsLeft ==
    /\ Unfinished = {}
    /\ SyncDropReceiver
    /\ left' = destroyed'
    /\ UNCHANGED <<scenario, done, results, taken, signalled, memory>>

Over == Unfinished = {} /\ receiver = "dropped"

(* Over, Stuck and Misused are the ends of a scenario, and the only ones.   *)
ScenarioNext ==
    \/ ~Misused /\ \E t \in Unfinished : Step(t) /\ CountMemory(t)
    \/ DropWhatIsLeft
    \/ (Over \/ Stuck \/ Misused) /\ UNCHANGED <<syncVars, driver>>

ScenarioSpec == ScenarioInit /\ [][ScenarioNext]_<<syncVars, driver>>

-----------------------------------------------------------------------------
(* What is printed.                                                         *)

DropsReceiver == [op |-> "drop", handle |-> "rx"] \in AllOps(scenario)

OfThread(t) == Join(<<Threads[t].name \o ":">> \o results[t], " ")
OfThreads   == Join([t \in DOMAIN Threads |-> OfThread(t)], " | ")
OfEnd       == IF DropsReceiver THEN "" ELSE " | end: destroyed" \o List(left)

(* With the thread that is to blame, or waits; 0: none.                     *)
PrintEnd(thread, text) ==
    PrintT("outcome " \o ToString(scenario)
               \o (IF memory.beyond THEN " beyond " ELSE " within ")
               \o ToString(thread) \o " " \o text)

(* An invariant, because TLC evaluates it exactly once for each state.      *)
EveryEndIsPrinted ==
    /\ Over    => PrintEnd(0, OfThreads \o OfEnd)
    /\ Misused => PrintEnd(CHOOSE t \in Unfinished : Misuses(t),
                           "misuse | " \o OfThreads)
    /\ Stuck   => PrintEnd(CHOOSE t \in Unfinished : TRUE,
                           "deadlock | " \o OfThreads)

(* And every step of a thread: from where, what it showed, to where.  One   *)
(* that begins to wait shows "~", one that is interrupted "!".              *)
Here  == ToString(<<done, results, taken, signalled, queue, receiver,
                    List([i \in DOMAIN line |-> line[i].value]), meeting>>)
BeginsToWait == Len(line') > Len(line) \/ (meeting' /\ ~meeting)
IsInterrupted == meeting /\ ~meeting' /\ done' = done /\ taken' = taken
Mover == CHOOSE t \in DOMAIN Threads :
             IF Len(line') > Len(line)
             THEN /\ t \in Unfinished /\ Op(t).op \in Sends
                  /\ Op(t).value = line'[Len(line')].value
             ELSE IF BeginsToWait \/ IsInterrupted THEN t \in Unfinished /\ NeedsReceiver(Op(t))
             ELSE done'[t] # done[t] \/ taken'[t] # taken[t]
Shown(t) == IF BeginsToWait THEN "~"
            ELSE IF IsInterrupted THEN "!"
            ELSE IF done'[t] = done[t] THEN "+" \o ToString(taken'[t][Len(taken'[t])])
            ELSE IF results'[t] # results[t] THEN results'[t][Len(results'[t])]
            ELSE ""

(* An action constraint, because TLC evaluates it for each step, also for   *)
(* those to states that it knows.                                           *)
EveryStepIsPrinted ==
    <<done, taken>>' # <<done, taken>> \/ BeginsToWait \/ IsInterrupted =>
        PrintT("step " \o ToString(scenario) \o " " \o ToString(Mover) \o " "
                   \o Shown(Mover) \o " | " \o Here \o " | " \o Here')
=============================================================================
