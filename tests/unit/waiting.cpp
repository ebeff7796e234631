// How the standard platform waits: for a thread that is between two of its instructions, for a value that may be about
// to come, and for a token, with and without a deadline.
#include <ferry/sync_channel.hpp>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#if defined(__GLIBC__)
#include <semaphore.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <cstring>
#include <limits>
#include <thread>

#include "harness/crew.hpp"
#include "harness/gate.hpp"
#include "platforms/announced.hpp"
#include "harness/test.hpp"
#include "harness/test_clock.hpp"
#include "harness/usage.hpp"

using harness::check;
using namespace std::chrono_literals;

TEST(S12_a_wait_for_another_thread_gives_the_processor_away) {
    const auto times_given_away = [] { return harness::usage().ru_nvcsw; };
    // That many looks are allowed to be made at full speed, or after a mere yield; each of the others sleeps.
    constexpr int hasty = 100, patient = 100;
    const auto before = times_given_away();
    int looks = 0;
    const ferry::detail::Atomic<int> number("a number", 0);
    number.await("an await", [&](int) { return ++looks == hasty + patient; }, std::memory_order::relaxed);
    check(times_given_away() - before >= patient, "it slept between its looks");
}

TEST(S10_a_receiver_that_finds_nothing_spins_for_a_while_and_then_gives_up) {
    for (const unsigned run : {0U, 1U, 5U, 1000U}) {
        const auto looks_until = [run](int found_at) {
            ferry::detail::Pace pace;
            int looks = 0;
            const bool found = pace.spin(run, [&] { return ++looks == found_at; });
            check(found == (looks == found_at), "it says whether it found something");
            return looks;
        };
        check(looks_until(-1) >= 2, "it gives up after some looks");  // how many is a matter of time
        for (const int found_at : {1, 2})
            check(looks_until(found_at) == found_at, "it stops as soon as it finds something");
        for (int found_at = 3; found_at != 50; ++found_at)
            check(looks_until(found_at) <= found_at, "it looks no more then");
    }
}

namespace {

int looks_in_vain(ferry::detail::Pace& pace, unsigned taken) {
    int n = 0;
    check(!pace.spin(taken, [&n] { return ++n, false; }), "nothing was found");
    return n;
}

}  // namespace

TEST(S10_a_receiver_that_has_just_given_up_spins_for_longer_the_next_time) {
    // Other processes may shorten the longer spinning of many attempts, but not of all.
    bool is_longer = false;
    for (int attempt = 0; !is_longer && attempt != 1000; ++attempt) {
        ferry::detail::Pace pace;
        const int first = looks_in_vain(pace, 0), second = looks_in_vain(pace, 1);
        is_longer = second > 2 * first;
    }
    check(is_longer, "it is more patient when a value came soon after it had parked");
}

TEST(S13_a_receiver_whose_deadlines_pass_in_vain_does_not_spin_for_longer) {
    // Other processes may shorten the spinning of many attempts, because a receiver that spins yields; but not of all.
    bool is_always_patient = true;
    for (int attempt = 0; is_always_patient && attempt != 1000; ++attempt) {
        ferry::detail::Pace pace;
        looks_in_vain(pace, 0);
        const int after_nothing = looks_in_vain(pace, 0);
        looks_in_vain(pace, 1);
        const int after_a_value = looks_in_vain(pace, 2);
        is_always_patient = 2 * after_nothing > after_a_value;
    }
    check(!is_always_patient, "it is patient only if a value came");
}

namespace {

/// This thread, and those that it starts, on the processor that it is on.
void stay_on_this_processor() {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    check(sched_setaffinity(0, sizeof here, &here) == 0, "a thread may choose its processor");
}

}  // namespace

