// What the clocks of tests have in common. Such a clock says how late it is, in `now`, and does then what a test is about.
#pragma once

#include <ferry/platform.hpp>

#include <chrono>
#include <type_traits>

namespace harness {

template <class Clock, class Duration = std::chrono::steady_clock::duration>
struct TestClock {
    using duration = Duration;
    using rep = typename Duration::rep;
    using period = typename Duration::period;
    using time_point = std::chrono::time_point<Clock, Duration>;
    static constexpr bool is_steady = true;

    /// What the steady clock says.
    static time_point steady_now()
        requires std::is_same_v<period, std::chrono::steady_clock::period>
    {
        return time_point(Duration(std::chrono::steady_clock::now().time_since_epoch().count()));
    }
};

/// A clock that goes at a thousand hours a second, as far as its readers can tell: an hour passes between any two
/// looks.
struct Hurried : TestClock<Hurried> {
    static inline time_point present{};
    static time_point now() noexcept { return present += std::chrono::hours(1); }
};

}  // namespace harness

template <>
inline constexpr std::chrono::hours ferry::detail::longest_sleep<harness::Hurried>{0};
