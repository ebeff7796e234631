// Behaviours that Rust's own tests of std::sync::mpsc::sync_channel show, on the platform that is shipped. FAMILIES.md says
// which test here, or elsewhere, stands for which there. What they show of the receiver alone, which is one class for both
// channels, is shown where a bounded channel may differ: with each capacity, a rendezvous too.
#include <ferry/sync_channel.hpp>

#include <memory>
#include <string>
#include <vector>

#include "harness/answers_of_bounded.hpp"
#include "harness/crew.hpp"
#include "harness/test.hpp"

using namespace harness;
using namespace std::chrono_literals;

namespace {

struct Capacity {
    const char* name;
    std::size_t of;
};
constexpr Capacity rendezvous{"capacity 0", 0}, one{"capacity 1", 1}, two{"capacity 2", 2}, many{"capacity 16", 16};
constexpr Capacity with_slots[] = {one, two, many}, all[] = {rendezvous, one, two, many};
constexpr int times = 50;

/// Calls `meet(crew, tx, rx)` many times with each capacity: a channel, and threads that meet on it.
void meet_often(auto meet) {
    with_each(all, [&](const Capacity& capacity) {
        for (int i = 0; i != times; ++i) {
            Crew crew;
            auto [tx, rx] = ferry::sync_channel<int>(capacity.of);
            meet(crew, tx, rx);
            crew.join();
        }
    });
}

}  // namespace

// ---- one thread

TEST(S1_S3_S9_a_value_goes_in_and_comes_out_of_a_bounded_channel_also_through_a_clone) {
    with_each(with_slots, [](const Capacity& capacity) {
        auto [tx, rx] = ferry::sync_channel<std::unique_ptr<int>>(capacity.of);
        says("sent", tx.send(std::make_unique<int>(10)));
        says("10", rx.recv());
        says("sent", tx.clone().try_send(std::make_unique<int>(11)));
        says("11", rx.try_recv());
        says("empty", rx.try_recv());
    });
}

TEST(S3_S23_values_that_are_left_in_a_bounded_channel_are_destroyed_once_with_it) {
    struct Counted {
        explicit Counted(int& count) : destroyed(&count) {}
        Counted(Counted&& other) noexcept : destroyed(std::exchange(other.destroyed, nullptr)) {}
        ~Counted() {
            if (destroyed != nullptr) ++*destroyed;
        }
        int* destroyed;
    };
    for (const bool receiver_first : {false, true}) {
        int destroyed = 0;
        auto [tx, rx] = ferry::sync_channel<Counted>(3);
        check(tx.send(Counted(destroyed)).has_value(), "the first is sent");
        check(tx.send(Counted(destroyed)).has_value(), "the second is sent");
        same("0", in_words(destroyed));
        if (!receiver_first) ferry::drop(std::move(tx));
        ferry::drop(std::move(rx));
        same("2", in_words(destroyed));
    }
}

TEST(S8_S35_S36_each_send_to_a_bounded_channel_without_a_receiver_gives_the_value_back) {
    with_each(all, [](const Capacity& capacity) {
        auto [tx, rx] = ferry::sync_channel<int>(capacity.of);
        ferry::drop(std::move(rx));
        says("given back: 1", tx.send(1));
        says("disconnected: 2", tx.try_send(2));
        says("disconnected: 3", tx.send_for(3, 1h));
        says("given back: 4", tx.clone().send(4));
    });
}

TEST(S11_S15_S16_a_bounded_channel_without_senders_is_drained_and_then_disconnected) {
    with_each(with_slots, [](const Capacity& capacity) {
        auto [tx, rx] = ferry::sync_channel<int>(capacity.of);
        auto other = tx.clone();
        says("sent", tx.send(10));
        ferry::drop(std::move(tx));
        says("10", rx.try_recv());
        says("empty", rx.try_recv());
        ferry::drop(std::move(other));
        says("disconnected", rx.try_recv());
        says("disconnected", rx.recv());
        says("disconnected", rx.recv_for(1h));
    });
}

TEST(S12_S17_a_rendezvous_without_senders_is_disconnected) {
    auto [tx, rx] = ferry::sync_channel<int>(0);
    says("empty", rx.try_recv());
    ferry::drop(std::move(tx));
    says("disconnected", rx.try_recv());
    says("disconnected", rx.recv());
}

