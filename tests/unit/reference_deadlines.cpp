// Behaviours that Rust's own tests of std::sync::mpsc show, with two threads and more, on the platform that is shipped:
// receives with a deadline. FAMILIES.md says which test here, or elsewhere, stands for which there.
#include <string>

#include "harness/meetings.hpp"

using namespace harness;
using namespace std::chrono_literals;

TEST(S13_a_timed_recv_finds_what_another_thread_sends) {
    many_times<Box>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("sender", [sender = std::move(tx)] { says("sent", sender.send(box(1))); });
        says("1", rx.recv_for(24h));
        says("disconnected", rx.recv_for(24h));
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
        answer = in_words(got);
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
        answer = in_words(got);
    }
    check(received == senders, "everything was received");
    crew.join();
}

TEST(S13_S15_clones_come_and_go_while_a_timed_recv_waits) {
    many_times<int>([](Crew& crew, auto& tx, auto& rx) {
        crew.start("sender", [sender = std::move(tx)] {
            ferry::drop(sender.clone());
            const auto clone = sender.clone();
            says("sent", clone.send(1));
        });
        says("1", rx.recv_for(24h));
        says("disconnected", rx.recv_for(24h));
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
