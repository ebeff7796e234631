// How long a receive waits: until there is something, until a deadline, until it is asked to stop. For both kinds of
// channels.
#pragma once

#include <chrono>
#include <concepts>

#include "deadline.hpp"
#include "shared.hpp"

namespace ferry::detail {

template <class Stop, class P>
concept StopTokenOf = std::same_as<Stop, typename P::stop_token>;

/// Calls `callback` when a stop is requested by that token, for as long as what it returns lives; without a token, never.
template <class P, class Callback>
auto on_stop(const Callback&) noexcept {
    struct Never {};
    return Never();
}
template <class P, class Callback, class Stop>
auto on_stop(const Callback& callback, const Stop& stop) {
    return typename P::template stop_callback<Callback>(stop, callback);
}

/// A base of `Core`, which has `is_ready`, `wait_on`, `tail_` and `leave_token`. Each wait has no stop token, or one.
template <class Core, class P>
struct Waits {
    /// For recv: waits for a value or the end. Returns `empty` when a stop is requested.
    template <class... Stop>
    Seen wait(const Stop&... stop) {
        if (core().is_ready()) [[likely]]
            return Seen::value;
        return wait_on([](auto& parker) { return parker.park("RecvSleep"), true; }, [] { return false; }, stop...);
    }
    /// For recv_until: returns `empty` also when the deadline has passed.
    template <class Clock, class Duration, class... Stop>
    Seen wait_until(const std::chrono::time_point<Clock, Duration>& deadline, const Stop&... stop) {
        if (core().is_ready()) [[likely]]
            return Seen::value;
        return wait_on([&](auto& parker) { return parker.park_until("RecvSleepUntil", deadline); },
                       [&] { return detail::has_passed(deadline); }, stop...);
    }

  private:
    /// Releases the request to RecvPark.
    void stop_waiting() noexcept {
        if (core().tail_.fetch_and("StopClaim", ~word::parked, release) & word::parked) core().leave_token();
    }

    Core& core() noexcept { return static_cast<Core&>(*this); }

    template <class Sleep, class IsLate>
    Seen wait_on(Sleep sleep, IsLate is_late) {
        return core().wait_on(sleep, is_late);
    }

    /// The thread that requests the stop wakes a receiver that is parked. A receiver that parks later looks at the token
    /// before it sleeps. It looks only there, because it spins for a short time, and parks again after each wake-up.
    template <class Sleep, class IsLate, class Stop>
    Seen wait_on(Sleep sleep, IsLate is_late, const Stop& stop) {
        const typename Core::Kept waiting(core());  // longer than the callback, which touches the channel
        const auto stopping = on_stop<P>([this]() noexcept { stop_waiting(); }, stop);
        return wait_on([&](auto& parker) { return !stop.stop_requested() && sleep(parker); }, is_late);
    }
};

}  // namespace ferry::detail