TEST(S35_try_send_goes_through_all_of_its_answers) {
    auto [tx, rx] = ferry::sync_channel<int>(1);
    says("sent", tx.try_send(1));
    says("full: 2", tx.try_send(2));
    says("1", rx.recv());
    says("sent", tx.try_send(3));
    ferry::drop(std::move(rx));
    says("disconnected: 4", tx.try_send(4));
}

TEST(S23_the_ends_of_an_unused_bounded_channel_are_dropped_in_either_order) {
    with_each(all, [](const Capacity& capacity) {
        auto [tx, rx] = ferry::sync_channel<std::unique_ptr<int>>(capacity.of);
        ferry::drop(std::move(tx));
        check(rx.is_disconnected(), "the receiver is told");
        auto [other_tx, other_rx] = ferry::sync_channel<std::unique_ptr<int>>(capacity.of);
        ferry::drop(std::move(other_rx));
        check(other_tx.is_disconnected(), "the sender is told");
    });
}

// ---- two threads and more

TEST(S7_S9_S34_one_thread_sends_over_a_bounded_channel_and_another_receives) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("sender", [sender = std::move(tx)] { says("sent", sender.send(10)); });
        says("10", rx.recv());
        says("disconnected", rx.recv());
    });
}

TEST(S10_S38_a_recv_that_waits_on_a_bounded_channel_returns_a_value_that_is_sent_later) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("10", receiver.recv()); });
        says("sent", tx.send(10));
    });
}

TEST(S16_a_recv_that_waits_on_a_bounded_channel_returns_when_the_sender_is_dropped) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("disconnected", receiver.recv()); });
        ferry::drop(std::move(tx));
    });
}

TEST(S22_both_ends_of_a_bounded_channel_are_dropped_at_the_same_time) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { ferry::drop(std::move(receiver)); });
        ferry::drop(std::move(tx));
    });
}

TEST(S33_a_bounded_send_meets_the_drop_of_the_receiver_and_never_waits_for_ever) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("receiver", [receiver = std::move(rx)]() mutable { ferry::drop(std::move(receiver)); });
        while (tx.send(1)) {
        }
        says("given back: 2", tx.send(2));
    });
}

TEST(S8_S33_two_bounded_senders_find_out_that_the_receiver_is_gone) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        for (int i = 0; i != 2; ++i) {
            crew.start("sender", [sender = tx.clone()] {
                while (sender.send(1)) {
                }
            });
        }
        says("1", rx.recv());
        ferry::drop(std::move(rx));
    });
}

TEST(S3_S4_S31_ten_thousand_values_come_through_a_bounded_channel_in_order) {
    with_each(all, [](const Capacity& capacity) {
        constexpr int values = 10'000;
        Crew crew;
        auto [tx, rx] = ferry::sync_channel<int>(capacity.of);
        crew.start("sender", [sender = std::move(tx)] {
            for (int i = 0; i != values; ++i) says("sent", sender.send(int{i}));
        });
        int next = 0;
        for (const int value : rx) same(in_words(next++), in_words(value));
        same(in_words(values), in_words(next));
        crew.join();
    });
}

TEST(S3_S31_a_thousand_values_of_each_of_eight_bounded_senders_come_through) {
    with_each(all, [](const Capacity& capacity) {
        constexpr int values = 1'000, senders = 8;
        Crew crew;
        auto [tx, rx] = ferry::sync_channel<int>(capacity.of);
        for (int s = 0; s != senders; ++s) {
            crew.start("sender", [sender = tx.clone()] {
                for (int i = 0; i != values; ++i) says("sent", sender.send(1));
            });
        }
        for (int i = 0; i != values * senders; ++i) says("1", rx.recv());
        says("empty", rx.try_recv());
        crew.join();
    });
}

TEST(S13_S14_timed_recvs_on_a_bounded_channel_miss_nothing_of_senders_that_pause) {
    with_each(all, [](const Capacity& capacity) {
        constexpr int values = 50, senders = 3;
        Crew crew;
        auto [tx, rx] = ferry::sync_channel<int>(capacity.of);
        for (int s = 0; s != senders; ++s) {
            crew.start("sender", [sender = tx.clone()] {
                for (int i = 0; i != values; ++i) {
                    if (i % 10 == 0) std::this_thread::sleep_for(2ms);
                    says("sent", sender.send(1));
                }
            });
        }
        ferry::drop(std::move(tx));
        int received = 0;
        for (std::string answer; answer != "disconnected"; received += answer == "1")
            answer = in_words(rx.recv_for(1ms));
        same(in_words(values * senders), in_words(received));
        crew.join();
    });
}

