// The assertions on traces, tested: for each kind of fault a trace made by hand that has it, and what is said of it.
#include "trace/complaints.hpp"

#include "harness/test.hpp"

using harness::same;
using namespace trace;
using namespace std::chrono_literals;

namespace {

constexpr Value a1{0, 1}, a2{0, 2}, b1{1, 1};
/// Places, named for who made them.
constexpr Place anns{0, 1}, slot{0, 2}, bobs{1, 1}, carls{2, 1};
constexpr Clock::time_point start{};

Event make(Value value, Place place) { return {.did = Did::make, .value = value, .place = place}; }
Event move(Value value, Place from, Place to) { return {.did = Did::move, .value = value, .place = to, .from = from}; }
Event destroy(Value value, Place place) { return {.did = Did::destroy, .value = value, .place = place}; }
Event send(Value value) { return {.did = Did::send, .value = value}; }
Event sent(Value value, Ticket ticket = {}) { return {.did = Did::sent, .value = value, .ticket = ticket}; }
Event get_back(Value value) { return {.did = Did::get_back, .value = value}; }
Event receive(Value value, std::uint64_t nth) { return {.did = Did::receive, .value = value, .nth = nth}; }
Event drop(std::uint32_t sender, Clock::time_point at) { return {.did = Did::drop, .number = sender, .at = at}; }
Event dropped(std::uint32_t sender, Clock::time_point at) { return {.did = Did::dropped, .number = sender, .at = at}; }
Event end(Clock::time_point at) { return {.did = Did::end, .at = at}; }
Event signal(std::uint32_t number) { return {.did = Did::signal, .number = number}; }
Event heed(std::uint32_t number) { return {.did = Did::heed, .number = number}; }

/// Ann sends a1, Bob receives it, both clean up.
Trace good() {
    return {{"ann",
             {make(a1, anns), send(a1), move(a1, anns, slot), sent(a1), destroy(a1, anns), drop(0, start + 1s),
              dropped(0, start + 2s)}},
            {"bob", {move(a1, slot, bobs), destroy(a1, slot), receive(a1, 0), destroy(a1, bobs), end(start + 3s)}}};
}

/// The good trace, with something more that Carl does.
Trace good_but(std::vector<Event> carl) {
    Trace trace = good();
    trace.push_back({"carl", std::move(carl)});
    return trace;
}

}  // namespace

TEST(S1_S3_S4_S5_S17_a_good_trace_is_not_complained_about) {
    for (const auto complaint : {two_owners, not_once, out_of_order, against_happens_before, wrong_end}) {
        same("", complaint(good()));
    }
}

TEST(S1_a_value_taken_twice_from_one_place_is_noticed) {
    same("a1 has two owners: it was taken from the same place by bob and by carl",
         two_owners(good_but({move(a1, slot, carls), destroy(a1, carls)})));
}

TEST(S1_a_value_received_twice_is_noticed) {
    same("a1 has two owners: it was received by bob and by carl", two_owners(good_but({receive(a1, 1)})));
}

TEST(S1_S8_a_value_both_given_back_and_received_is_noticed) {
    same("a1 has two owners: it was given back to carl and received by bob", two_owners(good_but({get_back(a1)})));
}

TEST(S1_a_value_put_where_another_is_is_noticed) {
    same("b1 was put where another value was, by ann and by carl",
         two_owners(good_but({make(b1, carls), move(b1, carls, slot), destroy(b1, carls)})));
}

TEST(S1_a_value_taken_from_where_none_was_put_is_noticed) {
    same("b1 was taken by carl from a place where nobody put it", two_owners(good_but({move(b1, {7, 7}, carls)})));
    same("b1 was taken by carl from a place where nobody put it", two_owners(good_but({destroy(b1, {7, 7})})));
}

TEST(S1_S3_a_place_destroyed_twice_is_noticed) {
    same("a1 was destroyed twice in the same place, by bob and by carl", two_owners(good_but({destroy(a1, bobs)})));
}

TEST(S3_a_value_that_is_left_behind_is_noticed) {
    same("b1 was left behind where carl put it", not_once(good_but({make(b1, carls)})));
}

