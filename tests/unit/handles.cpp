// What a handle does when it is moved, assigned or swapped, of both kinds of channels; and messages that hold handles.
#include <ferry/sync_channel.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "harness/crew.hpp"
#include "harness/test.hpp"

using harness::check;
using harness::same;

namespace {

using Value = std::shared_ptr<int>;  // several values may be one, so that a test can count them

void with_each_kind(auto test) {
    test([] { return ferry::channel<Value>(); });
    test([] { return ferry::sync_channel<Value>(4); });
}

void sends(const auto& tx, int number) { check(tx.send(std::make_shared<int>(number)).has_value(), "sent"); }
void receives(int number, auto& rx) {
    const auto value = rx.recv();
    same(std::to_string(number), value ? std::to_string(**value) : "disconnected");
}
void is_refused(const auto& tx) { check(!tx.send(Value()), "the value is given back"); }
void is_over(auto& rx) { check(!rx.recv(), "disconnected"); }

}  // namespace

TEST(S22_S15_a_sender_that_is_assigned_to_is_dropped_and_counts_no_more) {
    with_each_kind([](auto make) {
        auto [tx, rx] = make();
        auto [other_tx, other_rx] = make();
        auto clone = tx.clone();
        tx = std::move(other_tx);
        sends(clone, 1);
        receives(1, rx);
        ferry::drop(std::move(clone));
        is_over(rx);
        sends(tx, 2);
        receives(2, other_rx);
    });
}

TEST(S22_S16_an_assignment_over_the_last_sender_wakes_the_receiver_of_the_old_channel) {
    with_each_kind([](auto make) {
        harness::Crew crew;
        auto [tx, rx] = make();
        auto [other_tx, other_rx] = make();
        crew.start("receiver", [&receiver = rx] { is_over(receiver); });
        tx = std::move(other_tx);
        crew.join();
        ferry::drop(std::move(other_tx));  // NOLINT(bugprone-use-after-move): it is empty, so it drops nothing
        check(!other_rx.is_disconnected(), "the other channel has its sender");
        sends(tx, 1);
        receives(1, other_rx);
        ferry::drop(std::move(tx));
        is_over(other_rx);
    });
}

TEST(S22_S33_an_assignment_over_a_receiver_refuses_the_sender_that_waits) {
    harness::Crew crew;
    auto [tx, rx] = ferry::sync_channel<Value>(0);
    auto [other_tx, other_rx] = ferry::sync_channel<Value>(1);
    crew.start("sender", [&sender = tx] { is_refused(sender); });
    rx = std::move(other_rx);
    crew.join();
    ferry::drop(std::move(other_rx));  // NOLINT(bugprone-use-after-move): it is empty, so it drops nothing
    check(!other_tx.is_disconnected(), "the other channel has its receiver");
    sends(other_tx, 1);
    receives(1, rx);
}

TEST(S22_S19_a_receiver_that_is_assigned_to_is_dropped_with_what_is_queued) {
    with_each_kind([](auto make) {
        auto [tx, rx] = make();
        auto [other_tx, other_rx] = make();
        const auto value = std::make_shared<int>(1);
        check(tx.send(Value(value)).has_value(), "sent");
        rx = std::move(other_rx);
        ferry::drop(std::move(other_rx));  // NOLINT(bugprone-use-after-move): it is empty, so it drops nothing
        check(value.use_count() == 1, "what was queued is destroyed");
        is_refused(tx);
        check(tx.is_disconnected() && !other_tx.is_disconnected(), "of the two, the old channel is over");
        sends(other_tx, 2);
        receives(2, rx);
    });
}

TEST(S22_a_handle_that_is_assigned_to_itself_is_as_it_was) {
    with_each_kind([](auto make) {
        auto [tx, rx] = make();
        sends(tx, 1);
        auto& same_tx = tx;
        auto& same_rx = rx;
        tx = std::move(same_tx);
        rx = std::move(same_rx);
        sends(tx, 2);
        receives(1, rx);
        receives(2, rx);
        ferry::drop(std::move(tx));
        is_over(rx);
    });
}

TEST(S22_an_assignment_from_an_empty_handle_drops_and_leaves_an_empty_one) {
    with_each_kind([](auto make) {
        auto [tx, rx] = make();
        auto [other_tx, other_rx] = make();
        ferry::drop(std::move(other_tx));
        tx = std::move(other_tx);  // NOLINT(bugprone-use-after-move): that this is allowed is what is shown
        is_over(rx);
        ferry::drop(std::move(tx));  // drops nothing
        auto [third_tx, third_rx] = make();
        ferry::drop(std::move(rx));
        third_rx = std::move(rx);  // NOLINT(bugprone-use-after-move)
        is_refused(third_tx);
        is_over(other_rx);
    });
}

