// The announced platform, on which a receive may be left by unwinding: before it begins, and while it sleeps, whether or
// not the token is there. At random.
#pragma once

#include <chrono>
#include <thread>

#include "shaking.hpp"

namespace announced {

/// What a receive throws that is left.
struct Unwound {};

/// While one lives, a receive of this thread may be left.
class Unwinding {
  public:
    Unwinding() {
        if (random_below(4) == 0) throw Unwound();
        is_possible_ = true;
    }
    Unwinding(const Unwinding&) = delete;
    Unwinding& operator=(const Unwinding&) = delete;
    ~Unwinding() { is_possible_ = false; }
    static bool is_possible() { return is_possible_; }

  private:
    static inline thread_local bool is_possible_ = false;
};

class UnwindingParker : public Parker {
  public:
    void park(ferry::Name step) {
        if (!Unwinding::is_possible()) return Parker::park(step);
        const std::chrono::microseconds moment(random_below(100));
        if (random_below(2) == 0) {
            std::this_thread::sleep_for(moment);
        } else if (Parker::park_until(step, std::chrono::steady_clock::now() + moment)) {
            return;
        }
        throw Unwound();
    }
};

template <unsigned slots, unsigned first_slots = slots>
struct UnwindingPlatform : Platform<slots, first_slots> {
    using parker = UnwindingParker;
    using Unwinding = announced::Unwinding;
    using Unwound = announced::Unwound;
};

}  // namespace announced
