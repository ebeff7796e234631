// Memory that can't be had, or lies too far off; how much a value takes; and how many senders the algorithm can count.
#include <ferry/sync_channel.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <latch>
#include <string>

#include "harness/crew.hpp"
#include "harness/ends.hpp"
#include "platforms/announced.hpp"
#include "harness/test.hpp"

using announced::Account;
using harness::check;
using harness::same;
using harness::says;

namespace {

constexpr unsigned slots = 4, first_slots = 2;
using Blocks = announced::Platform<slots, first_slots>;

/// Lets allocations fail: `bad` of them, after `good` that succeed.
class Poverty : public announced::Director {
  public:
    explicit Poverty(unsigned good, unsigned bad = 1) : good_(good), bad_(bad) {}
    bool has_memory() override {
        if (good_ != 0) return --good_, true;
        if (bad_ != 0) return --bad_, false;
        return true;
    }

  private:
    unsigned good_, bad_;
};

/// The error with which a send of this value failed, in words.
template <class T, class Platform>
std::string error_of_sending(const ferry::Sender<T, Platform>& tx, T& value) {
    try {
        return harness::in_words(tx.send(std::move(value)));
    } catch (const std::bad_alloc& error) {
        return error.what();
    }
}

/// A channel whose first block is full, and the value that does not fit in any more.
struct Full {
    std::pair<ferry::Sender<std::unique_ptr<int>, Blocks>, ferry::Receiver<std::unique_ptr<int>, Blocks>> channel =
        ferry::channel<std::unique_ptr<int>, Blocks>();
    ferry::Sender<std::unique_ptr<int>, Blocks>& tx = channel.first;
    ferry::Receiver<std::unique_ptr<int>, Blocks>& rx = channel.second;
    std::unique_ptr<int> next = std::make_unique<int>(first_slots);

    Full() {
        for (unsigned i = 0; i != first_slots; ++i) says("sent", tx.send(std::make_unique<int>(i)));
    }
    void drain() {
        for (unsigned i = 0; i != first_slots; ++i) says(std::to_string(i), rx.recv());
    }
};

}  // namespace

// ---- a failed allocation

TEST(S24_a_failed_allocation_throws_and_leaves_value_and_channel_as_they_were) {
    Full full;
    {
        const Poverty poverty(0, 3);
        for (int attempt = 0; attempt != 3; ++attempt) {
            same("std::bad_alloc", error_of_sending(full.tx, full.next));
            says("2", full.next);
        }
    }
    same("sent", error_of_sending(full.tx, full.next));
    full.drain();
    says("2", full.rx.recv());
    says("empty", full.rx.try_recv());
}

TEST(S24_after_a_failed_allocation_an_empty_channel_is_empty_and_ends_as_ever) {
    Full full;
    const Poverty poverty(0);
    same("std::bad_alloc", error_of_sending(full.tx, full.next));
    full.drain();
    says("empty", full.rx.try_recv());
    says("timeout", full.rx.recv_for(std::chrono::seconds(0)));
    ferry::drop(std::move(full.tx));
    says("disconnected", full.rx.recv());
}

TEST(S20_S24_after_a_failed_allocation_and_a_close_the_channel_drains_and_refuses) {
    Full full;
    const Poverty poverty(0);
    same("std::bad_alloc", error_of_sending(full.tx, full.next));
    full.rx.close();
    same("given back: 2", error_of_sending(full.tx, full.next));
    full.drain();
    says("disconnected", full.rx.recv());
}

TEST(S20_S24_an_allocation_that_fails_while_the_receiver_closes_neither_hangs_nor_loses_a_value) {
    // The sender stops in the middle of its allocation, until the receiver is waiting for it to be over.
    class InTheMiddle : public announced::Director {
      public:
        bool has_memory() override {
            allocating_.count_down();
            waiting_.wait();
            return false;
        }
        void in_vain(std::string_view step) override {
            if (step == "CloseAwaitInstall" && !waiting_.try_wait()) waiting_.count_down();
        }
        void wait_for_allocation() { allocating_.wait(); }

      private:
        std::latch allocating_{1}, waiting_{1};
    };
    harness::Crew crew;
    Full full;
    InTheMiddle in_the_middle;
    crew.start("receiver", [&] {
        in_the_middle.wait_for_allocation();
        full.rx.close();
        full.drain();
        says("disconnected", full.rx.recv());
    });
    same("std::bad_alloc", error_of_sending(full.tx, full.next));
    says("2", full.next);
    crew.join();
    same("given back: 2", error_of_sending(full.tx, full.next));
}

