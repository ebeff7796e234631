// The threads of a round, and what others can see of them while they are at work.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "history.hpp"
#include "lots.hpp"
#include "platforms/shaking.hpp"

namespace stress {

using verify::Lot;
using verify::mix;

/// What the handles of a channel share in the workload. Belongs to the thread that opened the channel, until the end of
/// the round, and orders nothing between those that use it.
struct Record {
    Record(std::uint32_t its_number, unsigned most_handles) : number(its_number), farewells(most_handles) {}
    const std::uint32_t number;
    std::atomic<std::uint32_t> handles{0};
    /// Plain data: each sender writes a word before it is dropped; who hears of the end reads them all (S21).
    std::vector<std::uint64_t> farewells;
    /// And the receiver this one, before it closes or leaves; whoever is refused reads it (S8).
    std::uint64_t closing = 0;
};

/// A thread.
struct Actor {
    Actor(Log& its_log, std::uint32_t its_number, std::uint64_t seed) : log(its_log), number(its_number), lot(seed) {}

    Log& log;
    const std::uint32_t number;
    Lot lot;
    std::uint32_t values = 0, channels = 0;
    /// Plain words written before a send and read after the receive of its value (S6).
    std::deque<std::uint64_t> said;
    std::deque<Record> records;

    // For the watchdog. All relaxed: it only looks.
    std::atomic<pthread_t> handle{};
    std::atomic<const char*> call{"not begun"};
    std::atomic<const char*> step{nullptr};
    std::atomic<std::uint32_t> channel{0};
    std::atomic<Nanoseconds> since{0};
    std::atomic<std::uint64_t> progress{0};
    std::atomic<bool> at_work{false};

    void begins(const char* what, std::uint32_t on_channel = 0) noexcept {
        call.store(what, std::memory_order::relaxed);
        channel.store(on_channel, std::memory_order::relaxed);
        since.store(now(), std::memory_order::relaxed);
    }
    /// Something is through that brings the round nearer to its end: not a look that found nothing.
    void progresses() noexcept {
        progress.store(progress.load(std::memory_order::relaxed) + 1, std::memory_order::relaxed);
    }

    static Actor& me() noexcept { return *current; }
    static inline thread_local Actor* current = nullptr;
};

/// The threads of a round with their logs. Changed only by the thread that runs the round; the lock is for the watchdog.
class Cast {
  public:
    explicit Cast(std::uint64_t seed) : seed_(seed) { enter_as(enter("the round")); }
    Cast(const Cast&) = delete;
    Cast& operator=(const Cast&) = delete;
    ~Cast() {
        join();
        Actor::current = nullptr;
        Log::of_this_thread = nullptr;
    }

    /// `work` belongs to the thread, and is destroyed by it.
    void start(const std::string& name, std::move_only_function<void()> work) {
        Actor& actor = enter(name + " " + std::to_string(threads_.size() + 1));
        threads_.emplace_back([&actor, seed = mix(seed_, actor.number), owned = std::move(work)]() mutable {
            enter_as(actor);
            announced::random_numbers().seed(static_cast<std::uint_fast32_t>(mix(seed, 1)));
            actor.at_work.store(true, std::memory_order::relaxed);
            actor.begins("begins");
            try {
                owned();
            } catch (const std::exception& error) {
                std::fprintf(stderr, "%s: %s\n", actor.log.name().c_str(), error.what());
                actor.log.wrong("the thread ended by an exception");
            }
            owned = nullptr;
            actor.begins("done");
            actor.progresses();
            actor.at_work.store(false, std::memory_order::relaxed);
        });
        actor.handle.store(threads_.back().native_handle(), std::memory_order::relaxed);
    }
    void join() {
        for (std::thread& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }
    const History& history() const noexcept { return history_; }
    std::size_t threads() const noexcept { return threads_.size(); }

    /// Calls `look(actors, history)` while nobody enters.
    template <class Look>
    void visit(Look look) {
        const std::lock_guard lock(mutex_);
        look(actors_, history_);
    }

  private:
    static void enter_as(Actor& actor) {
        Actor::current = &actor;
        Log::of_this_thread = &actor.log;
    }
    Actor& enter(const std::string& name) {
        const std::lock_guard lock(mutex_);
        const auto number = static_cast<std::uint32_t>(actors_.size());
        return actors_.emplace_back(history_.emplace_back(name), number, mix(seed_, number));
    }

    const std::uint64_t seed_;
    std::mutex mutex_;
    History history_;
    std::deque<Actor> actors_;
    std::deque<std::thread> threads_;
};

/// The lot of the thread that calls.
inline Lot& lot() { return Actor::me().lot; }

/// Lets a little time pass, now and then.
inline void dawdle(unsigned one_in, unsigned most_microseconds) {
    if (lot().one_in(one_in)) std::this_thread::sleep_for(std::chrono::microseconds(lot().below(most_microseconds)));
}

}  // namespace stress
