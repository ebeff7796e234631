// The bounded channel: what its send does that the unbounded one's does not. What both have in common, the receiver is
// one class, is tested with the unbounded one.
#include <pthread.h>

#include <ferry/detail/condition_parker.hpp>
#include <ferry/sync_channel.hpp>

#include <atomic>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/answers_of_bounded.hpp"
#include "harness/test.hpp"
#include "harness/test_clock.hpp"

using harness::check;
using harness::same;
using harness::says;
using namespace std::chrono_literals;

namespace {

std::atomic<int> asleep{0};       // parkers that wait, or have waited
std::atomic<int> allocations{0};  // of channels
std::atomic<int> live{0};         // of these, not given back

/// Tells of each thread that is about to sleep. A sender that does has joined the line.
struct Watched : ferry::StandardPlatform {
    struct parker : ferry::detail::Parker {
        using Base = ferry::detail::Parker;
        void park(ferry::Name step) {
            ++asleep;
            Base::park(step);
        }
        template <class TimePoint>
        bool park_until(ferry::Name step, const TimePoint& deadline) {
            ++asleep;
            return Base::park_until(step, deadline);
        }
    };
    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        ++allocations;
        ++live;
        return StandardPlatform::allocate(bytes, alignment);
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        --live;
        StandardPlatform::deallocate(memory, bytes, alignment);
    }
};
using Sender = ferry::SyncSender<int, Watched>;

/// What platform.hpp lets a pace do: it says that something was found, and has not looked.
struct Hasty : ferry::StandardPlatform {
    struct pace {
        bool spin(unsigned, auto) { return true; }
    };
    struct sender_pace {
        bool spin(std::size_t, auto) { return true; }
    };
};

auto channel_of(std::size_t capacity) {
    asleep = 0;
    return ferry::sync_channel<int, Watched>(capacity);
}
void await_sleepers(int count) {
    while (asleep < count) std::this_thread::yield();
}
/// A thread that sends, and what its send answered, once it has.
struct Sending {
    Sending(const Sender& sender, int value)
        : thread([this, tx = sender.clone(), value] { answer = harness::in_words(tx.send(int{value})); }) {}
    std::string join() {
        thread.join();
        return answer;
    }
    std::string answer;
    std::jthread thread;
};

}  // namespace

// ---- one thread

TEST(S30_S35_a_channel_holds_as_many_values_as_its_capacity_and_no_more) {
    for (const std::size_t capacity : {1U, 2U, 3U, 5U, 16U, 40U}) {
        auto [tx, rx] = channel_of(capacity);
        int sent = 0, received = 0;
        for (int round = 0; round != 7; ++round) {
            while (tx.try_send(int{sent})) ++sent;
            same(std::to_string(capacity), std::to_string(sent - received));
            says("full: " + std::to_string(sent), tx.try_send(int{sent}));
            says(std::to_string(received++), rx.recv());
        }
        while (received != sent) says(std::to_string(received++), rx.try_recv());
        says("empty", rx.try_recv());
    }
}

TEST(S31_S36_a_send_finds_the_room_that_is_there_whatever_its_deadline) {
    auto [tx, rx] = channel_of(1);
    says("sent", tx.send_until(1, std::chrono::steady_clock::time_point::min()));
    says("1", rx.recv());
    says("sent", tx.send_for(2, -1h));
    same("0", std::to_string(asleep));
}

TEST(S10_S31_a_pace_that_has_not_looked_is_not_believed) {
    for (const std::size_t capacity : {0U, 1U}) {
        auto [tx, rx] = ferry::sync_channel<int, Hasty>(capacity);
        const std::string answer = harness::in_words(rx.recv_for(1ms));
        if (capacity != 0) says("sent", tx.send(1));
        // Not sooner, because a receiver that took nothing for a value would wait for it when it leaves.
        same("timeout", answer);
        says("timeout: 2", tx.send_for(2, 1ms));
        if (capacity != 0) says("1", rx.recv());
        says("timeout", rx.recv_for(1ms));
    }
}

TEST(S36_a_send_gives_up_at_its_deadline_and_not_before_and_has_its_value_back) {
    for (const std::size_t capacity : {0U, 1U}) {
        auto [tx, rx] = channel_of(capacity);
        if (capacity != 0) says("sent", tx.send(1));
        const auto deadline = std::chrono::steady_clock::now() + 5ms;
        says("timeout: 2", tx.send_until(2, deadline));
        check(std::chrono::steady_clock::now() >= deadline, "the deadline has passed");
        if (capacity != 0) says("1", rx.recv());
        says("empty", rx.try_recv());
    }
}

TEST(S35_S36_disconnected_beats_full_and_timeout) {
    auto [tx, rx] = channel_of(1);
    says("sent", tx.send(1));
    rx.close();
    says("disconnected: 2", tx.try_send(2));
    says("disconnected: 3", tx.send_for(3, -1h));
    says("given back: 4", tx.send(4));
    check(tx.is_disconnected(), "the sender is told");
    says("1", rx.recv());
    says("disconnected", rx.recv());
}

