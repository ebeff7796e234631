// What a single thread can see of the statements: each call, in each state that the channel can be in.
#include <array>
#include <cstdint>
#include <limits>
#include <ratio>
#include <string>
#include <vector>

#include "harness/test.hpp"

using harness::check;
using harness::same;
using harness::says;
using namespace std::chrono_literals;

// ---- ownership and delivery

TEST(S1_S3_a_value_is_received_once_and_then_the_channel_is_empty) {
    auto [tx, rx] = ferry::channel<int>();
    says("sent", tx.send(1));
    says("1", rx.recv());
    says("empty", rx.try_recv());
}

TEST(S1_a_received_value_is_the_very_one_that_was_sent) {
    auto [tx, rx] = ferry::channel<std::unique_ptr<int>>();
    auto value = std::make_unique<int>(7);
    const int* const before = value.get();
    says("sent", tx.send(std::move(value)));
    check(rx.recv().value().get() == before, "the receiver owns what the sender owned");
}

TEST(S2_send_moves_the_value_out_of_the_senders_hands) {
    auto [tx, rx] = ferry::channel<std::shared_ptr<int>>();
    auto value = std::make_shared<int>(7);
    const std::weak_ptr<int> watch = value;
    check(tx.send(std::move(value)).has_value(), "the send succeeds");
    check(watch.use_count() == 1, "there is one owner while the value is in the channel");
    const auto received = rx.recv().value();
    check(watch.use_count() == 1, "there is one owner after it was received");
}

TEST(S3_what_is_left_is_destroyed_once_with_the_channel) {
    const auto value = std::make_shared<int>(7);
    {
        auto [tx, rx] = ferry::channel<std::shared_ptr<int>>();
        for (int i = 0; i != 1000; ++i) check(tx.send(std::shared_ptr(value)).has_value(), "the send succeeds");
        check(value.use_count() == 1001, "the channel holds a thousand");
    }
    check(value.use_count() == 1, "all of them were destroyed, once each");
}

TEST(S4_S5_values_are_received_in_the_order_they_were_sent_whichever_handle_sent_them) {
    auto [tx, rx] = ferry::channel<int>();
    const auto clone = tx.clone();
    for (int i = 0; i != 1000; ++i) says("sent", (i % 3 == 0 ? clone : tx).send(int{i}));
    for (int i = 0; i != 1000; ++i) says(std::to_string(i), rx.recv());
}

// ---- sending

TEST(S7_a_send_never_waits_for_room) {
    auto [tx, rx] = ferry::channel<int>();
    constexpr int many = 1'000'000;
    for (int i = 0; i != many; ++i) check(tx.send(int{i}).has_value(), "the send succeeds");
    for (int i = 0; i != many; ++i) check(rx.recv() == i, "the values come back in order");
}

TEST(S8_a_send_to_a_dropped_receiver_gives_the_value_back) {
    auto [tx, rx] = ferry::channel<std::unique_ptr<int>>();
    ferry::drop(std::move(rx));
    auto value = std::make_unique<int>(7);
    const int* const before = value.get();
    auto answer = tx.send(std::move(value));
    says("given back: 7", answer);
    check(answer.error().value.get() == before, "it is the very value that was to be sent");
    says("given back: 8", tx.send(std::make_unique<int>(8)));
}

TEST(S8_a_send_to_a_closed_receiver_gives_the_value_back_and_it_is_never_received) {
    auto [tx, rx] = ferry::channel<std::string>();
    says("sent", tx.send("before"));
    rx.close();
    says("given back: after", tx.send("after"));
    says("before", rx.recv());
    says("disconnected", rx.recv());
}

TEST(S9_a_successful_send_does_not_promise_that_the_value_is_received) {
    auto [tx, rx] = ferry::channel<std::shared_ptr<int>>();
    const auto value = std::make_shared<int>(7);
    check(tx.send(std::shared_ptr(value)).has_value(), "the send succeeds");
    ferry::drop(std::move(rx));
    check(value.use_count() == 1, "the value was destroyed without being received");
}

// ---- receiving