TEST(S24_a_channel_that_cannot_be_made_throws) {
    const Poverty poverty(0);
    bool thrown = false;
    try {
        [[maybe_unused]] const auto channel = ferry::channel<int, Blocks>();
    } catch (const std::bad_alloc&) {
        thrown = true;
    }
    check(thrown, "making the channel throws std::bad_alloc");
    check(Account::live == 0, "nothing is left behind");
}

TEST(S24_a_bounded_channel_that_cannot_be_made_throws_and_leaves_nothing_behind) {
    for (const unsigned good : {0U, 1U}) {
        const Poverty poverty(good);
        bool thrown = false;
        try {
            [[maybe_unused]] const auto channel = ferry::sync_channel<int, Blocks>(100);
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        check(thrown, "making the channel throws std::bad_alloc");
        check(Account::live == 0, "nothing is left behind");
    }
}

TEST(S25_large_values_may_lie_in_blocks_of_any_number_of_slots) {
    using Large = std::array<int, 40>;
    auto [tx, rx] = ferry::channel<Large, announced::Platform<3, 1>>();
    for (int i = 0; i != 10; ++i) {
        Large large;
        large.fill(i);
        check(tx.send(std::move(large)).has_value(), "sent");
    }
    for (int i = 0; i != 10; ++i) {
        const auto large = rx.recv();
        check(large && std::count(large->begin(), large->end(), i) == 40, "it is whole");
    }
}

// ---- addresses beyond 48 bits

namespace {

/// From the allocation after `near` others on, memory lies beyond 48 bits of address. Nothing is there: it must be
/// given back, untouched.
struct FarAway : announced::Platform<3, 1> {
    using Near = announced::Platform<3, 1>;
    static inline unsigned near = 0, far = 0;
    static inline std::size_t bytes_far = 0;

    static void* there() noexcept { return reinterpret_cast<void*>(std::uintptr_t{1} << 48); }
    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        if (near != 0) return --near, Near::allocate(bytes, alignment);
        ++far;
        bytes_far = bytes;
        return there();
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        if (memory != there()) return Near::deallocate(memory, bytes, alignment);
        if (bytes == bytes_far) --far;
    }
};

}  // namespace

TEST(S24_a_block_beyond_48_bits_of_address_is_refused_and_given_back) {
    FarAway::near = 1;
    auto [tx, rx] = ferry::channel<int, FarAway>();
    int next = 1;  // as many as the first block has room for
    for (int i = 0; i != next; ++i) says("sent", tx.send(int{i}));
    same("ferry: memory beyond 48 bits of address", error_of_sending(tx, next));
    check(FarAway::far == 0, "the memory was given back");
    FarAway::near = 1;
    same("sent", error_of_sending(tx, next));
    for (int i = 0; i <= next; ++i) says(std::to_string(i), rx.recv());
    says("empty", rx.try_recv());
}

TEST(S24_a_channel_beyond_48_bits_of_address_is_refused_and_given_back) {
    FarAway::near = 0;
    bool thrown = false;
    try {
        [[maybe_unused]] const auto channel = ferry::channel<int, FarAway>();
    } catch (const ferry::AddressTooWide&) {
        thrown = true;
    }
    check(thrown, "making the channel throws AddressTooWide");
    check(FarAway::far == 0, "the memory was given back");
}

TEST(S24_the_word_has_room_for_each_address_of_48_bits) {
    using Block = ferry::detail::Block<int, Blocks>;
    for (unsigned bit = 3; bit != 48; ++bit) {
        auto* const block = reinterpret_cast<Block*>(std::uintptr_t{1} << bit);
        const ferry::detail::Word w = Block::pack(block, slots);
        check(Block::of(w) == block && ferry::detail::word::count(w) == slots, "the address and the count are there");
        check(ferry::detail::is_usable(block, alignof(Block)), "it can be used");
    }
}

// ---- too many threads inside send

namespace {

/// A platform on which one claim of a slot can count for many, as if as many threads had come at once; and on which a
/// sender that has to wait for an installer says so instead.
struct Crowd : ferry::StandardPlatform {
    struct HaveToWait {};
    static inline std::uint64_t threads = 1;

