------------------------------- MODULE Calls --------------------------------
(* The small model of the contract, which also says of every step which     *)
(* call it is and what that returned.  From its state graph come the paths  *)
(* that are replayed, call by call, against the real channel.               *)
EXTENDS MCSmall

VARIABLE call   \* the call that led here, and its answer

Is(words) == call' = words

CallsInit == MCInit /\ call = <<"begin">>

CallsNext ==
    \/ \E h \in Handle, v \in Value : SendAccepted(h, v) /\ Is(<<"send", h, v, "sent">>)
    \/ \E h \in Handle, v \in Value : SendRefused(h, v) /\ Is(<<"send", h, v, "given_back">>)
    \/ \E h, c \in Handle : Clone(h, c) /\ Is(<<"clone", h, c>>)
    \/ \E h \in Handle : DropSender(h) /\ Is(<<"drop", h>>)
    \/ \E v \in Value : RecvValue(v) /\ Is(<<"recv", v>>)
    \/ RecvDisconnected /\ Is(<<"recv", "disconnected">>)
    \/ \E v \in Value : TryRecvValue(v) /\ Is(<<"try_recv", v>>)
    \/ TryRecvEmpty /\ Is(<<"try_recv", "empty">>)
    \/ TryRecvDisconnected /\ Is(<<"try_recv", "disconnected">>)
    \/ \E v \in Value : RecvTimedValue(v) /\ Is(<<"recv_timed", v>>)
    \/ RecvTimedOut /\ Is(<<"recv_timed", "timeout">>)
    \/ RecvTimedDisconnected /\ Is(<<"recv_timed", "disconnected">>)
    \/ queue = <<>> /\ ~Ended /\ RecvUnwound /\ Is(<<"recv_unwound">>)
    \/ Close /\ Is(<<"close">>)
    \/ \E h \in Handle : SenderConnected(h) /\ Is(<<"is_disconnected", h, "connected">>)
    \/ \E h \in Handle : SenderDisconnected(h) /\ Is(<<"is_disconnected", h, "disconnected">>)
    \/ ReceiverConnected /\ Is(<<"is_disconnected", "rx", "connected">>)
    \/ ReceiverDisconnected /\ Is(<<"is_disconnected", "rx", "disconnected">>)
    \/ DropReceiver /\ Is(<<"drop_receiver", queue>>)

CallsSpec == CallsInit /\ [][CallsNext]_<<vars, call>>
=============================================================================
