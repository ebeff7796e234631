// Code that the channel runs and that calls the channel: a value's move constructor and destructor, the allocator. At every
// slot of a block, in every call that runs it, and within itself: each value once, and nothing left behind.
#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "harness/ends.hpp"
#include "harness/test.hpp"
#include "platforms/announced.hpp"

using announced::Account;
using harness::aborts_with;
using harness::check;
using harness::same;
using harness::says;
using namespace std::chrono_literals;

namespace {

using Blocks = announced::Platform<3, 2>;
constexpr int positions = 9;  // of slots: the first block, and more than two others

/// Calls back when it is moved, or destroyed, with a number.
class Value {
  public:
    explicit Value(int number) : number_(number) { ++living; }
    Value(Value&& other) noexcept : number_(std::exchange(other.number_, 0)) { call(when_moved); }
    ~Value() {
        if (number_ == 0) return;
        --living;
        call(when_destroyed);
    }
    int number() const { return number_; }

    static inline std::atomic<int> living = 0;
    using Callback = std::function<void(int)>;
    static inline Callback when_moved, when_destroyed;

  private:
    void call(const Callback& callback) const {
        if (number_ == 0 || !callback) return;
        const int number = number_;
        callback(number);
        check(number_ == number, "the value has kept its place meanwhile");
    }
    int number_;
};

using Tx = ferry::Sender<Value, Blocks>;
using Rx = ferry::Receiver<Value, Blocks>;

/// A channel on whose own thread everything happens, and what was received of it.
struct Channel {
    std::optional<Tx> tx;
    std::optional<Rx> rx;
    std::vector<int> seen;

    Channel() {
        auto [sender, receiver] = ferry::channel<Value, Blocks>();
        tx.emplace(std::move(sender));
        rx.emplace(std::move(receiver));
    }
    bool send(int number) { return tx->send(Value(number)).has_value(); }
    bool try_recv() {
        auto answer = rx->try_recv();
        if (answer) seen.push_back(answer->number());
        return answer.has_value();
    }
};

/// In every way to receive what is there.
void receive_one(Channel& channel, int way) {
    switch (way) {
        case 0: channel.seen.push_back(channel.rx->recv().value().number()); break;
        case 1: channel.seen.push_back(channel.rx->try_recv().value().number()); break;
        case 2: channel.seen.push_back(channel.rx->recv_for(0s).value().number()); break;
        case 3: channel.seen.push_back((*channel.rx->begin()).number()); break;
        default: channel.seen.push_back((*channel.rx->try_iter().begin()).number());
    }
}
constexpr int ways = 5;

/// A thread that is alone can't wait: nobody would end it.
struct Alone : announced::Director {
    void in_vain(std::string_view step) override { check(false, "waits for itself at " + std::string(step)); }
};

/// Nothing is left when a test's channel is gone.
struct Settled {
    const std::size_t before = Account::live;
    ~Settled() noexcept(false) {
        Value::when_moved = Value::when_destroyed = nullptr;
        check(Account::live == before && announced::Quarantine::is_unspoiled(),
              "all memory was given back, and left alone");
        check(Value::living.exchange(0) == 0, "each value was destroyed once");
    }
};

/// Does `act` while the value of that number is moved, or destroyed, in every way to receive it; `depth` times within itself.
void while_received(const std::function<void(Channel&, int depth)>& act) {
    for (const auto moment : {&Value::when_moved, &Value::when_destroyed}) {
        for (int at = 1; at <= positions; ++at) {
            for (int way = 0; way != ways; ++way) {
                const Settled settled;
                Channel channel;
                for (int i = 1; i <= positions + 6; ++i) channel.send(i);
                for (int i = 1; i < at; ++i) channel.try_recv();
                int depth = 0;
                *moment = [&](int number) {
                    if (number < at || depth == 3) return;
                    act(channel, ++depth);
                };
                receive_one(channel, way);
                *moment = nullptr;
            }
        }
    }
}

void same_numbers(int first, int last, std::vector<int> seen) {
    std::ranges::sort(seen);
    check(std::ranges::adjacent_find(seen) == seen.end(), "no value was received twice");
    check(std::cmp_equal(seen.size(), last - first + 1) &&
              (seen.empty() || (seen.front() == first && seen.back() == last)),
          "each value was received");
}

const std::string why = "inside of send waits for that send";

}  // namespace

// ---- in a receive

TEST(S3_S25_a_value_that_is_being_received_may_receive_the_next) {
    for (int next = 0; next != ways; ++next) {
        while_received([next](Channel& channel, int) { receive_one(channel, next); });
    }
    const Settled settled;
    Channel channel;
    for (int i = 1; i <= positions; ++i) channel.send(i);
    Value::when_destroyed = [&](int) { channel.try_recv(); };
    while (channel.try_recv()) {
    }
    Value::when_destroyed = nullptr;
    same_numbers(1, positions, channel.seen);
}

