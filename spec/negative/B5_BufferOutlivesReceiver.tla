--------------------- MODULE B5_BufferOutlivesReceiver ----------------------
(* B5, B6: the receiver leaves and what is buffered stays, for as long as  *)
(* a sender lives, or for ever.                                            *)
EXTENDS MCSmall

DropReceiverOnly ==             \* without: the queue is destroyed
    /\ receiver # "dropped"
    /\ receiver' = "dropped"
    /\ UNCHANGED <<handle, held, queue, received, destroyed,
                   sent, givenBack, told>>
=============================================================================
