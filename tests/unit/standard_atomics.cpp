// The atomics of the standard platform, alone: a channel whose atomics do nothing hangs rather than fails.
#include <ferry/platform.hpp>

#include <cstdint>
#include <latch>
#include <string>

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
