// The threads of a test. Each has a name, for the watchdog; what fails in one of them fails the test.
// Declared before the handles of a channel, a crew is joined after these are gone, so a test that fails half way ends.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/watchdog.hpp"

namespace harness {

class Crew {
  public:
    Crew() = default;
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew() { wait(); }

    /// Starts a thread. `work` belongs to it, and is destroyed by it.
    template <class Work>
    void start(const std::string& name, Work work) {
        std::exception_ptr& failure = members_.emplace_back(std::make_unique<Member>())->failure;
        members_.back()->thread = std::thread([name, &failure, owned = std::optional<Work>(std::move(work))]() mutable {
            Watchdog::instance().thread_begins(name);
            try {
                (*owned)();
                owned.reset();
            } catch (...) {
                owned.reset();
                failure = std::current_exception();
            }
            Watchdog::instance().thread_ends(name);
        });
    }

    /// Waits for all threads, and fails as the first of them did.
    void join() {
        wait();
        for (const auto& member : members_) {
            if (member->failure) std::rethrow_exception(std::exchange(member->failure, nullptr));
        }
        members_.clear();
    }

  private:
    struct Member {
        std::thread thread;
        std::exception_ptr failure;
    };

    void wait() {
        for (const auto& member : members_) {
            if (member->thread.joinable()) member->thread.join();
        }
    }

    std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace harness
