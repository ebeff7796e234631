// A test that blocks for ever is a test that fails, loudly: the watchdog says which it was and which of its threads
// were still at work, and ends the process. Tests never sleep and hope; they wait for what has to happen, and this is
// what notices that it does not. Its patience is far beyond what a loaded machine needs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace harness {

class Watchdog {
  public:
    static Watchdog& instance() {
        static Watchdog watchdog;
        return watchdog;
    }

    void test_begins(const std::string& name);
    void test_ends();

    /// Ends the process now: the test can't go on, for this reason.
    [[noreturn]] void bark_now(const std::string& reason);

    void thread_begins(const std::string& name);
    void thread_ends(const std::string& name);

  private:
    Watchdog() : thread_([this] { watch(); }) {}
    ~Watchdog();
    void watch();
    [[noreturn]] void bark(const std::string& reason);

    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    unsigned turn_ = 0;
    std::string test_;
    std::multiset<std::string> at_work_;
    std::thread thread_;
};

}  // namespace harness
