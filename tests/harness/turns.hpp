// Threads that take turns: one runs at a time, and at every step of the channel the next is drawn at random. A seed gives
// the same interleaving every time, on every machine, so a rare one is as likely as any other, and found again.
//
// What this can't find, because turns order the threads: races, and orders of memory that are too weak. They are for
// the tests that run free, under ThreadSanitizer.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "harness/watchdog.hpp"
#include "platforms/announced.hpp"

namespace harness {

class Turns : public announced::Director {
  public:
    /// This many threads will take part, each by calling take_part.
    Turns(unsigned seed, unsigned players) : seed_(seed), lot_(seed), players_(players) {}

    /// The work of player number `me`; what it owns is destroyed within the player's turns.
    template <class Work>
    auto player(unsigned me, Work work) {
        return [this, me, owned = std::optional<Work>(std::move(work))]() mutable {
            enter(me);
            const Leaving leaving(*this);
            (*owned)();
            owned.reset();
        };
    }

    void before(std::string_view) override { pass_on(); }
    void in_vain(std::string_view) override { pass_on(); }

    void before_sleep() override {
        std::unique_lock lock(mutex_);
        if (!plays()) return;
        if (std::exchange(token_, false)) return;
        players_[*me_].state = State::asleep;
        draw();
    }
    void after_sleep() override {
        std::unique_lock lock(mutex_);
        if (!plays()) return;
        if (players_[*me_].state == State::ready) {
            token_ = false;
            return;
        }
        players_[*me_].state = State::ready;
        woken_.notify_one();
        wait_for_turn(lock);
    }
    void before_wake() override {
        const std::lock_guard lock(mutex_);
        if (!plays()) return;
        const auto sleeper = std::ranges::find(players_, State::asleep, &Player::state);
        waking_ = sleeper != players_.end() ? &*sleeper : nullptr;
        if (waking_ == nullptr) token_ = true;
    }
    void after_wake() override {
        std::unique_lock lock(mutex_);
        // Until the sleeper has reported, so that it is in the next draw, however long the machine takes to wake it.
        if (plays() && waking_ != nullptr) woken_.wait(lock, [this] { return waking_->state != State::asleep; });
    }

  private:
    enum class State { expected, ready, asleep, gone };
    struct Player {
        State state = State::expected;
        std::condition_variable turn;
    };
    struct Leaving {
        explicit Leaving(Turns& of) : turns(of) {}
        Leaving(const Leaving&) = delete;
        Leaving& operator=(const Leaving&) = delete;
        ~Leaving() { turns.leave(); }
        Turns& turns;
    };

    static bool plays() { return me_.has_value(); }

    void enter(unsigned me) {
        std::unique_lock lock(mutex_);
        me_ = me;
        players_[me].state = State::ready;
        if (++entered_ == players_.size()) draw();
        wait_for_turn(lock);
    }
    void leave() {
        const std::lock_guard lock(mutex_);
        players_[*me_].state = State::gone;
        me_.reset();
        draw();
    }
    void pass_on() {
        std::unique_lock lock(mutex_);
        if (!plays()) return;
        draw();
        wait_for_turn(lock);
    }
    /// Draws who is next. Called by the one whose turn it is.
    void draw() {
        std::vector<unsigned> ready;
        bool all_gone = true;
        for (unsigned i = 0; i != players_.size(); ++i) {
            if (players_[i].state == State::ready) ready.push_back(i);
            if (players_[i].state != State::gone) all_gone = false;
        }
        if (all_gone) return;
        if (ready.empty())
            Watchdog::instance().bark_now("deadlock: nobody wakes the sleeper, with seed " + std::to_string(seed_));
        next_ = ready[std::uniform_int_distribution<std::size_t>(0, ready.size() - 1)(lot_)];
        players_[next_].turn.notify_one();
    }
    void wait_for_turn(std::unique_lock<std::mutex>& lock) {
        players_[*me_].turn.wait(lock, [this] { return next_ == *me_ && entered_ == players_.size(); });
    }

    const unsigned seed_;
    std::mutex mutex_;
    std::minstd_rand lot_;
    std::vector<Player> players_;
    std::condition_variable woken_;
    std::size_t entered_ = 0;
    unsigned next_ = 0;
    bool token_ = false;  // left for nobody: the next one to sleep does not
    const Player* waking_ = nullptr;
    static inline thread_local std::optional<unsigned> me_;
};

}  // namespace harness
