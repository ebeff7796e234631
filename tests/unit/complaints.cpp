// What judges the traces of tests, tested: for each kind of fault a trace made by hand that has it, and what is said of
// it; and for each fault in the life of a message, what the message says. (ferry_tools/bad_traces.py does so for recorded
// traces.)
#include <array>
#include <cstring>

#include "harness/recorded.hpp"

using harness::check;
using harness::same;
using recorded::value;
using traces::Event;
using traces::Message;
using traces::Step;
using traces::Trace;

namespace {

constexpr unsigned a = 0, b = 1, a1 = value(a, 1), a2 = value(a, 2), b1 = value(b, 1);

Event event(Step step, unsigned handle, unsigned value = 0, unsigned at = 0) {
    return {.step = step, .a = handle, .b = value, .at = at};
}
Event sent(unsigned handle, unsigned value, unsigned at) { return event(Step::SendAccepted, handle, value, at); }
Event refused(unsigned handle, unsigned value) { return event(Step::SendRefused, handle, value); }
Event received(unsigned value) { return event(Step::RecvValue, 0, value); }
Event ended(unsigned at) { return event(Step::RecvDisconnected, 0, 0, at); }
Event dropped(unsigned handle, unsigned at = 0) { return event(Step::DropSender, handle, 0, at); }
Event receiver_dropped(unsigned at) { return event(Step::DropReceiver, 0, 0, at); }
Event signal(unsigned number) { return event(Step::Signal, number); }
Event await(unsigned number) { return event(Step::Await, number); }

using Events = std::vector<Event>;

Trace trace_of(std::vector<traces::Thread> threads, unsigned senders = 1) {
    threads.push_back({"end", {}});
    return {.senders_at_start = senders, .handles = {"a", "b"}, .threads = std::move(threads)};
}
/// Ann sends a1 and drops her sender, Bob receives until the end.
const Events ann{sent(a, a1, 1), dropped(a, 2)}, bob{received(a1), ended(3), receiver_dropped(4)};
std::string of_good_but(const Events& carl) {
    return traces::complaint(trace_of({{"ann", ann}, {"bob", bob}, {"carl", carl}}));
}

/// What a message says of what is done in this room for two.
template <class Life>
std::string of_life(Life life) {
    std::deque<traces::Log> logs;
    traces::Log::of_this_thread = &logs.emplace_back("ann");
    alignas(Message) std::array<std::byte, 2 * sizeof(Message)> room{};
    // Volatile, because the compiler is not to see that a place is used before and after the life of its message.
    std::byte* volatile const storage = room.data();
    auto* const place = reinterpret_cast<Message*>(storage);
    life(place, place + 1);
    traces::Log::of_this_thread = nullptr;
    return traces::what_is_wrong(logs);
}
const std::string no_value_there = "ann: a message is taken from where none is (S1)",
                  not_there = "ann: a message is destroyed where none is (S3)";
Message* make(Message* place) { return std::construct_at(place, a1); }
Message* take(Message* place, Message* from) { return std::construct_at(place, std::move(*from)); }

}  // namespace

TEST(S1_S3_S4_S5_S17_a_good_trace_is_not_complained_about) { same("", of_good_but({})); }

TEST(S1_a_value_received_twice_is_noticed) { same("carl: RecvValue(100) is not allowed", of_good_but({received(a1)})); }

TEST(S1_S8_a_value_both_given_back_and_received_is_noticed) {
    same("carl: SendRefused(a, 100) is not allowed", of_good_but({refused(a, a1)}));
}

TEST(S3_a_value_that_disappears_is_noticed) {
    // It is in the channel, and nobody is told of it: not he who receives, and not as destroyed.
    same("bob: RecvDisconnected  @3 is not allowed",
         traces::complaint(
             trace_of({{"ann", {sent(a, a1, 1), dropped(a, 2)}}, {"bob", {ended(3), receiver_dropped(4)}}})));
    same("bob: DropReceiver destroyed []  @3 is not allowed",
         traces::complaint(trace_of({{"ann", {sent(a, a1, 1), dropped(a, 2)}}, {"bob", {receiver_dropped(3)}}})));
}

TEST(S3_a_value_received_without_being_sent_is_noticed) {
    same("carl: RecvValue(101) is not allowed", of_good_but({received(b1)}));
}

TEST(S3_a_value_sent_twice_is_noticed) {
    same("ann: SendAccepted(a, 100)  @2 is not allowed",
         traces::complaint(trace_of({{"ann", {sent(a, a1, 2), dropped(a, 3)}}, {"carl", {sent(a, a1, 1)}}})));
}

TEST(S3_a_value_destroyed_by_the_channel_before_its_receiver_goes_is_noticed) {
    same("carl: Destroyed(100) is not allowed", of_good_but({event(Step::Destroyed, 0, a1)}));
}

TEST(S4_values_of_one_sender_out_of_order_are_noticed) {
    same("bob: RecvValue(200) is not allowed",
         traces::complaint(trace_of(
             {{"ann", {sent(a, a1, 1), sent(a, a2, 2), dropped(a, 3)}}, {"bob", {received(a2), received(a1)}}})));
}

