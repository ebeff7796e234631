// Threads that run free, but are held up at random between the channel's steps, so that they meet in more ways than the
// machine would bring about by itself. Orders nothing, because each thread draws its own random numbers.
#pragma once

#include <random>
#include <string_view>
#include <thread>

#include "announced.hpp"

namespace announced {

/// The random numbers of the thread that calls. It may seed them.
inline std::minstd_rand& random_numbers() {
    static std::atomic<unsigned> threads{0};
    thread_local std::minstd_rand numbers(threads.fetch_add(1, std::memory_order::relaxed) + 1);
    return numbers;
}
inline unsigned random_below(unsigned n) { return static_cast<unsigned>(random_numbers()() % n); }

class Shaking : public Director {
  public:
    /// Threads are held up at one step in so many; 0: never.
    explicit Shaking(unsigned one_in = 8) : one_in_(one_in) {}
    void before(std::string_view) override {
        if (one_in_ != 0 && random_below(one_in_) == 0) hold_up();
    }

  protected:
    static void hold_up() {
        if (random_below(4) != 0) return std::this_thread::yield();
        for (unsigned i = random_below(256); i != 0; --i) ferry::detail::pause_processor();
    }

  private:
    const unsigned one_in_;
};

}  // namespace announced
