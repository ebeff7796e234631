// The standard platform, alone. Its atomics, because a channel whose atomics do nothing hangs rather than fails. Its
// memory, because most tests give the channel memory of their own.
#include <ferry/platform.hpp>
#include <malloc.h>

#include <cstdint>
#include <cstring>
#include <latch>
#include <limits>
#include <string>
#include <thread>

#include "harness/crew.hpp"
#include "harness/test.hpp"

using harness::check;

namespace {

using Atomic = ferry::StandardPlatform::atomic<std::uint64_t>;
constexpr auto relaxed = std::memory_order::relaxed;
constexpr std::uint64_t rounds = 200'000;

void is(std::uint64_t expected, std::uint64_t found) { harness::same(std::to_string(expected), std::to_string(found)); }

/// Two threads at once, each with a bit of its own.
void both(auto work) {
    harness::Crew crew;
    std::latch both_are_there(2);
    for (const std::uint64_t bit : {1u, 2u}) {
        crew.start("bit " + std::to_string(bit), [bit, work, &both_are_there] {
            both_are_there.arrive_and_wait();
            work(bit);
        });
    }
    crew.join();
}

}  // namespace

TEST(S26_an_atomic_of_the_standard_platform_does_what_each_operation_says) {
    Atomic a{"a", 1};
    is(1u, a.load("", relaxed));
    a.store("", 6, relaxed);
    is(6u, a.exchange("", 12, relaxed));
    is(12u, a.fetch_add("", 3, relaxed));
    is(15u, a.fetch_sub("", 5, relaxed));
    is(10u, a.fetch_or("", 5, relaxed));
    is(15u, a.fetch_and("", 9, relaxed));
    std::uint64_t expected = 1;
    check(!a.compare_exchange("", expected, 2, relaxed, relaxed), "it has another value");
    is(9u, expected);
    check(a.compare_exchange("", expected, 2, relaxed, relaxed), "it has that value");
    is(2u, a.await("", [](std::uint64_t value) { return value == 2; }, relaxed));
}

TEST(S26_no_operation_on_an_atomic_of_the_standard_platform_loses_another_threads) {
    Atomic sum{"sum", 0}, bits{"bits", 0}, token{"token", 0}, guarded{"guarded", 0};
    both([&](std::uint64_t bit) {
        for (std::uint64_t i = 0; i != rounds; ++i) {
            sum.fetch_add("", 3, relaxed);
            sum.fetch_sub("", 1, relaxed);
            check((bits.fetch_or("", bit, relaxed) & bit) == 0, "this thread's bit was clear");
            check((bits.fetch_and("", ~bit, relaxed) & bit) != 0, "this thread's bit was set");
            for (std::uint64_t seen = guarded.load("", relaxed);
                 !guarded.compare_exchange("", seen, seen + 1, relaxed, relaxed);) {
            }
        }
    });
    is(4 * rounds, sum.load("", relaxed));
    is(2 * rounds, guarded.load("", relaxed));
    std::uint64_t taken[2] = {};
    both([&](std::uint64_t bit) {
        for (std::uint64_t i = 0; i != rounds; ++i) taken[bit - 1] += token.exchange("", 1, relaxed);
    });
    is(2 * rounds - 1, taken[0] + taken[1]);
}

namespace {

constexpr auto acquire = std::memory_order::acquire, release = std::memory_order::release;

/// Plain data goes from one thread to another: after `put` has written, by whichever operation, `is_there` says so.
void hands_over(auto put, auto is_there) {
    for (int i = 0; i != 20; ++i) {  // more take long beside other processes: each waits for a thread to begin
        Atomic flag{"flag", 0};
        int data = 0;
        harness::Crew crew;
        crew.start("writer", [&] {
            data = 1;
            put(flag);
        });
        while (!is_there(flag)) std::this_thread::yield();
        check(data == 1, "what was written before is there");
        crew.join();
    }
}

}  // namespace

