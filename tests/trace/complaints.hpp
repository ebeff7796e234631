// What can be wrong with a trace. Each function looks for one kind of fault, and says what it found, in words that name
// the value and the threads; or nothing. The channel of the trace is gone and its threads are joined.
#pragma once

#include <cstdint>
#include <string>

#include "trace/trace.hpp"

namespace trace {

/// S1: no value has two owners; nobody takes what is not there.
std::string two_owners(const Trace&);
/// S3: what was sent is received or destroyed, once; nothing is left behind. S8: what was given back is not received.
std::string not_once(const Trace&);
/// S4: the values of a sender are received in order.
std::string out_of_order(const Trace&);
/// S5: if one send happens before another, by whatever signal, its value is received first.
std::string against_happens_before(const Trace&);
/// S5: values are received in the order of their tickets. If nothing is left in the channel, each ticket is used, too.
/// A block has this many slots.
std::string against_tickets(const Trace&, std::uint64_t slots);
/// S17: iteration ends exactly after the last drop: with all that was sent received, and not before a sender is
/// dropped; and it does end once all are.
std::string wrong_end(const Trace&);

}  // namespace trace
