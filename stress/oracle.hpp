// The oracle by clocks: what is wrong with a history. The channel is to be one queue that every call takes effect on at
// one moment between its beginning and its end; so whatever ended before something else began has to have come first.
//
// The clock is the machine's, the same for all threads. That a call which ended earlier took effect earlier is more
// than the language promises; every machine with coherent caches keeps it, as each call acts on the channel's one word.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "history.hpp"

namespace stress {

struct Complaint {
    std::string statement;  // which is violated: S1 and so on
    std::string words;
    std::uint32_t channel = 0;
};

/// All channels are gone and all threads joined. At most one complaint for each statement and channel.
std::vector<Complaint> complaints(const History&);

}  // namespace stress
