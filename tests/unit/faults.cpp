// What goes wrong around a channel: memory that runs out at any moment, messages whose destructors use channels, chains
// of channels, crowds of senders, exceptions in the middle.
#include <pthread.h>

#include <functional>
#include <stdexcept>
#include <vector>

#include "harness/test.hpp"
#include "harness/recorded.hpp"

using announced::Account;
using harness::check;
using harness::same;
using harness::says;

namespace {

using Blocks = announced::Platform<3, 2>;

/// Memory that a test has taken must be given back by its end.
struct Settled {
    const std::size_t before = Account::live;
    void must_be(std::source_location where = std::source_location::current()) const {
        check(Account::live == before, "all memory was given back", where);
        check(announced::Quarantine::is_unspoiled(), "nobody wrote to memory that was given back", where);
    }
};

/// One allocation fails.
class OneFails : public announced::Director {
  public:
    explicit OneFails(std::size_t nth) : left_(nth) {}
    bool has_memory() override { return left_-- != 0; }

  private:
    std::size_t left_;
};

/// Runs `use` with the n-th allocation failing, for every n. `use` says whether one has failed.
void for_every_allocation(const std::function<bool()>& use) {
    std::size_t n = 0;
    for (bool failed = true; failed; ++n) {
        const Settled settled;
        const OneFails one_fails(n);
        failed = use();
        settled.must_be();
    }
    check(n > 2, "there are allocations that can fail");
}

}  // namespace

// ---- memory that runs out, at every moment

TEST(S3_S24_whichever_allocation_fails_nothing_is_lost_and_the_send_can_be_repeated) {
    for_every_allocation([] {
        unsigned failures = 0;
        recorded::Recorder recorder;
        try {
            auto [tx, rx] = recorded::channel<Blocks>();
            const auto send = [&failures, &sender = tx] {
                try {
                    check(sender.send(), "the send succeeds");
                    return true;
                } catch (const std::bad_alloc&) {
                    ++failures;
                    return false;
                }
            };
            unsigned sent = 0;
            for (int i = 0; i != 20; ++i) sent += send();
            for (int i = 0; i != 10; ++i) check(rx.recv() != "disconnected", "a value comes");
            for (int i = 0; i != 20; ++i) sent += send();
            tx.drop();
            rx.iterate();
            check(rx.received() == sent, "what was sent is received");
        } catch (const std::bad_alloc&) {
            ++failures;
        }
        recorder.must_be_good();
        return failures != 0;
    });
}