TEST(S10_two_who_wait_for_each_other_on_one_processor_park_now_and_then) {
    constexpr unsigned turns = 2200, settled = 200;
    std::atomic<unsigned> turn{0};
    const auto take_turns = [&turn](unsigned mine) {
        ferry::detail::Pace pace;
        unsigned parkings = 0, taken = 0;
        for (unsigned t = mine; t < turns; t += 2) {
            for (; !pace.spin(taken, [&] { return turn == t; }); std::this_thread::yield()) parkings += t >= settled;
            taken += t % 100 < 2 ? 1000 : 1;  // a long run now and then
            // So long that the other notices that somebody else has run, however fast the machine.
            for (const auto begin = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - begin < 3us;) {
            }
            turn = t + 1;
        }
        return parkings;
    };
    unsigned parkings = 0;
    harness::Crew crew;
    crew.start("one of two", [&] {
        stay_on_this_processor();
        crew.start("the other", [&] { parkings = take_turns(1); });
        take_turns(0);
    });
    crew.join();
    // If they only ever yielded to each other, there would be none; and whoever else runs here can only add to them.
    check(parkings >= (turns - settled) / 2 / 200, "the kernel is asked for a better place now and then");
}

TEST(S10_beside_a_busy_thread_a_receiver_parks_and_does_not_yield) {
    std::atomic<bool> over{false};
    long switches = 0;
    harness::Crew crew;
    crew.start("receiver", [&] {
        stay_on_this_processor();
        crew.start("busy", [&over] {
            while (!over) continue;
        });
        ferry::detail::Pace pace;
        unsigned taken = 0;
        const auto switches_in = [&](int looks) {
            const auto so_far = [] { return harness::usage().ru_nvcsw + harness::usage().ru_nivcsw; };
            const long before = so_far();
            for (int i = 0; i != looks; ++i) looks_in_vain(pace, ++taken);
            return so_far() - before;
        };
        switches_in(5);  // and learns
        switches = switches_in(100);
        over = true;
    });
    crew.join();
    check(switches < 50, "it kept the processor while it looked");
}

namespace {

/// A clock that goes at a thousand hours a second, as far as its readers can tell: an hour passes between any two
/// looks.
struct Hurried : harness::TestClock<Hurried> {
    static inline time_point present{};
    static time_point now() noexcept { return present += 1h; }
};

}  // namespace

template <>
inline constexpr std::chrono::hours ferry::detail::longest_sleep<Hurried>{0};

namespace {

/// Gives up at once, and notes what it was told.
struct NotingPace {
    static inline unsigned told = 0;
    bool spin(unsigned taken, auto) noexcept {
        told = taken;
        return false;
    }
};
struct NotingPlatform : announced::Platform<3, 2> {
    using pace = NotingPace;
};

/// Spins as long as it is let, unless nobody ends it.
struct StubbornPace {
    static inline int looks = 0;
    bool spin(unsigned, auto found) {
        do ++looks;
        while (!found() && looks != 1000);
        return true;
    }
};
struct StubbornPlatform : announced::Platform<3, 2> {
    using pace = StubbornPace;
};

}  // namespace

namespace {

/// Two seconds pass between its twentieth look and the next.
struct Jumping : harness::TestClock<Jumping> {
    static inline int looks_left = 20;
    static time_point now() { return time_point(looks_left-- > 0 ? 0s : 2s); }
};

}  // namespace

TEST(S13_a_receiver_looks_until_its_deadline_passes) {
    auto [tx, rx] = ferry::channel<int, StubbornPlatform>();
    StubbornPace::looks = 0;
    check(rx.recv_until(Jumping::time_point(1ms)).error() == ferry::RecvTimeoutError::timeout, "it was late");
    check(StubbornPace::looks > 5, "it looked until then");
}

TEST(S13_a_deadline_that_has_passed_ends_the_looking_on) {
    auto [tx, rx] = ferry::channel<int, StubbornPlatform>();
    StubbornPace::looks = 0;
    check(rx.recv_until(Hurried::present + 10h).error() == ferry::RecvTimeoutError::timeout, "it was late");
    check(1 <= StubbornPace::looks && StubbornPace::looks <= 10, "it spun until then");
    StubbornPace::looks = 0;
    check(rx.recv_until(Hurried::present).error() == ferry::RecvTimeoutError::timeout, "it was late from the start");
    check(StubbornPace::looks == 0, "it did not spin");
    check(tx.send(1).has_value() && rx.recv_until(Hurried::present) == 1, "what is there beats the deadline");
}

