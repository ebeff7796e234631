---------------------- MODULE B10_TimeOutTakesTheValue ----------------------
(* B10: a value arrives just as a timed receive gives up: it is taken from *)
(* the channel and handed to nobody.                                       *)
EXTENDS MCSmall

RecvTimedValueLost(v) ==        \* without: received gets v
    /\ receiver # "dropped"
    /\ queue # <<>>
    /\ v = Head(queue)
    /\ queue' = Tail(queue)
    /\ UNCHANGED <<handle, receiver, held, received, destroyed,
                   sent, givenBack, told>>
=============================================================================
