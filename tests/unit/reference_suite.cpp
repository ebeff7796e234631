// Behaviours that Rust's own tests of std::sync::mpsc show, with two threads and more, on the platform that is shipped.
// FAMILIES.md says which test here, or elsewhere, stands for which there.
#include <numeric>
#include <string>
#include <vector>

#include "harness/crew.hpp"
#include "harness/test.hpp"

using harness::check;
using harness::Crew;
using harness::says;
using namespace std::chrono_literals;

namespace {

/// How often those are repeated that are about two threads meeting.
constexpr int many = 300;

void many_times(auto once) {
    for (int i = 0; i != many; ++i) once();
}

using Box = std::unique_ptr<int>;
Box box(int value) { return std::make_unique<int>(value); }

}  // namespace

// ---- one value, two threads, in each order

TEST(S10_a_blocked_recv_returns_a_value_that_is_sent_later) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("10", receiver.recv()); });
        says("sent", tx.send(box(10)));
        crew.join();
    });
}

TEST(S16_a_blocked_recv_returns_when_the_sender_is_dropped) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("disconnected", receiver.recv()); });
        ferry::drop(std::move(tx));
        crew.join();
    });
}

TEST(S16_a_blocked_timed_recv_returns_when_the_sender_is_dropped) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("receiver", [receiver = std::move(rx)]() mutable { says("disconnected", receiver.recv_for(24h)); });
        ferry::drop(std::move(tx));
        crew.join();
    });
}

TEST(S16_S17_a_blocked_loop_ends_when_the_last_of_many_senders_is_dropped) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("receiver", [receiver = std::move(rx)]() mutable {
            int count = 0;
            for ([[maybe_unused]] const Box& value : receiver) ++count;
            check(count == 2, "both values were yielded");
        });
        for (int i = 0; i != 2; ++i) {
            crew.start("sender", [sender = tx.clone()] { says("sent", sender.send(box(1))); });
        }
        ferry::drop(std::move(tx));
        crew.join();
    });
}

TEST(S22_both_ends_are_dropped_at_the_same_time) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("receiver", [receiver = std::move(rx)]() mutable { ferry::drop(std::move(receiver)); });
        ferry::drop(std::move(tx));
        crew.join();
    });
}

TEST(S8_S22_a_send_meets_the_drop_of_the_receiver) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("receiver", [receiver = std::move(rx)]() mutable { ferry::drop(std::move(receiver)); });
        const auto answer = tx.send(box(1));
        check(answer || *answer.error().value == 1, "the value was taken or given back");
        crew.join();
        says("given back: 2", tx.send(box(2)));
    });
}

TEST(S11_a_recv_meets_the_send_and_the_drop_of_the_sender) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("sender", [sender = std::move(tx)] { says("sent", sender.send(box(10))); });
        says("10", rx.recv());
        says("disconnected", rx.recv());
        crew.join();
    });
}

TEST(S12_try_recv_in_a_loop_meets_the_send_and_the_drop_of_the_sender) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("sender", [sender = std::move(tx)] { says("sent", sender.send(box(10))); });
        std::vector<std::string> answers;
        while (answers.empty() || answers.back() != "disconnected") {
            answers.push_back(harness::in_words(rx.try_recv()));
            if (answers.back() == "empty") answers.pop_back(), std::this_thread::yield();
        }
        check(answers == std::vector<std::string>{"10", "disconnected"}, "the value came, then the end");
        crew.join();
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
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<int>();
        says("sent", tx.send(1));
        crew.start("dropper", [sender = std::move(tx)] {});
        says("1", rx.recv());
        says("disconnected", rx.recv());
        crew.join();
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
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<int>();
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

// ---- with deadlines

TEST(S13_a_timed_recv_finds_what_another_thread_sends) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<Box>();
        crew.start("sender", [sender = std::move(tx)] { says("sent", sender.send(box(1))); });
        says("1", rx.recv_for(24h));
        says("disconnected", rx.recv_for(24h));
        crew.join();
    });
}

