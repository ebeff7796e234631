// Threads that run free, but are held up at random between the channel's steps, so that they meet in more ways than the
// machine would bring about by itself. Orders nothing: each thread draws its own lots.
#pragma once

#include <random>
#include <string_view>
#include <thread>

#include "harness/staged_platform.hpp"

namespace harness {

class Shaken : public Director {
  public:
    void before(std::string_view) override {
        thread_local std::minstd_rand lot(threads_.fetch_add(1, std::memory_order::relaxed) + 1);
        switch (lot() % 16) {
            case 0:
                std::this_thread::yield();
                break;
            case 1:
                for (auto i = lot() % 64; i != 0; --i) ferry::detail::pause_processor();
                break;
            default:
                break;
        }
    }

  private:
    std::atomic<unsigned> threads_{0};
};

}  // namespace harness
