// Threads that are cancelled. A receive that sleeps is left by unwinding, as if it had not been made. In a call that can't be
// left half way the cancellation stays pending.
#include <pthread.h>

#include <array>
#include <random>
#include <thread>

#include "harness/left.hpp"
#include "harness/test_clock.hpp"

using namespace harness;
using namespace std::chrono_literals;

namespace {

/// A thread that can be cancelled. (Those of a crew catch everything, which a cancelled thread must not.)
class Victim {
  public:
    template <class Work>
    explicit Victim(Work work)
        : thread_([this, work = std::move(work)]() mutable {
              work();
              finished_.store(true, std::memory_order::relaxed);
          }) {}
    void cancel() { check(pthread_cancel(thread_.native_handle()) == 0, "a thread can be cancelled"); }
    /// Waits for its end. Whether it was cancelled.
    bool is_cancelled() {
        thread_.join();
        return !finished_.load(std::memory_order::relaxed);
    }
    ~Victim() {
        if (thread_.joinable()) thread_.join();
    }

  private:
    std::atomic<bool> finished_{false};
    std::thread thread_;
};

/// The ways to wait for a value that does not come.
struct Way {
    const char* name;
    void (*wait)(Rx&);
};
const Way ways[] = {
    {"recv", [](Rx& rx) { (void)rx.recv(); }},
    {"recv_for", [](Rx& rx) { (void)rx.recv_for(24h); }},
    {"recv_until", [](Rx& rx) { (void)rx.recv_until(std::chrono::system_clock::now() + 30min); }},
    {"recv_many", [](Rx& rx) { (void)rx.recv_many(std::array<int, 2>().begin(), 2); }},
    {"iterate", [](Rx& rx) { (void)(rx.begin() == rx.end()); }},
    {"a loop",
     [](Rx& rx) {
         for (int value : rx) (void)value;
     }},
};

}  // namespace

TEST(S27_a_receive_that_is_cancelled_leaves_the_channel_as_it_was) {
    with_each(ways, [](const auto& way) {
        // Before it sleeps, when it is about to, and while it does.
        for (const auto delay : {0us, 10us, 100us, 1000us}) {
            auto [tx, rx] = ferry::channel<int, Blocks>();
            Moments moments(nowhere);
            Victim receiver([&] { way.wait(rx); });
            if (delay != 0us) {
                moments.parked.wait();
                std::this_thread::sleep_for(delay);
            }
            receiver.cancel();
            check(receiver.is_cancelled(), "it was left");
            must_be_as_if_not_made(tx, rx);
        }
    });
}

TEST(S27_a_receive_can_be_cancelled_again_and_again) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    for (int round = 0; round != 20; ++round) {
        with_each(ways, [&](const auto& way) {
            Moments moments(nowhere);
            Victim receiver([&] { way.wait(rx); });
            moments.parked.wait();
            receiver.cancel();
            check(receiver.is_cancelled(), "it was left");
        });
        check(tx.send(int{round}).has_value(), "the value goes in");
        says(std::to_string(round), rx.recv());
    }
    must_be_as_if_not_made(tx, rx);
}

TEST(S27_a_receiver_that_is_cancelled_just_before_it_parks_has_not_parked) {
    with_each(ways, [](const auto& way) {
        auto [tx, rx] = ferry::channel<int, Blocks>();
        Moments moments("RecvPark");
        Victim receiver([&] { way.wait(rx); });
        moments.wait_until_stopped();
        receiver.cancel();
        moments.go();
        check(receiver.is_cancelled(), "it was left");
        must_be_as_if_not_made(tx, rx);
    });
}

namespace {

void with_each_way_and_event(auto once) {
    with_each(ways, [&](const auto& way) { with_each(events, [&](const auto& event) { once(way, event); }); });
}

}  // namespace

TEST(S27_what_comes_before_a_cancelled_receiver_withdraws_its_parking_is_for_the_next_call) {
    with_each_way_and_event([](const auto& way, const auto& event) {
        LeftReceive scene;
        Moments moments("RecvWithdraw");
        Victim receiver([&] { way.wait(scene.rx); });
        moments.parked.wait();
        receiver.cancel();
        moments.wait_until_stopped();
        event.happen(scene.tx);
        moments.go();
        check(receiver.is_cancelled(), "it was left");
        scene.must_be_as_if_not_made(event);
    });
}

