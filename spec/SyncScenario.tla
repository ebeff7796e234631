--------------------------- MODULE SyncScenario ----------------------------
(* The algorithm of the bounded channel, driven by the programs of          *)
(* scenarios, as AlgorithmScenario.tla drives that of the unbounded one: it *)
(* prints what each thread may do, and verify/relacy/algorithm.hpp holds    *)
(* the explored executions of the header against that.                      *)
(*                                                                          *)
(* Here an action may also depend on what it finds in plain data that is    *)
(* shared: in the line, under the lock, and in how a waiter stands.  That   *)
(* is printed beside the atomic, and followed with it.                      *)
(*                                                                          *)
(* Beside what DrivenScenario.tla says, algorithm_graph.py writes Numbers   *)
(* (of the handles), RingCapacity, RingSlots and RingNotes.                 *)
EXTENDS SyncAlgorithm, DrivenScenario

VARIABLE missed     \* a sender has seen an older room, see below
driver == <<programs, missed>>

ScenarioInit ==
    /\ missed = FALSE
    /\ ProgramsInit
    /\ Begin("none", [h \in Handle |-> {}])

-----------------------------------------------------------------------------
(* What is printed.                                                         *)

Code(w)     == 8 * w.at + Bit(w.parked) + 2 * Bit(w.closed) + 4 * Bit(w.done)
RoomCode    == 8 * room + Bit(blocked)
Standing(s) == CASE s = "none" -> 0 [] s = "waits" -> 1 [] s = "accepted" -> 2
                 [] s = "refused" -> 3
RECURSIVE LineCode(_)
LineCode(l) == IF l = <<>> THEN 0 ELSE Numbers[Head(l)] + 10 * LineCode(Tail(l))

(* The value that the receiver has in its hands.                            *)
InHand == IF got # NoValue THEN got
          ELSE IF /\ at[rx] \in {"AdmitRoom", "AdmitUnlock", "AdmitWake"}
                  /\ Capacity # 0 \/ letIn # Nobody
          THEN received[Len(received)] ELSE NoValue

