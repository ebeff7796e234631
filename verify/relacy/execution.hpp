// One execution of a scenario on the shipped header. What is known of the header, and of the size of its blocks, is
// compiled apart (execution.cpp) from what searches (explore.cpp), which takes longest to compile.
//
// On every execution it is checked that
//   S1   a value has one owner: it is never put where another one is, never taken twice, never given to two
//   S3   every value that was accepted is received once or destroyed once; none is lost, duplicated or left
//   S4   the values of one sender are received in the order in which it sent them
//   S8   a send that fails gives its own value back
//   S10  a sender wakes the receiver when its value is ready, not before
//   S23  when the last handle is gone, all memory is (Relacy's leak check)
// and that each operation takes effect where the contract allows it (follow.hpp).
#pragma once

#include "../program.hpp"

namespace verify {

inline Program program;

/// What the scenario asks of the platform (explored.hpp): how often a thread looks before it sleeps, and whether a wake-up
/// is slow.
void set_up(unsigned looks, bool is_slow);

/// From the making of the channel on.
void begin_execution();
void run_thread(unsigned index);
/// Drops the handles that are left, and says in `outcome` (values.hpp) what came of it all.
void end_execution();

}  // namespace verify
