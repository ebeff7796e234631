------------------------- MODULE AlgorithmScenario -------------------------
(* The algorithm, driven by the programs of scenarios, as Scenario.tla      *)
(* drives the contract.  TLC prints, of each thread, what it may do in an   *)
(* operation: its own variables before, the action, what the action finds   *)
(* and leaves in the atomic that it touches, its own variables after.       *)
(* verify/relacy/algorithm.hpp holds each explored execution of the header  *)
(* against that.                                                            *)
(*                                                                          *)
(* An action depends on nothing but the thread's own variables, and on what *)
(* it finds (algorithm_graph.py checks that).  So an execution in which each thread does *)
(* what is printed, and each atomic is what the last write has left, is one *)
(* of the algorithm.  A load that reads an older store finds what it would  *)
(* have found earlier; what the thread makes of that is the algorithm's.    *)
(*                                                                          *)
(* Beside what DrivenScenario.tla says, algorithm_graph.py writes           *)
(* MostBlocks, BlockSlots, FirstBlockSlots, and of each scenario memory,    *)
(* which is [runsOut, blocks |-> how many can be had].                      *)
EXTENDS ChannelAlgorithm, DrivenScenario

VARIABLE blocks     \* how many more can be had
VARIABLE missed     \* the receiver has missed what is there, see below

driver  == <<programs, blocks, missed>>

ScenarioInit ==
    /\ ProgramsInit
    /\ Begin("none", [h \in Handle |-> {}])
    /\ blocks = Here.memory.blocks
    /\ missed = FALSE

(* TLC's memory: of each scenario, which words have been there, and which   *)
(* of them have been taken for new.                                         *)
Pasts == 10000  PastSteps == 20000
ASSUME \A i \in DOMAIN Scenarios : TLCSet(Pasts + i, {}) /\ TLCSet(PastSteps + i, {})

-----------------------------------------------------------------------------
(* What is printed.                                                         *)

Code(w) == 8 * (64 * w.block + w.count)
               + Bit(w.parked) + 2 * Bit(w.closed) + 4 * Bit(w.done)

(* What is the thread's own, within a call on handle x.                     *)
Own(x) == IF x = rx
          THEN <<at[rx], call, old, Bit(expired), head, taken, Code(end)>>
          ELSE <<at[x], Code(word[x]), value[x], fresh[x], omen[x]>>

(* The atomic that an action touches: its name, block and slot, and what    *)
(* the action finds there and leaves.                                       *)
Touched(x, action) ==
    LET of(name, b, i, before, after) == <<name, b, i, before, after>> IN
    CASE action = "SendReady" ->
             of("ready", word[x].block, word[x].count, 0, 1)
      [] action \in {"RecvReady", "RecvAwaitReady"} ->
             LET is == Bit(ready[head][taken]) IN of("ready", head, taken, is, is)
      [] action = "InstallLink" ->
             of("next", word[x].block, 0, next[word[x].block], fresh[x])
      [] action \in {"RecvNext", "RecvAwaitNext"} ->
             of("next", head, 0, next[head], next[head])
      [] action \in {"InstallTakeSpare", "RecvRecycle", "DropSpare"} ->
             of("spare", 0, 0, spare, spare')
      [] action \in {"CloneSender", "DropSender"} ->
             of("senders", 0, 0, senders, senders')
      [] action = "Leave" ->
             of("one side left", 0, 0, Bit(oneSideLeft), Bit(oneSideLeft'))
      [] action \in {"Wake", "RecvSleep", "RecvSleepUntil", "RecvTakeToken"} ->
             of("token", 0, 0, Bit(token), Bit(token'))
      [] OTHER -> of("tail", 0, 0, Code(tail), Code(tail'))

(* The value that an action puts into a slot, or takes from there.          *)
Plain(x, action) ==
    LET of(b, i) == IF cell'[b][i] = cell[b][i] THEN {}
                    ELSE {<<"cell", Slots * b + i, cell[b][i], cell'[b][i]>>}
    IN CASE action = "SendClaim" /\ tail.block # NoBlock /\ tail.count < Slots ->
                of(tail.block, tail.count)
         [] action = "InstallLink"                     -> of(fresh[x], 0)
         [] action \in {"RecvReady", "RecvAwaitReady"} -> of(head, taken)
         [] OTHER                                      -> {}
Freed(action) == IF action \notin {"RecvRecycle", "RecvAwaitReady", "Close",
                                   "CloseAwaitInstall", "DropSpare", "Leave"} THEN {}
                 ELSE {b \in Block : memory[b] # "freed" /\ memory'[b] = "freed"}

Printed(t, action, touched, shown, late) ==
    \E x \in {Op(t).by} :
        /\ tail \in TLCGet(Pasts + scenario)
              \/ TLCSet(Pasts + scenario, TLCGet(Pasts + scenario) \cup {tail})
        /\ PrintOnce(<<t, Op(t).number, Own(x), action, touched, Own(x)', shown,
                       Plain(x, action), Freed(action), missed \/ late>>)

(* TLC would be content with the first of several.                          *)
AllPrinted(t, action, touched, shown, late) ==
    /\ shown # {}
    /\ \A one \in shown : Printed(t, action, touched, one, late)

-----------------------------------------------------------------------------
(* The operations.                                                          *)

(* The action with which thread t goes on.                                  *)
Begins(op) == CASE op.call = "send"  -> "SendClaim"
                [] op.call = "stop"  -> "StopRequest"
                [] op.call = "clone" -> "CloneSender"
                [] op.by # rx        -> IF op.call = "drop" THEN "DropSender"
                                                            ELSE "SenderLook"
                [] OTHER             -> FirstStep(op.call)
Action(t) == IF at[Op(t).by] = "idle" THEN Begins(Op(t)) ELSE at[Op(t).by]

Act(op) ==
    IF at[op.by] # "idle"
    THEN IF op.by = rx THEN Receiver ELSE Sender(op.by)
    ELSE CASE op.call = "send"  -> held[op.by] = {op.value} /\ SendClaim(op.by)
           [] op.call = "clone" -> CloneSender(op.by, op.as)
           [] op.by # rx        -> IF op.call = "drop" THEN DropSender(op.by)
                                                       ELSE SenderLook(op.by)
           [] OTHER             -> LET first == FirstStep(op.call) IN
               \/ first = "RecvReady"      /\ RecvReady
               \/ first = "RecvNext"       /\ RecvNext
               \/ first = "Close"          /\ Close
               \/ first = "ReceiverLook"   /\ ReceiverLook
               \/ first = "DropSpare"      /\ DropSpare
               \/ first = "RecvAwaitReady" /\ RecvAwaitReady
               \/ first = "RecvAwaitNext"  /\ RecvAwaitNext

(* A first action may be that of several calls.                             *)
IsOf(op, action) == op.by = rx =>
    \/ call' = op.call
    \/ call' = "none" /\ (op.call = "drop" => action = "Leave")

(* A receive that looks in vain and returns at once has come to the end, or *)
(* is left by unwinding; which of the two, the state alone need not tell.   *)
MayBeLeft(op, action) ==
    LET isTheEnd == end # NoEnd /\ head = end.block /\ taken = end.count IN
    IF /\ action \in {"RecvReady", "RecvNext"} /\ op.by = rx
       /\ received' = received /\ at'[rx] = "idle"
    THEN (IF op.call = "recv_unwound" /\ (isTheEnd => told' = told) THEN {TRUE} ELSE {})
             \cup (IF isTheEnd /\ told' THEN {FALSE} ELSE {})
    ELSE {FALSE}

(* Where memory comes from: a block that is not there as long as one can be *)
(* had, and then none.  That freed memory comes back, is no other course.   *)
Memory(h, action) ==
    IF action = "SendClaim"
    THEN blocks' = blocks /\ (omen'[h] = "none" => Here.memory.runsOut)
    ELSE IF action = "InstallTakeSpare" /\ spare = NoBlock
    THEN IF at'[h] = "InstallGiveUp" THEN blocks = 0 /\ blocks' = blocks
         ELSE /\ memory[fresh'[h]] = "unused"
              /\ Here.memory.runsOut => blocks > 0
              /\ blocks' = IF Here.memory.runsOut THEN blocks - 1 ELSE blocks
    ELSE blocks' = blocks

(* What the caller is shown, when the call returns.                         *)
Answer(op, action, isLeft) ==
    CASE op.call = "send" -> CASE action = "SendClaim"     -> "refused"
                               [] action = "InstallGiveUp" -> "no_memory"
                               [] OTHER                    -> "ok"
      [] op.call = "is_disconnected" ->
             IF IF op.by # rx THEN tail.closed
                ELSE LET w == IF end # NoEnd THEN end ELSE tail IN
                     w.done /\ w.block = head /\ w.count = taken
             THEN "disconnected" ELSE "connected"
      [] op.by # rx \/ op.call = "close" -> ""
      [] op.call = "drop"                -> "destroyed["
      [] received' # received            -> ToString(received'[Len(received')])
      [] \/ isLeft \/ action = "RecvTakeToken"
         \/ action = "RecvWithdraw" /\ op.call = "recv_unwound" -> "unwound"
      [] (IF end # NoEnd THEN end ELSE tail).done -> "disconnected"
      [] OTHER -> CASE op.call = "try_recv"       -> "empty"
                    [] op.call = "recv_stoppable" -> "stopped"
                    [] OTHER                      -> "timeout"

Returns(op) == at'[op.by] = "idle"
Yields(op)  == Returns(op) /\ op.repeats /\ received' # received
Shown(op, action) ==
    {IF ~Returns(op)    THEN "..."
     ELSE IF Yields(op) THEN "+" \o Answer(op, action, isLeft)
     ELSE IF op.repeats THEN "["
     ELSE Answer(op, action, isLeft) : isLeft \in MayBeLeft(op, action)}

(* The receiver is where it would be, had it found what it has missed.      *)
Recovers == at'[rx] = "idle" \/ <<head, taken>>' # <<head, taken>>

Step(t) ==
    LET op == Op(t)  action == Action(t) IN
    /\ op.call # "stop" \/ action # "StopRequest"
    /\ action \notin {"StopRegister", "StopLook"}
    /\ action = "StopClaim" => Registered
    /\ Act(op)
    /\ action = "RecvSleep" /\ at'[rx] = "RecvWithdraw" => ~token
    /\ missed' = (missed /\ ~Recovers)
    /\ IsOf(op, action)
    /\ Memory(op.by, action)
    /\ IF Returns(op) /\ ~Yields(op) THEN Finish(t) ELSE UNCHANGED done
    /\ UNCHANGED <<scenario, signalled>>
    /\ AllPrinted(t, action, Touched(op.by, action), Shown(op, action), FALSE)

-----------------------------------------------------------------------------
(* What is no instruction.                                                  *)

(* A receive is left by unwinding before it has done anything.              *)
NeverBegins(t) ==
    /\ Op(t).call = "recv_unwound" /\ at[rx] = "idle"
    /\ Finish(t)
    /\ UNCHANGED <<vars, scenario, signalled, blocks, missed>>
    /\ Printed(t, "", Nothing, "unwound", FALSE)

(* A receive is left by unwinding while it sleeps: the header need not look *)
(* at the token for that.                                                   *)
StopsSleeping(t) ==
    /\ Op(t).call = "recv_unwound" /\ at[rx] = "RecvSleep"
    /\ RecvSleep /\ at'[rx] = "RecvWithdraw"
    /\ UNCHANGED driver
    /\ Printed(t, "", Nothing, "...", FALSE)

(* The stop token and the callback are the standard library's.              *)
Stops(t) ==
    LET op == Op(t) IN
    /\ \/ op.call = "stop" /\ (StopRequest(op.by) \/ StopForgotten(op.by))
       \/ op.by = rx /\ (StopRegister \/ StopLook)
    /\ missed' = (missed /\ ~Recovers)
    /\ IF Returns(op) THEN Finish(t) ELSE UNCHANGED done
    /\ UNCHANGED <<scenario, signalled, blocks>>
    /\ AllPrinted(t, "", Nothing, Shown(op, ""), FALSE)

(* "Of several looks in a row that find nothing, the last one decides."     *)
LooksAgain(t) ==
    /\ Here.looksAgain /\ Op(t).by = rx /\ at[rx] = "RecvPark"
    /\ Goto(rx, ReadyStep(taken))
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes, faults, driver>>
    /\ Printed(t, "", Nothing, "...", FALSE)

-----------------------------------------------------------------------------
(* Loads that read an older store.  A flag that a slot is ready, and the    *)
(* pointer to the next block, are stored once; an older store of these is   *)
(* the initial one.  A receiver that reads it misses what is there.  In an  *)
(* order of all steps, as the algorithm is taken in, it can't have          *)
(* done everything else that it has done; so this is no step of the         *)
(* algorithm, but what its step does that finds nothing.  No other thread   *)
(* sees it, so the receiver goes on at once: it may as well miss later.     *)
(*                                                                          *)
(* After that, it may also find an older word: one of those that the word   *)
(* has been so far, in whatever course of the scenario.                     *)
Blind == INSTANCE ChannelAlgorithm WITH
    ready <- [b \in Block |-> [i \in Index |-> FALSE]],
    next  <- [b \in Block |-> NoBlock]

IsThere == IF taken # Slots THEN ready[head][taken] ELSE next[head] # NoBlock
Misses(t) ==
    /\ Op(t).by = rx /\ Action(t) \in {"RecvReady", "RecvNext"}
    /\ IsThere
    /\ IF taken # Slots THEN Blind!RecvReady ELSE Blind!RecvNext
    /\ UNCHANGED <<ready, next>>
    /\ IsOf(Op(t), Action(t))
    /\ missed' = ~Returns(Op(t))
    /\ IF Returns(Op(t)) THEN Finish(t) ELSE UNCHANGED done
    /\ UNCHANGED <<scenario, signalled, blocks>>
    /\ AllPrinted(t, Action(t),
                  IF taken # Slots THEN <<"ready", head, taken, 0, 0>>
                                   ELSE <<"next", head, 0, 0, 0>>,
                  Shown(Op(t), Action(t)), TRUE)

(* Each once, from each state of the receiver's own; but every time, where  *)
(* the receiver then waits for a block.                                     *)
PastWords(t) ==
    LET all == TLCGet(Pasts + scenario)
        of(w) == <<t, done[t], Own(rx), w>>
        waits(w) == w.block = head /\ w.count > Slots
        claimed == {w \in all : w.block # head \/ w.count > taken}
        found == {w \in claimed : waits(w) \/ of(w) \notin TLCGet(PastSteps + scenario)}
    IN IF TLCSet(PastSteps + scenario, TLCGet(PastSteps + scenario) \cup {of(w) : w \in found})
       THEN found \ {tail} ELSE {}
IsThePast(t) ==
    /\ missed /\ Action(t) \in {"RecvPark", "TryRecvLook", "RecvAwaitInstall"}
    /\ \E w \in PastWords(t) :
          /\ Action(t) = "RecvAwaitInstall" => w.block # head \/ w.count <= Slots
          /\ Settle(call, w, expired)
          /\ UNCHANGED <<shared, head, taken, end, old, private, heap, handle,
                         receiver, logs, received, destroyed>>
          /\ missed' = ~Recovers
          /\ IF Returns(Op(t)) THEN Finish(t) ELSE UNCHANGED done
          /\ UNCHANGED <<scenario, signalled, blocks>>
          /\ AllPrinted(t, Action(t), <<"tail", 0, 0, Code(w), Code(w)>>,
                        Shown(Op(t), Action(t)), TRUE)

-----------------------------------------------------------------------------
(* What no other thread sees is done at once.                               *)

(* Who is alive at the start, and who is lent a handle.                     *)
IsSetUp == \A h \in Here.live : handle[h] # "unborn"
SetUp ==
    /\ handle' = [h \in Handle |-> IF h \in Here.live \cup Here.lent
                                   THEN "live" ELSE "unborn"]
    /\ senders' = Cardinality(Here.live)
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, stop, token,
                   receivers, private, at, heap, receiver, logs, outcomes,
                   faults, driver>>

(* Who sends holds the value that it sends.                                 *)
Takes(t) == /\ Op(t).call = "send" /\ at[Op(t).by] = "idle"
            /\ held[Op(t).by] # {Op(t).value}
Take(t) == /\ held' = [held EXCEPT ![Op(t).by] = {Op(t).value}]
           /\ UNCHANGED <<shared, receivers, private, at, heap, handle,
                          receiver, sent, givenBack, outcomes, faults, driver>>

(* To close what is closed, and to ask then; to request a stop once more.   *)
IsPlain(t) ==
    \/ Op(t).by = rx /\ at[rx] = "idle" /\ FirstStep(Op(t).call) = "none"
    \/ Op(t).call = "stop" /\ stop /\ at[Op(t).by] = "idle"
BePlain(t) == /\ Finish(t)
              /\ UNCHANGED <<vars, scenario, signalled, blocks, missed>>
              /\ Printed(t, "", Nothing, Answer(Op(t), "", FALSE), FALSE)

AtOnce == {t \in Unfinished : Takes(t) \/ IsPlain(t) \/ Happens(t)}

ScenarioNext ==
    IF ~IsSetUp THEN SetUp
    ELSE IF AtOnce # {}
    THEN LET t == CHOOSE u \in AtOnce : TRUE IN
         IF Takes(t) THEN Take(t) ELSE IF IsPlain(t) THEN BePlain(t)
         ELSE Happen(t) /\ UNCHANGED <<vars, blocks, missed>>
    ELSE \E t \in {u \in Unfinished : missed => Op(u).by = rx} :
             /\ Op(t).call # "await"
             /\ \/ Step(t) \/ Misses(t)
                \/ IsThePast(t)
                \/ NeverBegins(t) \/ StopsSleeping(t) \/ LooksAgain(t)
                \/ Stops(t)

AllVars == <<vars, driver>>
ScenarioSpec == ScenarioInit /\ [][ScenarioNext]_AllVars

(* What no step looks at makes no other state.                              *)
Seen == <<shared, receivers, private, at, heap, handle, receiver, held,
          givenBack, driver>>
=============================================================================