    template <class U>
    struct atomic : ferry::detail::Atomic<U> {
        using Base = ferry::detail::Atomic<U>;
        using Base::Base;
        U fetch_add(ferry::Name step, U value, std::memory_order order) {
            if (std::string_view(step.text) == "SendClaim") value *= static_cast<U>(threads);
            return Base::fetch_add(step, value, order);
        }
        template <class Predicate>
        U await(ferry::Name, Predicate satisfied, std::memory_order) const {
            const U value = Base::load("", std::memory_order::relaxed);
            if (!satisfied(value)) throw HaveToWait();
            return value;
        }
    };
    template <class>
    static constexpr unsigned block_slots = 4;
    template <class>
    static constexpr unsigned first_block_slots = 4;
};

constexpr unsigned most_claims = 1u << 15;

/// Sends once when the word's count stands at `claims`: the process may end there, and the channel is unusable afterwards.
std::string outcome_of_send_at(std::uint64_t claims) {
    return harness::end_of([claims] {
        auto* const channel = new auto(ferry::channel<int, Crowd>());
        Crowd::threads = claims;
        if (!channel->first.send(1)) _exit(1);
        try {
            if (!channel->first.send(2)) _exit(2);
        } catch (const Crowd::HaveToWait&) {
            _exit(3);
        }
    });
}

}  // namespace

TEST(S24_more_than_32767_sends_that_wait_for_a_block_end_the_process_loudly) {
    same("ferry: more than 32,000 sends wait for one block\nsignal " + std::to_string(SIGABRT),
         outcome_of_send_at(most_claims));
    same("exit 3", outcome_of_send_at(most_claims - 1));
}

// ---- how much memory

namespace {

struct Weighing : ferry::StandardPlatform {
    static inline std::size_t bytes = 0;
    static void* allocate(std::size_t size, std::size_t alignment) noexcept {
        bytes += size;
        return ferry::StandardPlatform::allocate(size, alignment);
    }
};

std::size_t bytes_of(auto make_channel) {
    Weighing::bytes = 0;
    [[maybe_unused]] const auto ends = make_channel();
    return Weighing::bytes;
}

/// How much of the memory that unread values take falls to one of them; a little of it is the head of its block.
template <class T>
double bytes_of_one() {
    constexpr std::size_t queued = 100'000;
    Weighing::bytes = 0;
    auto [tx, rx] = ferry::channel<T, Weighing>();
    for (std::size_t i = 0; i != queued; ++i) check(tx.send(T{}).has_value(), "sent");
    return static_cast<double>(Weighing::bytes) / queued;
}

}  // namespace

TEST(S23_a_queued_value_takes_little_more_memory_than_itself) {
    check(bytes_of_one<std::uint64_t>() < 9.1, "8 bytes take 9");
    check(bytes_of_one<std::array<char, 32>>() < 33.2, "32 bytes take 33");
    check(bytes_of_one<std::array<std::uint64_t, 128>>() < 1'033, "1,024 bytes take 1,032");
}

TEST(S23_a_new_channel_takes_little_memory) {
    using Value = std::uint64_t;
    check(bytes_of([] { return ferry::channel<Value, Weighing>(); }) <= 640, "640 bytes");
    check(bytes_of([] { return ferry::sync_channel<Value, Weighing>(16); }) <= 960, "16 values: 960 bytes");
    check(bytes_of([] { return ferry::sync_channel<Value, Weighing>(1024); }) <= 10'032, "1,024 values: 10,032 bytes");
    static_assert(sizeof(ferry::Sender<Value>) == sizeof(void*) && sizeof(ferry::Receiver<Value>) == sizeof(void*));
}

TEST(S24_a_ring_of_few_small_values_lies_inside_of_its_channel_and_a_larger_one_takes_what_its_groups_take) {
    const auto bytes = [](std::size_t capacity) {
        return bytes_of([capacity] { return ferry::sync_channel<int, Weighing>(capacity); });
    };
    const std::size_t inside = bytes(1), two_groups = bytes(32) - bytes(16);
    check(bytes(8) == inside, "a group of eight");
    check(two_groups >= 16 * sizeof(int) && bytes(16) == inside + two_groups, "two groups lie apart, and no third one");
}
