// The time that is left until a deadline, on whatever clock.
#pragma once

#include <chrono>
#include <type_traits>

namespace ferry::detail {

/// The time between two moments, in floating point seconds, because these can't overflow, however far apart the two
/// are.
template <class From, class To>
std::chrono::duration<double> time_between(const From& from, const To& to) {
    using Seconds = std::chrono::duration<double>;
    return Seconds(to.time_since_epoch()) - Seconds(from.time_since_epoch());
}

/// Whether a deadline has passed, by its own clock. One that is not a number never passes.
template <class Clock, class Duration>
bool has_passed(const std::chrono::time_point<Clock, Duration>& deadline) {
    return time_between(Clock::now(), deadline).count() <= 0;
}

/// A deadline that is so far from now on the steady clock, however long that is (S13). What is not a number is taken for
/// longer than any.
template <class Rep, class Period>
std::chrono::steady_clock::time_point deadline_in(const std::chrono::duration<Rep, Period>& duration) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::hours a_century(24 * 365 * 100);
    const auto now = Clock::now();
    const std::chrono::duration<double> seconds(duration);  // can't overflow
    if (!(seconds < a_century)) return now + a_century;
    if (!(seconds > -a_century)) return now;
    return now + std::chrono::ceil<Clock::duration>(duration);
}

/// How long a receiver that waits for a deadline sleeps at most before it reads its clock again.
template <class Clock>
inline constexpr std::chrono::hours longest_sleep{1};

/// Sleeps once for a thread that waits for a deadline: `sleep(now, until)`, by the deadline's clock. Returns false, and
/// has not slept, when the deadline has passed. The wait for a far deadline is cut into slices, because to add to a huge
/// time or to convert it would overflow (S13).
template <class Clock, class Duration, class Sleep>
bool sleep_towards(const std::chrono::time_point<Clock, Duration>& deadline, Sleep sleep) {
    constexpr auto slice = longest_sleep<Clock>;
    const auto now = Clock::now();
    const auto left = time_between(now, deadline);
    if (!(left <= slice)) {
        sleep(now, now + slice);
    } else if (left > -slice && deadline > now) {
        sleep(now, deadline);
    } else {
        return false;
    }
    return true;
}

/// Clocks that the system sleeps by. It follows one that is set anew.
template <class Clock>
inline constexpr bool is_of_the_system =
    std::is_same_v<Clock, std::chrono::steady_clock> || std::is_same_v<Clock, std::chrono::system_clock>;

}  // namespace ferry::detail
