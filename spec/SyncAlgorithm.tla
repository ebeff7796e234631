---------------------------- MODULE SyncAlgorithm ----------------------------
(* The algorithm of impl/include/ferry/detail/ring.hpp, instruction by      *)
(* instruction: what the senders do, and what the receiver does.            *)
(* SyncRefinement.tla says that it is what the contract of the bounded      *)
(* channel (SyncChannel.tla) allows.  What an action is, and what this is   *)
(* not, is said in ChannelAlgorithm.tla.  Locking and unlocking are actions *)
(* too.  A send spins no more than once.                                    *)
EXTENDS SyncReceiver

(* The side that comes second frees the channel.                            *)
Leave(t) ==
    /\ IF t = rx THEN "drop" \in Within("Leave") ELSE at[t] = "Leave"
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
    /\ "recv_stoppable" \in Calls /\ ~stop.receiver
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ stop' = [stop EXCEPT !.receiver = TRUE]
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

(* A sender that waits registers its callback when it has joined the line.  *)
(* If a stop has been requested already, it calls this itself.              *)
SendStopRegister(h) ==
    /\ at[h] = "SendStopRegister"
    /\ IF stop.senders
       THEN stop' = [stop EXCEPT !.left[h] = {h}] /\ Goto(h, "DismissLock")
       ELSE Goto(h, "SendSleep") /\ UNCHANGED stop
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, token, locked, mine, private,
                   handle, receiver, logs, outcomes>>

SendStopRequest(g) ==
    /\ "send_stoppable" \in Sends /\ ~stop.senders
    /\ handle[g] = "live" /\ at[g] = "idle"
    /\ LET all == {h \in Handle : how[h] = "send_stoppable" /\ at[h] = "SendSleep"} IN
       /\ stop' = [stop EXCEPT !.senders = TRUE, !.left[g] = all]
       /\ Goto(g, IF all # {} THEN "DismissLock" ELSE "idle")
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, token, locked, mine, private,
                   handle, receiver, logs, outcomes>>

(* The callback.  Whoever calls it goes on with the next, or with its send. *)
Told(g) == stop' = [stop EXCEPT !.target[g] = Nobody]
AfterTelling(g) == IF stop.target[g] = g THEN "SendSleep"
                   ELSE IF stop.left[g] # {} THEN "DismissLock" ELSE "idle"

DismissLock(g) ==
    /\ at[g] = "DismissLock" /\ lock = Nobody
    /\ \E h \in stop.left[g] :
          /\ stop' = [stop EXCEPT !.left[g] = @ \ {h}, !.target[g] = h]
          /\ Goto(g, IF standing[h] = "waits" THEN "DismissLook" ELSE "DismissUnlock")
          /\ faults' = faults \cup (IF standing[h] = "none" THEN {"touched"} ELSE {})
    /\ lock' = g
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, token, line, isClosed, mine,
                   private, handle, receiver, logs, outcomes>>

DismissForgotten(g) ==
    /\ at[g] = "DismissLock" /\ stop.left[g] = {}
    /\ Goto(g, "idle")
    /\ NoFault
    /\ UNCHANGED <<words, ring, counts, locked, mine, private, handle, receiver,
                   logs, outcomes>>

(* Who waits when the receiver closes is refused by that.                   *)
DismissLook(g) ==
    /\ at[g] = "DismissLook"
    /\ LET h == stop.target[g] IN
       IF tail.closed THEN UNCHANGED <<line, standing>> /\ NoFault
       ELSE /\ line' = SelectSeq(line, LAMBDA other : other # h)
            /\ standing' = [standing EXCEPT ![h] = "dismissed"]
            /\ Says(receiver = "open")
    /\ Goto(g, "DismissUnlock")
    /\ UNCHANGED <<words, ring, counts, lock, isClosed, mine, how, value, word,
                   saw, answer, handle, receiver, logs, outcomes>>

DismissUnlock(g) ==
    /\ at[g] = "DismissUnlock"
    /\ lock' = Nobody
    /\ IF standing[stop.target[g]] = "dismissed"
       THEN Goto(g, "DismissWake") /\ UNCHANGED stop
       ELSE Told(g) /\ Goto(g, AfterTelling(g))
    /\ NoFault
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, token, line, isClosed, mine,
                   private, handle, receiver, logs, outcomes>>

DismissWake(g) ==
    /\ at[g] = "DismissWake"
    /\ Answers(stop.target[g])
    /\ Told(g)
    /\ Goto(g, AfterTelling(g))
    /\ UNCHANGED <<words, ring, senders, oneSideLeft, token, locked, mine, how,
                   value, word, saw, standing, handle, receiver, logs, outcomes>>

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
    \/ SendStopRequest(h) \/ SendStopRegister(h)
    \/ DismissLock(h)    \/ DismissForgotten(h) \/ DismissLook(h)
    \/ DismissUnlock(h)  \/ DismissWake(h)

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
