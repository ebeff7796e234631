// Something happens in a bounded channel between two instructions of a call: by the same thread, in the place of another
// one; or by another thread, where a lock or a sleep lies between.
#include <ferry/sync_channel.hpp>
#include <pthread.h>

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "harness/answers_of_bounded.hpp"
#include "harness/crew.hpp"
#include "harness/ends.hpp"
#include "harness/gate.hpp"
#include "harness/test.hpp"
#include "harness/test_clock.hpp"
#include "platforms/announced.hpp"

using harness::check;
using harness::Hurried;
using harness::same;
using harness::says;
using namespace std::chrono_literals;

namespace {

using Blocks = announced::Platform<0>;

/// Does something before a step, once.
class Meanwhile {
  public:
    Meanwhile(std::string_view step, std::function<void()> act) : director_(step, std::move(act)) {}
    ~Meanwhile() noexcept(false) {
        if (std::uncaught_exceptions() == 0) check(director_.act == nullptr, "that step was taken");
    }

  private:
    struct Acting : announced::Director {
        Acting(std::string_view at, std::function<void()> does) : step(at), act(std::move(does)) {}
        void before(std::string_view now) override {
            if (now == step && act) std::exchange(act, nullptr)();
        }
        const std::string_view step;
        std::function<void()> act;
    } director_;
};

/// A bounded channel, full.
template <class Platform = Blocks>
struct Full {
    explicit Full(std::size_t capacity) : channel(ferry::sync_channel<int, Platform>(capacity)) {
        for (std::size_t i = 0; i != capacity; ++i) says("sent", tx.send(static_cast<int>(i)));
    }
    std::pair<ferry::SyncSender<int, Platform>, ferry::SyncReceiver<int, Platform>> channel;
    ferry::SyncSender<int, Platform>& tx = channel.first;
    ferry::SyncReceiver<int, Platform>& rx = channel.second;
};

}  // namespace

// ---- a sender that joins the line, or leaves it

TEST(S33_a_sender_that_joins_the_line_after_a_close_is_refused) {
    for (const std::size_t capacity : {0U, 1U, 3U}) {
        Full full(capacity);
        const Meanwhile closing("JoinLock", [&] { full.rx.close(); });
        says("given back: 7", full.tx.send(7));
    }
}

TEST(S33_a_sender_that_finds_room_in_the_middle_of_a_close_is_refused) {
    Full full(1);
    harness::Gate joins, closed;
    harness::Crew crew;
    struct InClose : announced::Director {
        harness::Gate &joins, &closed, refused;
        InClose(harness::Gate& j, harness::Gate& c) : joins(j), closed(c) {}
        void before(std::string_view step) override {
            if (step == "JoinLock") {
                joins.open();
                closed.wait();
            } else if (step == "CloseLock") {
                closed.open();
                refused.wait();
            }
        }
    } director(joins, closed);
    std::string answer;
    crew.start("sender", [&] {
        answer = harness::in_words(full.tx.send(7));
        director.refused.open();
    });
    joins.wait();
    says("0", full.rx.recv());
    full.rx.close();
    crew.join();
    same("given back: 7", answer);
    says("disconnected", full.rx.recv());
}

TEST(S31_a_sender_that_joins_the_line_after_a_receive_finds_room) {
    Full full(2);
    const Meanwhile receiving("JoinLock", [&] { says("0", full.rx.recv()); });
    says("sent", full.tx.send(7));
    says("1", full.rx.recv());
    says("7", full.rx.recv());
}

TEST(S34_a_try_recv_takes_the_value_of_a_sender_that_waits) {
    Full full(0);
    const Meanwhile receiving("SendSleep", [&] { says("7", full.rx.try_recv()); });
    says("sent", full.tx.send(7));
    says("empty", full.rx.try_recv());
}

TEST(S36_a_send_that_is_answered_while_it_gives_up_has_been_sent) {
    Full full(1);
    const Meanwhile receiving("LeaveLineLock", [&] { says("0", full.rx.recv()); });
    says("sent", full.tx.send_until(7, Hurried::present - 1h));
    says("7", full.rx.recv());
}

TEST(S33_S36_a_send_that_is_refused_while_it_gives_up_says_so) {
    Full full(1);
    const Meanwhile closing("LeaveLineLock", [&] { full.rx.close(); });
    const auto sent = full.tx.send_until(7, Hurried::present - 1h);
    check(sent.error().reason == ferry::SendTimeoutError<int>::Reason::disconnected && sent.error().value == 7, "so");
}

// ---- a sender's pace, and a receiver's

namespace {

/// Looks, lets something happen that is looked for, and looks again.
struct Obliging {
    static inline std::function<void()> then;
    static inline bool answer;
    bool spin(auto, auto found) {
        if (then) {
            check(!found(), "nothing has happened yet");
            std::exchange(then, nullptr)();
        }
        check(found(), "it has happened");
        return answer;
    }
};
struct ObligingPlatform : Blocks {
    using pace = Obliging;
    using sender_pace = Obliging;
};
/// Who has not looked does not sleep.
struct Looked : announced::Director {
    void before(std::string_view step) override {
        if (step == "RecvSleep" || step == "SendSleep") check(Obliging::then == nullptr, "it has looked");
    }
};

}  // namespace

