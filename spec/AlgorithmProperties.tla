------------------------- MODULE AlgorithmProperties -------------------------
(* What is claimed of the algorithm beside the refinement: what the         *)
(* contract has no words for, which is memory, the slots, who waits for     *)
(* whom, and who wakes whom.  The name of a property begins with the number *)
(* of the statement, where one says it.                                     *)
(*                                                                          *)
(* From a property to the algorithms that violate it: they stand under its  *)
(* name in models/wrong_algorithms/, which has a file for each section.     *)
EXTENDS AlgorithmRefinement

-----------------------------------------------------------------------------
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

-----------------------------------------------------------------------------
(* Slots.                                                                   *)

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

-----------------------------------------------------------------------------
(* Installing, and waiting.                                                 *)

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

-----------------------------------------------------------------------------
(* Waking.                                                                  *)

(* Each parking is cleared by one thread, which owes a wake-up, whose token *)
(* is taken; or by the receiver.  So there is no stray token, and no token  *)
(* on top of another.                                                       *)
Asleep == at[rx] \in {"StopLook", "RecvSleep", "RecvSleepUntil", "RecvWithdraw",
                      "RecvTakeToken"}
Owed == {h \in Handle : at[h] = "Wake"}
S12_TryRecvNeverSleeps ==
    Asleep => call \in {"recv", "recv_for", "recv_unwound", "recv_stoppable"}
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

(* A receiver that sleeps though it is to stop: whoever has requested that  *)
(* is on the way.                                                           *)
S40_NoLostStop ==
    stop /\ tail.parked /\ call = "recv_stoppable" /\ at[rx] = "RecvSleep" =>
        \E h \in Handle : at[h] = "StopClaim"

-----------------------------------------------------------------------------
(* Liveness: calls return.                                                  *)

S10_RecvReturns ==
    (call \in {"recv", "recv_stoppable"} /\ (Queue # <<>> \/ Ended)) ~> at[rx] = "idle"
S13_TimedRecvReturns == call = "recv_for" ~> at[rx] = "idle"
S27_UnwoundRecvReturns == call = "recv_unwound" ~> at[rx] = "idle"
S40_StoppedRecvReturns == (call = "recv_stoppable" /\ stop) ~> at[rx] = "idle"
S12_TryRecvReturns == call = "try_recv" ~> at[rx] = "idle"
S20_CloseReturns == call = "close" ~> at[rx] = "idle"
S19_DropOfTheReceiverEnds == call = "drop" ~> receiver = "dropped"
S7_SendAndDropEnd == \A h \in Handle : []<>(at[h] = "idle")

-----------------------------------------------------------------------------
(* What is claimed, where the prophecy is right.  TLC checks each name, and *)
(* some wrong algorithm violates each.                                      *)

THEOREM Spec /\ []OmenIsTrue => []TypeOK

THEOREM Memory ==
    Spec /\ []OmenIsTrue =>
        /\ []NoFreedMemoryIsTouched
        /\ []NothingIsFreedTwice
        /\ []S23_EverythingIsFreed
        /\ []S23_DrainedHoldsTwoBlocks
        /\ S23_ReceiverNeverAllocates
        /\ S23_TheSpareBlockComesFirst

THEOREM ValuesInSlots ==
    Spec /\ []OmenIsTrue =>
        /\ []S3_NoValueIsLeftInABlock
        /\ S1_NoValueIsOverwritten
        /\ S1_NoValueIsTakenTooEarly

THEOREM Installing ==
    Spec /\ []OmenIsTrue =>
        /\ []OneInstaller
        /\ []CountIsBounded
        /\ []S24_NobodyWaitsForNobody

THEOREM Waking ==
    Spec /\ []OmenIsTrue =>
        /\ []S12_TryRecvNeverSleeps
        /\ []EachParkingIsWokenOnceOrWithdrawn
        /\ []S10_NoLostWakeUp
        /\ []S40_NoLostStop

THEOREM CallsReturn ==
    Spec /\ []OmenIsTrue /\ Fair =>
        /\ S7_SendAndDropEnd
        /\ S10_RecvReturns
        /\ S12_TryRecvReturns
        /\ S13_TimedRecvReturns
        /\ S19_DropOfTheReceiverEnds
        /\ S20_CloseReturns
        /\ S27_UnwoundRecvReturns
        /\ S40_StoppedRecvReturns
=============================================================================