TEST(S5_values_received_against_happens_before_are_noticed) {
    // Ann sends and signals; Bob passes it on; Carl waits for it and sends. Dora receives Carl's first.
    const auto received_by_dora = [](unsigned anns_place, unsigned carls_place, const Events& dora) {
        return traces::complaint(trace_of({{"dora", dora},
                                           {"carl", {await(2), sent(b, b1, carls_place), dropped(b)}},
                                           {"bob", {await(1), signal(2)}},
                                           {"ann", {sent(a, a1, anns_place), signal(1), dropped(a, 3)}}},
                                          2));
    };
    same("", received_by_dora(1, 2, {received(a1), received(b1), ended(4), receiver_dropped(5)}));
    same("dora: RecvValue(101) is not allowed",
         received_by_dora(1, 2, {received(b1), received(a1), receiver_dropped(4)}));
    // Nor does it help to say that the channel had them in that order.
    check(!received_by_dora(2, 1, {received(b1), received(a1), receiver_dropped(4)}).empty(), "it is noticed");
}

TEST(S5_without_a_signal_either_order_is_good_across_senders) {
    for (const unsigned first : {1u, 2u}) {
        const Events in_order = first == 1 ? Events{received(a1), received(b1)} : Events{received(b1), received(a1)};
        same("", traces::complaint(trace_of({{"ann", {sent(a, a1, first), dropped(a)}},
                                             {"carl", {sent(b, b1, 3 - first), dropped(b, 3)}},
                                             {"dora", in_order},
                                             {"emil", {receiver_dropped(4)}}},
                                            2)));
    }
}

TEST(S5_a_signal_that_nobody_gave_is_noticed) { same("carl: Await(1) is not allowed", of_good_but({await(1)})); }

TEST(S5_values_received_against_their_slots_are_noticed) {
    using traces::Position;
    const auto received_from = [](Position first, Position second) {
        Trace trace = trace_of({{"ann", {sent(a, a1, 1), sent(a, a2, 2)}}});
        trace.threads[0].events[0].position = first;
        trace.threads[0].events[1].position = second;
        return traces::gap(trace, 4);
    };
    const std::string gap = "SendAccepted(a, 200)  @2 has not the slot after that of SendAccepted(a, 100)  @1";
    same("", received_from({0, 0, 2}, {0, 0, 3}));
    same("", received_from({0, 0, 4}, {0, 1, 1}));
    same(gap, received_from({0, 0, 2}, {0, 0, 4}));
    same(gap, received_from({0, 0, 3}, {0, 0, 2}));
    same(gap, received_from({0, 0, 4}, {0, 0, 1}));
    same(gap, received_from({0, 0, 4}, {0, 1, 2}));
    same(gap, received_from({0, 0, 3}, {0, 1, 1}));
    // One without a slot.
    same("ann: SendAccepted(a, 100) is not allowed",
         traces::complaint(trace_of({{"ann", {sent(a, a1, 0), dropped(a, 1)}}})));
}

TEST(S17_an_iteration_that_ends_before_a_drop_is_noticed) {
    same("bob: RecvDisconnected  @2 is not allowed",
         traces::complaint(trace_of({{"ann", {sent(a, a1, 1), dropped(a)}},
                                     {"bob", {received(a1), ended(2), receiver_dropped(3)}},
                                     {"carl", {dropped(b, 4)}}},
                                    2)));
}

TEST(S17_a_drop_that_does_not_end_is_noticed) {
    same("handles are left that nobody has dropped",
         traces::complaint(trace_of({{"ann", {sent(a, a1, 1)}}, {"bob", {received(a1), receiver_dropped(2)}}})));
}

TEST(S17_an_iteration_that_ends_without_a_value_is_noticed) {
    same("bob: RecvDisconnected  @4 is not allowed",
         traces::complaint(trace_of({{"ann", {sent(a, a1, 1), dropped(a)}},
                                     {"bob", {received(a1), ended(4)}},
                                     {"carl", {sent(b, b1, 2), dropped(b, 3)}}},
                                    2)));
}

// ---- the life of a message

TEST(S1_S3_a_good_life_is_not_complained_about) {
    same("", of_life([](Message* one, Message* other) {
             std::destroy_at(take(other, make(one)));
             std::destroy_at(one);
         }));
}

TEST(S1_a_value_taken_twice_from_one_place_is_noticed) {
    same(no_value_there, of_life([](Message* one, Message* other) {
             std::destroy_at(take(other, make(one)));
             std::destroy_at(take(other, one));
             std::destroy_at(one);
         }));
}

TEST(S1_a_value_taken_from_where_none_was_put_is_noticed) {
    same(no_value_there, of_life([](Message* one, Message* other) { std::destroy_at(take(other, one)); }));
    same(not_there, of_life([](Message* one, Message*) { std::destroy_at(one); }));
}

TEST(S1_a_value_put_where_another_is_is_noticed) {
    same("messages were left behind (S3): 1", of_life([](Message* one, Message*) {
             make(one);
             std::destroy_at(make(one));
         }));
}

TEST(S1_S3_a_place_destroyed_twice_is_noticed) {
    same(not_there, of_life([](Message* one, Message*) {
             make(one);
             std::destroy_at(one);
             std::destroy_at(one);
         }));
}

TEST(S3_a_value_that_is_left_behind_is_noticed) {
    same("messages were left behind (S3): 1", of_life([](Message* one, Message*) { make(one); }));
}

TEST(S3_a_value_that_is_copied_and_destroyed_twice_is_noticed) {
    same(not_there, of_life([](Message* one, Message* other) {
             std::memcpy(static_cast<void*>(other), static_cast<const void*>(make(one)), sizeof(Message));
             std::destroy_at(one);
             std::destroy_at(other);
         }));
}