TEST(S31_S33_a_sender_that_looks_sees_room_and_a_close) {
    for (const bool answer : {true, false}) {
        Full<ObligingPlatform> full(2);
        const Looked looked;
        Obliging::answer = answer;
        Obliging::then = [&] { says("0", full.rx.recv()); };
        says("sent", full.tx.send(7));
        Obliging::then = [&] { full.rx.close(); };
        says("given back: 8", full.tx.send(8));
    }
}

TEST(S10_a_receiver_that_looks_sees_a_value) {
    for (const std::size_t capacity : {0U, 2U}) {
        for (const bool answer : {true, false}) {
            Full<ObligingPlatform> full(capacity);
            for (std::size_t i = 0; i != capacity; ++i) says(std::to_string(i), full.rx.recv());
            Obliging::answer = answer;
            Obliging::then = [&] { says("sent", full.tx.send(7)); };
            const Looked looked;
            says("7", full.rx.recv());
        }
    }
}

// ---- a receiver that gives up

TEST(S13_S14_a_value_that_comes_while_a_receive_gives_up_is_received) {
    for (const std::size_t capacity : {0U, 2U}) {
        auto [tx, rx] = ferry::sync_channel<int, Blocks>(capacity);
        const Meanwhile sending("RecvWithdraw", [&] { says("sent", tx.send(7)); });
        says("7", rx.recv_until(Hurried::present - 1h));
    }
}

TEST(S16_S17_the_last_drop_wakes_a_receiver_that_sleeps) {
    for (const std::size_t capacity : {0U, 2U}) {
        auto [tx, rx] = ferry::sync_channel<int, Blocks>(capacity);
        const Meanwhile dropping("RecvSleep", [&] { ferry::drop(std::move(tx)); });
        says("disconnected", rx.recv());
    }
}

TEST(S16_the_last_drop_finds_that_the_receiver_has_given_up) {
    auto [tx, rx] = ferry::sync_channel<int, Blocks>(1);
    struct InDrop : announced::Director {
        harness::Gate parked, seen, withdrawn;
        void before(std::string_view step) override {
            if (step == "RecvSleepUntil") {
                parked.open();
                seen.wait();
            } else if (step == "WakeClaim") {
                seen.open();
                withdrawn.wait();
            }
        }
    } director;
    harness::Crew crew;
    crew.start("sender", [&, mine = std::move(tx)]() mutable {
        director.parked.wait();
        ferry::drop(std::move(mine));
    });
    says("disconnected", rx.recv_until(Hurried::present - 1h));
    director.withdrawn.open();
    crew.join();
}

namespace {

/// Throws at the second look.
struct Throwing : harness::TestClock<Throwing> {
    static inline int looks = 0;
    static time_point now() { return looks++ == 0 ? time_point() : throw std::runtime_error("no time"); }
};

}  // namespace

TEST(S27_a_receive_that_a_clock_leaves_is_as_if_it_had_not_been_made) {
    auto [tx, rx] = ferry::sync_channel<int, Blocks>(1);
    bool thrown = false;
    try {
        (void)rx.recv_until(Throwing::time_point(24h));
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    check(thrown, "the clock throws");
    says("timeout", rx.recv_until(Hurried::present - 1h));  // it is not parked any more
    says("sent", tx.send(7));
    says("7", rx.recv());
    says("empty", rx.try_recv());
}

#if defined(__GLIBCXX__) && defined(__GLIBC__)
TEST(S36_a_send_that_is_answered_while_it_is_cancelled_has_been_sent) {
    Full full(1);
    bool returned = false;
    const Meanwhile receiving("LeaveLineLock", [&] { says("0", full.rx.recv()); });
    std::thread sender([&] {
        pthread_cancel(pthread_self());
        (void)full.tx.send(7);
        returned = true;
    });
    sender.join();
    check(!returned, "it was cancelled");
    says("7", full.rx.recv());
    says("empty", full.rx.try_recv());
}
#endif

// ---- after a close

TEST(S12_S20_S29_a_receiver_that_has_closed_knows_the_end) {
    Full full(1);
    full.rx.close();
    check(!full.rx.is_disconnected(), "a value is left");
    says("0", full.rx.try_recv());
    check(full.rx.is_disconnected(), "none is left");
    says("disconnected", full.rx.try_recv());
    says("disconnected", full.rx.recv());
}

TEST(S29_a_receiver_whose_senders_are_gone_is_at_the_end_only_once_nothing_is_left) {
    Full full(1);
    ferry::drop(std::move(full.tx));
    check(!full.rx.is_disconnected(), "a value is left");
    says("0", full.rx.recv());
    check(full.rx.is_disconnected(), "none is left");
}

namespace {

/// A clock that calls something at its second look.
struct Calling : harness::TestClock<Calling> {
    static inline int looks = 0;
    static inline std::function<void()> call;
    static time_point now() {
        if (looks++ == 1) call();
        return steady_now();
    }
};

}  // namespace

TEST(S10_a_clock_that_receives_from_the_bounded_channel_that_waits_ends_the_process) {
    harness::aborts_with("a clock receives", [] {
        auto [tx, rx] = ferry::sync_channel<int, Blocks>(1);
        Calling::call = [&] { (void)rx.recv_for(1ms).has_value(); };
        (void)rx.recv_until(Calling::steady_now() + 1s).has_value();
    });
}