TEST(S6_each_operation_on_an_atomic_of_the_standard_platform_has_the_order_that_it_is_given) {
    const auto put = [](Atomic& a) { a.store("", 1, release); };
    const auto is_there = [](Atomic& a) { return a.load("", acquire) == 1; };
    hands_over(put, is_there);
    hands_over(put, [](Atomic& a) { return a.await("", [](auto value) { return value == 1; }, acquire) == 1; });
    hands_over(put, [](Atomic& a) { return a.exchange("", 0, acquire) == 1; });
    hands_over(put, [](Atomic& a) { return a.fetch_add("", 0, acquire) == 1; });
    hands_over(put, [](Atomic& a) { return a.fetch_sub("", 0, acquire) == 1; });
    hands_over(put, [](Atomic& a) { return a.fetch_or("", 0, acquire) == 1; });
    hands_over(put, [](Atomic& a) { return a.fetch_and("", 1, acquire) == 1; });
    hands_over(put, [](Atomic& a) {
        std::uint64_t expected = 0;
        return !a.compare_exchange("", expected, 0, relaxed, acquire);
    });
    hands_over(put, [](Atomic& a) {
        std::uint64_t expected = 1;
        return a.compare_exchange("", expected, 1, acquire, relaxed);
    });
    hands_over([](Atomic& a) { a.exchange("", 1, release); }, is_there);
    hands_over([](Atomic& a) { a.fetch_add("", 1, release); }, is_there);
    hands_over([](Atomic& a) { a.fetch_sub("", ~std::uint64_t{0}, release); }, is_there);
    hands_over([](Atomic& a) { a.fetch_or("", 1, release); }, is_there);
    hands_over(
        [](Atomic& a) {
            a.fetch_add("", 3, relaxed);
            a.fetch_and("", 1, release);
        },
        is_there);
    hands_over(
        [](Atomic& a) {
            std::uint64_t expected = 0;
            a.compare_exchange("", expected, 1, release, relaxed);
        },
        is_there);
}

TEST(S26_memory_of_the_standard_platform_is_as_large_and_as_aligned_as_was_asked_for) {
    for (const std::size_t alignment : {1u, 8u, 16u, 32u, 64u, 4096u}) {
        for (const std::size_t bytes : {1u, 24u, 41u, 5001u}) {  // 41: malloc has 40 without the last
            void* several[4];
            for (void*& memory : several) {
                memory = ferry::StandardPlatform::allocate(bytes, alignment);
                check(memory != nullptr, "there is memory");
                check(reinterpret_cast<std::uintptr_t>(memory) % alignment == 0, "it is as aligned as was asked for");
                check(malloc_usable_size(memory) >= bytes, "it is as large as was asked for");
                std::memset(memory, 1, bytes);
            }
            for (void* memory : several) ferry::StandardPlatform::deallocate(memory, bytes, alignment);
        }
    }
}

// Sanitizers have a malloc of their own, which counts nothing, and ends the process where there is no memory.
#if defined(__GLIBC__) && !defined(FERRY_TEST_SANITIZED)
TEST(S24_the_standard_platform_returns_null_where_there_is_no_memory) {
    for (const std::size_t alignment : {16u, 64u}) {
        const std::size_t too_much = std::numeric_limits<std::ptrdiff_t>::max() - 4095;
        void* const memory = ferry::StandardPlatform::allocate(too_much, alignment);
        check(memory == nullptr, "there is not so much memory");
    }
}

TEST(S23_the_standard_platform_gives_its_memory_back) {
    for (const std::size_t alignment : {16u, 64u}) {
        const std::size_t bytes = 5000;  // malloc keeps smaller pieces at hand, and counts them as used
        const auto used = [] { return mallinfo2().uordblks; };
        const std::size_t before = used();
        void* const memory = ferry::StandardPlatform::allocate(bytes, alignment);
        check(used() >= before + bytes, "it is counted");
        ferry::StandardPlatform::deallocate(memory, bytes, alignment);
        check(used() < before + bytes, "it is given back");
    }
}
#endif
