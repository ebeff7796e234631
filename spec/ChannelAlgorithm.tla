-------------------------- MODULE ChannelAlgorithm --------------------------
(* The algorithm of impl/include/ferry/detail/core.hpp, instruction by      *)
(* instruction: what the senders do, and what the receiver does.            *)
(* AlgorithmRefinement.tla says that it is what the contract (Channel.tla)  *)
(* allows, and AlgorithmProperties.tla what else is claimed of it.          *)
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
EXTENDS AlgorithmSender, AlgorithmReceiver

-----------------------------------------------------------------------------
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
                   end, old, expired, private, failures, handle, logs, outcomes,
                   stop>>

-----------------------------------------------------------------------------
(* Any thread may request a stop: here, those that have a sender.  If a     *)
(* receive has registered its callback, the thread calls it; unless the     *)
(* receive has returned by then.  Of several threads that request it, one   *)
(* is the first.                                                            *)
StopRequest(h) ==
    /\ "recv_stoppable" \in Calls /\ ~stop
    /\ handle[h] = "live" /\ at[h] = "idle"
    /\ stop' = TRUE
    /\ Goto(h, IF Registered THEN "StopClaim" ELSE "idle")
    /\ Touches({})
    /\ UNCHANGED <<tail, ready, cell, next, spare, senders, oneSideLeft, token,
                   receivers, private, heap, handle, receiver, logs, outcomes>>

StopForgotten(h) ==
    /\ at[h] = "StopClaim" /\ ~Registered
    /\ Goto(h, "idle")
    /\ Touches({})
    /\ UNCHANGED <<shared, receivers, private, heap, handle, receiver, logs,
                   outcomes>>

(* The callback.  The receiver that calls it itself has not parked.         *)
StopClaim(t) ==
    /\ at[t] = "StopClaim" /\ Registered
    /\ tail' = [tail EXCEPT !.parked = FALSE]
    /\ IF t = rx THEN LooksOrParks(call)
       ELSE /\ Goto(t, IF tail.parked THEN "Wake" ELSE "idle")
            /\ Touches({First})
            /\ UNCHANGED <<call, expired, told>>
    /\ UNCHANGED <<ready, cell, next, spare, senders, oneSideLeft, token, stop,
                   head, taken, end, old, private, heap, handle, receiver, logs,
                   received, destroyed>>

-----------------------------------------------------------------------------
Sender(h) ==
    \/ SendClaim(h)         \/ SendReady(h)     \/ SendAwaitInstall(h)
    \/ WakeClaim(h)         \/ Wake(h)
    \/ InstallTakeSpare(h)  \/ InstallGiveUp(h) \/ InstallPublish(h)
    \/ InstallLink(h)       \/ SenderLook(h)
    \/ \E c \in Handle : CloneSender(h, c)
    \/ DropSender(h)        \/ DropLastSender(h) \/ Leave(h)
    \/ StopRequest(h)       \/ StopForgotten(h)  \/ StopClaim(h)

Receiver ==
    \/ RecvReady      \/ RecvNext         \/ RecvRecycle    \/ TryRecvLook
    \/ RecvPark       \/ RecvSleep        \/ RecvSleepUntil
    \/ RecvWithdraw   \/ RecvTakeToken
    \/ RecvAwaitReady \/ RecvAwaitInstall \/ RecvAwaitNext
    \/ ReceiverLook   \/ Close            \/ CloseAwaitInstall
    \/ DropSpare      \/ StopRegister     \/ StopLook       \/ StopClaim(rx)
    \/ Leave(rx)

Next == (\E h \in Handle : Sender(h)) \/ Receiver

(* One handle is alive at the start, and each value is with the sender that *)
(* may send it.                                                             *)
Start == \E alive \in Handle, sender \in [Value -> Handle] :
             Begin(alive, [h \in Handle |-> {v \in Value : sender[v] = h}])

Spec == Start /\ [][Next]_vars

(* Nobody has to call; but whoever has begun a call goes on.                *)
Fair == /\ \A h \in Handle : WF_vars(at[h] # "idle" /\ Sender(h))
        /\ WF_vars(at[rx] # "idle" /\ Receiver)
=============================================================================
