--------------------- MODULE ReceiverCountsOnTheInstaller --------------------
(* The receiver waits for the next block at once, as if an installer could  *)
(* not fail.                                                                *)
EXTENDS MCAlgorithm

SettleWrong(c, w, late) ==
    IF w.block = head /\ w.count = taken
    THEN IF w.done
         THEN /\ told' = TRUE
              /\ Return
              /\ expired' = FALSE
              /\ Uses({First}, {}, Says(Queue = <<>> /\ Ended))
         ELSE IF c = "try_recv" \/ late
         THEN /\ Return
              /\ expired' = FALSE
              /\ Uses({First}, {}, Says(Queue = <<>> /\ ~Ended))
              /\ UNCHANGED told
         ELSE /\ In(c, Look(taken))
              /\ expired' = FALSE
              /\ Touches({First})
              /\ UNCHANGED told
    ELSE /\ expired' = late
         /\ In(c, IF taken # Slots THEN "RecvAwaitReady"
                  ELSE "RecvAwaitNext")
         /\ Touches({First})
         /\ UNCHANGED told
=============================================================================