TEST(S13_a_timed_recv_with_a_very_long_duration_is_woken_by_a_send) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    auto [ready_tx, ready_rx] = ferry::channel<int>();
    crew.start("receiver", [receiver = std::move(rx), ready = std::move(ready_tx)]() mutable {
        for (int expected = 0; expected != 4; ++expected) {
            says("sent", ready.send(0));
            says(std::to_string(expected), expected == 0   ? receiver.recv_for(std::chrono::nanoseconds::max())
                                           : expected == 1 ? receiver.recv_for(std::chrono::hours::max())
                                           : expected == 2
                                               ? receiver.recv_until(std::chrono::steady_clock::time_point::max())
                                               : receiver.recv_until(std::chrono::system_clock::time_point::max()));
        }
    });
    for (int i = 0; i != 4; ++i) {
        says("0", ready_rx.recv());
        says("sent", tx.send(int{i}));
    }
    crew.join();
}

TEST(S13_S14_a_timed_recv_that_gave_up_leaves_the_channel_as_it_was_for_clones_too) {
    auto [tx, rx] = ferry::channel<int>();
    says("timeout", rx.recv_for(1ms));
    auto clone = tx.clone();
    says("timeout", rx.recv_for(1ms));
    says("sent", clone.send(1));
    says("1", rx.recv_for(1ms));
    ferry::drop(std::move(clone));
    says("timeout", rx.recv_for(1ms));
    ferry::drop(std::move(tx));
    says("disconnected", rx.recv_for(1ms));
}

TEST(S13_S14_many_timed_recvs_that_may_give_up_receive_everything_from_one_sender) {
    Crew crew;
    auto [tx, rx] = ferry::channel<Box>();
    crew.start("sender", [sender = std::move(tx)] {
        for (int i = 0; i != 100; ++i) {
            if (i % 2 == 0) std::this_thread::sleep_for(100us);
            says("sent", sender.send(box(i)));
        }
    });
    int received = 0;
    for (std::string answer; answer != "disconnected";) {
        const auto got = rx.recv_for(50us);
        if (got) check(**got == received++, "the values come in order");
        answer = harness::in_words(got);
    }
    check(received == 100, "everything was received");
    crew.join();
}

TEST(S13_S14_many_timed_recvs_that_may_give_up_receive_everything_from_many_senders) {
    Crew crew;
    auto [tx, rx] = ferry::channel<Box>();
    constexpr int senders = 20;
    for (int i = 0; i != senders; ++i) {
        crew.start("sender", [i, sender = tx.clone()] {
            std::this_thread::sleep_for(std::chrono::microseconds(50 * i));
            says("sent", sender.send(box(i)));
        });
    }
    ferry::drop(std::move(tx));
    int received = 0;
    for (std::string answer; answer != "disconnected";) {
        const auto got = rx.recv_for(50us);
        received += got.has_value();
        answer = harness::in_words(got);
    }
    check(received == senders, "everything was received");
    crew.join();
}

TEST(S13_S15_clones_come_and_go_while_a_timed_recv_waits_B9) {
    many_times([] {
        Crew crew;
        auto [tx, rx] = ferry::channel<int>();
        crew.start("sender", [sender = std::move(tx)] {
            ferry::drop(sender.clone());
            const auto clone = sender.clone();
            says("sent", clone.send(1));
        });
        says("1", rx.recv_for(24h));
        says("disconnected", rx.recv_for(24h));
        crew.join();
    });
}

TEST(S13_a_deadline_by_any_clock_is_kept) {
    auto [tx, rx] = ferry::channel<int>();
    const auto keeps = [&receiver = rx](auto clock) {
        using Clock = decltype(clock);
        const auto deadline = Clock::now() + 2ms;
        says("timeout", receiver.recv_until(deadline));
        check(Clock::now() >= deadline, "the deadline has passed");
    };
    keeps(std::chrono::steady_clock());
    keeps(std::chrono::system_clock());
    keeps(std::chrono::high_resolution_clock());
    says("timeout", rx.recv_until(std::chrono::time_point_cast<std::chrono::hours>(std::chrono::system_clock::now())));
    says("timeout", rx.recv_for(std::chrono::duration<float, std::milli>(0.5f)));
}

