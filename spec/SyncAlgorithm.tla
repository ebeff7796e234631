---------------------------- MODULE SyncAlgorithm ----------------------------
(* The algorithm of impl/include/ferry/detail/ring.hpp, instruction by      *)
(* instruction: what the senders do, and what the receiver does.            *)
(* SyncRefinement.tla says that it is what the contract of the bounded      *)
(* channel (SyncChannel.tla) allows.  What an action is, and what this is   *)
(* not, is said in ChannelAlgorithm.tla.  Locking and unlocking are actions *)
(* too.  A send spins no more than once; a receive can't be left by         *)
(* unwinding.                                                               *)
EXTENDS SyncReceiver

(* The side that comes second frees the channel.                            *)
Leave(t) ==
    /\ at[t] = "Leave"
    /\ oneSideLeft' = TRUE
    /\ Goto(t, "idle")
    /\ IF t = rx THEN receiver' = "dropped" /\ call' = "none"
                 ELSE UNCHANGED <<receiver, call>>
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, token, stop, locked, pos, end, got,
                   found, letIn, meeting, private, handle, logs, outcomes>>

(* Stopping, as in ChannelAlgorithm.tla.  With capacity 0, a receiver that  *)
(* is no longer parked is no room any more: it has to look again.           *)
StopRequest(h) ==
    /\ "recv_stoppable" \in Calls /\ ~stop
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ stop' = TRUE
    /\ Goto(h, IF Registered THEN "StopClaim" ELSE "idle")
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, token, locked, mine, private,
                   handle, receiver, logs, outcomes>>

StopForgotten(h) ==
    /\ at[h] = "StopClaim" /\ ~Registered
    /\ Goto(h, "idle")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, locked, mine, private, handle, receiver,
                   logs, outcomes>>

StopClaim(t) ==
    /\ at[t] = "StopClaim" /\ Registered
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ IF t = rx THEN LooksOrParks(call)
       ELSE /\ Goto(t, IF tail.parked THEN "Wake" ELSE "idle")
            /\ meeting' = (meeting /\ ~tail.parked)
            /\ NoFault
            /\ UNCHANGED <<call, told>>
    /\ UNCHANGED <<room, blocked, seenRoom, ring, counts, locked, pos, end, got,
                   found, letIn, private, handle, receiver, logs, received,
                   destroyed>>

Sender(h) ==
    \/ SendLook(h)       \/ SendSeenRoom(h)    \/ SendRoom(h)
    \/ SendNoteRoom(h)   \/ SendClaim(h)       \/ SendReady(h)
    \/ Wake(h)           \/ JoinLock(h)        \/ JoinBlock(h)
    \/ JoinClaim(h)      \/ JoinUnlock(h)      \/ JoinNotUnlock(h)
    \/ SendSleep(h)      \/ SendSleepUntil(h)  \/ LeaveLineLock(h)
    \/ LeaveLineUnlock(h) \/ TooLateUnlock(h)  \/ SendTakeToken(h)
    \/ \E c \in Handle : CloneSender(h, c)
    \/ DropSender(h)     \/ DropLastSender(h)  \/ WakeClaim(h)
    \/ SenderLook(h)     \/ Leave(h)
    \/ StopRequest(h)    \/ StopForgotten(h)  \/ StopClaim(h)

Receiver ==
    \/ RecvReady     \/ RecvAwaitReady \/ TryRecvLook \/ RecvPark
    \/ RecvSleep     \/ RecvSleepUntil \/ RecvWithdraw \/ RecvTakeToken
    \/ RecvRoom      \/ AdmitLock      \/ AdmitReady  \/ AdmitClaim
    \/ AdmitRoom     \/ AdmitUnlock    \/ AdmitWake
    \/ Close         \/ CloseLock      \/ CloseUnlock \/ CloseWake
    \/ ReceiverLook  \/ Leave(rx)
    \/ StopRegister  \/ StopLook       \/ StopClaim(rx)

Next == (\E h \in Handle : Sender(h)) \/ Receiver

Start == \E alive \in Handle, sender \in [Value -> Handle] :
             Begin(alive, [h \in Handle |-> {v \in Value : sender[v] = h}])

Spec == Start /\ [][Next]_vars

(* Nobody has to call; but whoever has begun a call goes on.                *)
Fair == /\ \A h \in Handle : WF_vars(at[h] # "idle" /\ Sender(h))
        /\ WF_vars(at[rx] # "idle" /\ Receiver)
=============================================================================
