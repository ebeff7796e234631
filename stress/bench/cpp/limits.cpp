// What the machine itself takes, in nanoseconds, as a line of JSON: no channel can be faster than the parts it can't do without.
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

template <class Work>
double ns_each(std::uint64_t n, Work work) {
    const auto begin = Clock::now();
    work(n);
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(n);
}

alignas(128) std::atomic<std::uint64_t> shared{0};
alignas(128) std::atomic<std::uint64_t> other{0};

double locked(unsigned threads) {
    std::atomic<unsigned> there{0};
    std::vector<std::thread> crowd;
    const std::uint64_t n = 4'000'000 / threads;
    const auto work = [&] {
        ++there;
        while (there != threads) {
        }
        for (std::uint64_t i = 0; i != n; ++i) shared.fetch_add(1, std::memory_order_acquire);
    };
    const auto begin = Clock::now();
    for (unsigned t = 1; t != threads; ++t) crowd.emplace_back(work);
    work();
    for (auto& t : crowd) t.join();
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(n * threads);
}

/// A cache line to another processor and back.
double line_round_trip() {
    constexpr std::uint64_t n = 500'000;
    shared = other = 0;
    std::thread echo([] {
        for (std::uint64_t i = 1; i <= n; ++i) {
            while (shared.load(std::memory_order_acquire) != i) {
            }
            other.store(i, std::memory_order_release);
        }
    });
    const double ns = ns_each(n, [](std::uint64_t times) {
        for (std::uint64_t i = 1; i <= times; ++i) {
            shared.store(i, std::memory_order_release);
            while (other.load(std::memory_order_acquire) != i) {
            }
        }
    });
    echo.join();
    return ns;
}

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
    syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}
/// Until the word, which only grows, is at least this.
void wait_for(std::atomic<std::uint32_t>& word, std::uint32_t value) {
    for (std::uint32_t now = word.load(); now < value; now = word.load()) futex(word, FUTEX_WAIT_PRIVATE, now);
}

/// A sleeping thread woken, which wakes the first one in turn: half of that.
double kernel_wake_up() {
    constexpr std::uint32_t n = 20'000;
    static std::atomic<std::uint32_t> ping{0}, pong{0};
    std::thread echo([] {
        for (std::uint32_t i = 1; i <= n; ++i) {
            wait_for(ping, i);
            pong = i;
            futex(pong, FUTEX_WAKE_PRIVATE, 1);
        }
    });
    const double ns = ns_each(n, [](std::uint64_t times) {
        for (std::uint32_t i = 1; i <= times; ++i) {
            ping = i;
            futex(ping, FUTEX_WAKE_PRIVATE, 1);
            wait_for(pong, i);
        }
    });
    echo.join();
    return ns / 2;
}

/// A sleeping thread woken by one that goes to sleep itself: from just before to when the woken one runs; median.
double kernel_wake_up_before_sleeping() {
    constexpr std::uint32_t n = 300;
    static std::atomic<std::uint32_t> word{0};
    static std::atomic<Clock::rep> woken_at{0};
    std::vector<double> latencies;
    std::thread sleeper([&latencies] {
        for (std::uint32_t i = 1; i <= n; ++i) {
            wait_for(word, i);
            latencies.push_back(static_cast<double>(Clock::now().time_since_epoch().count() - woken_at));
        }
    });
    for (std::uint32_t i = 1; i <= n; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        woken_at = Clock::now().time_since_epoch().count();
        word = i;
        futex(word, FUTEX_WAKE_PRIVATE, 1);
    }
    sleeper.join();
    std::sort(latencies.begin(), latencies.end());
    return latencies[n / 2];
}

/// Two threads on one processor, which yield it to each other: to the other and back.
double processor_there_and_back() {
    static std::atomic<std::uint64_t> turn{0};
    const auto take_turns = [](std::uint64_t mine, std::uint64_t n) {
        cpu_set_t first;
        CPU_ZERO(&first);
        CPU_SET(0, &first);
        if (sched_setaffinity(0, sizeof first, &first) != 0) std::abort();  // on two processors it is another figure
        for (std::uint64_t t = mine; t < 2 * n; t += 2) {
            while (turn != t) sched_yield();
            turn = t + 1;
        }
    };
    return ns_each(100'000, [&](std::uint64_t n) {
        std::thread one(take_turns, 0, n), other_one(take_turns, 1, n);
        one.join();
        other_one.join();
    });
}

/// Batches that one thread makes and another one uses: there are two, so that handing them over costs nothing. For one item.
template <class Item, class Make, class Use>
double handed_over(std::uint64_t batches, Make make, Use use) {
    constexpr std::size_t batch = 1024;
    static std::array<std::vector<Item>, 2> items{std::vector<Item>(batch), std::vector<Item>(batch)};
    static std::atomic<std::uint64_t> made{0}, used{0};
    std::thread user([&] {
        for (std::uint64_t b = 0; b != batches; ++b) {
            while (made == b) std::this_thread::yield();
            for (Item& item : items[b % 2]) use(item);
            used = b + 1;
        }
    });
    const double ns = ns_each(batches * batch, [&](std::uint64_t) {
        for (std::uint64_t b = 0; b != batches; ++b) {
            while (used + 2 == b) std::this_thread::yield();
            for (Item& item : items[b % 2]) make(item);
            made = b + 1;
        }
        while (used != batches) std::this_thread::yield();
    });
    user.join();
    return ns;
}

void* volatile kept;

double allocation() {
    return ns_each(4'000'000, [](std::uint64_t n) {
        for (std::uint64_t i = 0; i != n; ++i) {
            kept = std::malloc(256);
            std::free(kept);
        }
    });
}

/// Allocated and written by one thread, freed by another.
double allocation_freed_elsewhere() {
    return handed_over<void*>(
        2000, [](void*& p) { std::memset(p = std::malloc(33), 'a', 33); }, [](void*& p) { std::free(p); });
}

/// A value of 1 KiB written by one thread, and copied by another.
double large_value() {
    using Value = std::array<std::uint64_t, 128>;
    static Value sent{}, received{};
    return handed_over<Value>(500, [](Value& v) { v = sent; }, [](Value& v) { received = v; });
}

double first_touch_of_a_page() {
    constexpr std::size_t pages = 8192;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    auto* memory = static_cast<volatile char*>(
        mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED) std::abort();
    madvise(const_cast<char*>(memory), pages * page, MADV_NOHUGEPAGE);
    return ns_each(pages, [&](std::uint64_t n) {
        for (std::size_t i = 0; i != n; ++i) memory[i * page] = 1;
    });
}

}  // namespace

int main() {
    const std::pair<const char*, double> limits[] = {
        {"locked instruction", locked(1)},
        {"locked instruction, contended", locked(2)},
        {"cache line there and back", line_round_trip()},
        {"processor there and back", processor_there_and_back()},
        {"kernel wake-up", kernel_wake_up()},
        {"kernel wake-up before sleeping", kernel_wake_up_before_sleeping()},
        {"allocation and release", allocation()},
        {"allocation released elsewhere", allocation_freed_elsewhere()},
        {"1 KiB handed over", large_value()},
        {"first touch of a page", first_touch_of_a_page()},
    };
    const char* before = "{";
    for (const auto& [name, ns] : limits) std::printf("%s\"%s\": %.2f", std::exchange(before, ", "), name, ns);
    std::puts("}");
}