// ---- iterating

TEST(S17_a_loop_in_one_thread_sums_what_another_sends_and_reports_by_a_channel) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    auto [total_tx, total_rx] = ferry::channel<int>();
    crew.start("summing", [receiver = std::move(rx), total = std::move(total_tx)]() mutable {
        int sum = 0;
        for (const int value : receiver) sum += value;
        says("sent", total.send(int{sum}));
    });
    for (const int value : {3, 1, 2}) says("sent", tx.send(int{value}));
    ferry::drop(std::move(tx));
    says("6", total_rx.recv());
    crew.join();
}

TEST(S8_S17_a_loop_that_is_broken_off_in_a_thread_drops_its_receiver) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    auto [count_tx, count_rx] = ferry::channel<int>();
    crew.start("counting", [receiver = std::move(rx), total = std::move(count_tx)]() mutable {
        int count = 0;
        for (const int value : receiver) {
            if (count >= 3) break;
            count += value;
        }
        ferry::drop(std::move(receiver));
        says("sent", total.send(int{count}));
    });
    for (int i = 0; i != 3; ++i) says("sent", tx.send(2));
    says("4", count_rx.recv());
    says("given back: 2", tx.send(2));
    crew.join();
}

TEST(S18_try_iter_takes_what_has_come_so_far_again_and_again) {
    Crew crew;
    auto [request_tx, request_rx] = ferry::channel<int>();
    auto [response_tx, response_rx] = ferry::channel<int>();
    crew.start("responding", [requests = std::move(request_rx), responses = std::move(response_tx)]() mutable {
        for ([[maybe_unused]] const int request : requests) {
            if (!responses.send(2)) break;
        }
    });
    int sum = 0;
    while (sum < 6) {
        for (const int value : response_rx.try_iter()) sum += value;
        if (sum < 6) says("sent", request_tx.send(0));
        std::this_thread::yield();
    }
    ferry::drop(std::move(response_rx));
    ferry::drop(std::move(request_tx));
    crew.join();
}

TEST(S17_a_loop_may_own_its_receiver) {
    auto [tx, rx] = ferry::channel<int>();
    says("sent", tx.send(1));
    says("sent", tx.send(2));
    std::vector<int> values;
    const auto consume = [&values](ferry::Receiver<int> owned) {
        for (const int value : owned) {
            values.push_back(value);
            if (values.size() == 2) break;
        }
    };
    consume(std::move(rx));
    check(values == std::vector{1, 2}, "both values were yielded");
    says("given back: 3", tx.send(3));
}

TEST(S17_values_can_be_moved_out_of_a_loop) {
    auto [tx, rx] = ferry::channel<Box>();
    for (int i = 0; i != 3; ++i) says("sent", tx.send(box(i)));
    ferry::drop(std::move(tx));
    std::vector<Box> kept;
    for (Box value : rx) kept.push_back(std::move(value));
    check(kept.size() == 3 && *kept.back() == 2, "the loop's variable owned each value");
}

TEST(S17_S18_iterators_can_be_used_by_hand) {
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 0; i != 5; ++i) says("sent", tx.send(int{i}));
    {
        auto position = rx.begin();
        check(position != rx.end() && *position == 0, "the first value");
        ++position;
        check(*position == 1, "the next value");
        position++;
        check(*position == 2, "and the next");
    }
    auto left = rx.try_iter();
    auto position = left.begin();
    check(*position == 3, "try_iter goes on where the other one stopped");
    ++position;
    check(*position == 4, "and so on");
    ++position;
    check(position == left.end(), "and ends");
}

