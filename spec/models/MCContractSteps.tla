--------------------------- MODULE MCContractSteps ---------------------------
(* That the refinement is not an empty one: the algorithm takes every step  *)
(* of the contract.  Its steps are sorted here by what they are in the      *)
(* contract (by LinearizationPoints there are no others), and each sort has *)
(* to occur.                                                                *)
EXTENDS MCAlgorithm

Between == Next /\ UNCHANGED Contract!vars

SortedNext ==
    \/ LinSendAccepted   \/ LinSendRefused  \/ LinClone \/ LinDropSender
    \/ LinRecvValue      \/ LinRecvDisconnected
    \/ LinTryRecvValue   \/ LinTryRecvEmpty \/ LinTryRecvDisconnected
    \/ LinRecvTimedValue \/ LinRecvTimedOut \/ LinRecvTimedDisconnected
    \/ LinRecvUnwound    \/ LinClose        \/ LinDropReceiver
    \/ LinSenderConnected   \/ LinSenderDisconnected
    \/ LinReceiverConnected \/ LinReceiverDisconnected
    \/ Between
SortedSpec == MCInit /\ [][SortedNext \/ Terminated]_vars
=============================================================================
