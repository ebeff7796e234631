--------------------------- MODULE AlgorithmState ----------------------------
(* What the threads of the algorithm share, what each has of its own, and   *)
(* how it begins.                                                           *)
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

(* "recv_unwound" is a recv that may be left by unwinding, at any moment;   *)
(* "recv_stoppable" one that can be asked to stop.                          *)
AllCalls == {"recv", "try_recv", "recv_for", "recv_unwound",
             "recv_stoppable", "is_disconnected", "close", "drop"}

ASSUME /\ IsFiniteSet(Handle) /\ Handle # {} /\ rx \notin Handle
       /\ IsFiniteSet(Value) /\ NoValue \notin Value
       /\ Calls \subseteq AllCalls
       /\ Slots \in Nat \ {0} /\ FirstSlots \in 1 .. Slots
       /\ MaxBlock \in Nat \ {0} /\ Failures \in Nat

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

(* The standard library's, like what is made of it: the stop token, and the *)
(* callback that a receive registers.                                       *)
VARIABLE stop           \* a stop has been requested
StopType == stop \in BOOLEAN

shared == <<tail, ready, cell, next, spare, senders, oneSideLeft, token, stop>>

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
(*                                                                          *)
(* `omen` is a prophecy.  Whether an installer gets memory turns out after  *)
(* its claim; but if the receiver closes in between, others are refused     *)
(* before it turns out, so it must be known at the claim whether the send   *)
(* came first or never.  It is right in some behaviour for every course of  *)
(* the algorithm; the others are cut off (OmenIsTrue).                      *)

VARIABLES word, value, fresh, omen
SendersType == /\ word \in [Handle -> Word]
               /\ value \in [Handle -> Value \cup {NoValue}]
               /\ fresh \in [Handle -> Block \cup {NoBlock}]
               /\ omen \in [Handle -> {"memory", "none"}]

VARIABLE at             \* each thread's next action, or "idle" between calls
Steps == {"SendClaim", "SendReady", "SendAwaitInstall", "WakeClaim", "Wake",
          "InstallTakeSpare", "InstallGiveUp", "InstallPublish",
          "InstallLink", "DropLastSender", "Leave", "StopClaim",
          "RecvReady", "RecvNext", "RecvPark", "RecvSleep",
          "RecvSleepUntil", "RecvWithdraw", "RecvTakeToken", "RecvRecycle",
          "RecvAwaitReady", "RecvAwaitInstall", "RecvAwaitNext",
          "TryRecvLook", "CloseAwaitInstall", "DropSpare",
          "StopRegister", "StopLook"}
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

TypeOK == /\ TailType  /\ BlocksType /\ SpareType   /\ LeavingType
          /\ TokenType /\ StopType   /\ PositionType /\ EndType /\ CallType
          /\ SendersType /\ AtType   /\ MemoryType  /\ FaultsType

OmenIsTrue == \A h \in Handle :
    at[h] = "InstallTakeSpare" /\ omen[h] = "none" => spare = NoBlock

(* What the history says of the channel, in the contract's words.           *)
Values(log) == [i \in DOMAIN log |-> log[i].value]
Past  == Len(received) + Len(destroyed)
Queue == SubSeq(Values(sent), Past + 1, Len(sent))
Live  == {h \in Handle : handle[h] = "live"}
Ended == receiver # "open" \/ Live = {}

-----------------------------------------------------------------------------
(* Words of the algorithm.                                                  *)

Init ==
    /\ tail = [block |-> First, count |-> Slots - FirstSlots,
               parked |-> FALSE, closed |-> FALSE, done |-> FALSE]
    /\ ready = [b \in Block |-> [i \in Index |-> FALSE]]
    /\ cell = [b \in Block |-> [i \in Index |-> NoValue]]
    /\ next = [b \in Block |-> NoBlock]
    /\ spare = NoBlock /\ senders = 1 /\ oneSideLeft = FALSE
    /\ token = FALSE /\ stop = FALSE
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

(* A receive has registered its callback, and not returned.  (One that has  *)
(* found a value is taken for one of these, too.)                           *)
Registered == call = "recv_stoppable" /\ at[rx] \notin {"idle", "StopRegister"}

Constructed(b) ==
    /\ memory' = [memory EXCEPT ![b] = "live"]
    /\ ready' = [ready EXCEPT ![b] = [i \in Index |-> FALSE]]
    /\ cell' = [cell EXCEPT ![b] = [i \in Index |-> NoValue]]
    /\ next' = [next EXCEPT ![b] = NoBlock]
=============================================================================
