// The parkers of the standard platform, whichever ships here, alone: how a thread waits for a token, with and without a
// deadline.
#include <ferry/detail/condition_parker.hpp>
#include <ferry/platform.hpp>
#include <pthread.h>
#include <signal.h>
#if defined(__GLIBC__)
#include <semaphore.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/crew.hpp"
#include "harness/gate.hpp"
#include "harness/test.hpp"
#include "harness/test_clock.hpp"

using harness::check;
using harness::Hurried;
using namespace std::chrono_literals;

namespace {

/// The steady clock, which tells when it is looked at. All deadlines have passed once it was looked at more often than a
/// thread does that sleeps meanwhile.
struct Watched : harness::TestClock<Watched> {
    static inline harness::Gate* looked_at = nullptr;
    static inline int looks_left = 0;
    static void watch(harness::Gate& gate) {
        looked_at = &gate;
        looks_left = 20;
    }
    static time_point now() noexcept {
        looked_at->open();
        return looks_left-- > 0 ? steady_now() : time_point::max();
    }
};

/// Stands still. A thread that asks it again and again is stopped by what it throws.
struct Standing : harness::TestClock<Standing> {
    static inline int looks_left = 0;
    static time_point now() { return looks_left-- > 0 ? time_point() : throw std::runtime_error("asked too often"); }
};

/// Every kind of parker, whichever ships here.
void with_each_parker(auto once) {
    once.template operator()<ferry::detail::Parker>();
    once.template operator()<ferry::detail::ConditionParker<>>();
}

/// Parks, without a token at first, until this deadline; a token is left once the clock was looked at.
template <class Parker>
bool is_woken_before(const auto& deadline) {
    harness::Crew crew;
    Parker parker;
    harness::Gate waiting;
    Watched::watch(waiting);
    crew.start("waker", [&] {
        waiting.wait();
        std::this_thread::sleep_for(10ms);
        parker.unpark("the token");
    });
    const bool woken = parker.park_until("the wait", deadline);
    crew.join();
    return woken;
}

}  // namespace

TEST(S10_S38_a_thread_that_sleeps_is_woken_by_a_token_and_not_by_a_signal) {
    struct sigaction ignoring{}, before{};
    ignoring.sa_handler = [](int) {};
    sigaction(SIGUSR1, &ignoring, &before);
    with_each_parker([]<class Parker> {
        const auto goes = [](auto sleep, auto wake) {
            harness::Crew crew;
            Parker parker;
            std::atomic<bool> is_left{false};
            crew.start("waker", [&, sleeper = pthread_self()] {
                for (int i = 0; i != 5; ++i) {
                    std::this_thread::sleep_for(1ms);
                    pthread_kill(sleeper, SIGUSR1);
                }
                is_left = true;
                wake(parker);
            });
            sleep(parker);
            check(is_left, "it has slept until there was a token");
            crew.join();
        };
        const auto unpark = [](Parker& parker) { parker.unpark("the token"); };
        const auto release = [](Parker& parker) { parker.release("the token"); };
        goes([](Parker& parker) { parker.park("the wait"); }, unpark);
        goes([](Parker& parker) { parker.park("the wait"); }, release);
        goes([](Parker& parker) { parker.take_token("the wait"); }, unpark);
        harness::Gate looked_at;
        Watched::watch(looked_at);
        goes([](Parker& parker) { check(parker.park_until("the wait", Watched::steady_now() + 59min), "woken"); },
             release);
    });
    sigaction(SIGUSR1, &before, nullptr);
}

#if defined(__GLIBC__)
TEST(S10_S13_each_wait_at_a_semaphore_says_whether_it_has_taken_the_token) {
    ferry::detail::PosixSemaphore semaphore;
    check(!semaphore.try_wait(), "there is none");
    semaphore.post();
    check(semaphore.try_wait() && !semaphore.try_wait(), "one is there, and then gone");
    semaphore.post();
    check(semaphore.wait() && !semaphore.try_wait(), "one is there, and then gone");
    const auto waits = [&]<class Clock>(Clock, auto from_now) {
        return semaphore.wait_until(Clock::now(), Clock::now() + from_now);
    };
    const auto of_each_clock = [&](auto from_now) {
        return waits(std::chrono::steady_clock(), from_now) + waits(std::chrono::system_clock(), from_now) +
               waits(Hurried(), from_now);
    };
    for (int i = 0; i != 3; ++i) semaphore.post();
    check(of_each_clock(1h) == 3 && !semaphore.try_wait(), "three are there, and then gone");
    check(of_each_clock(-1h) == 0, "the deadline has passed");
}

