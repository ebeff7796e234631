// is_disconnected, of both ends: true is final, and orders; false may be out of date at once.
#include <memory>
#include <vector>

#include "harness/crew.hpp"
#include "harness/stop.hpp"
#include "harness/test.hpp"

using harness::check;
using harness::says;
using harness::Stop;
using namespace std::chrono_literals;

namespace {

constexpr unsigned slots = 2;
using Blocks = announced::Platform<slots>;
using Tx = ferry::Sender<int, Blocks>;
using Rx = ferry::Receiver<int, Blocks>;

void send(const Tx& tx, int values) {
    for (int i = 0; i != values; ++i) says("sent", tx.send(int{i}));
}

}  // namespace

// ---- a sender's

TEST(S29_a_sender_is_told_that_the_receiver_has_closed_and_for_good) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    const Tx other = tx.clone();
    // Wherever in a block.
    for (int sent = 0; sent != 5; ++sent) {
        check(!tx.is_disconnected() && !other.is_disconnected(), "it is open");
        send(tx, 1);
    }
    rx.close();
    for (int i = 0; i != 5; ++i) {
        check(tx.is_disconnected() && other.is_disconnected(), "it is closed, with values in it");
        says("0", rx.recv());
    }
    says("disconnected", rx.recv());
    ferry::drop(std::move(rx));
    for (int i = 0; i != 5; ++i) {
        check(tx.is_disconnected() && other.is_disconnected() && tx.clone().is_disconnected(), "and stays so");
        says("given back: 1", tx.send(1));
    }
}

TEST(S29_a_sender_is_told_that_the_receiver_is_gone) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    send(tx, 3);
    auto moved = std::move(rx);
    check(!tx.is_disconnected(), "a receiver that was moved is not gone");
    ferry::drop(std::move(moved));
    check(tx.is_disconnected(), "it is gone");
    says("given back: 1", tx.send(1));
    check(tx.is_disconnected(), "and stays so");
}

TEST(S29_a_sender_is_told_the_same_while_the_receiver_sleeps) {
    harness::Crew crew;
    Stop stop("RecvSleep");
    auto [tx, rx] = ferry::channel<int, Blocks>();
    crew.start("receiver", [&rx] { says("0", rx.recv()); });
    stop.wait_until_stopped();
    const bool told_too_soon = tx.is_disconnected();
    stop.go();
    send(tx, 1);
    crew.join();
    check(!told_too_soon, "it is open");
    rx.close();
    check(tx.is_disconnected(), "it is closed");
}

// ---- a receiver's

TEST(S29_a_receiver_is_told_that_it_is_over_when_nothing_is_left_and_all_senders_are_dropped) {
    for (int values = 0; values != 7; ++values) {
        auto [tx, rx] = ferry::channel<int, Blocks>();
        auto other = tx.clone();
        check(!rx.is_disconnected(), "two senders live");
        send(tx, values);
        ferry::drop(std::move(tx));
        for (int i = 0; i != values; ++i) {
            check(!rx.is_disconnected(), "a sender lives, and values are left");
            says(std::to_string(i), rx.recv());
        }
        check(!rx.is_disconnected(), "a sender lives");
        says("empty", rx.try_recv());
        send(other, values);
        ferry::drop(std::move(other));
        for (int i = 0; i != values; ++i) {
            check(!rx.is_disconnected(), "values are left");
            says(std::to_string(i), rx.recv());
        }
        for (int i = 0; i != 3; ++i) {
            check(rx.is_disconnected(), "it is over, and stays so");
            says("disconnected", rx.try_recv());
        }
    }
}

TEST(S29_a_receiver_that_has_closed_is_told_that_it_is_over_when_nothing_is_left) {
    for (int values = 0; values != 7; ++values) {
        auto [tx, rx] = ferry::channel<int, Blocks>();
        send(tx, values);
        rx.close();
        says("given back: 9", tx.send(9));
        for (int i = 0; i != values; ++i) {
            check(!rx.is_disconnected(), "values are left");
            says(std::to_string(i), rx.try_recv());
        }
        check(rx.is_disconnected(), "it is over, though a sender lives");
        ferry::drop(std::move(tx));
        check(rx.is_disconnected(), "and stays so");
        says("disconnected", rx.recv());
    }
}

namespace {

struct Poor : announced::Director {
    bool is_poor = true;
    bool has_memory() override { return !is_poor; }
};

}  // namespace

