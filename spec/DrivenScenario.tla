-------------------------- MODULE DrivenScenario ---------------------------
(* The programs of scenarios, which drive an algorithm: that of the         *)
(* unbounded channel (AlgorithmScenario.tla), or that of the bounded one    *)
(* (SyncScenario.tla).                                                      *)
(*                                                                          *)
(* algorithm_graph.py writes the module AlgorithmData.  It defines          *)
(*                                                                          *)
(*   Scenarios  a sequence of [live |-> the handles alive at the start,     *)
(*                  lent |-> for the second thread of a shared handle: a    *)
(*                           handle of its own, which is not counted,       *)
(*                  looksAgain |-> whether who waits spins,                 *)
(*                  threads |-> a sequence of sequences of operations]      *)
(*   AllHandles, AllValues                                                  *)
(*                                                                          *)
(* An operation is [number |-> its place in the program, by |-> its handle, *)
(* call |-> what is called, repeats |-> whether until nothing comes, value, *)
(* as |-> the clone, event].                                                *)
EXTENDS Integers, Sequences, TLC, AlgorithmData

VARIABLE scenario   \* the index of the scenario that is run
VARIABLE done       \* done[t]: how many operations thread t has finished
VARIABLE signalled  \* the events that have been signalled
programs == <<scenario, done, signalled>>

Here       == Scenarios[scenario]
Unfinished == {t \in DOMAIN Here.threads : done[t] < Len(Here.threads[t])}
Op(t)      == Here.threads[t][done[t] + 1]
Finish(t)  == done' = [done EXCEPT ![t] = @ + 1]

ProgramsInit ==
    /\ scenario \in DOMAIN Scenarios
    /\ done = [t \in DOMAIN Here.threads |-> 0]
    /\ signalled = {}

(* Events happen outside of the channel.                                    *)
Happens(t) == \/ Op(t).call = "signal"
              \/ Op(t).call = "await" /\ Op(t).event \in signalled
Happen(t) == /\ signalled' = signalled \cup {Op(t).event}
             /\ Finish(t)
             /\ UNCHANGED scenario

(* What is printed: numbers and names.  Each step once: TLC's memory has,   *)
(* of each scenario, what has been printed.                                 *)
Bit(b)  == IF b THEN 1 ELSE 0
Nothing == <<"", 0, 0, 0, 0>>

ASSUME \A i \in DOMAIN Scenarios : TLCSet(i, {})
PrintOnce(step) ==
    \/ step \in TLCGet(scenario)
    \/ /\ TLCSet(scenario, TLCGet(scenario) \cup {step})
       /\ PrintT("local " \o ToString(scenario) \o " " \o ToString(step))
=============================================================================
