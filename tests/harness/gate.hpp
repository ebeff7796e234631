// A gate that threads wait at until it is opened. It orders nothing (all its operations are relaxed), so that a test
// which holds threads up can't hide a race between them. Not a place at which a thread can be cancelled, because it lies
// inside of the channel's calls.
#pragma once

#include <atomic>
#include <chrono>
#include <ferry/platform.hpp>
#include <thread>

namespace harness {

class Gate {
  public:
    void open() noexcept { open_.store(true, std::memory_order::relaxed); }
    void wait() const noexcept {
        const ferry::detail::Uncancellable uncancellable;
        while (!open_.load(std::memory_order::relaxed)) std::this_thread::sleep_for(std::chrono::microseconds(20));
    }

  private:
    std::atomic<bool> open_{false};
};

}  // namespace harness