TEST(S24_S29_a_send_that_failed_for_want_of_memory_is_nothing_that_is_left) {
    for (const bool closes : {false, true}) {
        auto [tx, rx] = ferry::channel<int, Blocks>();
        send(tx, slots);
        Poor poor;
        try {
            (void)tx.send(9);
            check(false, "there is no memory");
        } catch (const std::bad_alloc&) {
        }
        check(!tx.is_disconnected(), "it is open");
        if (closes) rx.close();
        if (!closes) ferry::drop(std::move(tx));
        for (unsigned i = 0; i != slots; ++i) {
            check(!rx.is_disconnected(), "a value is left");
            says(std::to_string(i), rx.recv());
        }
        check(rx.is_disconnected(), "it is over");
    }
}

TEST(S29_a_receiver_is_not_told_that_it_is_over_while_a_send_is_in_progress) {
    // In the middle of a block; and at its end, before the next is there and when it is.
    for (const auto& [step, values] : {std::pair{"SendReady", 0}, {"InstallPublish", 2}, {"InstallLink", 2}}) {
        for (const bool closes : {false, true}) {
            harness::Crew crew;
            auto [tx, rx] = ferry::channel<int, Blocks>();
            send(tx, values);
            for (int i = 0; i != values; ++i) says(std::to_string(i), rx.recv());
            std::optional<Tx> other;
            if (closes) other = tx.clone();
            Stop stop(step, "CloseAwaitInstall");
            crew.start("sender", [&tx] {
                says("sent", tx.send(7));
                ferry::drop(std::move(tx));
            });
            stop.wait_until_stopped();
            bool told_too_soon = rx.is_disconnected();
            if (closes) rx.close();
            told_too_soon = told_too_soon || rx.is_disconnected();
            stop.go();
            crew.join();
            check(!told_too_soon, "the value is on its way");
            check(!other || other->is_disconnected(), "a close is for good");
            check(!rx.is_disconnected(), "the value is there");
            says("7", rx.recv());
            check(rx.is_disconnected(), "it is over");
        }
    }
}

// ---- on threads that run free

TEST(S29_what_the_receiver_did_before_it_closed_happens_before_a_sender_is_told) {
    for (int round = 0; round != 200; ++round) {
        harness::Crew crew;
        int plain = 0;
        auto [tx, rx] = ferry::channel<int>();
        for (int i = 0; i != 2; ++i) {
            crew.start("sender", [&plain, own = tx.clone()] {
                while (!own.is_disconnected()) std::this_thread::yield();
                harness::same("1", std::to_string(plain));
                says("given back: 2", own.send(2));
                check(own.is_disconnected(), "for good");
            });
        }
        ferry::drop(std::move(tx));
        plain = 1;
        if (round % 2 == 0) rx.close();
        ferry::drop(std::move(rx));
        crew.join();
    }
}

TEST(S29_what_the_senders_did_before_they_were_dropped_happens_before_the_receiver_is_told) {
    constexpr int senders = 3;
    for (int round = 0; round != 200; ++round) {
        harness::Crew crew;
        int plain[senders] = {};
        auto [tx, rx] = ferry::channel<int>();
        for (int& mine : plain) {
            crew.start("sender", [&mine, own = tx.clone()]() mutable {
                mine = 1;
                ferry::drop(std::move(own));
            });
        }
        ferry::drop(std::move(tx));
        while (!rx.is_disconnected()) std::this_thread::yield();
        for (const int each : plain) harness::same("1", std::to_string(each));
        says("disconnected", rx.try_recv());
        crew.join();
    }
}

TEST(S3_S29_a_receiver_that_only_asks_and_tries_gets_everything_and_then_is_told) {
    constexpr int senders = 3, values = 500;
    harness::Crew crew;
    auto [tx, rx] = ferry::channel<int, Blocks>();
    for (int i = 0; i != senders; ++i) {
        crew.start("sender", [own = tx.clone()] {
            for (int value = 0; value != values; ++value) {
                check(!own.is_disconnected(), "the receiver lives");
                says("sent", own.send(int{value}));
            }
        });
    }
    ferry::drop(std::move(tx));
    int received = 0;
    while (!rx.is_disconnected()) {
        for (int value : rx.try_iter()) (void)value, ++received;
    }
    check(received == senders * values, "nothing was left when it was told");
    crew.join();
}