TEST(S3_a_value_that_is_copied_and_destroyed_twice_is_noticed) {
    same("a1 was destroyed by bob and by carl", not_once(good_but({make(a1, carls), destroy(a1, carls)})));
}

TEST(S3_a_value_that_disappears_is_noticed) { same("b1 has disappeared", not_once(good_but({send(b1), sent(b1)}))); }

TEST(S3_a_value_received_without_being_sent_is_noticed) {
    same("b1 was received by carl and never sent",
         not_once(good_but({make(b1, carls), receive(b1, 1), destroy(b1, carls)})));
    same("b1 was received by carl and never sent", against_happens_before(good_but({receive(b1, 1)})));
}

TEST(S3_a_value_sent_twice_is_noticed) { same("a1 was sent by ann and by carl", not_once(good_but({sent(a1)}))); }

TEST(S4_values_of_one_sender_out_of_order_are_noticed) {
    same("a1 was received by bob after a2 of the same sender, by carl",
         out_of_order({{"carl", {receive(a2, 0)}}, {"bob", {receive(a1, 1)}}}));
    same("a1 was received by bob after a1 of the same sender, by bob",
         out_of_order({{"bob", {receive(a1, 0), receive(a1, 1)}}}));
}

TEST(S5_values_received_against_happens_before_are_noticed) {
    // Ann sends and signals; Bob passes it on; Carl heeds it and sends. Dora receives Carl's first.
    const std::vector<Event> ann{send(a1), sent(a1), signal(1)}, bob{heed(1), signal(2)},
        carl{heed(2), send(b1), sent(b1)};
    const auto received = [&](std::vector<Event> dora) {
        return Trace{{"dora", dora}, {"carl", carl}, {"bob", bob}, {"ann", ann}};
    };
    same("", against_happens_before(received({receive(a1, 0), receive(b1, 1)})));
    same("b1 was received before a1, but ann had sent that before carl began",
         against_happens_before(received({receive(b1, 0), receive(a1, 1)})));
}

TEST(S5_without_a_signal_either_order_is_good_across_senders) {
    const Trace trace{
        {"ann", {send(a1), sent(a1)}}, {"carl", {send(b1), sent(b1)}}, {"dora", {receive(b1, 0), receive(a1, 1)}}};
    same("", against_happens_before(trace));
}

TEST(S5_a_signal_that_nobody_gave_is_noticed) {
    same("carl heeds a signal that nobody gave", against_happens_before(good_but({heed(1)})));
}

TEST(S5_values_received_against_their_tickets_are_noticed) {
    const auto received = [](Ticket first, Ticket second) {
        return against_tickets(
            {{"ann", {sent(a1, first), sent(a2, second)}}, {"bob", {receive(a1, 0), receive(a2, 1)}}}, 4);
    };
    const std::string complaint = "a2 was received by bob next after a1, but its ticket is not the next one";
    same("", received({8, 2}, {8, 3}));
    same("", received({8, 4}, {16, 1}));
    same(complaint, received({8, 2}, {8, 4}));
    same(complaint, received({8, 3}, {8, 2}));
    same(complaint, received({8, 4}, {8, 1}));
    same(complaint, received({8, 4}, {16, 2}));
    same(complaint, received({8, 3}, {16, 1}));
    same("a1 has no ticket", received({}, {8, 2}));
}

TEST(S17_an_iteration_that_ends_before_a_drop_is_noticed) {
    same("the iteration of bob ended before carl dropped sender b",
         wrong_end(good_but({drop(1, start + 4s), dropped(1, start + 5s)})));
}

TEST(S17_an_iteration_that_does_not_end_is_noticed) {
    Trace trace = good();
    trace[1].events.pop_back();
    same("the iteration has not ended, although the last sender was dropped", wrong_end(trace));
}

TEST(S17_a_drop_that_does_not_end_is_noticed) {
    same("the drop of a sender by carl has not ended", wrong_end(good_but({drop(1, start + 1s)})));
}

TEST(S17_an_iteration_that_ends_without_a_value_is_noticed) {
    same("the iteration of bob ended without b1, which was sent by carl", wrong_end(good_but({sent(b1)})));
}
