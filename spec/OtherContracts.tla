--------------------------- MODULE OtherContracts ---------------------------
(* Contracts that are not the channel's, each one small difference from     *)
(* Channel.tla: most allow something more, some something less.  With each  *)
(* of them in place of the right one, the outcomes of some scenario must    *)
(* differ from those that the header has; or the run would not notice, were *)
(* Channel.tla wrong in that way.                                           *)
(*                                                                          *)
(* Which contract it is, is part of the scenario, so TLC is started once    *)
(* for all of them.  OtherContracts.cfg puts each definition here that is   *)
(* called Other... in the place of the one in Channel.tla; what is right    *)
(* is still there as Right!...                                              *)
EXTENDS Scenario

Right == INSTANCE Channel
Is(name) == Scenarios[scenario].contract = name

(* By these, any call may have to wait.                                     *)
OtherWaiting == Unfinished

Without(i, seq) == SubSeq(seq, 1, i - 1) \o SubSeq(seq, i + 1, Len(seq))
IsSendOf(h, v)  == handle[h] = "live" /\ v \in held[h]

-----------------------------------------------------------------------------
(* Sending.                                                                 *)

Accept(h, v, then) ==
    /\ IsSendOf(h, v)
    /\ held' = [held EXCEPT ![h] = @ \ {v}]
    /\ queue' = then
    /\ sent' = Append(sent, [by |-> h, value |-> v])
    /\ UNCHANGED <<handle, receiver, received, destroyed, givenBack, told>>

OtherSendAccepted(h, v) ==
    \/ /\ Right!SendAccepted(h, v)
       /\ Is("a_send_waits_for_room") => Len(queue) < 2
       /\ Is("one_sender_goes_first") =>
              (sent = <<>> => h = CHOOSE k \in Handle : held[k] # {})
    \/ Is("accepted_though_closed") /\ receiver = "closed"
           /\ Accept(h, v, Append(queue, v))
    \/ Is("accepted_though_dropped") /\ receiver = "dropped"
           /\ Accept(h, v, queue)
    \/ Is("accepted_and_lost") /\ receiver = "open"
           /\ Accept(h, v, queue)
    \/ Is("the_third_is_lost") /\ receiver = "open" /\ Len(queue) = 2
           /\ Accept(h, v, queue)
    \/ Is("accepted_twice") /\ receiver = "open"
           /\ Accept(h, v, queue \o <<v, v>>)
    \/ Is("the_newest_overtakes") /\ receiver = "open" /\ Len(queue) > 0
           /\ Accept(h, v, SubSeq(queue, 1, Len(queue) - 1)
                               \o <<v, queue[Len(queue)]>>)

OtherSendRefused(h, v) ==
    \/ Right!SendRefused(h, v)
    \/ /\ Is("refused_though_open")
       /\ IsSendOf(h, v)
       /\ givenBack' = givenBack \cup {v}
       /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                      sent, told>>
    \/ /\ Is("refused_though_open_if_a_value_waits")
       /\ IsSendOf(h, v) /\ receiver = "open" /\ queue # <<>>
       /\ givenBack' = givenBack \cup {v}
       /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                      sent, told>>
    \/ /\ Is("refused_and_received")
       /\ IsSendOf(h, v) /\ receiver = "closed"
       /\ queue' = Append(queue, v)
       /\ held' = [held EXCEPT ![h] = @ \ {v}]
       /\ UNCHANGED <<handle, receiver, received, destroyed, sent, givenBack,
                      told>>

-----------------------------------------------------------------------------
(* Sender handles.                                                          *)

OtherDropSender(h) ==
    \/ Right!DropSender(h)
    \/ /\ Is("a_drop_takes_a_value_along")
       /\ handle[h] = "live" /\ queue # <<>>
       /\ handle' = [handle EXCEPT ![h] = "dropped"]
       /\ queue' = SubSeq(queue, 1, Len(queue) - 1)
       /\ UNCHANGED <<receiver, held, received, destroyed, sent, givenBack,
                      told>>

-----------------------------------------------------------------------------
(* Receiving.                                                               *)

OtherTake(v) ==
    \/ Right!Take(v)
    \/ \E i \in DOMAIN queue :
           /\ v = queue[i]
           /\ \/ Is("any_value")
              \/ /\ Is("order_of_each_sender_only")
                 /\ \A k \in 1 .. i - 1, h \in Handle :
                        ~(By(h, queue[i]) /\ By(h, queue[k]))
           /\ queue' = Without(i, queue)
           /\ received' = Append(received, v)
           /\ UNCHANGED <<handle, receiver, held, destroyed, sent, givenBack,
                          told>>
    \/ /\ Is("received_and_kept")
       /\ queue # <<>> /\ v = Head(queue) /\ Count(v, received) = 0
       /\ received' = Append(received, v)
       /\ UNCHANGED <<handle, receiver, held, queue, destroyed, sent,
                      givenBack, told>>

OtherTryRecvEmpty ==
    \/ Right!TryRecvEmpty /\ ~Is("never_empty")
    \/ /\ receiver # "dropped"
       /\ \/ Is("empty_though_a_value_is_there") /\ queue # <<>>
          \/ Is("empty_though_two_are_there") /\ Len(queue) > 1
          \/ Is("empty_at_the_end") /\ queue = <<>> /\ Ended
          \/ Is("empty_though_closed") /\ queue = <<>>
                 /\ receiver = "closed" /\ Live # {}
       /\ UNCHANGED vars

OtherRecvTimedOut ==
    \/ Right!RecvTimedOut /\ ~Is("never_times_out")
    \/ /\ receiver # "dropped"
       /\ \/ Is("timeout_though_a_value_is_there") /\ queue # <<>>
          \/ Is("timeout_at_the_end") /\ queue = <<>> /\ Ended
       /\ UNCHANGED vars

OtherLearnTheEnd ==
    \/ Right!LearnTheEnd
    \/ /\ \/ /\ Is("disconnected_though_a_value_is_there")
             /\ queue # <<>> /\ Ended
          \/ Is("disconnected_though_a_sender_lives")
                 /\ queue = <<>> /\ Live # {}
          \/ Is("disconnected_by_any_drop")
                 /\ queue = <<>> /\ \E h \in Handle : handle[h] = "dropped"
       /\ told' = TRUE
       /\ UNCHANGED <<handle, receiver, held, queue, received, destroyed,
                      sent, givenBack>>

-----------------------------------------------------------------------------
(* Closing and leaving.                                                     *)

OtherClose ==
    \/ Right!Close
    \/ /\ Is("close_loses_what_waits")
       /\ receiver # "dropped"
       /\ receiver' = "closed"
       /\ queue' = <<>>
       /\ UNCHANGED <<handle, held, received, destroyed, sent, givenBack,
                      told>>
    \/ /\ Is("closing_twice_opens") /\ receiver = "closed"
       /\ receiver' = "open"
       /\ UNCHANGED <<handle, held, queue, received, destroyed, sent,
                      givenBack, told>>

Leave(destroys) ==
    /\ receiver # "dropped"
    /\ receiver' = "dropped"
    /\ queue' = <<>>
    /\ destroyed' = destroyed \o destroys
    /\ UNCHANGED <<handle, held, received, sent, givenBack, told>>

OtherDropReceiver ==
    \/ Right!DropReceiver /\ (Is("leaves_when_empty") =>
                                  queue = <<>> \/ Unfinished = {})
    \/ Is("destroys_all_but_one") /\ queue # <<>> /\ Leave(Tail(queue))
    \/ Is("destroys_in_any_order") /\ Len(queue) > 1
           /\ Leave(Append(Tail(queue), Head(queue)))
=============================================================================
