// What the machine itself takes, in nanoseconds, as a line of JSON: no channel can be faster than the parts it can't do without.
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
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
void wait_for(std::atomic<std::uint32_t>& word, std::uint32_t value) {
    for (std::uint32_t now = word.load(); now != value; now = word.load()) futex(word, FUTEX_WAIT_PRIVATE, now);
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

void* volatile kept;

double allocation() {
    return ns_each(4'000'000, [](std::uint64_t n) {
        for (std::uint64_t i = 0; i != n; ++i) {
            kept = std::malloc(256);
            std::free(kept);
        }
    });
}

/// Allocated by one thread, freed by another; in batches, so that handing them over costs nothing.
double allocation_freed_elsewhere() {
    constexpr std::size_t batch = 1024, batches = 2000;
    static std::atomic<std::vector<void*>*> full{nullptr};
    std::thread other_thread([] {
        for (std::size_t b = 0; b != batches; ++b) {
            std::vector<void*>* mine;
            while ((mine = full.exchange(nullptr)) == nullptr) std::this_thread::yield();
            for (void* p : *mine) std::free(p);
            delete mine;
        }
    });
    const auto begin = Clock::now();
    for (std::size_t b = 0; b != batches; ++b) {
        auto* mine = new std::vector<void*>(batch);
        for (void*& p : *mine) p = std::malloc(33);
        while (full.load() != nullptr) std::this_thread::yield();
        full = mine;
    }
    other_thread.join();
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(batch * batches);
}

double first_touch_of_a_page() {
    constexpr std::size_t pages = 8192;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    auto* memory = static_cast<volatile char*>(mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED) std::abort();
    madvise(const_cast<char*>(memory), pages * page, MADV_NOHUGEPAGE);
    return ns_each(pages, [&](std::uint64_t n) {
        for (std::size_t i = 0; i != n; ++i) memory[i * page] = 1;
    });
}

}  // namespace

int main() {
    std::printf("{\"locked instruction\": %.2f, \"locked instruction, contended\": %.2f, \"cache line there and back\": %.1f, "
                "\"kernel wake-up\": %.0f, \"allocation and release\": %.2f, \"allocation released elsewhere\": %.2f, "
                "\"first touch of a page\": %.0f}\n",
                locked(1), locked(2), line_round_trip(), kernel_wake_up(), allocation(), allocation_freed_elsewhere(), first_touch_of_a_page());
}
