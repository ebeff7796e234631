// Behaviours that Rust's own tests of std::sync::mpsc show, with two threads and more, on the platform that is shipped:
// a send, a receive and a drop that meet. FAMILIES.md says which test here, or elsewhere, stands for which there.
#include <string>
#include <vector>

#include "harness/meetings.hpp"

using namespace harness;
using namespace std::chrono_literals;

// ---- one value, two threads, in each order

TEST(S10_a_blocked_recv_returns_a_value_that_is_sent_later) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("10", receiver.recv()); });
        says("sent", tx.send(box(10)));
    });
}

TEST(S16_a_blocked_recv_returns_when_the_sender_is_dropped) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("disconnected", receiver.recv()); });
        ferry::drop(std::move(tx));
    });
}

TEST(S16_a_blocked_timed_recv_returns_when_the_sender_is_dropped) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("disconnected", receiver.recv_for(24h)); });
        ferry::drop(std::move(tx));
    });
}

TEST(S16_S17_a_blocked_loop_ends_when_the_last_of_many_senders_is_dropped) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable {
            int count = 0;
            for ([[maybe_unused]] const Box& value : receiver) ++count;
            check(count == 2, "both values were yielded");
        });
        for (int i = 0; i != 2; ++i) {
            crew.start("sender", [sender = tx.clone()] { says("sent", sender.send(box(1))); });
        }
        ferry::drop(std::move(tx));
    });
}

TEST(S22_both_ends_are_dropped_at_the_same_time) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { ferry::drop(std::move(receiver)); });
        ferry::drop(std::move(tx));
    });
}

TEST(S8_S22_a_send_meets_the_drop_of_the_receiver) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { ferry::drop(std::move(receiver)); });
        const auto answer = tx.send(box(1));
        check(answer || *answer.error().value == 1, "the value was taken or given back");
        crew.join();
        says("given back: 2", tx.send(box(2)));
    });
}

TEST(S11_a_recv_meets_the_send_and_the_drop_of_the_sender) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("sender", [sender = std::move(tx)] { says("sent", sender.send(box(10))); });
        says("10", rx.recv());
        says("disconnected", rx.recv());
    });
}

TEST(S12_try_recv_in_a_loop_meets_the_send_and_the_drop_of_the_sender) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("sender", [sender = std::move(tx)] { says("sent", sender.send(box(10))); });
        std::vector<std::string> answers;
        while (answers.empty() || answers.back() != "disconnected") {
            answers.push_back(in_words(rx.try_recv()));
            if (answers.back() == "empty") answers.pop_back(), std::this_thread::yield();
        }
        check(answers == std::vector<std::string>{"10", "disconnected"}, "the value came, then the end");
    });
}

// ---- one side is gone

TEST(S8_a_sender_finds_out_that_the_receiver_is_gone) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    crew.start("receiver", [receiver = std::move(rx)]() mutable { says("1", receiver.recv()); });
    while (tx.send(1)) {
    }
    crew.join();
}

TEST(S8_two_senders_find_out_that_the_receiver_is_gone) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    const auto send_until_refused = [](ferry::Sender<int> sender) {
        return [owned = std::move(sender)] {
            while (owned.send(1)) {
            }
        };
    };
    crew.start("receiver", [receiver = std::move(rx)]() mutable { says("1", receiver.recv()); });
    crew.start("sender", send_until_refused(tx.clone()));
    crew.start("sender", send_until_refused(std::move(tx)));
    crew.join();
}

TEST(S8_a_clone_of_a_sender_whose_receiver_is_gone_is_refused_too) {
    auto [tx, rx] = ferry::channel<int>();
    auto clone = tx.clone();
    ferry::drop(std::move(rx));
    says("given back: 1", tx.send(1));
    says("given back: 2", clone.send(2));
    says("given back: 3", clone.clone().send(3));
    ferry::drop(std::move(tx));
    says("given back: 4", clone.send(4));
}