TEST(S3_S25_a_value_that_is_being_received_may_drain_the_channel_and_fill_it_again) {
    while_received([](Channel& channel, int depth) {
        for (const Value& value : channel.rx->try_iter()) channel.seen.push_back(value.number());
        for (int i = 0; i != 7; ++i) check(channel.send(1000 * depth + i), "the send succeeds");
    });
}

TEST(S3_S25_a_value_that_is_being_received_may_send_clone_and_ask) {
    while_received([](Channel& channel, int depth) {
        for (int i = 0; i != 4; ++i)
            check(channel.tx->clone().send(Value(1000 * depth + i)).has_value(), "the send succeeds");
        check(!channel.rx->is_disconnected() && !channel.tx->is_disconnected(), "it is connected");
    });
}

TEST(S15_S25_a_value_that_is_being_received_may_drop_the_last_sender) {
    while_received([](Channel& channel, int) {
        channel.tx.reset();
        channel.try_recv();
        check(!channel.rx->is_disconnected(), "values are left");
    });
}

TEST(S20_S25_a_value_that_is_being_received_may_close) {
    while_received([](Channel& channel, int) {
        channel.rx->close();
        check(!channel.send(100) && channel.tx->is_disconnected(), "nothing is let in");
        channel.try_recv();
    });
}

TEST(S19_S25_a_value_that_is_being_received_may_drop_the_receiver) {
    for (const int dropping : {1, 2, 3}) {
        while_received([dropping](Channel& channel, int depth) {
            if (depth < dropping) {
                channel.try_recv();
            } else {
                channel.rx.reset();
                check(channel.tx->is_disconnected() && !channel.send(100), "nothing is let in");
            }
        });
    }
}

TEST(S19_S25_a_value_that_is_being_received_may_drop_both_ends) {
    while_received([](Channel& channel, int) {
        channel.tx.reset();
        channel.rx.reset();
    });
}

TEST(S19_S25_a_value_that_is_destroyed_in_the_drop_may_receive_send_clone_and_close) {
    for (int queued = 1; queued <= positions; ++queued) {
        const Settled settled;
        Channel channel;
        for (int i = 1; i <= queued; ++i) channel.send(i);
        Rx* const receiver = &*channel.rx;
        int again = 0;
        Value::when_destroyed = [&](int number) {
            if (number == 100) return;
            check(!channel.send(100) && !channel.tx->clone().send(Value(100)).has_value(), "nothing is let in");
            receiver->close();
            check(receiver->try_recv().has_value() || receiver->is_disconnected(), "a value or the end");
            if (++again == queued) channel.tx.reset();
        };
        channel.rx.reset();
        check(again == queued, "each was destroyed");
    }
}

TEST(S19_S25_a_value_that_is_destroyed_in_the_drop_may_receive_all_behind_it) {
    for (int at = 1; at <= positions; ++at) {
        const Settled settled;
        Channel channel;
        for (int i = 1; i <= positions + 6; ++i) channel.send(i);
        Rx* const receiver = &*channel.rx;
        Value::when_destroyed = [&](int number) {
            if (number != at) return;
            while (receiver->try_recv()) {
            }
        };
        channel.rx.reset();
    }
}

// ---- in a send

namespace {

/// Does `act` while the value at that position is moved into the channel, once.
void while_sent(const std::function<void(Channel&)>& act, const std::function<void(Channel&, int at)>& then) {
    for (int at = 1; at <= positions; ++at) {
        const Alone alone;
        const Settled settled;
        Channel channel;
        for (int i = 1; i < at; ++i) channel.send(i);
        bool done = false;
        Value::when_moved = [&](int number) {
            if (number == at && !std::exchange(done, true)) act(channel);
        };
        check(channel.send(at) || channel.tx->is_disconnected(), "the send succeeds");
        check(done, "the value was moved");
        then(channel, at);
    }
}

}  // namespace

TEST(S3_S25_a_value_that_is_being_sent_may_send_more_of_them) {
    const auto send_more = [](Channel& channel) {
        for (int i = 1; i != 6; ++i) check(channel.send(100 + i), "the send succeeds");
    };
    while_sent(send_more, [](Channel& channel, int at) {
        while (channel.try_recv()) {
        }
        check(std::cmp_equal(channel.seen.size(), at + 5), "each value comes once");
        check(channel.seen.at(static_cast<std::size_t>(at - 1)) == at, "in the order in which the sends began");
    });
}

TEST(S12_S25_a_value_that_is_being_sent_is_not_yet_there) {
    const auto receive_all = [](Channel& channel) {
        while (channel.try_recv()) {
        }
        check(channel.rx->try_iter().begin() == std::default_sentinel, "an iteration finds nothing either");
        check(!channel.rx->is_disconnected(), "nor is it the end");
    };
    while_sent(receive_all, [](Channel& channel, int at) {
        check(channel.try_recv(), "now it is there");
        same_numbers(1, at, channel.seen);
    });
}

