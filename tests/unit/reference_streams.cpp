// Behaviours that Rust's own tests of std::sync::mpsc show, with two threads and more, on the platform that is shipped:
// loops, handles that move on, and many values. FAMILIES.md says which test here, or elsewhere, stands for which there.
#include <string>
#include <vector>

#include "harness/meetings.hpp"

using namespace harness;

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
