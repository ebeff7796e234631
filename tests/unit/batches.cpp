// Several values in one call: recv_many waits for the first, and takes what is there, up to the limit (S39).
#include <ferry/sync_channel.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/crew.hpp"
#include "harness/test.hpp"
#include "platforms/announced.hpp"

using harness::check;
using harness::same;
using harness::says;

namespace {

using Blocks = announced::Platform<2, 1>;

/// What recv_many gives, in words.
template <class Receiver>
std::string many_of(Receiver& rx, std::size_t limit) {
    std::vector<int> out;
    const auto count = rx.recv_many(std::back_inserter(out), limit);
    if (!count) return std::string(to_string(count.error()));
    check(*count == out.size(), "as many as it says");
    std::string words;
    for (const int value : out) words += (words.empty() ? "" : " ") + std::to_string(value);
    return words;
}

void send_numbers(const auto& tx, int first, int last) {
    for (int i = first; i <= last; ++i) says("sent", tx.send(int{i}));
}

}  // namespace

TEST(S39_recv_many_takes_what_is_there_up_to_the_limit) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    send_numbers(tx, 1, 7);
    same("1 2", many_of(rx, 2));
    same("3", many_of(rx, 1));
    same("4 5 6 7", many_of(rx, 9));
    send_numbers(tx, 8, 9);
    same("", many_of(rx, 0));
    same("8 9", many_of(rx, 2));
    says("empty", rx.try_recv());
}

TEST(S39_recv_many_reports_the_end_when_nothing_is_left) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    send_numbers(tx, 1, 3);
    ferry::drop(std::move(tx));
    same("1 2 3", many_of(rx, 9));
    same("disconnected", many_of(rx, 9));
    same("", many_of(rx, 0));
}

TEST(S39_recv_many_waits_for_the_first_value_and_for_no_other) {
    for (int round = 0; round != 200; ++round) {
        harness::Crew crew;
        auto [tx, rx] = ferry::channel<int, Blocks>();
        crew.start("sender", [&tx] { says("sent", tx.send(1)); });
        same("1", many_of(rx, 2));
        crew.join();
    }
}

TEST(S39_recv_many_of_a_bounded_channel_makes_room) {
    auto [tx, rx] = ferry::sync_channel<int>(2);
    send_numbers(tx, 1, 2);
    same("1 2", many_of(rx, 9));
    harness::Crew crew;
    crew.start("sender", [mine = std::move(tx)] { send_numbers(mine, 3, 100); });
    std::vector<int> out;
    while (rx.recv_many(std::back_inserter(out), 5)) continue;
    ferry::drop(std::move(rx));  // if it has ended early, the sender is refused, and does not wait for ever
    crew.join();
    check(out.size() == 98 && out.front() == 3 && out.back() == 100 && std::ranges::is_sorted(out), "all of them");
}

TEST(S39_recv_many_writes_to_any_iterator_and_values_that_only_move) {
    auto [tx, rx] = ferry::channel<std::unique_ptr<int>, Blocks>();
    for (int i = 0; i != 5; ++i) check(tx.send(std::make_unique<int>(i)).has_value(), "sent");
    std::array<std::unique_ptr<int>, 3> out;
    check(rx.recv_many(out.data(), out.size()) == out.size() && *out[0] == 0 && *out[2] == 2, "a pointer");
    check(rx.recv_many(out.begin(), out.size()) == 2u && *out[0] == 3 && *out[1] == 4, "an iterator");
}

namespace {

struct ThrowsAtThree : std::vector<int> {
    void push_back(int value) {
        if (value == 3) throw std::runtime_error("no room");
        std::vector<int>::push_back(value);
    }
};

}  // namespace

TEST(S39_what_the_iterator_throws_leaves_recv_many_and_the_rest_is_for_the_next_call) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    send_numbers(tx, 1, 5);
    ThrowsAtThree out;
    bool is_thrown = false;
    try {
        (void)rx.recv_many(std::back_inserter(out), 9);
    } catch (const std::runtime_error&) {
        is_thrown = true;
    }
    check(is_thrown && out == std::vector{1, 2}, "those before it are written");
    same("4 5", many_of(rx, 9));
}

namespace {

/// Drops the receiver when it is moved for the second time, out of the channel.
struct Dropper {
    ferry::Receiver<Dropper, Blocks>* rx = nullptr;
    explicit Dropper(ferry::Receiver<Dropper, Blocks>* receiver) noexcept : rx(receiver) {}
    Dropper(Dropper&& other) noexcept : rx(std::exchange(other.rx, nullptr)) {
        if (rx != nullptr && is_armed) ferry::drop(std::move(*rx));
        if (is_armed) rx = nullptr;
    }
    Dropper& operator=(Dropper&&) = default;
    static inline bool is_armed = false;
};

}  // namespace

TEST(S39_S19_a_value_may_drop_the_receiver_of_recv_many) {
    auto [tx, rx] = ferry::channel<Dropper, Blocks>();
    for (int i = 0; i != 4; ++i) check(tx.send(Dropper(i == 1 ? &rx : nullptr)).has_value(), "sent");
    ferry::drop(std::move(tx));
    Dropper::is_armed = true;
    std::vector<Dropper> out;
    out.reserve(4);
    check(rx.recv_many(std::back_inserter(out), 9) == 2u, "the others are gone with the receiver");
    Dropper::is_armed = false;
}
