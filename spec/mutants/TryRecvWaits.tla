----------------------------- MODULE TryRecvWaits ----------------------------
(* try_recv looks again and again instead of saying empty.                  *)
EXTENDS MCAlgorithm

SettleWrong(c, w, late) ==
    IF w.block = head /\ w.count = taken
    THEN IF w.done
         THEN /\ told' = TRUE
              /\ Return
              /\ expired' = FALSE
              /\ Uses({First}, {}, Says(Queue = <<>> /\ Ended))
         ELSE IF late
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
                  ELSE IF w.block = head THEN "RecvAwaitInstall"
                  ELSE "RecvAwaitNext")
         /\ Touches({First})
         /\ UNCHANGED told
=============================================================================