namespace {

/// Looks five times, and then lets a value come.
struct PatientPace {
    static inline int looks = 0;
    static inline std::function<void()> then;
    bool spin(unsigned, auto found) {
        for (looks = 0; !found(); ++looks)
            if (looks == 5) then();
        return true;
    }
};
struct PatientPlatform : announced::Platform<3, 2> {
    using pace = PatientPace;
};

/// Lets a value come to a receiver that has given up looking.
struct BeforeSleep : announced::Director {
    explicit BeforeSleep(std::function<void()> then) : then_(std::move(then)) {}
    void before_sleep() override { then_(); }

  private:
    std::function<void()> then_;
};

}  // namespace

TEST(S10_a_receiver_looks_as_often_as_its_pace_lets_it) {
    auto [tx, rx] = ferry::channel<int, PatientPlatform>();
    const BeforeSleep director([&] { check(tx.send(2).has_value(), "sent"); });
    PatientPace::then = [&] { check(tx.send(1).has_value(), "sent"); };
    check(rx.recv() == 1 && PatientPace::looks == 6, "found after five looks in vain");
    check(rx.recv_for(1h) == 1 && PatientPace::looks == 6, "and by a receiver that has a deadline");
    PatientPace::then = nullptr;
}

namespace {

/// A sender's pace that spins until it is told to stop.
struct StubbornSenderPace {
    static inline int looks = 0;
    bool spin(std::size_t, auto found) {
        do ++looks;
        while (!found() && looks != 1000);
        return true;
    }
};
struct StubbornSenderPlatform : ferry::StandardPlatform {
    using sender_pace = StubbornSenderPace;
};

}  // namespace

TEST(S36_a_send_whose_deadline_has_passed_does_not_spin) {
    auto [tx, rx] = ferry::sync_channel<int, StubbornSenderPlatform>(1);
    check(tx.send(1).has_value(), "there is room");
    using enum ferry::SendTimeoutError<int>::Reason;
    check(tx.send_until(2, Hurried::present + 10h).error().reason == timeout, "it was late");
    check(1 <= StubbornSenderPace::looks && StubbornSenderPace::looks <= 10, "it spun until then");
    StubbornSenderPace::looks = 0;
    check(tx.send_until(2, Hurried::present).error().reason == timeout, "it was late from the start");
    check(StubbornSenderPace::looks == 0, "it did not spin");
    check(rx.try_recv() == 1 && tx.send_until(2, Hurried::present).has_value(), "room beats the deadline");
}

TEST(S10_a_receiver_knows_how_long_its_runs_are_over_the_ends_of_blocks) {
    auto [tx, rx] = ferry::channel<int, NotingPlatform>();
    for (unsigned taken = 0; taken != 20; ++taken) {
        check(!rx.recv_until(Hurried::present + 90min), "nothing is there yet");
        check(NotingPace::told == taken, "as many as it has taken");
        check(tx.send(1).has_value() && rx.recv().has_value(), "a value comes");
    }
}

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

/// The steady clock; at whichever look it is told to, it lets another thread send and waits until it has done so.
struct Busy : harness::TestClock<Busy> {
    static inline int looks_left = 0;
    static inline harness::Gate *looked_at = nullptr, *sent = nullptr;
    static time_point now() {
        if (looks_left-- == 0) {
            looked_at->open();
            sent->wait();
        }
        return steady_now();
    }
};

}  // namespace

TEST(S13_a_clock_may_wait_for_a_thread_that_sends) {
    const Busy::time_point deadline = Busy::steady_now() + 24h;
    // The first look is before the receiver parks, the second while it does.
    for (const int look : {0, 1}) {
        harness::Crew crew;
        auto [tx, rx] = ferry::channel<int, announced::Platform<3, 2>>();
        harness::Gate looked_at, sent;
        Busy::looks_left = look, Busy::looked_at = &looked_at, Busy::sent = &sent;
        crew.start("sender", [&] {
            looked_at.wait();
            check(tx.send(7).has_value(), "the value goes in");
            sent.open();
        });
        harness::says("7", rx.recv_until(deadline));
        crew.join();
    }
}
