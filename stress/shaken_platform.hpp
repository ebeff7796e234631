// Holds threads up at random between the channel's steps, so that they meet in more ways than the machine would bring
// about by itself. The windows that matter are hit more often than the rest: between a claim and its publication, before
// a wake-up, between the receiver's last look and its sleep, in the middle of installing a block, between the end of the
// stream and leaving.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <array>
#include <chrono>
#include <string_view>
#include <thread>

#include "actor.hpp"
#include "platforms/shaking.hpp"

namespace stress {

class Shaking : public announced::Shaking {
  public:
    /// Every round has its own mood: which windows are hot, what happens there, and whether memory is short.
    explicit Shaking(Lot lot) {
        for (unsigned& chance : chances_) chance = lot.one_in(3) ? lot.one_of({16u, 128u, 512u}) : 0;
        elsewhere_ = lot.one_of({0u, 1u, 16u});
        longest_sleep_ = lot.one_of({20u, 200u, 1000u});
        pins_ = lot.one_in(3);
        poverty_ = lot.one_in(6) ? 64 : 0;
        announced::Pace::spins.store(lot.one_in(2), std::memory_order::relaxed);
    }

    void before(std::string_view step) override {
        if (Actor* const me = Actor::current) {
            me->step.store(step.data(), std::memory_order::relaxed);
            shake(step, false);
        }
    }
    void after(std::string_view step) override {
        if (Actor* const me = Actor::current) {
            me->step.store(nullptr, std::memory_order::relaxed);
            shake(step, true);
        }
    }
    bool has_memory() override { return Actor::current == nullptr || announced::random_below(256) >= poverty_; }

  private:
    struct Window {
        std::string_view step;
        bool after;
    };
    static constexpr auto windows = std::to_array<Window>(
        {{"SendClaim", true},        {"SendReady", true},       {"WakeClaim", true},      {"Wake", true},
         {"InstallTakeSpare", true}, {"InstallPublish", false}, {"InstallPublish", true}, {"InstallLink", true},
         {"RecvReady", true},        {"RecvPark", false},       {"RecvPark", true},       {"RecvWithdraw", false},
         {"RecvWithdraw", true},     {"RecvRecycle", false},    {"Close", true},          {"CloneSender", true},
         {"DropSender", true},       {"DropLastSender", true},  {"Leave", false},         {"SendRoom", true},
         {"JoinLock", false},        {"JoinUnlock", true},      {"LeaveLineLock", false}, {"RecvRoom", false},
         {"AdmitLock", false},       {"AdmitWake", false},      {"CloseLock", false},     {"CloseWake", false}});

    void shake(std::string_view step, bool after) {
        const unsigned lot = announced::random_below(1024);
        if (lot >= 512) return;
        unsigned chance = elsewhere_;
        for (std::size_t i = 0; i != windows.size(); ++i) {
            if (windows[i].after == after && windows[i].step == step) chance = std::max(chance, chances_[i]);
        }
        if (lot >= chance) return;
        switch (announced::random_below(16)) {
            case 0:
                return std::this_thread::sleep_for(
                    std::chrono::microseconds(1 + announced::random_below(longest_sleep_)));
            case 1: return pins_ ? pin() : void();
            default: hold_up();
        }
    }

    /// Puts the thread on one processor, or lets it go again: two that wait for each other on the same one are the
    /// hardest on every way to wait.
    static void pin() {
        static const cpu_set_t allowed = [] {
            cpu_set_t set;
            sched_getaffinity(0, sizeof set, &set);
            return set;
        }();
        cpu_set_t set = allowed;
        if (announced::random_below(3) != 0) {
            auto nth = static_cast<int>(announced::random_below(static_cast<unsigned>(CPU_COUNT(&allowed))));
            for (int processor = 0; processor != CPU_SETSIZE; ++processor) {
                if (!CPU_ISSET(processor, &allowed) || nth-- != 0) continue;
                CPU_ZERO(&set);
                CPU_SET(processor, &set);
                break;
            }
        }
        pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    }

    std::array<unsigned, windows.size()> chances_{};  // of 1024
    unsigned elsewhere_ = 0, longest_sleep_ = 0, poverty_ = 0;
    bool pins_ = false;
};

/// Small blocks, so that they change often.
using Shaken = announced::Platform<3, 1>;
struct ShakenRing : announced::Platform<0, 0> {
    static constexpr bool is_bounded = true;
};

}  // namespace stress
