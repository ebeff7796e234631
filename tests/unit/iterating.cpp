// Iterating takes no more than it is asked for (S28): by a range adaptor, an algorithm, a loop that is left. And what `*` gives.
#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/test.hpp"

using harness::check;
using harness::same;
using harness::says;

namespace {

using Ints = ferry::Receiver<int>;
using Pointers = ferry::Receiver<std::unique_ptr<int>>;
template <class Receiver>
using IteratorOf = decltype(std::declval<Receiver&>().begin());
template <class Receiver>
using TryIteratorOf = decltype(std::declval<Receiver&>().try_iter().begin());

template <class Iterator, class Value>
concept StandsAt =
    std::input_iterator<Iterator> && std::movable<Iterator> && std::sentinel_for<std::default_sentinel_t, Iterator> &&
    std::same_as<std::iter_value_t<Iterator>, Value> && std::same_as<std::iter_reference_t<Iterator>, Value&&>;

/// A channel with 1, 2, ... in it, and a sender that lives on: whoever asks for a value too many waits for ever.
auto numbers(int last) {
    auto channel = ferry::channel<int>();
    for (int i = 1; i <= last; ++i) says("sent", channel.first.send(int{i}));
    return channel;
}

/// What is taken from a range, in words.
std::string all_of(auto&& range) {
    std::string words;
    for (const int number : range) words += (words.empty() ? "" : " ") + std::to_string(number);
    return words;
}

/// Written by hand, as in many a library: ends behind the first value that satisfies.
template <class Receiver>
std::string take_until(Receiver&& range, auto satisfies) {
    std::string words;
    for (auto it = range.begin(); it != range.end(); ++it) {
        const int number = *it;
        words += std::to_string(number) + ' ';
        if (satisfies(number)) break;
    }
    return words;
}

}  // namespace

// ---- concepts

TEST(S17_a_receiver_is_an_input_range_whose_iterator_can_be_moved) {
    static_assert(std::ranges::input_range<Ints> && std::ranges::input_range<Pointers>);
    static_assert(!std::ranges::forward_range<Ints> && !std::ranges::range<const Ints>);
    static_assert(StandsAt<IteratorOf<Ints>, int> && StandsAt<TryIteratorOf<Ints>, int>);
    static_assert(StandsAt<IteratorOf<Pointers>, std::unique_ptr<int>> &&
                  StandsAt<TryIteratorOf<Pointers>, std::unique_ptr<int>>);
    static_assert(!std::copyable<IteratorOf<Ints>>, "a value has one owner (S1)");
    static_assert(std::same_as<Ints::value_type, int> && std::same_as<ferry::Sender<int>::value_type, int>);
    static_assert(std::ranges::input_range<decltype(std::declval<Ints&>() | std::views::take(1))>);
    static_assert(std::ranges::input_range<decltype(std::declval<Ints&>().try_iter() | std::views::take(1))>);
}

// ---- nothing is received that nobody asked for

TEST(S28_take_takes_what_it_says_and_the_rest_is_for_the_next_call) {
    auto [tx, rx] = numbers(8);
    same("1 2 3", all_of(rx | std::views::take(3)));
    same("4 5 6", all_of(rx | std::views::take(3)));
    says("7", rx.recv());
    says("8", rx.try_recv());
    says("empty", rx.try_recv());
}

TEST(S28_take_does_not_wait_for_a_value_behind_its_last) {
    auto [tx, rx] = numbers(6);
    same("1 2 3", all_of(rx | std::views::take(3)));
    same("4 5 6", all_of(rx | std::views::take(3)));
    same("", all_of(rx | std::views::take(0)));
    says("empty", rx.try_recv());
}

TEST(S28_S18_try_iter_takes_what_it_is_asked_for_too) {
    auto [tx, rx] = numbers(8);
    same("1 2 3", all_of(rx.try_iter() | std::views::take(3)));
    same("", all_of(rx.try_iter() | std::views::take(0)));
    same("4 5 6", all_of(rx.try_iter() | std::views::take(3)));
    same("7 8", all_of(rx.try_iter()));
    same("", all_of(rx.try_iter()));
}

TEST(S28_to_make_and_to_move_an_iterator_receives_nothing) {
    auto [tx, rx] = numbers(3);
    {
        auto begin = rx.begin();
        auto again = rx.begin();
        auto moved = std::move(begin);
        ++moved;
        again = std::move(moved);
        [[maybe_unused]] const auto trying = rx.try_iter().begin();
    }
    says("1", rx.recv());
    auto it = rx.begin();
    same("2", std::to_string(*it));
    auto moved = std::move(it);
    same("2", std::to_string(*moved));
    auto& itself = moved;
    moved = std::move(itself);
    same("2", std::to_string(*moved));
    ++moved;
    says("3", rx.recv());
}

TEST(S28_an_iterator_that_is_moved_on_twice_skips_one) {
    auto [tx, rx] = numbers(6);
    auto it = rx.begin();
    ++it;
    it++;
    same("3", std::to_string(*it));
    std::ranges::advance(it, 2);
    check(it != rx.end(), "a value is there");
    same("5", std::to_string(*it));
    says("6", rx.recv());
}