namespace {

/// A waker is stopped at that step while the receiver that it is to wake is cancelled.
void cancel_while_a_waker_is_at(const char* step, auto go_on) {
    with_each_way_and_event([&](const auto& way, const auto& event) {
        LeftReceive scene;
        Moments moments(step);
        Victim receiver([&] { way.wait(scene.rx); });
        moments.parked.wait();
        Crew crew;
        crew.start("waker", [&] { event.happen(scene.tx); });
        moments.wait_until_stopped();
        receiver.cancel();
        go_on(moments, receiver);
        crew.join();
        scene.must_be_as_if_not_made(event);
    });
}

}  // namespace

TEST(S27_a_waker_that_has_not_claimed_the_wake_up_yet_does_not_hold_up_a_cancelled_receiver) {
    cancel_while_a_waker_is_at("WakeClaim", [](Moments& moments, Victim& receiver) {
        check(receiver.is_cancelled(), "it was left");
        moments.go();
    });
}

TEST(S27_a_cancelled_receiver_takes_the_token_of_a_waker_that_is_on_its_way) {
    cancel_while_a_waker_is_at("Wake", [](Moments& moments, Victim& receiver) {
        moments.takes_token.wait();
        receiver.cancel();  // once more
        moments.go();
        check(receiver.is_cancelled(), "it was left");
    });
}

TEST(S27_a_cancelled_thread_may_receive_and_drop_while_it_is_unwound) {
    struct Unwound {
        Rx rx;
        std::string& answer;
        std::chrono::microseconds& used;
        Gate& receives;
        ~Unwound() {
            const auto before = processor_time();
            receives.open();
            answer = in_words(rx.recv());
            used = processor_time() - before;
        }
    };
    constexpr auto wait = 30ms;
    Moments moments(nowhere);
    auto [tx, rx] = ferry::channel<int, Blocks>();
    std::string answer;
    std::chrono::microseconds used{};
    Gate receives;
    Victim receiver([&] {
        Unwound unwound{std::move(rx), answer, used, receives};
        (void)unwound.rx.recv();
    });
    moments.parked.wait();
    receiver.cancel();
    receives.wait();
    std::this_thread::sleep_for(wait);
    says("sent", tx.send(7));
    check(receiver.is_cancelled(), "it was left");
    same("7", answer);
    check(used < wait / 3, "it slept while it waited");
    check(tx.is_disconnected(), "the receiver was dropped");
}

TEST(S3_S4_S27_nothing_is_lost_when_a_receiver_is_cancelled_again_and_again_while_others_send) {
    constexpr int senders = 2, values = 2000;
    auto [tx, rx] = ferry::channel<std::unique_ptr<int>, Blocks>();
    Crew crew;
    for (int sender = 0; sender != senders; ++sender) {
        crew.start("sender", [sender, own = tx.clone()] {
            for (int i = 0; i != values; ++i) {
                (void)own.send(std::make_unique<int>(sender * values + i));
                if (i % 8 == 0) std::this_thread::sleep_for(20us);
            }
        });
    }
    ferry::drop(std::move(tx));
    std::vector<int> received[senders];
    std::minstd_rand lot;
    bool cancelled = true;
    for (unsigned round = 0; cancelled; ++round) {
        Victim receiver([&] {
            const auto note = [&](int value) { received[value / values].push_back(value % values); };
            if (round % 2 == 0) {
                for (const auto& value : rx) note(*value);
            } else {
                while (const auto value = rx.recv_for(24h)) note(**value);
            }
        });
        std::this_thread::sleep_for(std::chrono::microseconds(lot() % 300));
        receiver.cancel();
        cancelled = receiver.is_cancelled();
    }
    crew.join();
    for (const auto& of_one : received) {
        check(of_one.size() == values && std::ranges::is_sorted(of_one), "everything came, in order");
    }
}

// ---- calls that can't be left half way