TEST(S10_recv_returns_at_once_what_is_there) {
    auto [tx, rx] = ferry::channel<int>();
    says("sent", tx.send(1));
    says("sent", tx.send(2));
    says("1", rx.recv());
    says("2", rx.recv());
}

TEST(S11_everything_buffered_is_received_before_disconnected_which_is_final) {
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 0; i != 600; ++i) says("sent", tx.send(int{i}));
    ferry::drop(std::move(tx));
    for (int i = 0; i != 600; ++i) says(std::to_string(i), rx.recv());
    for (int again = 0; again != 3; ++again) {
        says("disconnected", rx.recv());
        says("disconnected", rx.try_recv());
        says("disconnected", rx.recv_for(0s));
        check(rx.begin() == rx.end(), "an iteration over a disconnected channel is over at once");
    }
}

TEST(S12_try_recv_goes_through_all_of_its_answers) {
    auto [tx, rx] = ferry::channel<int>();
    says("empty", rx.try_recv());
    says("sent", tx.send(1));
    says("1", rx.try_recv());
    says("empty", rx.try_recv());
    says("sent", tx.send(2));
    ferry::drop(std::move(tx));
    says("2", rx.try_recv());
    says("disconnected", rx.try_recv());
    says("disconnected", rx.try_recv());
}

TEST(S13_a_timed_receive_gives_up_not_before_its_deadline) {
    auto [tx, rx] = ferry::channel<int>();
    const auto begin = std::chrono::steady_clock::now();
    says("timeout", rx.recv_for(20ms));
    check(std::chrono::steady_clock::now() >= begin + 20ms, "twenty milliseconds have passed");
    const auto deadline = std::chrono::system_clock::now() + 20ms;
    says("timeout", rx.recv_until(deadline));
    check(std::chrono::system_clock::now() >= deadline, "the deadline has passed, by its own clock");
}

TEST(S13_a_value_that_is_there_beats_an_expired_deadline) {
    auto [tx, rx] = ferry::channel<int>();
    says("timeout", rx.recv_for(0s));
    says("sent", tx.send(1));
    says("sent", tx.send(2));
    says("1", rx.recv_for(-1s));
    says("2", rx.recv_until(std::chrono::steady_clock::time_point::min()));
    says("timeout", rx.recv_until(std::chrono::steady_clock::time_point::min()));
}

TEST(S13_disconnected_beats_the_timeout) {
    auto [tx, rx] = ferry::channel<int>();
    ferry::drop(std::move(tx));
    says("disconnected", rx.recv_for(0s));
    says("disconnected", rx.recv_for(-1h));
    says("disconnected", rx.recv_until(std::chrono::system_clock::now() - 1h));
}

namespace {

/// For each kind of duration: its ends, and what is no number. `of_the_past` ends have passed already.
void with_each_duration(auto of_the_past, auto of_the_future) {
    const auto ends = [&]<class Duration>(Duration) {
        using Rep = typename Duration::rep;
        using Limits = std::numeric_limits<Rep>;
        of_the_future(Duration::max());
        if constexpr (std::is_signed_v<Rep>) of_the_past(Duration::min());
        if constexpr (Limits::has_infinity) {
            of_the_future(Duration(Limits::infinity()));
            of_the_past(Duration(-Limits::infinity()));
            of_the_future(Duration(Limits::quiet_NaN()));
        }
    };
    // In nanoseconds these would run over into the other direction; the ends of hours run over into zero.
    of_the_past(std::chrono::hours(-3'000'000));
    of_the_future(std::chrono::hours(3'000'000));
    ends(std::chrono::nanoseconds{});
    ends(std::chrono::hours{});
    ends(std::chrono::years{});
    ends(std::chrono::duration<std::int8_t, std::ratio<3600>>{});
    ends(std::chrono::duration<std::uint64_t, std::nano>{});
    ends(std::chrono::duration<std::uint8_t, std::ratio<86400>>{});
    ends(std::chrono::duration<float>{});
    ends(std::chrono::duration<double, std::nano>{});
    ends(std::chrono::duration<long double, std::ratio<86400>>{});
}

}  // namespace

