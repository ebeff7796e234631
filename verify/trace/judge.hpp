// Whether a trace is one of the contract's: the oracle. It reads the threads' events in an order that keeps to each
// thread's own, to what the channel's word decided, and to their signals; and the contract has to allow each.
// spec/ChannelTrace.tla does the same under TLC, and says why it is done so.
#pragma once

#include <string>
#include <vector>

#include "trace.hpp"

namespace traces {

struct Verdict {
    bool accepted = false;
    std::vector<std::size_t> explained;  // of each thread, how many events
};

Verdict judge(const Trace&);

/// In a line: which event is not allowed, and whose; nothing, if the trace is accepted.
std::string complaint(const Trace&);

/// The same of the slots: each that was claimed is used, before the next one is. Blocks have so many.
std::string gap(const Trace&, unsigned slots);

/// A column for each thread: the trace as far as it can be explained; then what comes next in each, and why it can't.
std::string table(const Trace&);

/// The same for traces in which the same happened, as far as it is told there.
std::size_t fingerprint(const Trace&);

}  // namespace traces