TEST(S22_handles_that_are_swapped_exchange_their_channels_and_drop_nothing) {
    with_each_kind([](auto make) {
        auto [tx, rx] = make();
        auto [other_tx, other_rx] = make();
        using std::swap;
        swap(tx, other_tx);
        sends(tx, 1);
        sends(other_tx, 2);
        receives(1, other_rx);
        receives(2, rx);
        swap(rx, other_rx);
        sends(tx, 3);
        receives(3, rx);
        tx.swap(other_tx);
        rx.swap(other_rx);
        sends(tx, 4);
        receives(4, rx);
        tx.swap(tx);
        sends(tx, 5);
        receives(5, rx);
        ferry::drop(std::move(tx));
        is_over(rx);
        sends(other_tx, 6);
        receives(6, other_rx);
    });
}

TEST(S15_S22_handles_are_equal_and_hash_equally_if_they_are_of_one_channel_or_empty) {
    with_each_kind([](auto make) {
        auto [tx, rx] = make();
        auto [other_tx, other_rx] = make();
        const auto clone = tx.clone();
        const auto of_sender = [](const auto& one) { return std::hash<std::remove_cvref_t<decltype(one)>>()(one); };
        check(tx == clone && tx == rx && rx == clone, "of one channel");
        check(tx != other_tx && rx != other_rx && tx != other_rx && other_rx != tx, "of two channels");
        check(of_sender(tx) == of_sender(clone) && of_sender(tx) == of_sender(rx), "equal handles, equal hashes");
        std::unordered_set<std::remove_cvref_t<decltype(tx)>> set;
        set.insert(tx.clone());
        check(set.contains(clone) && !set.contains(other_tx), "found by any handle of the channel");
        ferry::drop(std::move(tx));
        ferry::drop(std::move(other_rx));
        // NOLINTBEGIN(bugprone-use-after-move): that this is allowed is what is shown
        check(tx == other_rx && of_sender(tx) == of_sender(other_rx), "empty handles are equal");
        check(tx != clone && tx != rx, "and equal to no other");
        // NOLINTEND(bugprone-use-after-move)
    });
}

TEST(S8_S11_S12_S13_each_error_has_its_name) {
    using Full = ferry::TrySendError<int>;
    using Late = ferry::SendTimeoutError<int>;
    const auto is = [](std::string_view name, const auto& error) {
        same(std::string(name), std::string(to_string(error)));
    };
    is("disconnected", ferry::SendError<int>(1));
    is("disconnected", ferry::RecvError::disconnected);
    is("empty", ferry::TryRecvError::empty);
    is("disconnected", ferry::TryRecvError::disconnected);
    is("timeout", ferry::RecvTimeoutError::timeout);
    is("disconnected", ferry::RecvTimeoutError::disconnected);
    is("full", Full(1, Full::Reason::full));
    is("disconnected", Full(1, Full::Reason::disconnected));
    is("timeout", Late(1, Late::Reason::timeout));
    is("disconnected", Late::Reason::disconnected);
}

// ---- messages that hold handles of their own channel

namespace {

template <template <class...> class Sender>
struct WithSender {
    std::unique_ptr<Sender<WithSender>> last;
};
using Unbounded = WithSender<ferry::Sender>;
using Bounded = WithSender<ferry::SyncSender>;

/// The last sender sends itself, so the stream has ended once the receiver has let go of this message.
template <class Message>
auto with_its_last_sender_sent(auto ends) {
    auto& [tx, rx] = ends;
    using Sender = std::remove_reference_t<decltype(tx)>;
    auto clone = std::make_unique<Sender>(tx.clone());
    const Sender& through = *clone;
    check(through.send(Message{std::move(clone)}).has_value(), "the last sender is sent");
    ferry::drop(std::move(tx));
    return std::move(rx);
}
template <class Message>
void each_loop_ends(auto make) {
    int received = 0;
    auto by_value = with_its_last_sender_sent<Message>(make());
    for ([[maybe_unused]] auto message : by_value) ++received;
    auto by_reference = with_its_last_sender_sent<Message>(make());
    for ([[maybe_unused]] auto&& message : by_reference) ++received;
    auto never_looked_at = with_its_last_sender_sent<Message>(make());
    for (auto at = never_looked_at.begin(); at != never_looked_at.end(); ++at) ++received;
    auto over_what_is_there = with_its_last_sender_sent<Message>(make());
    for ([[maybe_unused]] auto&& message : over_what_is_there.try_iter()) ++received;
    check(over_what_is_there.is_disconnected(), "the iterator holds nothing at its end");
    same("4", std::to_string(received));
}

}  // namespace

TEST(S17_S28_an_iterator_lets_go_of_a_message_before_it_waits_for_the_next) {
    each_loop_ends<Unbounded>([] { return ferry::channel<Unbounded>(); });
    each_loop_ends<Bounded>([] { return ferry::sync_channel<Bounded>(1); });
}