TEST(S11_a_receiver_receives_until_the_sender_is_gone) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    crew.start("sender", [sender = std::move(tx)] {
        says("sent", sender.send(1));
        says("sent", sender.send(1));
    });
    int received = 0;
    while (rx.recv()) ++received;
    check(received == 2, "both values were received");
    crew.join();
}

TEST(S15_a_channel_with_two_senders_stays_open_when_one_is_dropped_and_its_thread_has_ended) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    crew.start("sender", [sender = tx.clone()] { says("sent", sender.send(1)); });
    crew.join();
    says("1", rx.recv());
    says("empty", rx.try_recv());
    says("timeout", rx.recv_for(0s));
    says("sent", tx.send(2));
    says("2", rx.recv());
}

TEST(S19_S22_dropping_a_receiver_with_values_in_it_while_a_clone_lives) {
    auto [tx, rx] = ferry::channel<Box>();
    const auto clone = tx.clone();
    says("sent", tx.send(box(1)));
    says("sent", clone.send(box(2)));
    ferry::drop(std::move(rx));
    ferry::drop(std::move(tx));
    says("given back: 3", clone.send(box(3)));
}

TEST(S22_a_sender_is_dropped_by_a_thread_that_never_sent) {
    many_times<int>([](Crew& crew, auto& tx, auto& rx) {
        says("sent", tx.send(1));
        crew.start("dropper", [sender = std::move(tx)] {});
        says("1", rx.recv());
        says("disconnected", rx.recv());
    });
}

// ---- two directions, two threads

TEST(S6_two_threads_talk_over_two_channels) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    auto [back_tx, back_rx] = ferry::channel<int>();
    crew.start("other", [receiver = std::move(rx), sender = std::move(back_tx)]() mutable {
        for (const int value : receiver) says("sent", sender.send(value + 1));
    });
    for (int i = 0; i != 1000; ++i) {
        says("sent", tx.send(int{i}));
        says(std::to_string(i + 1), back_rx.recv());
    }
    ferry::drop(std::move(tx));
    says("disconnected", back_rx.recv());
    crew.join();
}

TEST(S12_try_recv_tells_what_another_thread_has_done_so_far) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    auto [go_tx, go_rx] = ferry::channel<int>();
    auto [done_tx, done_rx] = ferry::channel<int>();
    crew.start("other", [sender = std::move(tx), go = std::move(go_rx), done = std::move(done_tx)]() mutable {
        says("0", go.recv());
        says("sent", sender.send(1));
        says("sent", done.send(0));
        says("0", go.recv());
        ferry::drop(std::move(sender));
        says("sent", done.send(0));
    });
    says("empty", rx.try_recv());
    says("sent", go_tx.send(0));
    says("0", done_rx.recv());
    says("1", rx.try_recv());
    says("empty", rx.try_recv());
    says("sent", go_tx.send(0));
    says("0", done_rx.recv());
    says("disconnected", rx.try_recv());
    crew.join();
}

TEST(S8_S22_a_receiver_is_dropped_by_another_thread_while_the_sender_lives) {
    many_times<int>([](Crew& crew, auto& tx, auto& rx) {
        auto [go_tx, go_rx] = ferry::channel<int>();
        crew.start("dropper", [receiver = std::move(rx), go = std::move(go_rx)]() mutable {
            says("0", go.recv());
            ferry::drop(std::move(receiver));
        });
        const auto clone = tx.clone();
        says("sent", go_tx.send(0));
        crew.join();
        says("given back: 1", tx.send(1));
        says("given back: 2", clone.send(2));
    });
}

TEST(S15_a_hundred_senders_on_threads_of_their_own_send_one_value_each) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    constexpr int senders = 100;
    for (int i = 0; i != senders; ++i) {
        crew.start("sender", [sender = tx.clone()] { says("sent", sender.send(1)); });
    }
    for (int i = 0; i != senders; ++i) says("1", rx.recv());
    crew.join();
    says("timeout", rx.recv_for(1ms));
    says("sent", tx.send(2));
    says("2", rx.recv_for(1ms));
}
