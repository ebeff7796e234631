// How the standard platform waits for a thread that is between two of its instructions, and how often a receiver looks for
// a value that may be about to come. How long its pace lets it: pace.cpp. How it waits for a token: parkers.cpp.
#include <ferry/sync_channel.hpp>

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
