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

    /// A sanitizer has reported something: the round may go on to its end, but not for long, for it would be told of the
    /// same many times over, and slowly. Called from anywhere.
    static void hurry() noexcept { hurried_.store(true); }

    /// Writes the stack of the thread that calls to standard error. Called in signal handlers, too.
    static void print_stack() noexcept;

  private:
    void run();
    [[noreturn]] void bark();
    [[noreturn]] void end(const std::string& words);

    static inline std::atomic<bool> hurried_{false};

    const std::chrono::seconds patience_;
    const std::function<void(const std::string&)> last_words_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Cast* cast_ = nullptr;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace stress
