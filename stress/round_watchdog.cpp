#include "round_watchdog.hpp"

#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#if defined(FERRY_TEST_SANITIZED)
#include <sanitizer/common_interface_defs.h>
#endif

namespace stress {

namespace {

/// A crowd has many stacks that are alike.
constexpr int most_stacks = 12;

constexpr std::chrono::seconds patience_after_a_report(3);

std::atomic<bool> printed{false};

extern "C" void on_stack_wanted(int) {
    Watchdog::print_stack();
    printed.store(true, std::memory_order::release);
}

void print_stack_of(pthread_t thread) {
    printed.store(false, std::memory_order::relaxed);
    if (pthread_kill(thread, SIGUSR1) != 0) return;
    // A sanitizer delivers a signal when the thread calls the system next; one that never does has no stack to show.
    for (int i = 0; i != 100 && !printed.load(std::memory_order::acquire); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

void Watchdog::print_stack() noexcept {
#if defined(FERRY_TEST_SANITIZED)
    __sanitizer_print_stack_trace();
#else
    void* frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
#endif
}

Watchdog::Watchdog(std::chrono::seconds patience, std::function<void(const std::string&)> last_words)
    : patience_(patience), last_words_(std::move(last_words)) {
    struct sigaction action{};
    action.sa_handler = on_stack_wanted;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        changed_.notify_one();
    }
    thread_.join();
}

void Watchdog::watch(Cast* cast) {
    const std::lock_guard lock(mutex_);
    cast_ = cast;
}

void Watchdog::run() {
    // Counted in looks, not in time: the whole process may have been stopped for an hour.
    constexpr std::chrono::milliseconds between_looks(500);
    std::chrono::milliseconds still{0}, reported{0};
    std::uint64_t before = 0;
    Cast* watched = nullptr;
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, between_looks, [this] { return over_; })) {
        std::uint64_t progress = 0;
        if (cast_ != nullptr) {
            cast_->visit([&](const auto& actors, const History&) {
                for (const Actor& actor : actors) progress += actor.progress.load(std::memory_order::relaxed);
            });
        }
        const bool moves = cast_ == nullptr || cast_ != watched || progress != before;
        still = moves ? std::chrono::milliseconds(0) : still + between_looks;
        reported = cast_ == nullptr || !hurried_ ? std::chrono::milliseconds(0) : reported + between_looks;
        watched = cast_;
        before = progress;
        if (reported > patience_after_a_report) end("the round was broken off");
        if (still > patience_) bark();
    }
}

void Watchdog::end(const std::string& words) {
    last_words_(words);
    std::_Exit(EXIT_FAILURE);
}

void Watchdog::bark() {
    std::ostringstream summary;
    summary << "nothing moves:";
    int stacks = 0;
    cast_->visit([&](const auto& actors, const History&) {
        std::fprintf(stderr, "Nothing has moved for %lld seconds. Which thread waits where:\n",
                     static_cast<long long>(patience_.count()));
        unsigned named = 0;
        for (const Actor& actor : actors) {
            if (!actor.at_work.load(std::memory_order::relaxed)) continue;
            const char* const call = actor.call.load(std::memory_order::relaxed);
            const char* const step = actor.step.load(std::memory_order::relaxed);
            const unsigned channel = actor.channel.load(std::memory_order::relaxed);
            const double seconds = static_cast<double>(now() - actor.since.load(std::memory_order::relaxed)) / 1e9;
            std::fprintf(stderr, "  %-16s %s on channel %u%s%s, for %.1f seconds\n", actor.log.name().c_str(), call,
                         channel, step != nullptr ? ", at " : "", step != nullptr ? step : "", seconds);
            if (++named <= 4)
                summary << (named == 1 ? " " : ", ") << actor.log.name() << ": " << call
                        << (step != nullptr ? " at " : "") << (step != nullptr ? step : "");
        }
        for (const Actor& actor : actors) {
            if (!actor.at_work.load(std::memory_order::relaxed) || ++stacks > most_stacks) continue;
            std::fprintf(stderr, "\nStack of %s:\n", actor.log.name().c_str());
            print_stack_of(actor.handle.load(std::memory_order::relaxed));
        }
    });
    end(summary.str());
}

}  // namespace stress