namespace {

/// What a thread is stopped at, and a call that has to wait for it.
struct Held {
    const char* name;
    const char* step;
    void (*wait)(Tx&, Rx&);
};
const Held held[] = {
    {"a recv", "SendReady", [](Tx&, Rx& rx) { says("1", rx.recv()); }},
    {"a try_recv", "SendReady", [](Tx&, Rx& rx) { says("1", rx.try_recv()); }},
    {"a timed recv", "SendReady", [](Tx&, Rx& rx) { says("1", rx.recv_for(0s)); }},
    {"an iteration", "SendReady",
     [](Tx&, Rx& rx) {
         for (int value : rx.try_iter()) (void)value;
     }},
    {"a drop of the receiver", "SendReady", [](Tx&, Rx& rx) { ferry::drop(std::move(rx)); }},
    {"a recv at the end of a block", "InstallPublish",
     [](Tx&, Rx& rx) {
         for (int i : {1, 2, 3}) says(std::to_string(i), rx.recv());
     }},
    {"a send at the end of a block", "InstallPublish", [](Tx& tx, Rx&) { says("sent", tx.send(4)); }},
    {"a close at the end of a block", "InstallPublish", [](Tx&, Rx& rx) { rx.close(); }},
    {"a drop at the end of a block", "InstallPublish", [](Tx&, Rx& rx) { ferry::drop(std::move(rx)); }},
};

}  // namespace

TEST(S27_a_cancellation_in_a_call_that_waits_for_a_send_in_progress_stays_pending) {
    with_each(held, [](const Held& one) {
        auto [tx, rx] = ferry::channel<int, Blocks>();
        const bool at_the_end = std::string_view(one.step) == "InstallPublish";
        if (at_the_end) {
            for (int i : {1, 2}) says("sent", tx.send(int{i}));
        }
        Moments moments(one.step);
        Crew crew;
        crew.start("sender", [&] { (void)tx.send(at_the_end ? 3 : 1); });
        moments.wait_until_stopped();
        std::atomic<bool> returned{false};
        Victim caller([&] {
            one.wait(tx, rx);
            returned = true;
            pthread_testcancel();
        });
        moments.waits.wait();
        caller.cancel();
        moments.still_waits.wait();
        moments.go();
        check(caller.is_cancelled() && returned, "the call returned, and then the thread was cancelled");
        crew.join();
    });
}

namespace {

/// Goes on when it is told to.
struct Stopped : TestClock<Stopped, std::chrono::milliseconds> {
    static inline std::atomic<rep> present{0};
    static time_point now() noexcept { return time_point(duration(present)); }
};

}  // namespace

TEST(S14_S27_a_cancellation_while_a_token_is_taken_after_a_timeout_stays_pending) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    Moments moments("Wake");
    std::string answer;
    Victim receiver([&] {
        answer = in_words(rx.recv_until(Stopped::now() + 1ms));
        pthread_testcancel();
    });
    moments.parked.wait();
    Crew crew;
    crew.start("sender", [&] { (void)tx.send(1); });
    moments.wait_until_stopped();
    ++Stopped::present;
    moments.takes_token.wait();
    receiver.cancel();
    std::this_thread::sleep_for(1ms);
    moments.go();
    check(receiver.is_cancelled(), "the thread was cancelled");
    same("1", answer);
    crew.join();
    must_be_as_if_not_made(tx, rx);
}

TEST(S27_a_pending_cancellation_acts_in_no_call_but_a_receive_that_has_to_wait) {
    bool all_done = false;
    Victim victim([&] {
        pthread_cancel(pthread_self());
        auto [tx, rx] = ferry::channel<int, Blocks>();
        for (int i = 0; i != 7; ++i) (void)tx.send(int{i});
        auto other = tx.clone();
        (void)rx.recv();
        (void)rx.recv_for(24h);
        (void)rx.try_recv();
        for (int value : rx) {
            if (value == 4) break;
        }
        for (int value : rx.try_iter()) (void)value;
        (void)rx.is_disconnected();
        (void)tx.is_disconnected();
        ferry::drop(std::move(tx));
        rx.close();
        (void)other.send(8);
        (void)rx.recv();
        ferry::drop(std::move(rx));
        ferry::drop(std::move(other));
        all_done = true;
        pthread_testcancel();
    });
    check(victim.is_cancelled() && all_done, "it was cancelled where it said so");
}