TEST(S13_no_duration_overflows) {
    auto [tx, rx] = ferry::channel<int>();
    int sent = 0;
    const auto receives = [&](const auto& duration) {
        says("sent", tx.send(int{++sent}));
        says(std::to_string(sent), rx.recv_for(duration));
    };
    with_each_duration(
        [&](const auto& duration) {
            receives(duration);
            const auto deadline = ferry::detail::deadline_in(duration);
            check(deadline <= std::chrono::steady_clock::now(), "the deadline has passed");
            says("timeout", rx.recv_for(duration));
        },
        [&](const auto& duration) {
            receives(duration);
            // That nothing comes for so long can't be waited for.
            check(ferry::detail::deadline_in(duration) > std::chrono::steady_clock::now() + 1h, "the deadline is far");
        });
}

TEST(S13_a_fraction_of_a_tick_is_rounded_up) {
    auto [tx, rx] = ferry::channel<int>();
    const auto times_out = [&](const auto& duration) {
        const auto begin = std::chrono::steady_clock::now();
        says("timeout", rx.recv_for(duration));
        const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begin;
        check(gone >= duration, "no sooner than it says");
    };
    times_out(std::chrono::duration<int, std::pico>(1));
    times_out(std::chrono::duration<std::int64_t, std::atto>(1));
    times_out(std::chrono::duration<int, std::ratio<1, 3'000'000>>(1));
    times_out(std::chrono::duration<double>(1e-15));
    times_out(std::chrono::duration<double, std::micro>(0.4999));
}

TEST(S14_a_value_sent_after_a_timeout_is_for_the_next_call) {
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 0; i != 600; ++i) {
        says("timeout", rx.recv_for(0s));
        says("sent", tx.send(int{i}));
        says(std::to_string(i), i % 2 == 0 ? rx.recv_for(0s) : rx.recv_for(1h));
    }
}

// ---- cloning, dropping, closing

TEST(S15_the_channel_is_open_until_the_last_of_all_senders_is_dropped) {
    auto [tx, rx] = ferry::channel<int>();
    auto clone = tx.clone();
    auto clone_of_clone = clone.clone();
    ferry::drop(std::move(tx));
    says("empty", rx.try_recv());
    ferry::drop(std::move(clone));
    says("empty", rx.try_recv());
    says("sent", clone_of_clone.send(1));
    ferry::drop(std::move(clone_of_clone));
    says("1", rx.try_recv());
    says("disconnected", rx.try_recv());
}

TEST(S16_recv_returns_when_the_last_sender_has_been_dropped) {
    auto [tx, rx] = ferry::channel<int>();
    ferry::drop(std::move(tx));
    says("disconnected", rx.recv());
}

TEST(S17_iteration_yields_every_value_and_ends) {
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 0; i != 600; ++i) says("sent", tx.send(int{i}));
    ferry::drop(std::move(tx));
    int expected = 0;
    for (auto value : rx) check(value == expected++, "the loop yields the next value");
    check(expected == 600, "the loop has yielded all of them");
}

TEST(S17_an_iteration_that_is_broken_off_can_be_taken_up_again) {
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 1; i <= 4; ++i) says("sent", tx.send(int{i}));
    for (const int value : rx) {
        if (value == 2) break;
    }
    says("3", rx.recv());
    ferry::drop(std::move(tx));
    std::vector<int> rest;
    for (const int value : rx) rest.push_back(value);
    check(rest == std::vector{4}, "what was not yielded is yielded by the next loop");
}

TEST(S18_try_iter_ends_on_empty_and_a_new_one_yields_again) {
    auto [tx, rx] = ferry::channel<int>();
    const auto count = [&rx] {
        int values = 0;
        for ([[maybe_unused]] const int value : rx.try_iter()) ++values;
        return values;
    };
    check(count() == 0, "nothing is there");
    says("sent", tx.send(1));
    says("sent", tx.send(2));
    check(count() == 2, "two values are there");
    check(count() == 0, "and no more");
    says("sent", tx.send(3));
    ferry::drop(std::move(tx));
    check(count() == 1, "what is left is yielded after the last drop");
    check(count() == 0, "then it is over");
}

