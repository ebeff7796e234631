// How the standard platform waits for a thread that is between two of its instructions, and for a value that may be about
// to come. How it waits for a token: parkers.cpp.
#include <ferry/sync_channel.hpp>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "harness/crew.hpp"
#include "harness/gate.hpp"
#include "platforms/announced.hpp"
#include "harness/test.hpp"
#include "harness/test_clock.hpp"
#include "harness/usage.hpp"

using harness::check;
using harness::Hurried;
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
    constexpr unsigned turns = 1000, settled = 200;
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
    static inline int looks_left = 0;
    static time_point now() { return time_point(looks_left-- > 0 ? 0s : 2s); }
};

}  // namespace

TEST(S13_a_receiver_looks_until_its_deadline_passes) {
    auto [tx, rx] = ferry::channel<int, StubbornPlatform>();
    StubbornPace::looks = 0;
    Jumping::looks_left = 20;
    check(rx.recv_until(Jumping::time_point(1ms)).error() == ferry::RecvTimeoutError::timeout, "it was late");
    check(StubbornPace::looks > 5, "it looked until then");
    StubbornPace::looks = 0, Jumping::looks_left = 20;
    check(rx.recv_until(Jumping::time_point(0s)).error() == ferry::RecvTimeoutError::timeout, "it is late");
    check(StubbornPace::looks == 0, "a deadline has passed at its very moment");
}

TEST(S13_a_deadline_that_has_passed_ends_the_looking_on) {
    auto [tx, rx] = ferry::channel<int, StubbornPlatform>();
    StubbornPace::looks = 0;
    check(rx.recv_until(Hurried::present + 10h).error() == ferry::RecvTimeoutError::timeout, "it was late");
    check(1 <= StubbornPace::looks && StubbornPace::looks <= 10, "it spun until then");
    StubbornPace::looks = 0;
    const auto passed = Hurried::present;  // a copy, because the clock's own variable goes on
    check(rx.recv_until(passed).error() == ferry::RecvTimeoutError::timeout, "it was late from the start");
    check(StubbornPace::looks == 0, "it did not spin");
    check(tx.send(1).has_value() && rx.recv_until(passed) == 1, "what is there beats the deadline");
}

namespace {

/// Looks six times, and then lets a value come.
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
    check(rx.recv() == 1 && PatientPace::looks == 6, "found after six looks in vain");
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
    const auto passed = Hurried::present;
    check(tx.send_until(2, passed).error().reason == timeout, "it was late from the start");
    check(StubbornSenderPace::looks == 0, "it did not spin");
    check(rx.try_recv() == 1 && tx.send_until(2, passed).has_value(), "room beats the deadline");
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