TEST(S19_S24_whichever_allocation_fails_dropping_the_receiver_destroys_everything) {
    for_every_allocation([] {
        recorded::Recorder recorder;
        bool failed = false;
        try {
            auto [tx, rx] = recorded::channel<Blocks>();
            for (int i = 0; i != 30; ++i) {
                try {
                    check(tx.send(), "the send succeeds");
                } catch (const std::bad_alloc&) {
                    failed = true;
                }
            }
            rx.drop();
            check(!tx.send(), "a send after the drop fails");
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        recorder.must_be_good();
        return failed;
    });
}

TEST(S10_S24_whichever_allocation_fails_no_receiver_hangs) {
    for_every_allocation([] {
        recorded::Recorder recorder;
        bool failed = false;
        try {
            auto [tx, rx] = recorded::channel<Blocks>();
            recorder.start("sender", [&failed, sender = std::move(tx)]() mutable {
                for (int i = 0; i != 20; ++i) {
                    try {
                        sender.send();
                    } catch (const std::bad_alloc&) {
                        failed = true;
                    }
                }
            });
            rx.iterate();
            recorder.join();
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        recorder.must_be_good();
        // Blocks are recycled at the threads' own pace, so how many are allocated differs from run to run.
        return failed;
    });
}

// ---- memory that is given back

TEST(S23_a_burst_that_has_been_drained_does_not_hold_its_memory) {
    const Settled settled;
    {
        auto [tx, rx] = ferry::channel<int, announced::Platform<250, 16>>();
        const std::size_t at_rest = Account::live_bytes;
        for (int i = 0; i != 100'000; ++i) check(tx.send(int{i}).has_value(), "the send succeeds");
        const std::size_t in_burst = Account::live_bytes;
        for (int i = 0; i != 100'000; ++i) check(rx.recv() == i, "the value comes back");
        check(in_burst > at_rest + 100'000 * sizeof(int), "the burst took memory");
        check(Account::live <= settled.before + 3, "no more is held than the channel, a block and a spare");
    }
    settled.must_be();
}

TEST(S23_a_channel_in_steady_state_does_not_allocate) {
    const Settled settled;
    {
        auto [tx, rx] = ferry::channel<int, Blocks>();
        std::size_t allocations = 0;
        for (int i = 0; i != 10'000; ++i) {
            if (i == 100) allocations = Account::allocations;
            check(tx.send(int{i}).has_value(), "the send succeeds");
            check(rx.recv() == i, "the value comes back");
        }
        check(Account::allocations == allocations, "nothing was allocated once the first blocks were there");
    }
    settled.must_be();
}

TEST(S23_nothing_is_left_behind_in_whatever_order_the_handles_go) {
    const Settled settled;
    // s: the sender goes; k: its clone; r: the receiver; c: it closes.
    for (const std::string order : {"skr", "srk", "rsk", "cskr", "scrk", "skcr"}) {
        auto [tx, rx] = ferry::channel<int, Blocks>();
        auto clone = std::make_unique<ferry::Sender<int, Blocks>>(tx.clone());
        auto sender = std::make_unique<ferry::Sender<int, Blocks>>(std::move(tx));
        auto receiver = std::make_unique<ferry::Receiver<int, Blocks>>(std::move(rx));
        for (int i = 0; i != 20; ++i) says("sent", sender->send(int{i}));
        for (int i = 0; i != 7; ++i) says(std::to_string(i), receiver->recv());
        for (const char step : order) {
            if (step == 's') sender.reset();
            if (step == 'k') clone.reset();
            if (step == 'c') receiver->close();
            if (step == 'r') receiver.reset();
        }
        settled.must_be();
    }
}

// ---- messages whose destructors use channels

namespace {

/// Does something when it is destroyed, unless it was moved from.
struct Parting {
    std::function<void()> act;
    explicit Parting(std::function<void()> what) : act(std::move(what)) {}
    Parting(Parting&& other) noexcept : act(std::exchange(other.act, nullptr)) {}
    Parting& operator=(Parting&&) = delete;
    ~Parting() {
        if (act) act();
    }
};
using PartingTx = ferry::Sender<Parting, Blocks>;

}  // namespace

TEST(S15_S19_a_message_may_hold_the_last_sender_of_its_own_channel) {
    const Settled settled;
    {
        auto [tx, rx] = ferry::channel<Parting, Blocks>();
        auto last = std::make_shared<PartingTx>(tx.clone());
        check(tx.send(Parting([last] {})).has_value(), "the send succeeds");
        last.reset();
        ferry::drop(std::move(tx));
        check(rx.try_recv().has_value(), "the message with the sender is received");
        check(!rx.recv().has_value(), "and with it the last sender is gone");
    }
    {
        auto [tx, rx] = ferry::channel<Parting, Blocks>();
        auto last = std::make_shared<PartingTx>(std::move(tx));
        for (int i = 0; i != 10; ++i) check(last->send(Parting([last] {})).has_value(), "the send succeeds");
        last.reset();
        ferry::drop(std::move(rx));
    }
    settled.must_be();
}

TEST(S8_S19_a_message_that_sends_on_its_own_channel_when_it_is_destroyed_with_it_is_refused) {
    const Settled settled;
    int refused = 0;
    {
        auto [tx, rx] = ferry::channel<Parting, Blocks>();
        for (int i = 0; i != 10; ++i) {
            check(tx.send(Parting([&refused, &sender = tx] { refused += !sender.send(Parting(nullptr)).has_value(); }))
                      .has_value(),
                  "the send succeeds");
        }
        ferry::drop(std::move(rx));
        check(refused == 10, "each message was destroyed, and its send refused");
    }
    settled.must_be();
}

TEST(S19_S22_a_message_may_send_on_another_channel_or_close_or_drop_it_when_it_is_destroyed) {
    const Settled settled;
    {
        auto [tx, rx] = ferry::channel<Parting, Blocks>();
        auto [other_tx, other_rx] = ferry::channel<int, Blocks>();
        auto [third_tx, third_rx] = ferry::channel<int, Blocks>();
        auto [fourth_tx, fourth_rx] = ferry::channel<int, Blocks>();
        const std::vector<std::function<void()>> partings{
            [&sender = other_tx] { says("sent", sender.send(1)); },
            [&receiver = third_rx] { receiver.close(); },
            [&receiver = fourth_rx] { ferry::drop(std::move(receiver)); },
            [&sender = other_tx] { says("sent", sender.send(2)); },
            [&sender = other_tx] { ferry::drop(std::move(sender)); },
        };
        for (const auto& parting : partings) check(tx.send(Parting(parting)).has_value(), "the send succeeds");
        ferry::drop(std::move(rx));
        says("1", other_rx.recv());
        says("2", other_rx.recv());
        says("disconnected", other_rx.recv());
        says("given back: 3", third_tx.send(3));
        says("given back: 4", fourth_tx.send(4));
    }
    settled.must_be();
}

TEST(S19_a_destructor_that_fails_inside_does_not_end_the_drain_early_B19) {
    int destroyed = 0;
    auto [tx, rx] = ferry::channel<Parting, Blocks>();
    for (int i = 0; i != 10; ++i) {
        check(tx.send(Parting([&destroyed] {
                    try {
                        ++destroyed;
                        throw std::runtime_error("a failure that stays inside");
                    } catch (const std::runtime_error&) {
                    }
                }))
                  .has_value(),
              "the send succeeds");
    }
    ferry::drop(std::move(rx));
    check(destroyed == 10, "all messages were destroyed");
}

TEST(S17_S22_an_exception_that_leaves_a_loop_over_the_receiver_loses_only_what_it_had_in_hand) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    for (int i = 0; i != 10; ++i) says("sent", tx.send(int{i}));
    try {
        for (const int value : rx) {
            if (value == 3) throw std::runtime_error("broken off");
        }
    } catch (const std::runtime_error&) {
    }
    for (int i = 4; i != 10; ++i) says(std::to_string(i), rx.recv());
    says("empty", rx.try_recv());
}

TEST(S15_S16_an_exception_that_ends_a_sending_thread_drops_its_sender) {
    harness::Crew crew;
    auto [tx, rx] = ferry::channel<int, Blocks>();
    crew.start("sender", [sender = std::move(tx)] {
        try {
            const auto mine = sender.clone();
            says("sent", mine.send(1));
            throw std::runtime_error("broken off");
        } catch (const std::runtime_error&) {
        }
    });
    says("1", rx.recv());
    says("disconnected", rx.recv());
    crew.join();
}

TEST(S2_S24_a_value_that_can_not_be_made_is_not_sent) {
    struct Picky {
        explicit Picky(int number) : value(number) {
            if (number == 2) throw std::runtime_error("not that one");
        }
        int value;
    };
    auto [tx, rx] = ferry::channel<Picky, Blocks>();
    unsigned failures = 0;
    for (int i = 0; i != 4; ++i) {
        try {
            check(tx.send(Picky(i)).has_value(), "the send succeeds");
        } catch (const std::runtime_error&) {
            ++failures;
        }
    }
    check(failures == 1, "one could not be made");
    for (const int i : {0, 1, 3}) check(rx.recv().value().value == i, "the others were sent");
    check(!rx.try_recv().has_value(), "and no more");
}

// ---- channels in channels

namespace {

/// A message that contains a channel: its receiver, in which there may be another.
struct Link;
using LinkRx = ferry::Receiver<Link, Blocks>;
struct Link {
    std::unique_ptr<LinkRx> next;
    explicit Link(std::unique_ptr<LinkRx> inner) : next(std::move(inner)) {}
    Link(Link&& other) noexcept;
    Link& operator=(Link&&) = delete;
    ~Link();
};
Link::Link(Link&& other) noexcept = default;
Link::~Link() = default;

std::unique_ptr<LinkRx> chain_of(int links) {
    std::unique_ptr<LinkRx> inner;
    for (int i = 0; i != links; ++i) {
        auto [tx, rx] = ferry::channel<Link, Blocks>();
        check(tx.send(Link(std::move(inner))).has_value(), "the send succeeds");
        inner = std::make_unique<LinkRx>(std::move(rx));
    }
    return inner;
}

/// Runs `work` on a thread with a stack of this size.
void on_a_stack_of(std::size_t bytes, std::function<void()> work) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    check(pthread_attr_setstacksize(&attributes, bytes) == 0, "there is such a stack");
    pthread_t thread{};
    const auto run = [](void* argument) -> void* {
        (*static_cast<std::function<void()>*>(argument))();
        return nullptr;
    };
    check(pthread_create(&thread, &attributes, run, &work) == 0, "the thread starts");
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

}  // namespace

TEST(S3_S22_a_channel_is_sent_through_a_channel_and_used) {
    auto [tx, rx] = ferry::channel<ferry::Receiver<int>, Blocks>();
    auto [inner_tx, inner_rx] = ferry::channel<int>();
    says("sent", inner_tx.send(1));
    check(tx.send(std::move(inner_rx)).has_value(), "the receiver is sent");
    says("sent", inner_tx.send(2));
    auto received = rx.recv().value();
    says("sent", inner_tx.send(3));
    ferry::drop(std::move(inner_tx));
    for (const int expected : {1, 2, 3}) says(std::to_string(expected), received.recv());
    says("disconnected", received.recv());
}

TEST(S8_S19_a_receiver_that_is_destroyed_in_a_channel_refuses_sends) {
    auto [tx, rx] = ferry::channel<ferry::Receiver<int>, Blocks>();
    auto [inner_tx, inner_rx] = ferry::channel<int>();
    check(tx.send(std::move(inner_rx)).has_value(), "the receiver is sent");
    ferry::drop(std::move(rx));
    says("given back: 1", inner_tx.send(1));
}

TEST(S15_S19_a_sender_that_is_destroyed_in_a_channel_ends_its_own) {
    auto [tx, rx] = ferry::channel<ferry::Sender<int>, Blocks>();
    auto [inner_tx, inner_rx] = ferry::channel<int>();
    check(tx.send(std::move(inner_tx)).has_value(), "the sender is sent");
    says("empty", inner_rx.try_recv());
    ferry::drop(std::move(rx));
    says("disconnected", inner_rx.recv());
}

TEST(S3_S23_a_chain_of_100000_channels_each_within_the_next_is_dropped) {
    const Settled settled;
    // Dropping a channel in a channel is a call in a call: see impl/README.md for what this needs of the stack.
    on_a_stack_of(std::size_t{512} << 20, [] { chain_of(100'000).reset(); });
    settled.must_be();
}

// ---- many

TEST(S15_S17_ten_thousand_senders_send_and_are_dropped) {
    auto [tx, rx] = ferry::channel<int, Blocks>();
    std::vector<ferry::Sender<int, Blocks>> senders;
    for (int i = 0; i != 10'000; ++i) senders.push_back(i % 2 == 0 ? tx.clone() : senders.back().clone());
    ferry::drop(std::move(tx));
    for (int i = 0; i != 10'000; ++i) says("sent", senders[static_cast<std::size_t>(i)].send(int{i}));
    for (int i = 0; i != 10'000; ++i) says(std::to_string(i), rx.recv());
    while (senders.size() > 1) senders.pop_back();
    says("empty", rx.try_recv());
    senders.clear();
    says("disconnected", rx.try_recv());
}
