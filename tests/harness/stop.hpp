// Stops the first thread that comes to a step, just before it takes it, until it may go on. So a test can put another
// thread's calls between two instructions of the first.
#pragma once

#include <string_view>

#include "harness/gate.hpp"
#include "platforms/announced.hpp"

namespace harness {

class Stop : public announced::Director {
  public:
    /// Stops before `step`. Goes on when go() is called; or when an await of that other name has looked in vain, for
    /// then somebody has to wait for the stopped thread.
    explicit Stop(std::string_view step, std::string_view until_in_vain = {}) : step_(step), until_(until_in_vain) {}

    void before(std::string_view step) override {
        if (step != step_ || taken_.exchange(true, std::memory_order::relaxed)) return;
        stopped_.open();
        go_.wait();
    }
    void in_vain(std::string_view step) override {
        if (step == until_) waited_for_.store(true, std::memory_order::relaxed), go();
    }

    void wait_until_stopped() const { stopped_.wait(); }
    void go() { go_.open(); }
    /// Whether the await has looked in vain.
    bool was_waited_for() const { return waited_for_.load(std::memory_order::relaxed); }

  private:
    const std::string_view step_, until_;
    std::atomic<bool> taken_{false}, waited_for_{false};
    Gate stopped_, go_;
};

}  // namespace harness