TEST(S10_sem_init_writes_nothing_but_zeros) {
    // ferry::detail::PosixSemaphore does without sem_init, and relies on this.
    sem_t semaphore;
    std::memset(&semaphore, 0xff, sizeof semaphore);
    sem_init(&semaphore, 0, 0);
    std::array<unsigned char, sizeof semaphore> bytes;
    std::memcpy(bytes.data(), &semaphore, sizeof semaphore);
    const auto written = std::ranges::count_if(bytes, [](auto byte) { return byte != 0xff; });
    check(written > 0 && written == std::ranges::count(bytes, 0), "what is written is zero");
}
#endif

TEST(S13_a_far_deadline_is_waited_for_in_parts_and_kept) {
    with_each_parker([]<class Parker> {
        Parker parker;
        const Hurried::time_point deadline = Hurried::present + 100h;
        check(!parker.park_until("the wait", deadline), "nobody has left a token");
        check(Hurried::present >= deadline, "the deadline has passed");
    });
}

TEST(S13_a_deadline_has_passed_at_its_very_moment) {
    with_each_parker([]<class Parker> {
        Parker parker;
        Standing::looks_left = 10;
        check(!parker.park_until("the wait", Standing::time_point()), "nobody has left a token");
    });
}

TEST(S13_a_wait_for_a_far_or_a_near_deadline_is_ended_by_a_token) {
    with_each_parker([]<class Parker> {
        check(is_woken_before<Parker>(Watched::time_point::max()), "the farthest deadline there is");
        check(is_woken_before<Parker>(Watched::steady_now() + 59min), "a near one");
        using Seconds = std::chrono::duration<double>;
        constexpr std::chrono::time_point<Watched, Seconds> no_number{
            Seconds(std::numeric_limits<double>::quiet_NaN())};
        check(is_woken_before<Parker>(no_number), "one that never passes");
    });
}

TEST(S13_a_deadline_by_a_clock_of_the_system_is_kept) {
    with_each_parker([]<class Parker> {
        const auto is_kept = []<class Clock>(Clock) {
            Parker parker;
            const auto deadline = Clock::now() + 10ms;
            return !parker.park_until("the wait", deadline) && Clock::now() >= deadline;
        };
        check(is_kept(std::chrono::steady_clock()) && is_kept(std::chrono::system_clock()),
              "neither early nor for ever");
    });
}

namespace {

/// Leaves a token whenever it is read.
template <class Parker>
struct Leaving : harness::TestClock<Leaving<Parker>> {
    static inline Parker* parker = nullptr;
    static auto now() {
        parker->unpark("the token");
        return Leaving::steady_now();
    }
};

}  // namespace

TEST(S13_a_token_that_is_left_while_the_clock_is_read_is_found) {
    with_each_parker([]<class Parker> {
        Parker parker;
        Leaving<Parker>::parker = &parker;
        check(parker.park_until("the wait", Leaving<Parker>::steady_now() + 59min), "woken");
    });
}

TEST(S13_a_token_that_is_there_beats_an_expired_deadline) {
    with_each_parker([]<class Parker> {
        Parker parker;
        parker.unpark("the token");
        check(parker.park_until("the wait", std::chrono::steady_clock::time_point::min()), "the token is found");
        check(!parker.park_until("the wait", std::chrono::steady_clock::time_point::min()), "and gone");
    });
}

namespace {

/// Two threads, each woken by the other, in every way; at parkers that are soon replaced, because the first waits differ.
template <class Parker>
void take_turns() {
    constexpr unsigned turns = 6'000, at_each = 6;
    std::vector<Parker> of_first(turns / at_each), of_second(turns / at_each);
    const auto wake = [](Parker& parker, unsigned turn) {
        if (turn % 2 == 0) parker.unpark("");
        else parker.release("");
    };
    const auto sleep = [](Parker& parker, unsigned turn) {
        if (turn % 3 == 0) return parker.park("");
        if (turn % 3 == 1) return parker.take_token("");
        check(parker.park_until("", std::chrono::steady_clock::now() + std::chrono::hours(1)), "it was woken");
    };
    harness::Crew crew;
    crew.start("first", [&] {
        for (unsigned turn = 0; turn != turns; ++turn) {
            sleep(of_first[turn / at_each], turn);
            wake(of_second[turn / at_each], turn);
        }
    });
    crew.start("second", [&] {
        for (unsigned turn = 0; turn != turns; ++turn) {
            wake(of_first[turn / at_each], turn);
            sleep(of_second[turn / at_each], turn);
        }
    });
    crew.join();
}

}  // namespace

TEST(S16_S38_two_threads_wake_each_other_thousands_of_times_at_each_kind_of_parker) {
    with_each_parker([]<class Parker> { take_turns<Parker>(); });
}