TEST(S28_an_iterator_that_skips_the_last_value_there_is_stands_at_no_value) {
    auto [tx, rx] = numbers(1);
    auto it = rx.try_iter().begin();
    ++it;
    check(it == std::default_sentinel, "it does not keep what it was moved over");
}

TEST(S28_take_while_takes_the_value_that_ends_it_and_no_more) {
    auto [tx, rx] = numbers(5);
    same("1 2", all_of(rx | std::views::take_while([](const int& number) { return number < 3; })));
    says("4", rx.recv());
    same("5", all_of(rx.try_iter() | std::views::take_while([](const int& number) { return number < 9; })));
}

TEST(S28_drop_and_take_together) {
    auto [tx, rx] = numbers(5);
    same("3 4", all_of(rx | std::views::drop(2) | std::views::take(2)));
    says("5", rx.recv());
}

// (`take` stands first because std::views::filter looks for its next value as soon as it is moved on.)
TEST(S28_a_pipeline_of_filter_and_transform_takes_no_more_than_is_let_in) {
    auto [tx, rx] = numbers(7);
    const auto is_even = std::views::filter([](const int& number) { return number % 2 == 0; });
    const auto tenfold = std::views::transform([](const int& number) { return 10 * number; });
    same("20 40", all_of(rx | std::views::take(5) | is_even | tenfold));
    same("60", all_of(rx.try_iter() | is_even | tenfold));
    says("empty", rx.try_recv());
}

TEST(S28_a_loop_by_hand_that_ends_behind_a_value) {
    auto [tx, rx] = numbers(4);
    same("1 2 ", take_until(rx, [](int number) { return number == 2; }));
    same("3 ", take_until(rx.try_iter(), [](int) { return true; }));
    same("4 ", take_until(rx.try_iter(), [](int) { return false; }));
}

TEST(S28_algorithms_over_iterator_and_sentinel) {
    auto [tx, rx] = numbers(7);
    const auto two = std::ranges::find(rx.begin(), rx.end(), 2);
    same("2", std::to_string(*two));
    same("4", std::to_string(*std::ranges::next(rx.begin(), 1, rx.end())));
    std::vector<int> copied;
    std::ranges::copy(rx | std::views::take(1), std::back_inserter(copied));
    same("5", all_of(copied));
    std::string seen;
    std::ranges::for_each(rx.try_iter().begin(), std::default_sentinel,
                          [&](const int& number) { seen += std::to_string(number); });
    same("67", seen);
    check(std::ranges::find(rx.try_iter().begin(), std::default_sentinel, 9) == std::default_sentinel,
          "there is no more");
}

TEST(S28_a_loop_that_is_left_has_taken_what_it_has_seen) {
    auto [tx, rx] = numbers(4);
    for (const int number : rx) {
        if (number == 1) break;
    }
    const auto first_of = [](Ints& from) {
        for (const int number : from) return number;
        return 0;
    };
    same("2", std::to_string(first_of(rx)));
    try {
        for (const int number : rx) throw std::runtime_error(std::to_string(number));
    } catch (const std::runtime_error& error) {
        same("3", error.what());
    }
    for (const int number : rx.try_iter()) {
        if (number == 4) break;
    }
    says("sent", tx.send(5));
    says("5", rx.recv());
}

TEST(S17_S28_the_end_is_reported_again_and_again) {
    auto [tx, rx] = numbers(1);
    ferry::drop(std::move(tx));
    auto it = rx.begin();
    check(it != rx.end() && *it == 1, "the value comes first");
    ++it;
    for (int again = 0; again != 3; ++again) check(it == rx.end() && rx.end() == it, "then the end");
}

TEST(S18_an_iteration_over_what_is_there_stays_at_its_end) {
    auto [tx, rx] = numbers(0);
    const auto range_end = rx.try_iter().end();
    const auto it = rx.try_iter().begin();
    check(it == range_end, "nothing is there");
    says("sent", tx.send(1));
    check(it == range_end, "an end that was reported stays");
    says("1", rx.recv());
}

// ---- what `*` gives: the two lines of impl/README.md

TEST(S17_a_loop_by_value_moves_values_out_that_can_only_be_moved) {
    auto [tx, rx] = ferry::channel<std::unique_ptr<int>>();
    for (int i = 1; i != 4; ++i) says("sent", tx.send(std::make_unique<int>(i)));
    ferry::drop(std::move(tx));
    std::vector<std::unique_ptr<int>> kept;
    for (auto value : rx) kept.push_back(std::move(value));
    same("1 2 3", all_of(kept | std::views::transform([](const auto& value) { return *value; })));
}

TEST(S17_S28_a_pipeline_whose_functions_only_look_leaves_the_value_where_it_is) {
    auto [tx, rx] = ferry::channel<std::string>();
    for (const char* text :
         {"a long word, so that a move would empty it", "b", "another long word, for the same reason"}) {
        says("sent", tx.send(text));
    }
    std::string seen;
    const auto is_long = [](const std::string& text) { return text.size() > 1; };
    for (const std::string& text : rx.try_iter() | std::views::filter(is_long)) seen += text.substr(0, 7) + '.';
    same("a long .another.", seen);
}
