-------------------------- MODULE ChannelAlgorithm --------------------------
(* The algorithm of impl/include/ferry/detail/core.hpp, instruction by      *)
(* instruction, and that it does what the contract (Channel.tla) says.      *)
(*                                                                          *)
(* An action is one atomic instruction of the header, or one operation on   *)
(* the parker, and has the name that the header gives it there; MAPPING.md  *)
(* says which.  Plain code belongs to the action that it follows.           *)
(* Waiting ("await") is an action that is not enabled yet.  A call begins   *)
(* with its first action: who is "idle" may begin any call.                 *)
(*                                                                          *)
(* What it is not: it is sequentially consistent.  What the memory orders   *)
(* must add, so that threads see each other's plain data, is explored with  *)
(* the header itself (verify/).  Nor are there clocks: a deadline passes at *)
(* any moment.  The receiver's spinning is one look: of several looks in a  *)
(* row that find nothing, the last one decides.                             *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Handle,     \* sender handles, each with a thread of its own
    Value,      \* what they send
    NoValue,    \* what an empty slot holds
    rx,         \* the receiver's thread
    Calls,      \* what the receiver calls: a subset of AllCalls
    Slots,      \* the slots of a block ...
    FirstSlots, \* ... and of the first one, which lies inside the core
    MaxBlock,   \* how many blocks there can be, the first included
    Failures    \* how many allocations may fail

(* "recv_unwound" is a recv that may be left by unwinding, at any moment.   *)
AllCalls == {"recv", "try_recv", "recv_for", "recv_unwound",
             "is_disconnected", "close", "drop"}
Thread   == Handle \cup {rx}
Index    == 0 .. Slots - 1
First    == 1                   \* the first block; it lives and dies with the core
Block    == First .. MaxBlock
NoBlock  == 0

-----------------------------------------------------------------------------
(* Shared by all threads.                                                   *)

VARIABLE tail           \* the word; count: how many slots have been claimed
                        \* (each handle claims once behind the last slot, and
                        \* is refused once for each value)
Word == [block: Block \cup {NoBlock},
         count: 0 .. Slots + Cardinality(Handle) + Cardinality(Value),
         parked: BOOLEAN, closed: BOOLEAN, done: BOOLEAN]
TailType == tail \in Word

VARIABLES ready, cell, next     \* of each block: its slots' flags and values,
                                \* and the block that follows
BlocksType == /\ ready \in [Block -> [Index -> BOOLEAN]]
              /\ cell \in [Block -> [Index -> Value \cup {NoValue}]]
              /\ next \in [Block -> Block \cup {NoBlock}]

VARIABLE spare          \* a block that is kept for the next installer
SpareType == spare \in Block \cup {NoBlock}

VARIABLES senders, oneSideLeft
LeavingType == senders \in 0 .. Cardinality(Handle) /\ oneSideLeft \in BOOLEAN

VARIABLE token          \* the parker's
TokenType == token \in BOOLEAN

shared == <<tail, ready, cell, next, spare, senders, oneSideLeft, token>>

(* The receiver's own.                                                      *)

VARIABLES head, taken   \* its position: a block, and how many slots it passed
PositionType == head \in Block /\ taken \in 0 .. Slots

VARIABLE end            \* once closed: the word at which the stream ends
NoEnd == [block |-> NoBlock, count |-> 0,
          parked |-> FALSE, closed |-> FALSE, done |-> FALSE]
EndType == end \in Word

VARIABLES call, old, expired    \* within a call: which; the block that it
                                \* leaves or waits at; the deadline is past
CallType == /\ call \in AllCalls \cup {"none"}
            /\ old \in Block \cup {NoBlock}
            /\ expired \in BOOLEAN

(* The senders' own: within `send`, what the claim has returned (`w`), the  *)
(* value and the new block of an installer, and whether it will get memory. *)

VARIABLES word, value, fresh, omen
SendersType == /\ word \in [Handle -> Word]
               /\ value \in [Handle -> Value \cup {NoValue}]
               /\ fresh \in [Handle -> Block \cup {NoBlock}]
               /\ omen \in [Handle -> {"memory", "none"}]

VARIABLE at             \* each thread's next action, or "idle" between calls
Steps == {"SendClaim", "SendReady", "SendAwaitInstall", "WakeClaim", "Wake",
          "InstallTakeSpare", "InstallGiveUp", "InstallPublish",
          "InstallLink", "DropLastSender", "Leave",
          "RecvReady", "RecvNext", "RecvPark", "RecvSleep",
          "RecvSleepUntil", "RecvWithdraw", "RecvTakeToken", "RecvRecycle",
          "RecvAwaitReady", "RecvAwaitInstall", "RecvAwaitNext",
          "TryRecvLook", "CloseAwaitInstall", "DropSpare"}
AtType == at \in [Thread -> Steps \cup {"idle"}]

(* Memory, and what went wrong with it.  "kept": its life as a block is     *)
(* over, but it has not been freed; it is about to be the spare, or is.     *)

VARIABLES memory, failures
MemoryType == /\ memory \in [Block -> {"unused", "live", "kept", "freed"}]
              /\ failures \in 0 .. Failures

(* History: no step looks at these.  They are what the contract speaks of   *)
(* (it says what their types are), and what must not happen.                *)

VARIABLES handle, receiver, held, sent, received, destroyed, givenBack, told
VARIABLE faults
FaultsType == faults \subseteq {"touched", "freed twice", "lie"}

receivers == <<head, taken, end, call, old, expired>>
private   == <<word, value, fresh, omen>>
heap      == <<memory, failures>>
logs      == <<held, sent, givenBack>>
outcomes  == <<received, destroyed, told>>
vars == <<shared, receivers, private, at, heap, handle, receiver, logs,
          outcomes, faults>>

-----------------------------------------------------------------------------
(* The refinement mapping: the contract's state, seen in this one.          *)
(*                                                                          *)
(* Which of its steps is which step of the contract is said at the end      *)
(* (LinearizationPoints).                                                   *)
(*                                                                          *)
(* `omen` is a prophecy.  Whether an installer gets memory turns out after  *)
(* its claim; but if the receiver closes in between, others are refused     *)
(* before it turns out, so it must be known at the claim whether the send   *)
(* came first or never.  It is right in some behaviour for every course of  *)
(* the algorithm; the others are cut off (OmenIsTrue).                      *)

Values(log) == [i \in DOMAIN log |-> log[i].value]
Past == Len(received) + Len(destroyed)

Contract == INSTANCE Channel WITH
    queue <- SubSeq(Values(sent),
                    (IF receiver = "dropped" THEN Past ELSE Len(received)) + 1,
                    Len(sent)),
    destroyed <- IF receiver = "dropped" THEN destroyed ELSE <<>>

Queue == SubSeq(Values(sent), Past + 1, Len(sent))
Live  == {h \in Handle : handle[h] = "live"}
Ended == receiver # "open" \/ Live = {}

OmenIsTrue == \A h \in Handle :
    at[h] = "InstallTakeSpare" /\ omen[h] = "none" => spare = NoBlock

-----------------------------------------------------------------------------
(* Words of the algorithm.                                                  *)

Init ==
    /\ tail = [block |-> First, count |-> Slots - FirstSlots,
               parked |-> FALSE, closed |-> FALSE, done |-> FALSE]
    /\ ready = [b \in Block |-> [i \in Index |-> FALSE]]
    /\ cell = [b \in Block |-> [i \in Index |-> NoValue]]
    /\ next = [b \in Block |-> NoBlock]
    /\ spare = NoBlock /\ senders = 1 /\ oneSideLeft = FALSE /\ token = FALSE
    /\ head = First /\ taken = Slots - FirstSlots /\ end = NoEnd
    /\ call = "none" /\ old = NoBlock /\ expired = FALSE
    /\ word = [h \in Handle |-> NoEnd]
    /\ value = [h \in Handle |-> NoValue]
    /\ fresh = [h \in Handle |-> NoBlock]
    /\ omen = [h \in Handle |-> "memory"]
    /\ at = [t \in Thread |-> "idle"]
    /\ memory = [b \in Block |-> IF b = First THEN "live" ELSE "unused"]
    /\ failures = Failures
    /\ faults = {}

(* One alive at the start, and who holds which values.                      *)
Begin(alive, holding) ==
    /\ Init
    /\ handle = [h \in Handle |-> IF h = alive THEN "live" ELSE "unborn"]
    /\ receiver = "open"
    /\ held = holding
    /\ sent = <<>> /\ received = <<>> /\ destroyed = <<>>
    /\ givenBack = {} /\ told = FALSE

Goto(t, step) == at' = [at EXCEPT ![t] = step]

(* What a step touches must be alive; what it frees must not be free.       *)
Uses(touches, frees, others) ==
    faults' = faults
        \cup (IF \A m \in touches : memory[m] = "live" THEN {} ELSE {"touched"})
        \cup (IF \A m \in frees : memory[m] \in {"live", "kept"} THEN {}
                                  ELSE {"freed twice"})
        \cup others
Touches(blocks) == Uses(blocks, {}, {})

Unpark == token' = TRUE /\ Touches({First})

Constructed(b) ==
    /\ memory' = [memory EXCEPT ![b] = "live"]
    /\ ready' = [ready EXCEPT ![b] = [i \in Index |-> FALSE]]
    /\ cell' = [cell EXCEPT ![b] = [i \in Index |-> NoValue]]
    /\ next' = [next EXCEPT ![b] = NoBlock]

-----------------------------------------------------------------------------
(* send                                                                     *)

(* Each value is tried until it is accepted, or refused once.               *)
ToSend(h) == held[h] \ givenBack

Accept(h, v) ==
    /\ held' = [held EXCEPT ![h] = @ \ {v}]
    /\ sent' = Append(sent, [by |-> h, value |-> v])
    /\ UNCHANGED givenBack

Claimed(h, v) ==            \* a slot: the value is put there
    /\ Accept(h, v)
    /\ cell' = [cell EXCEPT ![tail.block][tail.count] = v]
    /\ word' = [word EXCEPT ![h] = tail]
    /\ Goto(h, "SendReady")
    /\ Touches({First, tail.block})
    /\ UNCHANGED <<value, omen>>

Installs(h, v) ==           \* the slot behind the last one
    /\ \/ Accept(h, v) /\ omen' = [omen EXCEPT ![h] = "memory"]
       \/ failures > 0 /\ omen' = [omen EXCEPT ![h] = "none"] /\ UNCHANGED logs
    /\ word' = [word EXCEPT ![h] = [tail EXCEPT !.count = @ + 1]]
    /\ value' = [value EXCEPT ![h] = v]
    /\ Goto(h, "InstallTakeSpare")
    /\ Touches({First})
    /\ UNCHANGED cell

Waits(h) ==                 \* another sender installs
    /\ Goto(h, "SendAwaitInstall")
    /\ Touches({First})
    /\ UNCHANGED <<logs, cell, word, value, omen>>

Refused(h, v) ==
    /\ givenBack' = givenBack \cup {v}
    /\ Goto(h, "idle")
    /\ Touches({First})
    /\ UNCHANGED <<held, sent, cell, word, value, omen>>

SendClaim(h) ==
    /\ handle[h] = "live" /\ at[h] \in {"idle", "SendClaim"}
    /\ ToSend(h) # {}
    /\ tail' = [tail EXCEPT !.count = @ + 1]
    /\ LET v == CHOOSE x \in ToSend(h) : TRUE IN
       IF tail.closed            THEN Refused(h, v)
       ELSE IF tail.count < Slots THEN Claimed(h, v)
       ELSE IF tail.count = Slots THEN Installs(h, v)
       ELSE Waits(h)
    /\ UNCHANGED <<ready, next, spare, senders, oneSideLeft, token, receivers,
                   fresh, heap, handle, receiver, outcomes>>

SendReady(h) ==
    /\ at[h] = "SendReady"
    /\ ready' = [ready EXCEPT ![word[h].block][word[h].count] = TRUE]
    /\ word' = [word EXCEPT ![h] = NoEnd]
    /\ Goto(h, IF word[h].parked THEN "WakeClaim" ELSE "idle")
    /\ Touches({word[h].block})
    /\ UNCHANGED <<tail, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, omen, heap, handle, receiver,
                   logs, outcomes>>

SendAwaitInstall(h) ==
    /\ at[h] = "SendAwaitInstall"
    /\ tail.count <= Slots \/ tail.closed
    /\ Goto(h, "SendClaim")
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes>>

(* Of those who saw the receiver parked, one wakes it.  After a wake-up a   *)
(* send returns, and the drop of the last handle goes on.                   *)
Awake(h) == IF handle[h] = "dropped" THEN "Leave" ELSE "idle"

WakeClaim(h) ==
    /\ at[h] = "WakeClaim"
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ Goto(h, IF tail.parked THEN "Wake" ELSE Awake(h))
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, private, heap, handle, receiver, logs, outcomes>>

Wake(h) ==
    /\ at[h] = "Wake"
    /\ Unpark
    /\ Goto(h, Awake(h))
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft,
                   receivers, private, heap, handle, receiver, logs, outcomes>>

(* A block to install: the spare one, or one from the heap.  Freed memory   *)
(* may come back at once, or not.                                           *)
FromHeap ==
    {b \in Block : memory[b] = "freed"} \cup
    {b \in Block : memory[b] = "unused" /\ \A c \in Block : c < b => memory[c] # "unused"}

InstallTakeSpare(h) ==
    /\ at[h] = "InstallTakeSpare"
    /\ spare' = NoBlock
    /\ IF spare = NoBlock /\ omen[h] = "none"
       THEN /\ failures' = failures - 1
            /\ value' = [value EXCEPT ![h] = NoValue]
            /\ Goto(h, "InstallGiveUp")
            /\ Touches({First})
            /\ UNCHANGED <<ready, cell, next, memory, fresh>>
       ELSE /\ omen[h] = "memory"
            /\ \E b \in IF spare # NoBlock THEN {spare} ELSE FromHeap :
                  /\ Constructed(b)
                  /\ fresh' = [fresh EXCEPT ![h] = b]
                  /\ Uses({First}, {}, IF b = spare /\ memory[b] # "kept"
                                       THEN {"touched"} ELSE {})
            /\ Goto(h, "InstallPublish")
            /\ UNCHANGED <<failures, value>>
    /\ UNCHANGED <<tail, senders, oneSideLeft, token, receivers, word, omen,
                   handle, receiver, logs, outcomes>>

(* A compare-exchange that fails learns what the word is, and tries again.  *)
InstallGiveUp(h) ==
    /\ at[h] = "InstallGiveUp"
    /\ IF tail = word[h]
       THEN /\ tail' = IF tail.closed
                       THEN [tail EXCEPT !.block = NoBlock, !.count = 0]
                       ELSE [tail EXCEPT !.count = Slots]
            /\ word' = [word EXCEPT ![h] = NoEnd]
            /\ omen' = [omen EXCEPT ![h] = "memory"]
            /\ Goto(h, "idle")
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, omen, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, heap, handle, receiver, logs,
                   outcomes>>

(* The flags stay.  DONE can't be set, because the installer has a handle.  *)
InstallPublish(h) ==
    /\ at[h] = "InstallPublish"
    /\ IF tail = word[h]
       THEN /\ tail' = [tail EXCEPT !.block = fresh[h], !.count = 1]
            /\ Goto(h, "InstallLink")
            /\ UNCHANGED word
       ELSE /\ word' = [word EXCEPT ![h] = tail]
            /\ UNCHANGED <<tail, at>>
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, value, fresh, omen, heap, handle, receiver,
                   logs, outcomes>>

(* Then the first slot of the new block is the installer's, like any other. *)
InstallLink(h) ==
    /\ at[h] = "InstallLink"
    /\ next' = [next EXCEPT ![word[h].block] = fresh[h]]
    /\ cell' = [cell EXCEPT ![fresh[h]][0] = value[h]]
    /\ value' = [value EXCEPT ![h] = NoValue]
    /\ word' = [word EXCEPT ![h].block = fresh[h], ![h].count = 0]
    /\ fresh' = [fresh EXCEPT ![h] = NoBlock]
    /\ Goto(h, "SendReady")
    /\ Touches({word[h].block, fresh[h]})
    /\ UNCHANGED <<tail, ready, spare, senders, oneSideLeft, token,
                   receivers, omen, heap, handle, receiver, logs, outcomes>>

-----------------------------------------------------------------------------
(* Receiving: recv, try_recv, recv_for.  Dropping the receiver takes the    *)
(* same steps to what is left, and destroys it.                             *)

(* With which step the receiver asks whether a value is ready at slot n.    *)
ReadyStep(n) == IF n # Slots THEN "RecvReady" ELSE "RecvNext"

(* What a drop does at a position, once the channel is closed with end e.   *)
Drain(b, n, e) == IF b = e.block /\ n = e.count THEN "DropSpare"
                  ELSE IF n # Slots THEN "RecvAwaitReady"
                  ELSE "RecvAwaitNext"

FirstStep(c) ==
    IF c = "close"     THEN IF end = NoEnd THEN "Close" ELSE "none"
    ELSE IF c = "drop" THEN IF end = NoEnd THEN "Close" ELSE Drain(head, taken, end)
    ELSE IF c = "is_disconnected" THEN IF end = NoEnd THEN "ReceiverLook" ELSE "none"
    ELSE ReadyStep(taken)

(* The calls that the receiver may be in when it takes this step.           *)
Within(step) ==
    IF at[rx] = step THEN {call}
    ELSE IF at[rx] = "idle" /\ receiver # "dropped"
    THEN {c \in Calls : FirstStep(c) = step}
    ELSE {}

In(c, step) == /\ call' = c
               /\ Goto(rx, step)
Return == In("none", "idle")

(* A value is ready at slot i of block b.                                   *)
Found(c, b, i) ==
    /\ cell' = [cell EXCEPT ![b][i] = NoValue]
    /\ head' = b /\ taken' = i + 1
    /\ expired' = FALSE
    /\ IF c = "drop"
       THEN /\ destroyed' = Append(destroyed, cell[b][i])
            /\ In(c, Drain(b, i + 1, end))
            /\ UNCHANGED <<received, told>>
       ELSE /\ received' = Append(received, cell[b][i])
            /\ Return
            /\ UNCHANGED <<destroyed, told>>

(* The receiver goes over to block b, in which the first value is on its    *)
(* way.  The block that it leaves is destroyed, unless it is the first.     *)
GoOver(c, b) ==
    /\ head' = b /\ taken' = 0
    /\ Touches({First, head})
    /\ IF head = First
       THEN /\ In(c, "RecvAwaitReady")
            /\ UNCHANGED <<ready, next, old, memory>>
       ELSE /\ memory' = [memory EXCEPT ![head] = "kept"]
            /\ ready' = [ready EXCEPT ![head] = [i \in Index |-> FALSE]]
            /\ next' = [next EXCEPT ![head] = NoBlock]
            /\ old' = head
            /\ In(c, "RecvRecycle")

(* "empty", "timeout" and "disconnected" must be true when they are said.   *)
Says(truth) == IF truth THEN {} ELSE {"lie"}

(* What the word w says of the receiver's position, where nothing is ready. *)
Settle(c, w, late) ==
    IF w.block = head /\ w.count = taken
    THEN IF w.done
         THEN /\ told' = TRUE
              /\ Return
              /\ expired' = FALSE
              /\ Uses({First}, {}, Says(Queue = <<>> /\ Ended))
         ELSE IF c = "try_recv" \/ late
         THEN /\ Return
              /\ expired' = FALSE
              /\ Uses({First}, {}, Says(Queue = <<>> /\ ~Ended))
              /\ UNCHANGED told
         ELSE /\ In(c, ReadyStep(taken))
              /\ expired' = FALSE
              /\ Touches({First})
              /\ UNCHANGED told
    ELSE /\ expired' = late
         /\ In(c, IF taken # Slots THEN "RecvAwaitReady"
                  ELSE IF w.block = head THEN "RecvAwaitInstall"
                  ELSE "RecvAwaitNext")
         /\ Touches({First})
         /\ UNCHANGED told

NotReady(c) ==
    IF end # NoEnd
    THEN Settle(c, end, FALSE)
    ELSE /\ \/ In(c, IF c = "try_recv" THEN "TryRecvLook" ELSE "RecvPark")
            \/ c = "recv_unwound" /\ Return
         /\ Touches({First, head})
         /\ UNCHANGED <<expired, told>>

RecvReady ==
    /\ \E c \in Within("RecvReady") :
          IF ready[head][taken]
          THEN Found(c, head, taken) /\ Touches({First, head})
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<cell, head, taken, received, destroyed>>
    /\ UNCHANGED <<tail, ready, next, spare, senders, oneSideLeft, token, end,
                   old, private, heap, handle, receiver, logs>>

RecvNext ==
    /\ \E c \in Within("RecvNext") :
          IF next[head] # NoBlock
          THEN GoOver(c, next[head]) /\ UNCHANGED <<expired, told>>
          ELSE /\ NotReady(c)
               /\ UNCHANGED <<ready, next, head, taken, old, memory>>
    /\ UNCHANGED <<tail, cell, spare, senders, oneSideLeft, token, end,
                   private, failures, handle, receiver, logs, received,
                   destroyed>>

RecvRecycle ==
    /\ \E c \in Within("RecvRecycle") : In(c, "RecvAwaitReady")
    /\ spare' = old
    /\ old' = NoBlock
    /\ memory' = IF spare # NoBlock THEN [memory EXCEPT ![spare] = "freed"]
                                    ELSE memory
    /\ Uses({First, head}, {spare} \ {NoBlock}, {})
    /\ UNCHANGED <<tail, ready, cell, next, senders, oneSideLeft, token, head,
                   taken, end, expired, private, failures, handle, receiver,
                   logs, outcomes>>

TryRecvLook ==
    /\ \E c \in Within("TryRecvLook") : Settle(c, tail, FALSE)
    /\ UNCHANGED <<shared, head, taken, end, old, private, heap, handle,
                   receiver, logs, received, destroyed>>

AtPosition == [block |-> head, count |-> taken,
               parked |-> FALSE, closed |-> FALSE, done |-> FALSE]

RecvPark ==
    /\ \E c \in Within("RecvPark") :
          IF tail = AtPosition
          THEN /\ tail' = [tail EXCEPT !.parked = TRUE]
               /\ In(c, IF c = "recv_for" THEN "RecvSleepUntil" ELSE "RecvSleep")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
          ELSE Settle(c, tail, FALSE) /\ UNCHANGED tail
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>

TakeToken(c) ==
    /\ token' = FALSE
    /\ In(c, ReadyStep(taken))
    /\ Touches({First})

(* Whether or not there is a token, it may be left.                         *)
RecvSleep ==
    /\ \E c \in Within("RecvSleep") :
          \/ token /\ TakeToken(c)
          \/ /\ c = "recv_unwound"
             /\ In(c, "RecvWithdraw")
             /\ Touches({First})
             /\ UNCHANGED token
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, head,
                   taken, end, old, expired, private, heap, handle, receiver,
                   logs, outcomes>>

(* Without a token, this is the moment at which the deadline is past.       *)
RecvSleepUntil ==
    /\ \E c \in Within("RecvSleepUntil") :
          IF token THEN TakeToken(c)
          ELSE In(c, "RecvWithdraw") /\ Touches({First}) /\ UNCHANGED token
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, head,
                   taken, end, old, expired, private, heap, handle, receiver,
                   logs, outcomes>>

RecvWithdraw ==
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ \E c \in Within("RecvWithdraw") :
          IF tail.parked /\ c # "recv_unwound" THEN Settle(c, tail, TRUE)
          ELSE /\ IF tail.parked THEN Return ELSE In(c, "RecvTakeToken")
               /\ Touches({First})
               /\ UNCHANGED <<expired, told>>
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, end, old, private, heap, handle, receiver,
                   logs, received, destroyed>>

RecvTakeToken ==
    /\ token /\ token' = FALSE
    /\ \E c \in Within("RecvTakeToken") :
          IF c = "recv_unwound" THEN Return ELSE In(c, ReadyStep(taken))
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, head,
                   taken, end, old, expired, private, heap, handle, receiver,
                   logs, outcomes>>

RecvAwaitReady ==
    /\ \E c \in Within("RecvAwaitReady") :
          ready[head][taken] /\ Found(c, head, taken)
    /\ Touches({First, head})
    /\ UNCHANGED <<tail, ready, next, spare, senders, oneSideLeft, token, end,
                   old, private, heap, handle, receiver, logs>>

RecvAwaitInstall ==
    /\ tail.block # head \/ tail.count <= Slots
    /\ \E c \in Within("RecvAwaitInstall") : Settle(c, tail, expired)
    /\ UNCHANGED <<shared, head, taken, end, old, private, heap, handle,
                   receiver, logs, received, destroyed>>

RecvAwaitNext ==
    /\ \E c \in Within("RecvAwaitNext") :
          next[head] # NoBlock /\ GoOver(c, next[head])
    /\ UNCHANGED <<tail, cell, spare, senders, oneSideLeft, token, end,
                   expired, private, failures, handle, receiver, logs,
                   outcomes>>

-----------------------------------------------------------------------------
(* Asking.  The answer is the action's; nothing changes but what the        *)
(* receiver has been told.                                                  *)

SenderLook(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ Touches({First})
    /\ UNCHANGED <<shared, receivers, private, at, heap, handle, receiver,
                   logs, outcomes>>

ReceiverLook ==
    /\ Within("ReceiverLook") # {}
    /\ LET over == tail.done /\ tail.block = head /\ tail.count = taken IN
       /\ told' = (told \/ over)
       /\ Uses({First}, {}, Says(over => Queue = <<>> /\ Ended)
                              \cup Says(~over => Queue # <<>> \/ ~Ended))
    /\ UNCHANGED <<shared, receivers, private, at, heap, handle, receiver,
                   logs, received, destroyed>>

-----------------------------------------------------------------------------
(* Handles come and go.                                                     *)

CloneSender(h, c) ==
    /\ handle[h] = "live" /\ at[h] = "idle" /\ handle[c] = "unborn"
    /\ senders' = senders + 1
    /\ handle' = [handle EXCEPT ![c] = "live"]
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, token,
                   receivers, private, at, heap, receiver, logs, outcomes>>

DropSender(h) ==
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ senders' = senders - 1
    /\ IF senders # 1
       THEN handle' = [handle EXCEPT ![h] = "dropped"] /\ UNCHANGED at
       ELSE Goto(h, "DropLastSender") /\ UNCHANGED handle
    /\ Touches({First})
    /\ UNCHANGED <<tail, ready, cell, next, spare, oneSideLeft, token,
                   receivers, private, heap, receiver, logs, outcomes>>

DropLastSender(h) ==
    /\ at[h] = "DropLastSender"
    /\ tail' = [tail EXCEPT !.done = TRUE]
    /\ handle' = [handle EXCEPT ![h] = "dropped"]
    /\ Goto(h, IF tail.parked THEN "WakeClaim" ELSE "Leave")
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, private, heap, receiver, logs, outcomes>>

(* Closing: once the end is known, a close returns and a drop goes on.      *)
Closed(c, b, n) ==
    LET e == [NoEnd EXCEPT !.block = b, !.count = n, !.done = TRUE] IN
    /\ end' = e
    /\ IF c = "drop" THEN In(c, Drain(head, taken, e)) ELSE Return

Close ==
    /\ tail' = [tail EXCEPT !.closed = TRUE]
    /\ receiver' = "closed"
    /\ \E c \in Within("Close") :
          IF tail.count > Slots
          THEN In(c, "CloseAwaitInstall") /\ old' = tail.block /\ UNCHANGED end
          ELSE Closed(c, tail.block, tail.count) /\ UNCHANGED old
    /\ Touches({First})
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token,
                   head, taken, expired, private, heap, handle, logs, outcomes>>

CloseAwaitInstall ==
    /\ tail.block # old
    /\ \E c \in Within("CloseAwaitInstall") :
          IF tail.block # NoBlock THEN Closed(c, tail.block, 1)
                                  ELSE Closed(c, old, Slots)
    /\ old' = NoBlock
    /\ Touches({First})
    /\ UNCHANGED <<shared, head, taken, expired, private, heap, handle,
                   receiver, logs, outcomes>>

(* Everything is destroyed.  What the receiver frees it frees here: its     *)
(* block, and the spare one.                                                *)
DropSpare ==
    /\ \E c \in Within("DropSpare") : In(c, "Leave")
    /\ LET mine == ({head} \ {First}) \cup ({spare} \ {NoBlock}) IN
       /\ memory' = [b \in Block |-> IF b \in mine THEN "freed" ELSE memory[b]]
       /\ Uses({First}, mine, IF head = spare THEN {"freed twice"} ELSE {})
    /\ UNCHANGED <<shared, head, taken, end, old, expired, private, failures,
                   handle, receiver, logs, outcomes>>

(* The side that comes second frees the core, and with it the first block.  *)
Leave(t) ==
    /\ at[t] = "Leave"
    /\ oneSideLeft' = TRUE
    /\ IF oneSideLeft
       THEN /\ memory' = [memory EXCEPT ![First] = "freed"]
            /\ Uses({First}, {First}, {})
       ELSE UNCHANGED memory /\ Touches({First})
    /\ IF t = rx THEN Return /\ receiver' = "dropped"
                 ELSE Goto(t, "idle") /\ UNCHANGED <<call, receiver>>
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, token, head, taken,
                   end, old, expired, private, failures, handle, logs, outcomes>>

-----------------------------------------------------------------------------
Sender(h) ==
    \/ SendClaim(h)         \/ SendReady(h)     \/ SendAwaitInstall(h)
    \/ WakeClaim(h)         \/ Wake(h)
    \/ InstallTakeSpare(h)  \/ InstallGiveUp(h) \/ InstallPublish(h)
    \/ InstallLink(h)       \/ SenderLook(h)
    \/ \E c \in Handle : CloneSender(h, c)
    \/ DropSender(h)        \/ DropLastSender(h) \/ Leave(h)

Receiver ==
    \/ RecvReady      \/ RecvNext         \/ RecvRecycle    \/ TryRecvLook
    \/ RecvPark       \/ RecvSleep        \/ RecvSleepUntil
    \/ RecvWithdraw   \/ RecvTakeToken
    \/ RecvAwaitReady \/ RecvAwaitInstall \/ RecvAwaitNext
    \/ ReceiverLook   \/ Close            \/ CloseAwaitInstall
    \/ DropSpare      \/ Leave(rx)

Next == (\E h \in Handle : Sender(h)) \/ Receiver

(* Nobody has to call; but whoever has begun a call goes on.                *)
Fair == /\ \A h \in Handle : WF_vars(at[h] # "idle" /\ Sender(h))
        /\ WF_vars(at[rx] # "idle" /\ Receiver)

-----------------------------------------------------------------------------
(* The linearization points: for each step of the contract, the action that *)
(* is that step.                                                            *)

(* A slot was left; or the sender becomes the installer, and will get       *)
(* memory (see `omen`).  A send that throws never happened.                 *)
LinSendAccepted ==
    \E h \in Handle : SendClaim(h) /\ \E v \in Value : Contract!SendAccepted(h, v)
LinSendRefused ==           \* it sees CLOSED
    \E h \in Handle : SendClaim(h) /\ \E v \in Value : Contract!SendRefused(h, v)

LinClone == \E h, c \in Handle : CloneSender(h, c) /\ Contract!Clone(h, c)
LinDropSender ==            \* others remain, or none does
    \E h \in Handle : (DropSender(h) \/ DropLastSender(h)) /\ Contract!DropSender(h)

(* A receive that returns in its first step may be any.                     *)
Of(c) == call = c \/ (at[rx] = "idle" /\ c \in Calls)

(* The action that finds the value ready.                                   *)
Finds(v) == (RecvReady \/ RecvAwaitReady) /\ Contract!RecvValue(v)
LinRecvValue      == /\ Of("recv") \/ Of("recv_unwound")
                     /\ \E v \in Value : Finds(v)
LinTryRecvValue   == Of("try_recv") /\ \E v \in Value : Finds(v)
LinRecvTimedValue == Of("recv_for") /\ \E v \in Value : Finds(v)

(* The word is at the receiver's position.                                  *)
FindsNothing == call' = "none" /\ (TryRecvLook \/ RecvWithdraw \/ RecvAwaitInstall)
LinTryRecvEmpty == Of("try_recv") /\ FindsNothing /\ Contract!TryRecvEmpty
LinRecvTimedOut == Of("recv_for") /\ FindsNothing /\ Contract!RecvTimedOut

(* ... with DONE in it; after close, the end is.                            *)
FindsTheEnd == call' = "none" /\ (\/ TryRecvLook \/ RecvPark \/ RecvWithdraw
                                  \/ RecvAwaitInstall \/ RecvReady \/ RecvNext)
LinRecvDisconnected      == /\ Of("recv") \/ Of("recv_unwound")
                            /\ FindsTheEnd /\ Contract!RecvDisconnected
LinTryRecvDisconnected   == Of("try_recv") /\ FindsTheEnd /\ Contract!TryRecvDisconnected
LinRecvTimedDisconnected == Of("recv_for") /\ FindsTheEnd /\ Contract!RecvTimedDisconnected

(* The action after which nothing of the call is left: a look in vain, or   *)
(* what takes the parking back.                                             *)
LinRecvUnwound == /\ Of("recv_unwound") /\ call' = "none"
                  /\ RecvReady \/ RecvNext \/ RecvWithdraw \/ RecvTakeToken
                  /\ Contract!RecvUnwound

(* The receiver is told the end by its own word, once it has closed.        *)
LinSenderConnected ==
    \E h \in Handle : SenderLook(h) /\ ~tail.closed /\ Contract!SenderConnected(h)
LinSenderDisconnected ==
    \E h \in Handle : SenderLook(h) /\ tail.closed /\ Contract!SenderDisconnected(h)
LinReceiverConnected    == ReceiverLook /\ Contract!ReceiverConnected
LinReceiverDisconnected == ReceiverLook /\ Contract!ReceiverDisconnected

(* A drop of an open receiver is a close first, and a drop at its end.      *)
LinClose        == Close /\ Contract!Close
LinDropReceiver == Leave(rx) /\ Contract!DropReceiver

-----------------------------------------------------------------------------
(* The properties.  With an S-number where a statement says it.             *)

TypeOK == /\ TailType  /\ BlocksType /\ SpareType   /\ LeavingType
          /\ TokenType /\ PositionType /\ EndType   /\ CallType
          /\ SendersType /\ AtType   /\ MemoryType  /\ FaultsType

(* Every step is a step of the contract, or changes nothing there ...       *)
Refinement == Contract!Spec

(* ... and it is the one that it should be.                                 *)
LinearizationPoints ==
    [][\/ UNCHANGED Contract!vars
       \/ LinSendAccepted   \/ LinSendRefused \/ LinClone \/ LinDropSender
       \/ LinRecvValue      \/ LinRecvDisconnected
       \/ LinTryRecvValue   \/ LinTryRecvDisconnected
       \/ LinRecvTimedValue \/ LinRecvTimedDisconnected
       \/ LinReceiverDisconnected
       \/ LinClose          \/ LinDropReceiver]_vars

(* What a call says that changes nothing in the contract, the refinement    *)
(* cannot see: "empty" and "timeout" only when nothing is buffered and a    *)
(* sender lives (S12, S13), "disconnected" only at the end (S11).           *)
S12_NoCallLies == "lie" \notin faults

(* Nor does the refinement see where calls begin and end.  A receive does   *)
(* its one step of the contract when it returns: one that its call may.     *)
EachReceiveIsOneStep ==
    [][/\ call' \in {"recv", "try_recv", "recv_for", "recv_unwound"} =>
              UNCHANGED <<received, told>>
       /\ at[rx] # "idle" /\ at'[rx] = "idle" =>
              CASE call = "recv"     -> Contract!Recv
                [] call = "try_recv" -> Contract!TryRecv
                [] call = "recv_for" -> Contract!RecvTimed
                [] call = "recv_unwound" -> Contract!Recv \/ Contract!RecvUnwound
                [] call = "close"    -> Contract!Close
                [] call = "drop"     -> Contract!DropReceiver]_vars

(* A send that has not been accepted returns in two cases only: it is       *)
(* refused (S8), or there is no memory (S24).                               *)
EachSendIsOneStep ==
    [][\A h \in Handle :
           /\ at'[h] = "idle" /\ (at[h] = "SendAwaitInstall" \/ SendClaim(h)) =>
                  \E v \in Value : Contract!SendRefused(h, v)
           /\ at[h] = "InstallTakeSpare" /\ at'[h] = "InstallGiveUp" =>
                  failures' = failures - 1]_vars

(* Memory.                                                                  *)
NoFreedMemoryIsTouched == "touched" \notin faults
NothingIsFreedTwice    == "freed twice" \notin faults

Gone == receiver = "dropped" /\ Live = {} /\ \A t \in Thread : at[t] = "idle"
S23_EverythingIsFreed ==
    Gone => \A b \in Block : memory[b] \in {"unused", "freed"}

(* What is kept while nothing is buffered and no call is under way.         *)
S23_DrainedHoldsTwoBlocks ==
    Queue = <<>> /\ (\A t \in Thread : at[t] = "idle") =>
        Cardinality({b \in Block \ {First} : memory[b] \in {"live", "kept"}}) <= 2

(* Memory comes alive in senders' steps only, and those move the sender.    *)
S23_ReceiverNeverAllocates ==
    [][(\A h \in Handle : at'[h] = at[h]) =>
           \A b \in Block : memory'[b] = "live" => memory[b] = "live"]_vars

(* A channel in steady state does not allocate: only who finds no spare     *)
(* block does.                                                              *)
S23_TheSpareBlockComesFirst ==
    [][spare # NoBlock =>
           \A b \in Block : memory[b] \in {"unused", "freed"} =>
               memory'[b] = memory[b]]_vars

(* A block's life ends when it is empty: no value is left behind (S3).      *)
S3_NoValueIsLeftInABlock ==
    \A b \in Block, i \in Index :
        memory[b] # "live" => cell[b][i] = NoValue

(* Each cell is filled when it is empty, and only then (S1).                *)
S1_NoValueIsOverwritten ==
    [][\A b \in Block, i \in Index :
           cell[b][i] # NoValue /\ cell'[b][i] # cell[b][i] =>
               cell'[b][i] = NoValue]_vars

(* ... and emptied when its sender has finished with it: the value has been *)
(* put there, and the sender is not in the block any more.                  *)
S1_NoValueIsTakenTooEarly ==
    [][\A h \in Handle :
           /\ at[h] = "SendReady" =>
                  LET w == word[h] IN cell'[w.block][w.count] = cell[w.block][w.count]]_vars

(* Installing.                                                              *)
OneInstaller ==
    Cardinality({h \in Handle : at[h] \in
        {"InstallTakeSpare", "InstallGiveUp", "InstallPublish"}}) <= 1

(* And the others wait for it, so the count does not run over: it stays     *)
(* below a block's slots and the threads that are in the middle of a send.  *)
CountIsBounded ==
    ~tail.closed => tail.count <= Slots + Cardinality({h \in Handle : at[h] # "idle"})

(* Whoever waits waits for somebody in the middle of a call, not for a call *)
(* that has not begun (S10, S12, S24).                                      *)
S24_NobodyWaitsForNobody ==
    LET someone(steps) == \E h \in Handle : at[h] \in steps
        installer == someone({"InstallTakeSpare", "InstallGiveUp", "InstallPublish"})
    IN
    /\ at[rx] = "RecvAwaitReady" =>
           \/ ready[head][taken]
           \/ \E h \in Handle : word[h].block = head /\ word[h].count = taken
           \/ \E h \in Handle : at[h] = "InstallLink" /\ fresh[h] = head /\ taken = 0
    /\ at[rx] = "RecvAwaitNext" => next[head] # NoBlock \/ someone({"InstallLink"})
    /\ at[rx] = "RecvAwaitInstall" =>
           tail.block # head \/ tail.count <= Slots \/ installer
    /\ at[rx] = "CloseAwaitInstall" => tail.block # old \/ installer
    /\ someone({"SendAwaitInstall"}) =>
           tail.count <= Slots \/ tail.closed \/ installer

(* Waking.  Each parking is cleared by one thread, which owes a wake-up,    *)
(* whose token is taken; or by the receiver.  So there is no stray token,   *)
(* and no token on top of another.                                          *)
Asleep == at[rx] \in {"RecvSleep", "RecvSleepUntil", "RecvWithdraw", "RecvTakeToken"}
Owed == {h \in Handle : at[h] = "Wake"}
S12_TryRecvNeverSleeps == Asleep => call \in {"recv", "recv_for", "recv_unwound"}
One(p) == IF p THEN 1 ELSE 0
EachParkingIsWokenOnceOrWithdrawn ==
    One(tail.parked) + Cardinality(Owed) + One(token) = One(Asleep)

(* A receiver that sleeps while something is there, or the end: somebody    *)
(* who has seen that it is parked is on the way (S10, S16).                 *)
S10_NoLostWakeUp ==
    tail.parked /\ at[rx] \in {"RecvSleep", "RecvSleepUntil"}
            /\ (Queue # <<>> \/ Ended) =>
        \E h \in Handle : \/ at[h] = "SendReady" /\ word[h].parked
                          \/ at[h] \in {"WakeClaim", "InstallTakeSpare",
                                        "InstallPublish", "InstallLink"}

(* Liveness, under Fair.                                                    *)
S10_RecvReturns ==
    (call = "recv" /\ (Queue # <<>> \/ Ended)) ~> at[rx] = "idle"
S13_TimedRecvReturns == call = "recv_for" ~> at[rx] = "idle"
S27_UnwoundRecvReturns == call = "recv_unwound" ~> at[rx] = "idle"
S12_TryRecvReturns == call = "try_recv" ~> at[rx] = "idle"
S20_CloseReturns == call = "close" ~> at[rx] = "idle"
S19_DropOfTheReceiverEnds == call = "drop" ~> receiver = "dropped"
S7_SendAndDropEnd == \A h \in Handle : []<>(at[h] = "idle")
=============================================================================
