---------------------------- MODULE ChannelProof ----------------------------
(* Why the algorithm is right, for any number of senders, clones, values    *)
(* and blocks, any size of a block and any number of failing allocations:   *)
(* an inductive invariant.  `make prove` asks an SMT solver, of this text   *)
(* and of ChannelAlgorithm, whether each lemma holds at the start, and      *)
(* after each action if all lemmas held before it; then whether the         *)
(* THEOREMs at the end follow.  TLC checks the lemmas, too, within bounds   *)
(* (MCProof): so a lemma that is wrong is told from one that is only not    *)
(* proved.                                                                  *)
EXTENDS AlgorithmProperties, Integers

CONSTANT Owner          \* whose each value is at the start

ASSUME /\ IsFiniteSet(Handle) /\ IsFiniteSet(Value)
       /\ rx \notin Handle /\ NoValue \notin Value /\ Calls \subseteq AllCalls
       /\ Slots \in Nat /\ FirstSlots \in 1 .. Slots
       /\ MaxBlock \in Nat /\ MaxBlock >= First /\ Failures \in Nat
       /\ Owner \in [Value -> Handle]

(* One history variable: how many places of the stream lie before a block.  *)
(* It makes a line of places of the linked list of blocks: slot i of block  *)
(* b is the place base[b] + i + 1, and is there for the value sent[that     *)
(* place].  The first block's base is below 0 if its first slots are        *)
(* missing.  Where there is no block any more, because an installer that    *)
(* got no memory has told a close so, the base of NoBlock is the last       *)
(* block's.                                                                 *)
VARIABLE base
BaseType == base \in [Block \cup {NoBlock} -> Int]

ProofInit ==
    /\ \E h \in Handle : Begin(h, [g \in Handle |-> {v \in Value : Owner[v] = g}])
    /\ base = [b \in Block \cup {NoBlock} |->
                  IF b = First THEN FirstSlots - Slots ELSE -Slots]

ProofNext ==
    /\ Next
    /\ base' = IF tail'.block = tail.block THEN base
               ELSE [base EXCEPT ![tail'.block] =
                        base[tail.block] + IF tail'.block = NoBlock THEN 0 ELSE Slots]

ProofSpec == ProofInit /\ [][ProofNext]_<<vars, base>>

(* An instance of Contract!Init: one handle is alive, values are with their *)
(* owners.                                                                  *)
ContractBegins ==
    \E h \in Handle : Contract!Begin({h}, [g \in Handle |-> {v \in Value : Owner[v] = g}])

Types == TypeOK /\ Contract!TypeOK /\ BaseType

-----------------------------------------------------------------------------
(* Words of the proof.                                                      *)

Newest      == base[tail.block]             \* places before the newest block
Sent        == Len(sent)
Place(b, i) == base[b] + i + 1
InChain(b)  == b \in Block /\ base[b] >= base[head]     \* not yet left behind

(* Where senders are.                                                       *)
Installer(h) == at[h] \in {"InstallTakeSpare", "InstallGiveUp", "InstallPublish"}
Promised(h)  == Installer(h) /\ omen[h] = "memory"  \* its value has been sent
Links(h)     == at[h] = "InstallLink"
Writes(h)    == at[h] = "SendReady"
Comes(b)     == \E h \in Handle : Links(h) /\ fresh[h] = b
                                        \* it is there, but its first value is not
Leaving(h)   == handle[h] = "dropped" /\ at[h] # "idle"
SendersGone  == tail.done /\ \A h \in Handle : at[h] = "idle"
IsOver       == at[rx] = "Leave" \/ receiver = "dropped"    \* after DropSpare

Drains == {"drop"}
Receives == {"recv", "try_recv", "recv_for", "recv_unwound", "recv_stoppable"}

-----------------------------------------------------------------------------
(* What the variables range over, as far as the lemmas need it.             *)

Ranges ==
    /\ tail.block \in Block \cup {NoBlock} /\ tail.count >= 0
    /\ head \in Block /\ taken \in 0 .. Slots
    /\ spare \in Block \cup {NoBlock} /\ spare # First
    /\ end.block \in Block \cup {NoBlock}
    /\ Len(received) >= 0 /\ Len(destroyed) >= 0 /\ Sent >= 0
    /\ receiver \in {"open", "closed", "dropped"}
    /\ call \in AllCalls \cup {"none"}
RangesOfSenders ==
    \A h \in Handle :
        /\ at[h] \in {"idle", "SendClaim", "SendReady", "SendAwaitInstall",
                      "WakeClaim", "Wake", "InstallTakeSpare", "InstallGiveUp",
                      "InstallPublish", "InstallLink", "DropLastSender", "Leave",
                      "StopClaim"}
        /\ handle[h] \in {"unborn", "live", "dropped"}
        /\ omen[h] \in {"memory", "none"}
RangesOfBlocks ==
    \A b \in Block : /\ memory[b] \in {"unused", "live", "kept", "freed"}
                     /\ next[b] \in Block \cup {NoBlock}
RangeOfSent ==
    \A k \in 1 .. Sent : sent[k].value \in Value /\ sent[k].by \in Handle

-----------------------------------------------------------------------------
(* Handles.  The count says how many are alive; whoever drops the last one  *)
(* knows it, sets DONE, and is the only sender that leaves.                 *)

(* Only who has a handle sends; only who has dropped it leaves.             *)
StepsOfHandles ==
    \A h \in Handle :
        /\ handle[h] = "unborn" => at[h] = "idle"
        /\ handle[h] = "dropped" => at[h] \in {"idle", "WakeClaim", "Wake", "Leave"}
        /\ at[h] = "Leave" => handle[h] = "dropped"
(* A handle is counted until its drop has taken it from the count.          *)
SendersAreCounted ==
    senders = Cardinality({h \in Handle : handle[h] = "live" /\ at[h] # "DropLastSender"})
LastIsLast == \A h \in Handle : at[h] = "DropLastSender" => senders = 0
OneIsLast == \A g, h \in Handle :
    at[g] = "DropLastSender" /\ at[h] = "DropLastSender" => g = h
(* DONE is in the word exactly when no handle is alive.                     *)
DoneIsNobody ==
    /\ \A h \in Handle : handle[h] = "live" => ~tail.done
    /\ tail.done \/ \E h \in Handle : handle[h] = "live"
OneLeaves == \A g, h \in Handle : Leaving(g) /\ Leaving(h) => g = h
LeavingIsAtTheEnd == \A h \in Handle : Leaving(h) => tail.done
(* The side that comes second finds the mark of the first, and frees.       *)
SecondSideFrees ==
    /\ oneSideLeft <=> (receiver = "dropped" \/ SendersGone)
    /\ memory[First] = IF receiver = "dropped" /\ SendersGone THEN "freed" ELSE "live"

By_DoneIsNobody == DoneIsNobody /\ SendersAreCounted /\ LastIsLast /\ OneIsLast /\ StepsOfHandles
By_LastIsLast   == LastIsLast /\ SendersAreCounted /\ StepsOfHandles /\ OneIsLast

-----------------------------------------------------------------------------
(* The receiver's position: how far it is in the stream, and what it knows  *)
(* at which step.                                                           *)

ReceiverSteps ==
    /\ at[rx] \in {"idle", "RecvReady", "RecvNext", "RecvPark", "RecvSleep",
                   "RecvSleepUntil", "RecvWithdraw", "RecvTakeToken",
                   "RecvRecycle", "RecvAwaitReady", "RecvAwaitInstall",
                   "RecvAwaitNext", "TryRecvLook", "CloseAwaitInstall",
                   "DropSpare", "Leave", "StopRegister", "StopClaim", "StopLook"}
    /\ receiver = "dropped" => at[rx] = "idle"
    /\ tail.closed <=> receiver # "open"
(* Which call it can be in, at each step.                                   *)
StepsOfCalls ==
    /\ at[rx] = "idle" <=> call = "none"
    /\ at[rx] = "TryRecvLook" => call = "try_recv"
    /\ at[rx] = "RecvPark" => call \in {"recv", "recv_for", "recv_unwound", "recv_stoppable"}
    /\ at[rx] = "RecvSleep" => call \in {"recv", "recv_unwound", "recv_stoppable"}
    /\ at[rx] \in {"StopRegister", "StopClaim", "StopLook"} => call = "recv_stoppable"
    /\ at[rx] = "RecvSleepUntil" => call = "recv_for"
    /\ at[rx] \in {"RecvWithdraw", "RecvTakeToken"} =>
           call \in {"recv_for", "recv_unwound", "recv_stoppable"}
    /\ at[rx] \in {"RecvReady", "RecvNext", "RecvAwaitInstall"} => call \in Receives
    /\ at[rx] \in {"RecvAwaitReady", "RecvAwaitNext", "RecvRecycle"} =>
           call \in Receives \cup Drains
    /\ at[rx] = "CloseAwaitInstall" => call \in {"close", "drop"}
    /\ at[rx] \in {"DropSpare", "Leave"} => call = "drop"
    /\ expired => call \in {"recv_for", "recv_stoppable"}
    /\ call = "drop" => receiver = "closed"
(* Its block and slot are the place behind what it has taken out.           *)
Position ==
    /\ at[rx] \in {"RecvReady", "RecvAwaitReady"} => taken < Slots
    /\ at[rx] \in {"RecvNext", "RecvAwaitNext", "RecvAwaitInstall"} => taken = Slots
    /\ taken = 0 => head = First \/ at[rx] \in {"RecvRecycle", "RecvAwaitReady"}
    /\ head = First => taken >= Slots - FirstSlots
    /\ Past = base[head] + taken
    /\ Past <= Sent
    /\ base[head] <= Newest
(* The block that it has left is nobody else's.                             *)
Recycling ==
    at[rx] = "RecvRecycle" =>
        /\ taken = 0 /\ head # First
        /\ old \in Block \ {First, head, spare} /\ memory[old] = "kept"
        /\ base[old] < base[head]
(* It waits only for what has been sent: so somebody is bringing it.        *)
WhatIsAwaited ==
    /\ at[rx] \in {"RecvAwaitReady", "RecvRecycle"} => Past < Sent
    /\ at[rx] = "RecvAwaitNext" => base[head] < Newest

-----------------------------------------------------------------------------
(* Closing.  The word at which the receiver closes is the end of the        *)
(* stream; if somebody installs then, the end is one value further, or not, *)
(* which the installer tells by what it leaves in the word.                 *)

EndIsTheEnd ==
    /\ end = NoEnd <=> (receiver = "open" \/ at[rx] = "CloseAwaitInstall")
    /\ end # NoEnd =>
           /\ end.block \in Block /\ end.count \in 0 .. Slots
           /\ end.done /\ ~end.parked /\ ~end.closed
           /\ base[end.block] = Newest
           /\ Sent = base[end.block] + end.count
           /\ \A h \in Handle : ~Installer(h)
(* Who looks at the word has not closed: afterwards, the end tells all.     *)
OpenSteps ==
    at[rx] \in {"TryRecvLook", "RecvPark", "RecvAwaitInstall"} \/ Asleep => receiver = "open"
ClosingAwaits ==
    at[rx] = "CloseAwaitInstall" =>
        /\ receiver = "closed" /\ InChain(old)
        /\ \/ tail.block = old /\ \E h \in Handle : Installer(h)
           \/ /\ \A h \in Handle : ~Installer(h)
              /\ IF tail.block = NoBlock
                 THEN Newest = base[old] /\ Sent = Newest + Slots
                 ELSE Newest = base[old] + Slots /\ Sent = Newest + 1
(* A drop has taken out everything before it frees anything.                *)
DroppedIsDrained ==
    /\ at[rx] = "DropSpare" \/ IsOver => end # NoEnd /\ Past = Sent /\ head = end.block
    /\ IsOver => \A b \in Block \ {First} : memory[b] \in {"unused", "freed"}

-----------------------------------------------------------------------------
(* The word, and what was sent.  While the receiver is open, the count is   *)
(* how many values were sent into the newest block; behind its last slot,   *)
(* one thread installs the next block, and the others wait for it.          *)

CountIsSent ==
    (receiver = "open" /\ tail.count <= Slots) => Sent = Newest + tail.count
(* The block is full; the installer's own value comes next, if it gets      *)
(* memory.                                                                  *)
InstallerComesNext ==
    \A h \in Handle : Installer(h) =>
        /\ tail.count > Slots /\ tail.block # NoBlock
        /\ Sent = Newest + Slots + (IF omen[h] = "memory" THEN 1 ELSE 0)
OneInstalls == \A g, h \in Handle : Installer(g) /\ Installer(h) => g = h
SomebodyInstalls ==
    receiver = "open" /\ tail.count > Slots => \E h \in Handle : Installer(h)
(* Who gives up was not promised memory; so what it claimed was not sent.   *)
OmenOfSteps == \A h \in Handle :
    /\ at[h] = "InstallGiveUp" => omen[h] = "none"
    /\ at[h] = "InstallTakeSpare" /\ omen[h] = "none" => failures > 0
    /\ at[h] \in {"InstallPublish", "InstallLink"} => omen[h] = "memory"
(* How far the count runs: whoever waits has claimed once since the last    *)
(* installation; once closed, each value is refused once.                   *)
Crowd == {h \in Handle : Installer(h) \/ at[h] = "SendAwaitInstall"}
CountOfTheCrowd ==
    IF tail.closed THEN tail.count <= Slots + Cardinality(Handle) + Cardinality(givenBack)
                   ELSE tail.count <= Slots + Cardinality(Crowd) /\ givenBack = {}
RangesOfWords ==
    LET bound == Slots + Cardinality(Handle) + Cardinality(Value) IN
    /\ givenBack \subseteq Value
    /\ \A h \in Handle : /\ word[h].count \in 0 .. bound
                         /\ word[h].block \in Block \cup {NoBlock}
                         /\ value[h] \in Value \cup {NoValue}
                         /\ fresh[h] \in Block \cup {NoBlock}
    /\ \A b \in Block, i \in Index : cell[b][i] \in Value \cup {NoValue}
    /\ end.count \in 0 .. Slots /\ old \in Block \cup {NoBlock}
    /\ failures \in 0 .. Failures
NoBlockIsClosed == tail.block = NoBlock => tail.closed
(* A block is published with its first value: none is empty but the first.  *)
NewestIsBegun == Newest = base[First] \/ Sent > Newest

-----------------------------------------------------------------------------
(* The chain of blocks: from the receiver's block to the newest one, each   *)
(* a block's length behind the one before it.                               *)

Bases ==
    /\ \A b \in Block : base[b] <= Newest
    /\ base[First] <= base[head]
    /\ \A b, c \in Block : InChain(b) /\ InChain(c) /\ b # c =>
           base[b] + Slots <= base[c] \/ base[c] + Slots <= base[b]
(* A drop that still has to free the spare block has freed its last one.    *)
ChainIsAlive == ~IsOver => \A b \in Block : InChain(b) =>
    memory[b] = IF at[rx] = "DropSpare" /\ b # First THEN "freed" ELSE "live"
NextIsNext == \A b \in Block : InChain(b) /\ next[b] # NoBlock =>
    base[next[b]] = base[b] + Slots
(* Who links has its own two blocks, which nobody has linked.               *)
Linking == \A h \in Handle : Links(h) =>
    /\ InChain(word[h].block) /\ next[word[h].block] = NoBlock
    /\ fresh[h] \in Block /\ base[fresh[h]] = base[word[h].block] + Slots
OneLinksEach == \A g, h \in Handle :
    Links(g) /\ Links(h) /\ word[g].block = word[h].block => g = h
LinkedOrAboutTo == \A b \in Block : InChain(b) /\ base[b] < Newest =>
    next[b] # NoBlock \/ \E h \in Handle : Links(h) /\ word[h].block = b
DrainedIsOneBlock ==
    Past = Sent => \A b \in Block : InChain(b) => b = head

(* Whose a block is that is not in the chain: the next installer's (spare), *)
(* that of who publishes it, or of the receiver that has left it.           *)
SpareIsKept == spare # NoBlock /\ ~IsOver => memory[spare] = "kept"
FreshIsOwn == \A h \in Handle : at[h] = "InstallPublish" =>
    /\ fresh[h] \in Block \ {First} /\ memory[fresh[h]] = "live"
    /\ ~InChain(fresh[h])
LiveIsSomebodys == \A b \in Block : memory[b] = "live" =>
    b = First \/ InChain(b) \/ \E h \in Handle : at[h] = "InstallPublish" /\ fresh[h] = b
KeptIsSomebodys == \A b \in Block : memory[b] = "kept" =>
    b = spare \/ (at[rx] = "RecvRecycle" /\ b = old)

By_LiveIsSomebodys == /\ LiveIsSomebodys /\ OneInstalls /\ FreshIsOwn /\ Position
                      /\ Bases /\ NextIsNext /\ Ranges /\ ReceiverSteps

-----------------------------------------------------------------------------
(* Slots.  A place that was sent and not yet taken holds its value and is   *)
(* ready, or one thread is about to say so.                                 *)

CellsHoldWhatWasSent == \A b \in Block, i \in Index : InChain(b) =>
    IF Place(b, i) \in Past + 1 .. Sent /\ ~(i = 0 /\ Comes(b))
    THEN cell[b][i] = sent[Place(b, i)].value
    ELSE cell[b][i] = NoValue
ReadyIsSent == \A b \in Block, i \in Index : InChain(b) /\ ready[b][i] =>
    Place(b, i) <= Sent
ReadyOrAboutTo == \A b \in Block, i \in Index :
    InChain(b) /\ Place(b, i) \in Past + 1 .. Sent =>
        \/ ready[b][i]
        \/ i = 0 /\ Comes(b)
        \/ \E h \in Handle : Writes(h) /\ word[h].block = b /\ word[h].count = i
(* So the receiver does not leave a block in which somebody writes.         *)
Writing == \A h \in Handle : Writes(h) =>
    LET b == word[h].block  i == word[h].count IN
    /\ InChain(b) /\ i \in Index
    /\ Place(b, i) \in Past + 1 .. Sent
    /\ ~ready[b][i]
OneWritesEach == \A g, h \in Handle :
    Writes(g) /\ Writes(h) /\ word[g].block = word[h].block
              /\ word[g].count = word[h].count => g = h
OneComesOrWrites == \A g, h \in Handle :
    Links(g) /\ Writes(h) => word[h].block # fresh[g] \/ word[h].count # 0
(* What an installer is going to put into its block's first slot.           *)
FreshIsEmpty == \A h \in Handle :
    /\ Promised(h) => value[h] = sent[Sent].value
    /\ at[h] = "InstallPublish" =>
           /\ next[fresh[h]] = NoBlock
           /\ \A i \in Index : ~ready[fresh[h]][i] /\ cell[fresh[h]][i] = NoValue
    /\ Links(h) =>
           /\ base[fresh[h]] \in Past .. Sent - 1 /\ ~ready[fresh[h]][0]
           /\ value[h] = sent[base[fresh[h]] + 1].value
LeftBehindIsEmpty == \A b \in Block, i \in Index :
    cell[b][i] = NoValue \/ InChain(b)

-----------------------------------------------------------------------------
(* Waking.  A parking is in the word, or one thread owes it a wake-up, or   *)
(* the token is there: one of the three, and only while the receiver        *)
(* sleeps.  If there is something to wake it for, somebody has seen it.     *)

Owes(h) == at[h] = "Wake"
SawParked(h) == \/ (Writes(h) \/ Links(h)) /\ word[h].parked
                \/ at[h] = "WakeClaim" \/ Promised(h)

Parking ==
    /\ tail.parked => ~token /\
           at[rx] \in {"StopLook", "RecvSleep", "RecvSleepUntil", "RecvWithdraw"}
    /\ token => Asleep
    /\ Asleep => tail.parked \/ token \/ \E h \in Handle : Owes(h)
OneWakes ==
    /\ \A h \in Handle : Owes(h) => Asleep /\ ~tail.parked /\ ~token
    /\ \A g, h \in Handle : Owes(g) /\ Owes(h) => g = h
ParkedIsSeen ==
    tail.parked /\ (Sent > Past \/ tail.done) => \E h \in Handle : SawParked(h)

StopIsSeen == S40_NoLostStop

-----------------------------------------------------------------------------
(* The stream: what comes out is what was sent, in order, once.             *)

Stream ==
    /\ \A k \in 1 .. Len(received) : received[k] = sent[k].value
    /\ \A k \in 1 .. Len(destroyed) : destroyed[k] = sent[Len(received) + k].value
    /\ Len(destroyed) > 0 => call = "drop" \/ receiver = "dropped"
    /\ told => Past = Sent /\ (receiver # "open" \/ tail.done)
(* A value is with one sender, or was sent once.                            *)
Owners ==
    /\ \A h \in Handle, v \in Value : v \in held[h] =>
           /\ \A g \in Handle : v \in held[g] => g = h
           /\ \A k \in 1 .. Sent : sent[k].value # v
    /\ \A j, k \in 1 .. Sent : sent[j].value = sent[k].value => j = k
    /\ \A h \in Handle : held[h] \subseteq Value
NoFaults == faults = {}

-----------------------------------------------------------------------------
Invariant ==
    /\ Ranges /\ RangesOfSenders /\ RangesOfBlocks /\ RangeOfSent
    /\ StepsOfHandles /\ SendersAreCounted /\ LastIsLast /\ OneIsLast
    /\ DoneIsNobody /\ OneLeaves /\ LeavingIsAtTheEnd /\ SecondSideFrees
    /\ ReceiverSteps /\ StepsOfCalls /\ RangesOfWords /\ Position
    /\ Recycling /\ WhatIsAwaited
    /\ EndIsTheEnd /\ OpenSteps /\ ClosingAwaits /\ DroppedIsDrained
    /\ CountIsSent /\ InstallerComesNext /\ OneInstalls /\ SomebodyInstalls
    /\ OmenOfSteps /\ CountOfTheCrowd /\ NoBlockIsClosed /\ NewestIsBegun
    /\ Bases /\ ChainIsAlive /\ NextIsNext /\ Linking /\ OneLinksEach
    /\ LinkedOrAboutTo /\ DrainedIsOneBlock
    /\ SpareIsKept /\ FreshIsOwn /\ LiveIsSomebodys /\ KeptIsSomebodys
    /\ Owners /\ FreshIsEmpty /\ CellsHoldWhatWasSent /\ ReadyIsSent
    /\ ReadyOrAboutTo /\ Writing /\ OneWritesEach /\ OneComesOrWrites
    /\ LeftBehindIsEmpty
    /\ Parking /\ OneWakes /\ ParkedIsSeen /\ StopIsSeen
    /\ Stream /\ NoFaults

(* Hints: what most follow from, and what is in the way of a solver that    *)
(* looks for reasons.  They decide how soon a proof is found, never what is *)
(* proved.                                                                  *)
By_Any == /\ Ranges /\ RangesOfSenders /\ StepsOfHandles /\ DoneIsNobody
          /\ ReceiverSteps /\ StepsOfCalls /\ Position /\ Bases /\ NextIsNext
By_S23_DrainedHoldsTwoBlocks ==
    Position /\ LiveIsSomebodys /\ KeptIsSomebodys /\ DrainedIsOneBlock
By_CellsHoldWhatWasSent ==
    /\ CellsHoldWhatWasSent /\ FreshIsEmpty /\ Linking /\ OneLinksEach
    /\ OneComesOrWrites /\ Bases /\ Position /\ Ranges /\ RangesOfSenders /\ SpareIsKept /\ ChainIsAlive /\ FreshIsOwn
By_DroppedIsDrained ==
    /\ DroppedIsDrained /\ ChainIsAlive /\ LiveIsSomebodys /\ KeptIsSomebodys /\ DrainedIsOneBlock
    /\ EndIsTheEnd /\ Position /\ Ranges /\ RangesOfBlocks /\ ReceiverSteps
By_Stream ==
    /\ Stream /\ CellsHoldWhatWasSent /\ ReadyIsSent /\ FreshIsEmpty /\ Position
    /\ Bases /\ StepsOfCalls /\ ReceiverSteps /\ DoneIsNobody /\ Ranges
By_LeftBehindIsEmpty ==
    /\ LeftBehindIsEmpty /\ CellsHoldWhatWasSent /\ Position /\ Bases /\ Ranges
    /\ NextIsNext /\ FreshIsEmpty /\ Linking /\ FreshIsOwn
By_ReadyOrAboutTo ==
    /\ ReadyOrAboutTo /\ Ranges /\ Position /\ Bases /\ NextIsNext /\ Writing
    /\ Linking /\ FreshIsEmpty /\ CountIsSent /\ InstallerComesNext /\ OneInstalls
    /\ FreshIsOwn /\ ReceiverSteps
By_S3_NoValueIsLeftInABlock ==
    /\ LeftBehindIsEmpty /\ ChainIsAlive /\ CellsHoldWhatWasSent /\ DroppedIsDrained
    /\ Position /\ Ranges
By_NoFaults ==
    /\ NoFaults /\ Ranges /\ ReceiverSteps /\ Position /\ Bases /\ NextIsNext
    /\ ChainIsAlive /\ SecondSideFrees /\ Writing /\ SpareIsKept /\ Recycling
    /\ Linking /\ FreshIsOwn /\ DroppedIsDrained
    /\ Stream /\ CountIsSent /\ DoneIsNobody /\ EndIsTheEnd
By_EachReceiveIsOneStep ==
    /\ Ranges /\ ReceiverSteps /\ StepsOfCalls /\ Position /\ Stream /\ RangeOfSent
    /\ EndIsTheEnd /\ OpenSteps /\ CountIsSent /\ DoneIsNobody /\ WhatIsAwaited
    /\ CellsHoldWhatWasSent /\ ReadyIsSent /\ Bases /\ DroppedIsDrained
By_S1_NoValueIsTakenTooEarly == Ranges /\ RangesOfSenders /\ RangesOfWords /\ Writing /\ Position
By_CountIsBounded == CountOfTheCrowd
By_Refinement == LinearizationPoints
Quiet == base

-----------------------------------------------------------------------------
(* What is proved.                                                          *)

THEOREM Inductive == ProofSpec => []Invariant

THEOREM InEveryState == ProofSpec => [](
    /\ TypeOK
    /\ NoFreedMemoryIsTouched /\ NothingIsFreedTwice
    /\ OneInstaller /\ CountIsBounded
    /\ EachParkingIsWokenOnceOrWithdrawn
    /\ S10_NoLostWakeUp /\ S40_NoLostStop
    /\ S12_NoCallLies /\ S12_TryRecvNeverSleeps
    /\ S24_NobodyWaitsForNobody
    /\ S23_DrainedHoldsTwoBlocks /\ S23_EverythingIsFreed
    /\ S3_NoValueIsLeftInABlock)

THEOREM InEveryStep == ProofSpec =>
    /\ S1_NoValueIsOverwritten /\ S1_NoValueIsTakenTooEarly
    /\ S23_ReceiverNeverAllocates /\ S23_TheSpareBlockComesFirst
    /\ EachReceiveIsOneStep /\ EachSendIsOneStep
    /\ LinearizationPoints

THEOREM Begins  == ProofInit => ContractBegins
THEOREM Refines == ProofSpec => Refinement
=============================================================================
