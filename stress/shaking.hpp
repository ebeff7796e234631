// Holds threads up at random between the channel's steps, so that they meet in more ways than the machine would bring
// about by itself. The windows that matter are hit more often than the rest: between a claim and its publication, before
// a wake-up, between the receiver's last look and its sleep, in the middle of installing a block, between the end of the
// stream and leaving. Orders nothing: each thread draws its own lots.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <array>
#include <chrono>
#include <string_view>
#include <thread>

#include "actor.hpp"
#include "harness/staged_platform.hpp"

namespace stress {

/// A receiver that spins before it parks, as the shipped one does, or parks at once.
class MoodyPace : ferry::StandardPlatform::pace {
    using Base = ferry::StandardPlatform::pace;

  public:
    static inline std::atomic<bool> spins{false};

    bool spin(unsigned taken, auto found) {
        return spins.load(std::memory_order::relaxed) && Base::spin(taken, found);
    }
};

class Shaking : public harness::Director {
  public:
    /// Every round has its own mood: which windows are hot, what happens there, and whether memory is short.
    explicit Shaking(Lot lot) {
        for (unsigned& chance : chances_) chance = lot.one_in(3) ? lot.one_of({16u, 128u, 512u}) : 0;
        elsewhere_ = lot.one_of({0u, 1u, 16u});
        longest_sleep_ = lot.one_of({20u, 200u, 1000u});
        pins_ = lot.one_in(3);
        poverty_ = lot.one_in(6) ? 64 : 0;
        MoodyPace::spins.store(lot.one_in(2), std::memory_order::relaxed);
    }

    void before(std::string_view step) override {
        if (Actor* const me = Actor::current) {
            me->step.store(step.data(), std::memory_order::relaxed);
            shake(*me, step, false);
        }
    }
    void after(std::string_view step) override {
        if (Actor* const me = Actor::current) {
            me->step.store(nullptr, std::memory_order::relaxed);
            shake(*me, step, true);
        }
    }
    bool has_memory() override { return Actor::current == nullptr || Actor::current->shaking.below(256) >= poverty_; }

  private:
    struct Window {
        std::string_view step;
        bool after;
    };
    static constexpr auto windows = std::to_array<Window>({{"SendClaim", true},
                                                           {"SendReady", true},
                                                           {"WakeClaim", true},
                                                           {"Wake", true},
                                                           {"InstallTakeSpare", true},
                                                           {"InstallPublish", false},
                                                           {"InstallPublish", true},
                                                           {"InstallLink", true},
                                                           {"RecvReady", true},
                                                           {"RecvPark", false},
                                                           {"RecvPark", true},
                                                           {"RecvWithdraw", false},
                                                           {"RecvWithdraw", true},
                                                           {"RecvRecycle", false},
                                                           {"Close", true},
                                                           {"CloneSender", true},
                                                           {"DropSender", true},
                                                           {"DropLastSender", true},
                                                           {"Leave", false}});

    void shake(Actor& me, std::string_view step, bool after) {
        const auto lot = static_cast<unsigned>(me.shaking() >> 40) % 1024;
        if (lot >= 512) return;
        unsigned chance = elsewhere_;
        for (std::size_t i = 0; i != windows.size(); ++i) {
            if (windows[i].after == after && windows[i].step == step) chance = std::max(chance, chances_[i]);
        }
        if (lot < chance) hold_up(me.shaking);
    }

    void hold_up(Lot& lot) {
        switch (lot.below(16)) {
            case 0:
                std::this_thread::sleep_for(std::chrono::microseconds(lot.between(1, longest_sleep_)));
                break;
            case 1:
                if (pins_) pin(lot);
                break;
            case 2:
            case 3:
            case 4:
            case 5:
                for (unsigned i = lot.below(256); i != 0; --i) ferry::detail::pause_processor();
                break;
            default:
                std::this_thread::yield();
                break;
        }
    }

    /// Puts the thread on one processor, or lets it go again: two that wait for each other on the same one are the
    /// hardest on every way to wait.
    static void pin(Lot& lot) {
        static const cpu_set_t allowed = [] {
            cpu_set_t set;
            sched_getaffinity(0, sizeof set, &set);
            return set;
        }();
        cpu_set_t set = allowed;
        if (!lot.one_in(3)) {
            auto nth = static_cast<int>(lot.below(static_cast<unsigned>(CPU_COUNT(&allowed))));
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

/// The shipped platform, but that its steps are announced, and with small blocks, so that they change often.
struct Shaken : harness::StagedPlatform<3, 1> {
    using pace = MoodyPace;
};

}  // namespace stress
