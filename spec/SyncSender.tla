----------------------------- MODULE SyncSender -----------------------------
(* What the threads of the bounded channel's algorithm share, and what the  *)
(* senders do.  SyncAlgorithm.tla says of what this is a part.              *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Handle,     \* sender handles, each with a thread of its own
    Value,      \* what they send
    NoValue,    \* what an empty slot holds
    rx,         \* the receiver's thread
    Calls,      \* what the receiver calls: of recv, try_recv, recv_for,
                \* recv_unwound (it may be left by unwinding),
                \* recv_stoppable, is_disconnected, close, drop
    Sends,      \* how senders send: of send, try_send, send_for,
                \* send_unwound (it may be left by unwinding),
                \* send_stoppable
    Capacity,   \* how many values the channel holds
    Slots,      \* of the ring: a power of two, at least Capacity, at least 1
    Notes       \* do senders note what room they have seen?

ASSUME Capacity \in Nat /\ Slots \in Nat \ {0} /\ Slots >= Capacity

Thread   == Handle \cup {rx}
Position == 0 .. Cardinality(Value) + Capacity + 1
Index(n) == n % Slots
IsFull(n) == (n \div Slots) % 2 = 0     \* the flag of a value at position n
Nobody   == "nobody"
Word     == [at: Position, parked: BOOLEAN, closed: BOOLEAN, done: BOOLEAN]
NoWord   == [at |-> 0, parked |-> FALSE, closed |-> FALSE, done |-> FALSE]
NothingSeen == [note |-> 0, room |-> 0]

-----------------------------------------------------------------------------
VARIABLES tail, room, blocked, seenRoom     \* the two words, and the senders' note
VARIABLES ready, cell                       \* the ring
VARIABLES senders, oneSideLeft, token       \* token: the receiver's
VARIABLE stop                               \* a stop has been requested, of the
                                            \* receiver, of senders; of each that
                                            \* requests this: who is to be told,
                                            \* and whom it is telling
VARIABLES lock, line, isClosed              \* who has the lock; under it: the
                                            \* handles that wait, and whether
                                            \* the line is closed
words  == <<tail, room, blocked, seenRoom>>
ring   == <<ready, cell>>
counts == <<senders, oneSideLeft, token, stop>>
locked == <<lock, line, isClosed>>

(* The receiver's own.                                                      *)
VARIABLES pos, end, call, got, found        \* end: once closed, else NoWord;
                                            \* got: the value that it takes;
                                            \* found: the word that it read
VARIABLES letIn, meeting                    \* whose value it lets in; with
                                            \* capacity 0: it is parked, or met
mine == <<pos, end, call, got, found, letIn, meeting>>

(* Of each sender: the call, its value, the word that it has read, the note *)
(* and the room that it saw, and its waiter.                                *)
VARIABLES how, value, word, saw, standing, answer
private == <<how, value, word, saw, standing, answer>>

VARIABLE at
Steps == {"SendLook", "SendSeenRoom", "SendRoom", "SendNoteRoom", "SendClaim",
          "SendReady", "Wake", "WakeClaim", "JoinLock", "JoinBlock",
          "JoinClaim", "JoinUnlock", "JoinNotUnlock", "SendSleep",
          "SendSleepUntil", "LeaveLineLock", "LeaveLineUnlock",
          "TooLateUnlock", "SendTakeToken", "DropLastSender", "Leave",
          "StopRegister", "StopLook", "StopClaim", "SendStopRegister",
          "DismissLock", "DismissLook", "DismissUnlock", "DismissWake",
          "RecvReady", "RecvAwaitReady", "TryRecvLook", "RecvPark",
          "RecvSleep", "RecvSleepUntil", "RecvWithdraw", "RecvTakeToken",
          "RecvRoom", "AdmitLock", "AdmitReady", "AdmitClaim", "AdmitRoom",
          "AdmitUnlock", "AdmitWake", "CloseLock", "CloseUnlock", "CloseWake"}
AtType == at \in [Thread -> Steps \cup {"idle"}]

(* History: what the contract speaks of, and what must not happen.          *)
VARIABLES handle, receiver, held, sent, received, destroyed, givenBack, told
VARIABLE faults
logs     == <<held, sent, givenBack>>
outcomes == <<received, destroyed, told>>
vars == <<words, ring, counts, locked, mine, private, at, handle, receiver,
          logs, outcomes, faults>>

Values(log) == [i \in DOMAIN log |-> log[i].value]
Live  == {h \in Handle : handle[h] = "live"}
Queue == SubSeq(Values(sent), Len(received) + Len(destroyed) + 1, Len(sent))
Goto(t, step) == at' = [at EXCEPT ![t] = step]
Says(truth)   == faults' = faults \cup (IF truth THEN {} ELSE {"lie"})
NoFault       == UNCHANGED faults

Begin(alive, holding) ==
    /\ tail = NoWord /\ room = Capacity /\ blocked = FALSE /\ seenRoom = 0
    /\ ready = [i \in 0 .. Slots - 1 |-> FALSE]
    /\ cell = [i \in 0 .. Slots - 1 |-> NoValue]
    /\ senders = 1 /\ oneSideLeft = FALSE /\ token = FALSE
    /\ stop = [receiver |-> FALSE, senders |-> FALSE,
               left |-> [h \in Handle |-> {}], target |-> [h \in Handle |-> Nobody]]
    /\ lock = Nobody /\ line = <<>> /\ isClosed = FALSE
    /\ pos = 0 /\ end = NoWord /\ call = "none" /\ got = NoValue
    /\ found = NoWord /\ letIn = Nobody /\ meeting = FALSE
    /\ how = [h \in Handle |-> "send"] /\ value = [h \in Handle |-> NoValue]
    /\ word = [h \in Handle |-> NoWord] /\ saw = [h \in Handle |-> NothingSeen]
    /\ standing = [h \in Handle |-> "none"] /\ answer = [h \in Handle |-> FALSE]
    /\ at = [t \in Thread |-> "idle"]
    /\ handle = [h \in Handle |-> IF h = alive THEN "live" ELSE "unborn"]
    /\ receiver = "open" /\ held = holding
    /\ sent = <<>> /\ received = <<>> /\ destroyed = <<>>
    /\ givenBack = {} /\ told = FALSE /\ faults = {}

-----------------------------------------------------------------------------
(* send, try_send, send_for.  Each value is tried until it is accepted, or  *)
(* refused once; a try_send and a send_for may fail for want of room.       *)
ToSend(h) == held[h] \ givenBack
Mine(h)   == IF at[h] = "idle" THEN CHOOSE v \in ToSend(h) : TRUE ELSE value[h]

Accept(h, v) == /\ held' = [held EXCEPT ![h] = @ \ {v}]
                /\ sent' = Append(sent, [by |-> h, value |-> v])
                /\ UNCHANGED givenBack
Refuse(h, v) == givenBack' = givenBack \cup {v} /\ UNCHANGED <<held, sent>>

Put(n, v) == /\ cell' = [cell EXCEPT ![Index(n)] = v]
             /\ faults' = faults \cup (IF cell[Index(n)] = NoValue THEN {}
                                       ELSE {"overwritten"})

(* Where a sender goes that has read the word w.                            *)
Looked(h, w, kind) ==
    IF w.closed THEN "refused"
    ELSE IF lock = h
    THEN IF w.parked THEN "JoinClaim" ELSE "JoinUnlock"
    ELSE IF Capacity = 0
    THEN IF w.parked THEN "SendClaim" ELSE "full"
    ELSE IF Notes THEN "SendSeenRoom" ELSE "SendRoom"

(* The end of a call that found no room: try_send says so, others join.     *)
After(h, step, kind) ==
    CASE step = "refused" -> IF lock = h THEN "JoinNotUnlock" ELSE "idle"
      [] step = "full"    -> IF kind = "try_send" THEN "idle" ELSE "JoinLock"
      [] OTHER            -> step

(* A send that may be left by unwinding may end where it finds no room, too:*)
(* its clock throws while it spins.                                         *)
GoesOn(h, step, kind) ==
    \/ Goto(h, After(h, step, kind))
    \/ step = "full" /\ kind = "send_unwound" /\ Goto(h, "idle")
IsTrulyFull ==
    \/ Len(Queue) >= Capacity + (IF meeting THEN 1 ELSE 0) \/ line # <<>>
    \/ receiver # "open"

Went(h, w, v, kind) ==
    LET step == Looked(h, w, kind) IN
    /\ GoesOn(h, step, kind)
    /\ IF step = "refused" /\ lock # h THEN Refuse(h, v) ELSE UNCHANGED logs
    /\ Says(step = "full" /\ kind = "try_send" => IsTrulyFull)

SendLook(h) ==
    /\ handle[h] = "live" /\ at[h] \in {"idle", "SendLook"} /\ ToSend(h) # {}
    /\ \E kind \in IF at[h] = "idle" THEN Sends ELSE {how[h]} :
          /\ how' = [how EXCEPT ![h] = kind]
          /\ value' = [value EXCEPT ![h] = Mine(h)]
          /\ word' = [word EXCEPT ![h] = tail]
          /\ Went(h, tail, Mine(h), kind)
    /\ UNCHANGED <<words, ring, counts, locked, mine, saw, standing, answer,
                   handle, receiver, outcomes>>

SendSeenRoom(h) ==
    /\ at[h] = "SendSeenRoom"
    /\ saw' = [saw EXCEPT ![h].note = seenRoom]
    /\ Goto(h, IF word[h].at < seenRoom THEN "SendClaim" ELSE "SendRoom")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, locked, mine, how, value, word,
                   standing, answer, handle, receiver, logs, outcomes>>

FoundRoom(h, n) ==
    /\ IF word[h].at < n
       THEN /\ Goto(h, IF Notes THEN "SendNoteRoom" ELSE "SendClaim")
            /\ saw' = [saw EXCEPT ![h].room = IF Notes THEN n ELSE @]
            /\ NoFault
       ELSE /\ GoesOn(h, "full", how[h])
            /\ UNCHANGED saw
            /\ Says(how[h] = "try_send" => IsTrulyFull)
    /\ UNCHANGED <<words, ring, counts, locked, mine, how, value, word,
                   standing, answer, handle, receiver, logs, outcomes>>
SendRoom(h) == at[h] = "SendRoom" /\ FoundRoom(h, room)

SendNoteRoom(h) ==
    /\ at[h] = "SendNoteRoom"
    /\ seenRoom' = IF seenRoom = saw[h].note THEN saw[h].room ELSE seenRoom
    /\ Goto(h, "SendClaim")
    /\ NoFault
    /\ UNCHANGED <<tail, room, blocked, ring, counts, locked, mine, private,
                   handle, receiver, logs, outcomes>>

Claimed(w) == [w EXCEPT !.at = @ + 1, !.parked = FALSE]

SendClaim(h) ==
    /\ at[h] = "SendClaim"
    /\ IF tail = word[h]
       THEN /\ tail' = Claimed(tail)
            /\ Accept(h, value[h])
            /\ Put(tail.at, value[h])
            /\ Goto(h, "SendReady")
            /\ UNCHANGED word
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ Went(h, tail, value[h], how[h])
            /\ UNCHANGED <<tail, cell>>
    /\ UNCHANGED <<room, blocked, seenRoom, ready, counts, locked, mine, how,
                   value, saw, standing, answer, handle, receiver, outcomes>>

SendReady(h) ==
    /\ at[h] = "SendReady"
    /\ ready' = [ready EXCEPT ![Index(word[h].at)] = IsFull(word[h].at)]
    /\ Goto(h, IF word[h].parked THEN "Wake" ELSE "idle")
    /\ NoFault
    /\ UNCHANGED <<words, cell, counts, locked, mine, private, handle,
                   receiver, logs, outcomes>>

Wake(h) ==
    /\ at[h] = "Wake"
    /\ token' = TRUE
    /\ Goto(h, IF handle[h] = "dropped" THEN "Leave" ELSE "idle")
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, stop, locked, mine, private,
                   handle, receiver, logs, outcomes>>

-----------------------------------------------------------------------------
(* The line.                                                                *)
JoinLock(h) ==
    /\ at[h] = "JoinLock" /\ lock = Nobody
    /\ lock' = h
    /\ Goto(h, IF isClosed THEN "JoinNotUnlock"
               ELSE IF line # <<>> THEN "JoinUnlock"
               ELSE IF Capacity = 0 THEN "SendLook" ELSE "JoinBlock")
    /\ word' = [word EXCEPT ![h].closed = isClosed]
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, line, isClosed, mine, how, value, saw,
                   standing, answer, handle, receiver, logs, outcomes>>

JoinBlock(h) ==
    /\ at[h] = "JoinBlock"
    /\ blocked' = TRUE
    /\ saw' = [saw EXCEPT ![h].room = room]
    /\ Goto(h, IF word[h].at = room THEN "JoinUnlock" ELSE "JoinClaim")
    /\ NoFault
    /\ UNCHANGED <<tail, room, seenRoom, ring, counts, locked, mine, how,
                   value, word, standing, answer, handle, receiver, logs,
                   outcomes>>

JoinClaim(h) ==
    /\ at[h] = "JoinClaim"
    /\ IF tail = word[h]
       THEN /\ tail' = Claimed(tail)
            /\ Accept(h, value[h])
            /\ Goto(h, "JoinNotUnlock")
            /\ UNCHANGED word
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ Goto(h, IF tail.closed THEN "JoinNotUnlock"
                       ELSE IF IF Capacity = 0 THEN tail.parked
                                               ELSE tail.at # saw[h].room
                       THEN "JoinClaim" ELSE "JoinUnlock")
            /\ UNCHANGED <<tail, logs>>
    /\ NoFault
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, mine, how,
                   value, saw, standing, answer, handle, receiver, outcomes>>

(* Who joins after the close has begun is refused by it.                    *)
JoinUnlock(h) ==
    /\ at[h] = "JoinUnlock"
    /\ lock' = Nobody
    /\ line' = Append(line, h)
    /\ standing' = [standing EXCEPT ![h] = "waits"]
    /\ Goto(h, CASE how[h] = "send_for"       -> "SendSleepUntil"
                 [] how[h] = "send_stoppable" -> "SendStopRegister"
                 [] OTHER                     -> "SendSleep")
    /\ IF tail.closed THEN Refuse(h, value[h]) ELSE UNCHANGED logs
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, isClosed, mine, how, value, word, saw,
                   answer, handle, receiver, outcomes>>

JoinNotUnlock(h) ==
    /\ at[h] = "JoinNotUnlock"
    /\ lock' = Nobody
    /\ IF word[h].closed
       THEN Refuse(h, value[h]) /\ Goto(h, "idle") /\ UNCHANGED cell /\ NoFault
       ELSE Put(word[h].at, value[h]) /\ Goto(h, "SendReady") /\ UNCHANGED logs
    /\ UNCHANGED <<words, ready, counts, line, isClosed, mine, private, handle,
                   receiver, outcomes>>

(* The waiter's memory ends when its call returns.                          *)
Answered(h) == /\ answer' = [answer EXCEPT ![h] = FALSE]
               /\ standing' = [standing EXCEPT ![h] = "none"]
               /\ Goto(h, "idle")

(* A call ends its callback when it returns, and nobody is calling this     *)
(* then.  Whether or not it is answered, it may be left by unwinding; it    *)
(* then has to ask.                                                         *)
SendSleep(h) ==
    /\ at[h] = "SendSleep"
    /\ \A g \in Handle : stop.target[g] # h
    /\ stop' = [stop EXCEPT !.left = [g \in Handle |-> stop.left[g] \ {h}]]
    /\ \/ answer[h] /\ Answered(h)
       \/ /\ how[h] = "send_unwound"
          /\ Goto(h, "LeaveLineLock") /\ UNCHANGED <<answer, standing>>
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, token, locked, mine, how,
                   value, word, saw, handle, receiver, logs, outcomes>>

SendSleepUntil(h) ==
    /\ at[h] = "SendSleepUntil"
    /\ IF answer[h] THEN Answered(h)
       ELSE Goto(h, "LeaveLineLock") /\ UNCHANGED <<answer, standing>>
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, locked, mine, how, value, word, saw,
                   handle, receiver, logs, outcomes>>

LeaveLineLock(h) ==
    /\ at[h] = "LeaveLineLock" /\ lock = Nobody
    /\ lock' = h
    /\ Goto(h, IF standing[h] = "waits" THEN "LeaveLineUnlock"
               ELSE "TooLateUnlock")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, line, isClosed, mine, private, handle,
                   receiver, logs, outcomes>>

LeaveLineUnlock(h) ==
    /\ at[h] = "LeaveLineUnlock"
    /\ lock' = Nobody
    /\ line' = SelectSeq(line, LAMBDA g : g # h)
    /\ standing' = [standing EXCEPT ![h] = "none"]
    /\ Goto(h, "idle")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, isClosed, mine, how, value, word, saw,
                   answer, handle, receiver, logs, outcomes>>

TooLateUnlock(h) ==
    /\ at[h] = "TooLateUnlock"
    /\ lock' = Nobody
    /\ Goto(h, "SendTakeToken")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, line, isClosed, mine, private, handle,
                   receiver, logs, outcomes>>

SendTakeToken(h) ==
    /\ at[h] = "SendTakeToken" /\ answer[h]
    /\ Answered(h)
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, locked, mine, how, value, word, saw,
                   handle, receiver, logs, outcomes>>

-----------------------------------------------------------------------------
(* Sender handles.                                                          *)
SenderLook(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ Says(tail.closed <=> receiver # "open")
    /\ UNCHANGED <<words, ring, counts, locked, mine, private, at, handle,
                   receiver, logs, outcomes>>

CloneSender(h, c) ==
    /\ handle[h] = "live" /\ at[h] = "idle" /\ handle[c] = "unborn"
    /\ senders' = senders + 1
    /\ handle' = [handle EXCEPT ![c] = "live"]
    /\ NoFault
    /\ UNCHANGED <<words, ring, oneSideLeft, token, stop, locked, mine, private, at,
                   receiver, logs, outcomes>>

DropSender(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ senders' = senders - 1
    /\ IF senders # 1
       THEN handle' = [handle EXCEPT ![h] = "dropped"] /\ UNCHANGED at
       ELSE Goto(h, "DropLastSender") /\ UNCHANGED handle
    /\ NoFault
    /\ UNCHANGED <<words, ring, oneSideLeft, token, stop, locked, mine, private,
                   receiver, logs, outcomes>>

DropLastSender(h) ==
    /\ at[h] = "DropLastSender"
    /\ tail' = [tail EXCEPT !.done = TRUE]
    /\ handle' = [handle EXCEPT ![h] = "dropped"]
    /\ Goto(h, IF tail.parked THEN "WakeClaim" ELSE "Leave")
    /\ NoFault
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, mine,
                   private, receiver, logs, outcomes>>

WakeClaim(h) ==
    /\ at[h] = "WakeClaim"
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ Goto(h, IF tail.parked THEN "Wake" ELSE "Leave")
    /\ NoFault
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, mine,
                   private, handle, receiver, logs, outcomes>>
=============================================================================
