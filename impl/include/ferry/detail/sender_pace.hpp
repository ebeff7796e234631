// How long a sender of a bounded channel spins before it joins the line. The algorithm is correct with any pace: nothing
// here is verified, and a platform may replace it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "pace.hpp"

namespace ferry::detail {

/// A sender that finds no room first pauses for as long as the receiver needs to take some values, because each look
/// takes the cache line of the room away from the receiver. It looks, and pauses longer, until a sleep and a wake-up would
/// have taken no longer.
class SenderPace {
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::microseconds patience{10};
    static constexpr std::size_t longest_pause = 256;

  public:
    template <class Found>
    bool spin(std::size_t capacity, Found found) {
        const std::size_t pauses = std::clamp(capacity, std::size_t{1}, longest_pause);
        for (const auto begin = Clock::now(); Clock::now() - begin < patience;) {
            for (std::size_t i = 0; i != pauses; ++i) pause_processor();
            if (found()) return true;
        }
        return false;
    }
};

}  // namespace ferry::detail
