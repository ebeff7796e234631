------------------------- MODULE AlgorithmRefinement -------------------------
(* That the algorithm does what the contract (Channel.tla) says: what the   *)
(* contract's state is in the algorithm's, and which action is which step.  *)
EXTENDS ChannelAlgorithm

(* What was sent and neither received nor destroyed is in the queue; but    *)
(* what a drop of the receiver destroys, value by value, the contract       *)
(* destroys at once, when the receiver leaves.                              *)
Contract == INSTANCE Channel WITH
    queue <- SubSeq(Values(sent),
                    (IF receiver = "dropped" THEN Past ELSE Len(received)) + 1,
                    Len(sent)),
    destroyed <- IF receiver = "dropped" THEN destroyed ELSE <<>>

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
(* A receive that is asked to stop is one whose deadline passes then.       *)
OfTimed == Of("recv_for") \/ Of("recv_stoppable")
LinRecvTimedValue == OfTimed /\ \E v \in Value : Finds(v)

(* The word is at the receiver's position.                                  *)
FindsNothing == call' = "none" /\ (TryRecvLook \/ RecvWithdraw \/ RecvAwaitInstall)
LinTryRecvEmpty == Of("try_recv") /\ FindsNothing /\ Contract!TryRecvEmpty
LinRecvTimedOut == OfTimed /\ FindsNothing /\ Contract!RecvTimedOut

(* ... with DONE in it; after close, the end is.                            *)
FindsTheEnd == call' = "none" /\ (\/ TryRecvLook \/ RecvPark \/ RecvWithdraw
                                  \/ RecvAwaitInstall \/ RecvReady \/ RecvNext
                                  \/ StopRegister \/ StopClaim(rx))
LinRecvDisconnected      == /\ Of("recv") \/ Of("recv_unwound")
                            /\ FindsTheEnd /\ Contract!RecvDisconnected
LinTryRecvDisconnected   == Of("try_recv") /\ FindsTheEnd /\ Contract!TryRecvDisconnected
LinRecvTimedDisconnected == OfTimed /\ FindsTheEnd /\ Contract!RecvTimedDisconnected

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
(* The properties.                                                          *)

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
    [][/\ call' \in {"recv", "try_recv", "recv_for", "recv_unwound", "recv_stoppable"} =>
              UNCHANGED <<received, told>>
       /\ at[rx] # "idle" /\ at'[rx] = "idle" =>
              CASE call = "recv"     -> Contract!Recv
                [] call = "try_recv" -> Contract!TryRecv
                [] call = "recv_for" -> Contract!RecvTimed
                [] call = "recv_stoppable" -> Contract!RecvTimed
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

-----------------------------------------------------------------------------
(* What is claimed, where the prophecy is right.                            *)

THEOREM Spec /\ []OmenIsTrue => /\ Refinement
                                /\ LinearizationPoints
                                /\ []S12_NoCallLies
                                /\ EachReceiveIsOneStep
                                /\ EachSendIsOneStep
=============================================================================