TEST(S9_S34_a_rendezvous_send_returns_only_once_its_value_has_been_received) {
    for (int i = 0; i != times; ++i) {
        Crew crew;
        auto [tx, rx] = ferry::sync_channel<int>(0);
        auto [told_tx, told_rx] = ferry::channel<std::string>();
        crew.start("sender", [sender = std::move(tx), told = told_tx.clone()] {
            says("sent", sender.send(1));
            says("sent", told.send("the send has returned"));
        });
        says("empty", told_rx.try_recv());
        says("1", rx.recv());
        says("the send has returned", told_rx.recv());
        crew.join();
    }
}

TEST(S35_try_sends_that_are_repeated_until_there_is_a_receive_all_come_through) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("sender", [sender = std::move(tx)] {
            for (int i = 0; i != 3; ++i) {
                while (!sender.try_send(int{i})) std::this_thread::yield();
            }
        });
        for (int i = 0; i != 3; ++i) says(in_words(i), rx.recv());
        says("disconnected", rx.recv());
    });
}

TEST(S10_S35_two_threads_talk_by_try_send_over_two_bounded_channels) {
    for (int i = 0; i != times; ++i) {
        Crew crew;
        auto [tx, rx] = ferry::sync_channel<int>(3);
        auto [back_tx, back_rx] = ferry::sync_channel<int>(3);
        crew.start("answering", [receiver = std::move(rx), answer = std::move(back_tx)]() mutable {
            says("1", receiver.recv());
            says("sent", answer.try_send(2));
        });
        says("sent", tx.try_send(1));
        says("2", back_rx.recv());
        crew.join();
    }
}

TEST(S12_try_recv_on_a_bounded_channel_tells_what_another_thread_has_done_so_far) {
    Crew crew;
    auto [tx, rx] = ferry::sync_channel<int>(1);
    auto [go, gone_ahead] = ferry::sync_channel<int>(1);
    auto [done, is_done] = ferry::sync_channel<int>(1);
    crew.start("sender", [sender = std::move(tx), go_on = std::move(gone_ahead), finished = std::move(done)]() mutable {
        says("0", go_on.recv());
        says("sent", sender.send(1));
        says("sent", finished.send(0));
        says("0", go_on.recv());
        ferry::drop(std::move(sender));
        says("sent", finished.send(0));
    });
    says("empty", rx.try_recv());
    says("sent", go.send(0));
    says("0", is_done.recv());
    says("1", rx.try_recv());
    says("empty", rx.try_recv());
    says("sent", go.send(0));
    says("0", is_done.recv());
    says("disconnected", rx.try_recv());
    crew.join();
}

TEST(S4_S22_each_value_of_a_bounded_channel_is_sent_by_another_thread_and_received_by_another) {
    with_each(all, [](const Capacity& capacity) {
        constexpr int values = 10;
        for (int i = 0; i != times / 10; ++i) {
            Crew crew;
            auto [tx, rx] = ferry::sync_channel<int>(capacity.of);
            const auto send = [&crew](const auto& self, auto sender, int value) -> void {
                if (value == values) return;
                crew.start("sender", [&self, value, mine = std::move(sender)]() mutable {
                    says("sent", mine.send(int{value}));
                    self(self, std::move(mine), value + 1);
                });
            };
            const auto receive = [&crew](const auto& self, auto receiver, int value) -> void {
                if (value == values) return;
                crew.start("receiver", [&self, value, mine = std::move(receiver)]() mutable {
                    says(in_words(value), mine.recv());
                    self(self, std::move(mine), value + 1);
                });
            };
            send(send, std::move(tx), 0);
            receive(receive, std::move(rx), 0);
            crew.join();
        }
    });
}

TEST(S17_a_loop_over_a_bounded_channel_is_broken_off_and_the_sender_is_told) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("sender", [sender = std::move(tx)] {
            int sent = 0;
            while (sender.send(2)) ++sent;
            check(sent >= 3, "three have been received");
        });
        int count = 0;
        for ([[maybe_unused]] const int value : rx) {
            if (++count == 3) break;
        }
        ferry::drop(std::move(rx));
    });
}

TEST(S8_S22_a_bounded_receiver_is_dropped_by_another_thread_while_the_sender_waits) {
    meet_often([](Crew& crew, auto& tx, auto& rx) {
        crew.start("holder", [receiver = std::move(rx)]() mutable {
            std::this_thread::yield();
            const auto gone = std::move(receiver);
        });
        while (tx.send(1)) {
        }
    });
}