TEST(S17_iterating_to_the_end_twice_yields_nothing_the_second_time) {
    auto [tx, rx] = ferry::channel<int>();
    says("sent", tx.send(1));
    ferry::drop(std::move(tx));
    int yielded = 0;
    for (int round = 0; round != 2; ++round) {
        for ([[maybe_unused]] const int value : rx) ++yielded;
    }
    check(yielded == 1, "the only value was yielded once");
}

// ---- a thread for every value

namespace {

void send_in_a_thread_of_its_own(Crew& crew, ferry::Sender<Box> tx, int i) {
    if (i == 10) return;
    crew.start("sender " + std::to_string(i), [&crew, i, sender = std::move(tx)]() mutable {
        says("sent", sender.send(box(i)));
        send_in_a_thread_of_its_own(crew, std::move(sender), i + 1);
    });
}

void receive_in_a_thread_of_its_own(Crew& crew, ferry::Receiver<Box> rx, int i) {
    if (i == 10) return;
    crew.start("receiver " + std::to_string(i), [&crew, i, receiver = std::move(rx)]() mutable {
        says(std::to_string(i), receiver.recv());
        receive_in_a_thread_of_its_own(crew, std::move(receiver), i + 1);
    });
}

}  // namespace

TEST(S4_S22_each_value_is_sent_by_another_thread_and_received_by_another) {
    for (int again = 0; again != 20; ++again) {
        Crew senders, receivers;
        auto [tx, rx] = ferry::channel<Box>();
        send_in_a_thread_of_its_own(senders, std::move(tx), 0);
        receive_in_a_thread_of_its_own(receivers, std::move(rx), 0);
        senders.join();
        receivers.join();
    }
}

// ---- many values

TEST(S3_ten_thousand_values_of_one_sender) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    crew.start("sender", [sender = std::move(tx)] {
        for (int i = 0; i != 10'000; ++i) check(sender.send(int{i}).has_value(), "the send succeeds");
    });
    for (int i = 0; i != 10'000; ++i) check(rx.recv() == i, "the values come in order");
    crew.join();
    says("disconnected", rx.recv());
}

TEST(S3_ten_thousand_values_of_each_of_eight_senders) {
    Crew crew;
    auto [tx, rx] = ferry::channel<int>();
    for (int sender_number = 0; sender_number != 8; ++sender_number) {
        crew.start("sender", [sender = tx.clone()] {
            for (int i = 0; i != 10'000; ++i) check(sender.send(1).has_value(), "the send succeeds");
        });
    }
    ferry::drop(std::move(tx));
    int sum = 0;
    for (const int value : rx) sum += value;
    check(sum == 80'000, "every value came");
    crew.join();
}

TEST(S4_a_hundred_thousand_receives_in_a_row) {
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 0; i != 100'000; ++i) check(tx.send(int{i}).has_value(), "the send succeeds");
    for (int i = 0; i != 100'000; ++i) check(rx.recv() == i, "the value comes");
    says("empty", rx.try_recv());
}

TEST(S5_strings_of_many_lengths_come_through_unharmed) {
    Crew crew;
    auto [tx, rx] = ferry::channel<std::string>();
    crew.start("sender", [sender = std::move(tx)] {
        for (std::size_t i = 0; i != 500; ++i) says("sent", sender.send(std::string(i, 'x')));
    });
    std::size_t length = 0;
    for (const std::string& text : rx) check(text == std::string(length++, 'x'), "the string is whole");
    check(length == 500, "all strings came");
    crew.join();
}

TEST(S11_S20_draining_needs_no_length) {
    // One way to take what is there and nothing else, without asking how much that is: close, then iterate.
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 0; i != 100; ++i) says("sent", tx.send(int{i}));
    rx.close();
    int sum = 0;
    for (const int value : rx) sum += value;
    check(sum == 99 * 100 / 2, "everything was drained, though the sender lives");
    says("given back: 7", tx.send(7));
}
