// How long a sender of a bounded channel spins before it joins the line. The algorithm is correct with any pace: nothing
// here is verified, and a platform may replace it.
#pragma once

#include <chrono>
#include <cstddef>
#include <thread>

#include "pace.hpp"

namespace ferry::detail {

/// A sender that finds no room first pauses between its looks, for as long as the receiver needs to take some values,
/// because each look takes the cache line of the room away from the receiver. Then it yields between its looks, because
/// the receiver, or another sender, may need this processor. It does so for as long as some sleeps and wake-ups take,
/// because a sender that sleeps in the line costs the receiver a wake-up for each value.
class SenderPace {
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::microseconds before_yielding{2}, patience{50};
    static constexpr std::size_t longest_pause = 256;

  public:
    template <class Found>
    bool spin(std::size_t capacity, Found found) {
        const auto begin = Clock::now();
        while (Clock::now() - begin < before_yielding) {
            for (std::size_t i = 0; i != within(std::size_t{1}, capacity, longest_pause); ++i) pause_processor();
            if (found()) return true;
        }
        while (Clock::now() - begin < patience) {
            std::this_thread::yield();
            if (found()) return true;
        }
        return false;
    }
};

}  // namespace ferry::detail