(* What is the thread's own, within a call on handle x: what of it no step  *)
(* will look at, is left out.                                               *)
OwnReceiver ==
    LET looksAtFound == \/ at[rx] = "RecvTakeToken"
                        \/ /\ at[rx] = "AdmitUnlock" /\ call # "try_recv"
                           /\ Capacity = 0 /\ letIn = Nobody
    IN <<at[rx], call, pos, Code(end), InHand,
         IF looksAtFound THEN Code(found) ELSE 0, letIn>>
OwnSender(h) ==
    IF at[h] \in {"idle", "DropLastSender", "StopClaim"} \/ handle[h] = "dropped"
    THEN <<at[h]>>
    ELSE <<at[h], how[h], value[h],
           IF at[h] \in {"SendSeenRoom", "SendRoom", "SendNoteRoom",
                         "SendClaim", "SendReady", "JoinLock", "JoinBlock",
                         "JoinClaim", "JoinNotUnlock"}
           THEN Code(word[h]) ELSE 0,
           IF at[h] \in {"SendRoom", "SendNoteRoom"} /\ Notes
           THEN saw[h].note ELSE 0,
           IF at[h] \in {"SendNoteRoom", "JoinClaim"} THEN saw[h].room ELSE 0,
           Bit(lock = h)>>
Own(x) == IF x = rx THEN OwnReceiver ELSE OwnSender(x)

(* Where a handle's waiter is: with the thread that sends through it.       *)
ThreadOf(h) == CHOOSE t \in Unfinished : Op(t).by = h /\ at[h] # "idle"
Waiter(h)   == <<"token", ThreadOf(h), 0, Bit(answer[h]), Bit(answer'[h])>>

(* The atomic that an action touches: its name, whose it is, its slot, and  *)
(* what the action finds there and leaves.                                  *)
Touched(x, action) ==
    LET of(name, i, before, after) == <<name, 0, i, before, after>>
        flag(i) == of("ready", i, Bit(ready[i]), Bit(ready'[i]))
    IN CASE action = "SendReady" -> flag(Index(word[x].at))
         [] action \in {"RecvReady", "RecvAwaitReady"} -> flag(Index(pos))
         [] action = "AdmitReady" -> flag(Index(Next_))
         [] action \in {"SendSeenRoom", "SendNoteRoom"} ->
                of("seen room", 0, 8 * seenRoom, 8 * seenRoom')
         [] action \in {"SendRoom", "JoinBlock", "RecvRoom", "AdmitRoom"} ->
                of("room", 0, RoomCode, RoomCode')
         [] action \in {"CloneSender", "DropSender"} ->
                of("senders", 0, senders, senders')
         [] action = "Leave" ->
                of("one side left", 0, Bit(oneSideLeft), Bit(oneSideLeft'))
         [] action \in {"Wake", "RecvSleep", "RecvSleepUntil", "RecvTakeToken"} ->
                of("token", 0, Bit(token), Bit(token'))
         [] action \in {"SendSleep", "SendSleepUntil", "SendTakeToken"} -> Waiter(x)
         [] action = "AdmitWake" -> Waiter(letIn)
         [] action = "CloseWake" -> Waiter(Head(line))
         [] action \in {"JoinLock", "JoinUnlock", "JoinNotUnlock",
                        "LeaveLineLock", "LeaveLineUnlock", "TooLateUnlock",
                        "AdmitLock", "AdmitUnlock", "CloseLock", "CloseUnlock"} ->
                of("lock", 0, Bit(lock # Nobody), Bit(lock' # Nobody))
         [] OTHER -> of("tail", 0, Code(tail), Code(tail'))

(* The plain data that it finds and leaves.                                 *)
Plain(x, action) ==
    {<<"cell", i, cell[i], cell'[i]>> : i \in {j \in DOMAIN cell : cell[j] # cell'[j]}}
    \cup {<<"standing", Numbers[h], Standing(standing[h]), Standing(standing'[h])>> :
             h \in {g \in Handle : standing[g] # standing'[g]}
                   \cup (IF action = "LeaveLineLock" THEN {x} ELSE {})}
    \cup (IF action \in {"JoinLock", "JoinUnlock", "LeaveLineUnlock",
                         "AdmitLock", "AdmitRoom", "CloseLock", "CloseUnlock",
                         "CloseWake"}
          THEN {<<"line", 0, LineCode(line), LineCode(line')>>} ELSE {})
    \cup (IF action \in {"JoinLock", "CloseLock"}
          THEN {<<"closed", 0, Bit(isClosed), Bit(isClosed')>>} ELSE {})

(* The memory that ends in a call: 1 the channel, 2 its slots, 3 a waiter,  *)
(* which begins before it joins the line.                                   *)
Freed(x, action) ==
    CASE action = "Leave"    -> (IF oneSideLeft THEN {1} ELSE {})
                                    \cup (IF x = rx THEN {2} ELSE {})
      [] action = "JoinLock" -> {3}
      [] OTHER               -> {}

(* TLC would be content with the first of several that are shown.           *)
Printed(t, action, touched, shown) ==
    /\ shown # {}
    /\ \A one \in shown : \E x \in {Op(t).by} :
        PrintOnce(<<t, Op(t).number, Own(x), action, touched, Own(x)', one,
                    Plain(x, action), Freed(x, action), missed'>>)

-----------------------------------------------------------------------------
(* The operations.                                                          *)
IsSend(op) == op.call \in {"send", "try_send", "send_for", "send_unwound"}
IsAsked(op) == op.call = "is_disconnected"

(* The action with which thread t goes on.                                  *)
Begins(op) == CASE IsSend(op)         -> "SendLook"
                [] op.call = "stop"   -> "StopRequest"
                [] op.call = "clone"  -> "CloneSender"
                [] op.by # rx         -> IF IsAsked(op) THEN "SenderLook" ELSE "DropSender"
                [] IsAsked(op)        -> IF IsOver THEN "none" ELSE "ReceiverLook"
                [] OTHER              -> FirstStep(op.call)
Action(t) == IF at[Op(t).by] = "idle" THEN Begins(Op(t)) ELSE at[Op(t).by]

Act(op) ==
    IF at[op.by] # "idle"
    THEN IF op.by = rx THEN Receiver ELSE Sender(op.by)
    ELSE CASE IsSend(op) -> /\ held[op.by] = {op.value}
                            /\ SendLook(op.by) /\ how'[op.by] = op.call
           [] op.call = "clone" -> CloneSender(op.by, op.as)
           [] op.by # rx -> IF IsAsked(op) THEN SenderLook(op.by) ELSE DropSender(op.by)
           [] OTHER -> LET first == Begins(op) IN
               \/ first = "ReceiverLook"   /\ ReceiverLook
               \/ first = "RecvReady"      /\ RecvReady
               \/ first = "Close"          /\ Close
               \/ first = "RecvAwaitReady" /\ RecvAwaitReady
               \/ first = "Leave"          /\ Leave(rx)

(* A first action may be that of several calls.                             *)
IsOf(op) == op.by = rx => call' \in {op.call, "none"}

(* A receive that looks in vain and returns at once has come to the end, or *)
(* is left by unwinding; which of the two, the state alone need not tell.   *)
MayBeLeft(op, action) ==
    LET isTheEnd == IsOver /\ pos = end.at IN
    IF /\ action = "RecvReady" /\ op.by = rx
       /\ received' = received /\ at'[rx] = "idle"
    THEN (IF op.call = "recv_unwound" /\ (isTheEnd => told' = told) THEN {TRUE} ELSE {})
             \cup (IF isTheEnd /\ told' THEN {FALSE} ELSE {})
    ELSE {FALSE}

(* What the caller is shown, when the call returns.                         *)
Given == IF received' # received THEN received'[Len(received')] ELSE InHand
Answer(op, action, isLeft) ==
    CASE IsSend(op) ->
             CASE action \in {"SendReady", "Wake"} -> "ok"
               [] action = "LeaveLineUnlock" /\ op.call = "send_for" -> "timeout"
               [] action \in {"SendSleep", "SendSleepUntil", "SendTakeToken"} ->
                      IF standing[op.by] = "accepted" THEN "ok" ELSE "refused"
               [] OTHER -> CASE givenBack' # givenBack   -> "refused"
                             [] op.call = "try_send"     -> "full"
                             [] OTHER                    -> "unwound"
      [] IsAsked(op) ->
             IF IF op.by # rx THEN tail.closed
                ELSE LET w == IF IsOver THEN end ELSE tail IN w.done /\ w.at = pos
             THEN "disconnected" ELSE "connected"
      [] op.by # rx \/ op.call = "close" -> ""
      [] op.call = "drop"                -> "destroyed["
      [] Given # NoValue                 -> ToString(Given)
      [] \/ isLeft
         \/ op.call = "recv_unwound" /\ action \in {"RecvWithdraw", "RecvTakeToken"}
                                         -> "unwound"
      [] (IF IsOver THEN end ELSE IF action \in {"AdmitUnlock", "RecvTakeToken"}
          THEN found ELSE tail).done     -> "disconnected"
      [] OTHER -> CASE op.call = "try_recv"       -> "empty"
                    [] op.call = "recv_stoppable" -> "stopped"
                    [] OTHER                      -> "timeout"

Returns(op) == at'[op.by] = "idle"
Yields(op)  == Returns(op) /\ op.repeats /\ Given # NoValue
Shown(op, action) ==
    {IF ~Returns(op)    THEN "..."
     ELSE IF Yields(op) THEN "+" \o Answer(op, action, isLeft)
     ELSE IF op.repeats THEN "["
     ELSE Answer(op, action, isLeft) : isLeft \in MayBeLeft(op, action)}

Step(t) ==
    LET op == Op(t)  action == Action(t) IN
    /\ action \notin {"StopRequest", "StopRegister", "StopLook"}
    /\ action = "StopClaim" => Registered
    /\ Act(op)
    /\ action = "SendSleep" /\ at'[op.by] = "LeaveLineLock" => ~answer[op.by]
    /\ action = "RecvSleep" /\ at'[rx] = "RecvWithdraw" => ~token
    /\ IsOf(op)
    /\ IF Returns(op) /\ ~Yields(op) THEN Finish(t) ELSE UNCHANGED done
    /\ UNCHANGED <<scenario, signalled, missed>>
    /\ Printed(t, action, Touched(op.by, action), Shown(op, action))

(* A load of the room that reads an older store finds any room that there   *)
(* was, be it one that the memory rules out; what comes after that in this  *)
(* course of the scenario, need not be taken.  Other loads that read older  *)
(* stores lead to nothing that a thread does not do in some order of all    *)
(* steps.                                                                   *)
SeesAnOlderRoom(t) ==
    LET op == Op(t)  h == op.by IN
    /\ Action(t) = "SendRoom"
    /\ \E older \in Capacity .. room, wasBlocked \in BOOLEAN :
          LET code == 8 * older + Bit(wasBlocked) IN
          /\ code # RoomCode
          /\ FoundRoom(h, older)
          /\ IF Returns(op) THEN Finish(t) ELSE UNCHANGED done
          /\ missed' = TRUE
          /\ UNCHANGED <<scenario, signalled>>
          /\ Printed(t, "SendRoom", <<"room", 0, 0, code, code>>,
                     Shown(op, "SendRoom"))

(* No instructions.  The stop token and the callback are the standard       *)
(* library's.                                                               *)
Stops(t) ==
    LET op == Op(t) IN
    /\ \/ op.call = "stop" /\ (StopRequest(op.by) \/ StopForgotten(op.by))
       \/ op.by = rx /\ (StopRegister \/ StopLook)
    /\ IF Returns(op) THEN Finish(t) ELSE UNCHANGED done
    /\ UNCHANGED <<scenario, signalled, missed>>
    /\ Printed(t, "", Nothing, Shown(op, ""))

(* A call is left by unwinding before it has done anything, or while it     *)
(* sleeps: the header need not look at the token for that.                  *)
Unwinds(t) ==
    LET x == Op(t).by IN
    /\ Op(t).call \in {"send_unwound", "recv_unwound"}
    /\ UNCHANGED <<scenario, signalled, missed>>
    /\ \/ /\ at[x] = "idle"
          /\ Finish(t) /\ UNCHANGED vars
          /\ Printed(t, "", Nothing, {"unwound"})
       \/ /\ \/ at[x] = "SendSleep" /\ SendSleep(x) /\ at'[x] = "LeaveLineLock"
             \/ at[x] = "RecvSleep" /\ RecvSleep /\ at'[x] = "RecvWithdraw"
          /\ UNCHANGED done
          /\ Printed(t, "", Nothing, {"..."})

(* "A send spins no more than once", but the header looks again, and once   *)
(* more when it has found room.                                             *)
LooksAgain(t) ==
    LET x == Op(t).by IN
    /\ Here.looksAgain /\ at[x] \in {"RecvPark", "JoinLock", "SendClaim"}
    /\ at[x] # "RecvPark" => how[x] # "try_send"
    /\ Goto(x, CASE at[x] = "RecvPark" -> "RecvReady"
                 [] at[x] = "JoinLock" -> "SendLook"
                 [] OTHER              -> IF Notes THEN "SendSeenRoom" ELSE "SendRoom")
    /\ UNCHANGED <<words, ring, counts, locked, mine, private, handle,
                   receiver, logs, outcomes, faults, driver>>
    /\ Printed(t, "", Nothing, {"..."})

-----------------------------------------------------------------------------
(* What no other thread sees is done at once.                               *)

(* Who is alive at the start, and who is lent a handle.                     *)
IsSetUp == \A h \in Here.live : handle[h] # "unborn"
SetUp ==
    /\ handle' = [h \in Handle |-> IF h \in Here.live \cup Here.lent
                                   THEN "live" ELSE "unborn"]
    /\ senders' = Cardinality(Here.live)
    /\ UNCHANGED <<words, ring, oneSideLeft, token, stop, locked, mine, private, at,
                   receiver, logs, outcomes, faults, driver>>

(* Who sends holds the value that it sends.                                 *)
Takes(t) == /\ IsSend(Op(t)) /\ at[Op(t).by] = "idle"
            /\ held[Op(t).by] # {Op(t).value}
Take(t) == /\ held' = [held EXCEPT ![Op(t).by] = {Op(t).value}]
           /\ UNCHANGED <<words, ring, counts, locked, mine, private, at,
                          handle, receiver, sent, givenBack, outcomes, faults,
                          driver>>

(* To close what is closed, and to ask then; to request a stop once more.   *)
IsPlain(t) ==
    \/ Op(t).by = rx /\ at[rx] = "idle" /\ Begins(Op(t)) = "none"
    \/ Op(t).call = "stop" /\ stop.receiver /\ at[Op(t).by] = "idle"
BePlain(t) == /\ Finish(t)
              /\ UNCHANGED <<vars, scenario, signalled, missed>>
              /\ Printed(t, "", Nothing, {Answer(Op(t), "", FALSE)})

AtOnce == {t \in Unfinished : Takes(t) \/ IsPlain(t) \/ Happens(t)}

ScenarioNext ==
    IF ~IsSetUp THEN SetUp
    ELSE IF AtOnce # {}
    THEN LET t == CHOOSE u \in AtOnce : TRUE IN
         IF Takes(t) THEN Take(t) ELSE IF IsPlain(t) THEN BePlain(t)
         ELSE Happen(t) /\ UNCHANGED <<vars, missed>>
    ELSE \E t \in Unfinished :
             /\ Op(t).call # "await"
             /\ \/ Step(t) \/ SeesAnOlderRoom(t)
                \/ Stops(t) \/ Unwinds(t) \/ LooksAgain(t)

ScenarioSpec == ScenarioInit /\ [][ScenarioNext]_<<vars, driver>>

(* What no step looks at makes no other state.                              *)
Seen == <<words, ring, counts, locked, standing, answer, OwnReceiver,
          [h \in Handle |-> OwnSender(h)], handle, receiver, held, givenBack,
          driver>>
=============================================================================
