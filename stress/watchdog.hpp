// Notices that nothing moves any more, says which thread waits where, with stacks, and ends the process.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "actor.hpp"

namespace stress {

class Watchdog {
  public:
    /// `last_words` is called before the process ends, with what the finding is, in short.
    Watchdog(std::chrono::seconds patience, std::function<void(const std::string&)> last_words);
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog();

    /// Whom to watch; nobody between rounds.
    void watch(Cast*);

    /// Writes the stack of the thread that calls to standard error. Called in signal handlers, too.
    static void print_stack() noexcept;

  private:
    void run();
    [[noreturn]] void bark();

    const std::chrono::seconds patience_;
    const std::function<void(const std::string&)> last_words_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Cast* cast_ = nullptr;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace stress
