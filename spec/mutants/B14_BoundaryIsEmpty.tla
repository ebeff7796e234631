------------------------- MODULE B14_BoundaryIsEmpty -------------------------
(* B14: at the boundary of two blocks the word is in another block than the *)
(* receiver: taken for empty.                                               *)
EXTENDS MCAlgorithm

SettleWrong(c, w, late) ==
    IF taken = Slots \/ (w.block = head /\ w.count = taken)
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
                  ELSE IF w.block = head THEN "RecvAwaitInstall"
                  ELSE "RecvAwaitNext")
         /\ Touches({First})
         /\ UNCHANGED told
=============================================================================