TEST(S19_dropping_the_receiver_destroys_what_is_buffered_at_once_and_in_order) {
    std::vector<int> destroyed;
    struct Note {
        void operator()(const int* value) const {
            log->push_back(*value);
            delete value;
        }
        std::vector<int>* log;
    };
    using Value = std::unique_ptr<int, Note>;
    auto [tx, rx] = ferry::channel<Value>();
    std::vector<int> sent;
    for (int i = 0; i != 600; ++i) {
        check(tx.send(Value(new int(i), Note{&destroyed})).has_value(), "the send succeeds");
        sent.push_back(i);
    }
    check(destroyed.empty(), "nothing is destroyed while the receiver lives");
    ferry::drop(std::move(rx));
    check(destroyed == sent, "all of it was destroyed in order, although the sender lives");
}

TEST(S20_closing_lets_nothing_in_and_everything_out_and_can_be_repeated) {
    auto [tx, rx] = ferry::channel<int>();
    for (int i = 0; i != 600; ++i) says("sent", tx.send(int{i}));
    rx.close();
    says("given back: 7", tx.send(7));
    for (int i = 0; i != 300; ++i) says(std::to_string(i), rx.recv());
    rx.close();
    says("given back: 8", tx.clone().send(8));
    for (int i = 300; i != 600; ++i) says(std::to_string(i), rx.try_recv());
    rx.close();
    says("disconnected", rx.recv());
    says("disconnected", rx.try_recv());
    says("disconnected", rx.recv_for(1h));
}

TEST(S22_handles_can_be_moved_and_what_they_were_moved_from_can_be_dropped_and_assigned_to) {
    auto [tx, rx] = ferry::channel<int>();
    auto sender = std::move(tx);
    auto receiver = std::move(rx);
    says("sent", sender.send(1));
    says("1", receiver.recv());
    tx = std::move(sender);
    rx = std::move(receiver);
    says("sent", tx.send(2));
    says("2", rx.recv());
    ferry::drop(std::move(tx));
    ferry::drop(std::move(tx));  // NOLINT(bugprone-use-after-move): that this is safe is what is shown
    says("disconnected", rx.recv());
    ferry::drop(std::move(rx));
    ferry::drop(std::move(rx));  // NOLINT(bugprone-use-after-move)
}

TEST(S26_a_sender_can_be_used_through_a_const_reference) {
    auto [tx, rx] = ferry::channel<int>();
    const auto& sender = tx;
    says("sent", sender.send(1));
    says("sent", sender.clone().send(2));
    says("1", rx.recv());
    says("2", rx.recv());
}

// ---- what may be sent

TEST(S25_values_may_be_move_only_or_empty_or_big_or_over_aligned) {
    struct Empty {};
    struct Big {
        std::array<int, 1024> numbers;
    };
    struct alignas(256) Aligned {
        int number;
    };
    using Odd = std::array<char, 65>;  // the word's flags need blocks at multiples of eight, values or not
    const auto survives = [](auto make, auto is_right) {
        auto [tx, rx] = ferry::channel<decltype(make(0))>();
        for (int i = 0; i != 600; ++i) check(tx.send(make(i)).has_value(), "the send succeeds");
        for (int i = 0; i != 600; ++i) check(is_right(rx.recv().value(), i), "the value came through unharmed");
    };
    survives([](int i) { return std::make_unique<int>(i); }, [](const auto& value, int i) { return *value == i; });
    survives([](int) { return Empty{}; }, [](const Empty&, int) { return true; });
    survives(
        [](int i) {
            Big big{};
            big.numbers.fill(i);
            return big;
        },
        [](const Big& big, int i) { return big.numbers.front() == i && big.numbers.back() == i; });
    survives(
        [](int i) {
            Odd odd{};
            odd.fill(static_cast<char>(i));
            return odd;
        },
        [](const Odd& odd, int i) {
            return odd.front() == static_cast<char>(i) && odd.back() == static_cast<char>(i);
        });
    survives([](int i) { return Aligned{i}; },
             [](const Aligned& value, int i) {
                 return value.number == i && reinterpret_cast<std::uintptr_t>(&value) % alignof(Aligned) == 0;
             });
}