TEST(S34_S35_with_capacity_0_a_try_send_without_a_receive_is_full) {
    auto [tx, rx] = channel_of(0);
    says("full: 1", tx.try_send(1));
    says("empty", rx.try_recv());
    says("timeout", rx.recv_for(1ms));
}

TEST(S24_sends_allocate_nothing) {
    auto [tx, rx] = channel_of(100);
    const int before = allocations;
    for (int i = 0; i != 1000; ++i) {
        says("sent", tx.send(int{i}));
        says(std::to_string(i), rx.recv());
    }
    same(std::to_string(before), std::to_string(allocations));
}

TEST(S23_the_room_for_the_values_does_not_outlive_the_receiver) {
    live = 0;
    auto [tx, rx] = channel_of(100);
    same("2", std::to_string(live));
    ferry::drop(std::move(rx));
    same("1", std::to_string(live));
    ferry::drop(std::move(tx));
    same("0", std::to_string(live));
}

TEST(S24_a_capacity_beyond_all_memory_throws_bad_alloc) {
    for (const std::size_t capacity :
         {std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max() / 4}) {
        bool thrown = false;
        try {
            auto [tx, rx] = ferry::sync_channel<int>(capacity);
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        check(thrown, "std::bad_alloc is thrown");
    }
}

TEST(S24_a_capacity_that_would_just_wrap_throws_bad_alloc_B42) {
    // A slot takes 128 bytes, and there are as many as the next power of two says: of these, 2 to the 64 bytes.
    struct Large {
        std::size_t bytes[15];
    };
    bool thrown = false;
    try {
        auto [tx, rx] = ferry::sync_channel<Large>(std::numeric_limits<std::size_t>::max() / 128);
    } catch (const std::bad_alloc&) {
        thrown = true;
    }
    check(thrown, "std::bad_alloc is thrown");
}

TEST(S19_S22_a_message_may_hold_a_sender_of_its_own_channel) {
    struct Message {
        std::unique_ptr<ferry::SyncSender<Message>> back;
    };
    auto [tx, rx] = ferry::sync_channel<Message>(2);
    check(tx.send({std::make_unique<ferry::SyncSender<Message>>(tx.clone())}).has_value(), "the first is sent");
    {
        const auto sender = tx.clone();
        auto last = std::make_unique<ferry::SyncSender<Message>>(std::move(tx));
        check(sender.send({std::move(last)}).has_value(), "the other is sent");
    }
    {
        const auto received = rx.recv();
    }
    ferry::drop(std::move(rx));
}

TEST(S17_S18_a_bounded_channel_is_iterated_over_like_the_other) {
    auto [tx, rx] = channel_of(4);
    for (int i = 0; i != 4; ++i) says("sent", tx.send(int{i}));
    int sum = 0;
    for (const int value : rx.try_iter()) sum += value;
    says("sent", tx.send(4));
    ferry::drop(std::move(tx));
    for (const int value : rx) sum += value;
    same("10", std::to_string(sum));
}

TEST(S38_the_answer_to_a_sender_may_be_there_before_it_sleeps) {
    const auto is_there = []<class Parker>(std::type_identity<Parker>) {
        Parker parker;
        parker.release("AdmitWake");
        parker.park("SendSleep");
        parker.release("CloseWake");
        parker.take_token("SendTakeToken");
        parker.release("CloseWake");
        return parker.park_until("SendSleepUntil", std::chrono::steady_clock::now());
    };
    check(is_there(std::type_identity<ferry::detail::Parker>()), "that of the parker which ships here");
    check(is_there(std::type_identity<ferry::detail::ConditionParker<>>()), "that of the one which ships elsewhere");
}

// ---- several threads

TEST(S32_S38_senders_that_wait_are_let_in_in_the_order_in_which_they_joined_the_line) {
    for (const std::size_t capacity : {0U, 1U, 2U}) {
        auto [tx, rx] = channel_of(capacity);
        int next = 0;
        while (tx.try_send(int{next})) ++next;
        std::vector<std::unique_ptr<Sending>> waiting;
        for (int i = 0; i != 4; ++i) {
            waiting.push_back(std::make_unique<Sending>(tx, next + i));
            await_sleepers(i + 1);
        }
        says("full: 99", tx.try_send(99));
        for (int i = 0; i != next + 4; ++i) says(std::to_string(i), rx.recv());
        for (auto& each : waiting) same("sent", each->join());
    }
}

TEST(S33_a_close_answers_all_that_wait_each_with_its_own_value) {
    for (const std::size_t capacity : {0U, 1U}) {
        auto [tx, rx] = channel_of(capacity);
        if (capacity != 0) says("sent", tx.send(7));
        Sending first(tx, 1), second(tx, 2);
        await_sleepers(2);
        rx.close();
        same("given back: 1", first.join());
        same("given back: 2", second.join());
        if (capacity != 0) says("7", rx.recv());
        says("disconnected", rx.recv());
    }
}

TEST(S33_the_drop_of_the_receiver_answers_all_that_wait) {
    for (const std::size_t capacity : {0U, 1U}) {
        auto [tx, rx] = channel_of(capacity);
        if (capacity != 0) says("sent", tx.send(7));
        Sending first(tx, 1), second(tx, 2);
        await_sleepers(2);
        ferry::drop(std::move(rx));
        same("given back: 1", first.join());
        same("given back: 2", second.join());
    }
}

TEST(S34_with_capacity_0_a_send_returns_when_its_value_is_received_and_not_before) {
    auto [tx, rx] = channel_of(0);
    Sending sending(tx, 1);
    await_sleepers(1);
    same("", sending.answer);
    says("1", rx.recv());
    same("sent", sending.join());
}

TEST(S36_a_send_that_gives_up_takes_nobodys_place) {
    auto [tx, rx] = channel_of(1);
    says("sent", tx.send(1));
    std::string gave_up;
    std::jthread impatient([&] { gave_up = harness::in_words(tx.send_for(2, 30ms)); });
    await_sleepers(1);
    Sending patient(tx, 3);
    impatient.join();
    same("timeout: 2", gave_up);
    await_sleepers(2);
    says("1", rx.recv());
    same("sent", patient.join());
    says("3", rx.recv());
}

TEST(S6_S37_what_each_did_before_happens_before_the_others_return) {
    auto [tx, rx] = channel_of(0);
    int before_send = 0, before_receive = 0;
    std::jthread sender([&, mine = tx.clone()] {
        before_send = 1;
        says("sent", mine.send(1));
        same("1", std::to_string(before_receive));
    });
    before_receive = 1;
    says("1", rx.recv());
    same("1", std::to_string(before_send));
}

TEST(S4_S30_S38_many_values_of_many_senders_come_once_and_in_order) {
    constexpr int senders = 3, values = 2'000;
    for (const std::size_t capacity : {0U, 1U, 2U, 3U, 16U, 1024U}) {
        auto [tx, rx] = ferry::sync_channel<int>(capacity);
        std::vector<std::jthread> threads;
        for (int s = 0; s != senders; ++s) {
            threads.emplace_back([s, sender = tx.clone()] {
                for (int i = 0; i != values; ++i) {
                    const int value = s * values + i;
                    while (i % 3 == 1 && !sender.send_for(int{value}, 20us)) {
                    }
                    while (i % 3 == 2 && !sender.try_send(int{value})) std::this_thread::yield();
                    if (i % 3 == 0) says("sent", sender.send(int{value}));
                }
            });
        }
        ferry::drop(std::move(tx));
        std::vector<int> next(senders, 0);
        for (const int value : rx) {
            const auto s = static_cast<std::size_t>(value / values);
            same(std::to_string(next[s]++), std::to_string(value % values));
        }
        for (const int count : next) same(std::to_string(values), std::to_string(count));
    }
}

// ---- a send that is left by unwinding

namespace {
/// Its senders join the line at once. A send with a deadline asks for the time before that, and then in the line.
struct Impatient : ferry::StandardPlatform {
    struct sender_pace {
        bool spin(std::size_t, auto) noexcept { return false; }
    };
};

/// Throws when it is asked for the n-th time.
struct Throwing : harness::TestClock<Throwing> {
    static inline int left = 0;
    static inline std::function<void()> before_it_throws;
    static time_point now() {
        if (--left > 0) return {};
        if (before_it_throws) before_it_throws();
        throw std::runtime_error("no time");
    }
};
}  // namespace

TEST(S27_S36_a_clock_that_throws_leaves_a_send_that_waits_as_if_it_had_not_been_made) {
    for (const int n : {1, 2}) {
        auto [tx, rx] = ferry::sync_channel<int, Impatient>(1);
        says("sent", tx.send(1));
        int value = 2;
        bool thrown = false;
        Throwing::left = n;
        try {
            (void)tx.send_until(std::move(value), Throwing::time_point::max());
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        check(thrown && Throwing::left == 0, "what the clock throws comes out");
        says("1", rx.recv());
        says("sent", tx.try_send(3));
        says("3", rx.recv());
        says("empty", rx.try_recv());
    }
}

TEST(S27_S36_a_clock_that_throws_after_the_receiver_has_answered_throws_too_late) {
    auto [tx, rx] = ferry::sync_channel<int, Impatient>(1);
    says("sent", tx.send(1));
    Throwing::left = 2;
    Throwing::before_it_throws = [&receiver = rx] { says("1", receiver.recv()); };
    says("sent", tx.send_until(2, Throwing::time_point::max()));
    Throwing::before_it_throws = nullptr;
    says("2", rx.recv());
}

#if defined(__GLIBCXX__) && defined(__GLIBC__)
TEST(S27_S36_a_cancelled_thread_leaves_the_line) {
    auto [tx, rx] = channel_of(1);
    says("sent", tx.send(1));
    std::jthread cancelled([&, sender = tx.clone()] { (void)sender.send(2); });
    await_sleepers(1);
    pthread_cancel(cancelled.native_handle());
    cancelled.join();
    says("1", rx.recv());
    says("empty", rx.try_recv());
}
#endif