TEST(S20_S25_a_value_that_is_being_sent_may_close_and_is_received) {
    while_sent([](Channel& channel) { channel.rx->close(); },
               [](Channel& channel, int at) {
                   while (channel.try_recv()) {
                   }
                   same_numbers(1, at, channel.seen);
                   check(channel.rx->is_disconnected() && !channel.send(100), "it is closed");
               });
}

TEST(S19_S25_a_value_that_is_being_sent_may_drop_the_receiver) {
    const auto drop_it = [](Channel& channel) {
        check(channel.send(100), "a send within a send succeeds");
        channel.rx.reset();
    };
    while_sent(drop_it, [](Channel& channel, int) {
        check(Value::living == 0, "all were destroyed when the send returns");
        check(!channel.send(200), "nothing is let in");
    });
}

TEST(S10_S25_a_receive_that_waits_for_the_value_that_is_being_sent_ends_the_process) {
    for (int at = 1; at <= positions; at += 4) {
        aborts_with(why, [at] {
            Channel channel;
            for (int i = 1; i != at; ++i) channel.send(i);
            Value::when_moved = [&](int number) {
                if (number == at) {
                    while (channel.rx->recv()) {
                    }
                }
            };
            channel.send(at);
        });
    }
    aborts_with(why, [] {
        Channel channel;
        Value::when_moved = [&](int) { (void)channel.rx->recv_for(1h).has_value(); };
        channel.send(1);
    });
}

// ---- in the allocator

namespace {

/// Calls back when memory is asked for.
class WhenAllocated : public Alone {
  public:
    explicit WhenAllocated(std::function<void()> callback) : callback_(std::move(callback)) {}
    bool has_memory() override { return callback_(), true; }

  private:
    std::function<void()> callback_;
};

}  // namespace

TEST(S24_S25_an_allocator_that_sends_on_the_channel_that_grows_gets_bad_alloc) {
    const Settled settled;
    Channel channel;
    int refused = 0;
    const WhenAllocated director([&] {
        try {
            channel.send(100);
        } catch (const std::bad_alloc&) {
            ++refused;
        }
    });
    for (int i = 1; i <= positions; ++i) check(channel.send(i), "the send that grows succeeds");
    check(refused == 3, "once for each block");
    while (channel.try_recv()) {
    }
    same_numbers(1, positions, channel.seen);
}

TEST(S24_S25_an_allocator_may_receive_and_clone_and_send_on_another_channel) {
    const Settled settled;
    {
        Channel channel, other;
        bool is_other = false;
        const WhenAllocated director([&] {
            if (std::exchange(is_other, true)) return;
            while (channel.try_recv()) {
            }
            const auto clone = channel.tx->clone();
            check(!channel.rx->is_disconnected() && !clone.is_disconnected(), "it is connected");
            for (int i = 0; i != 5; ++i) check(other.send(100 + i), "the send on another channel succeeds");
            is_other = false;
        });
        for (int i = 1; i <= positions; ++i) check(channel.send(i), "the send that grows succeeds");
        while (channel.try_recv()) {
        }
        same_numbers(1, positions, channel.seen);
    }
}

TEST(S10_S20_S25_an_allocator_that_waits_for_the_block_that_it_makes_ends_the_process) {
    const auto grow = [](auto act) {
        return [act] {
            Channel channel;
            const WhenAllocated director([&] { act(channel); });
            for (int i = 1; i <= positions; ++i) channel.send(i);
        };
    };
    aborts_with(why, grow([](Channel& channel) {
                    while (channel.rx->recv()) {
                    }
                }));
    aborts_with(why, grow([](Channel& channel) { channel.rx->close(); }));
}

// ---- with another thread

TEST(S3_S25_values_that_send_more_of_them_while_another_thread_receives) {
    const Settled settled;
    {
        Channel channel;
        std::atomic<int> calls = 0;
        Value::when_moved = [&, sender = std::this_thread::get_id()](int number) {
            if (std::this_thread::get_id() != sender || number >= 1'000'000) return;
            ++calls;
            check(channel.send(1'000'000 * calls), "the send succeeds");
        };
        std::jthread receiver([&, rx = std::move(*channel.rx)]() mutable {
            for (const Value& value : rx) channel.seen.push_back(value.number());
        });
        for (int i = 1; i <= 300; ++i) check(channel.send(i), "the send succeeds");
        channel.tx.reset();
        receiver.join();
        same_numbers(
            1, 300,
            {channel.seen.begin(), std::ranges::remove_if(channel.seen, [](int n) { return n >= 1'000'000; }).begin()});
        check(calls >= 300, "each move sent one more");
    }
}
