// The threads of a test. Each has a name, for the watchdog; what fails in one of them fails the test.
// Declared before the handles of a channel, a crew is joined after these are gone, so a test that fails half way ends.
#pragma once

#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "harness/watchdog.hpp"

namespace harness {

class Crew {
  public:
    Crew() = default;
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew() { wait(); }

    /// Starts a thread. `work` belongs to it, and is destroyed by it. A thread of the crew may start another.
    template <class Work>
    void start(const std::string& name, Work work) {
        const std::lock_guard lock(mutex_);
        Member& member = members_.emplace_back();
        member.thread = std::thread([name, &member, owned = std::optional<Work>(std::move(work))]() mutable {
            Watchdog::instance().thread_begins(name);
            try {
                (*owned)();
                owned.reset();
            } catch (...) {
                owned.reset();
                member.failure = std::current_exception();
            }
            Watchdog::instance().thread_ends(name);
        });
    }

    /// Waits for all threads, and fails as the first of them did.
    void join() {
        wait();
        for (Member& member : members_) {
            if (member.failure) std::rethrow_exception(std::exchange(member.failure, nullptr));
        }
        members_.clear();
    }

  private:
    struct Member {
        std::thread thread;
        std::exception_ptr failure;
    };

    /// In the order in which they were started: whoever starts another does it before it ends itself.
    void wait() {
        for (std::size_t i = 0;; ++i) {
            std::unique_lock lock(mutex_);
            if (i == members_.size()) return;
            std::thread& thread = members_[i].thread;
            lock.unlock();
            if (thread.joinable()) thread.join();
        }
    }

    std::mutex mutex_;
    std::deque<Member> members_;
};

}  // namespace harness
