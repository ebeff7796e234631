// Explores both parkers that ship, of ferry/detail/parker.hpp and
// condition_parker.hpp, in programs of their own: each schedule, each spurious
// wake-up and each time-out. Mutexes and condition variables are Relacy's, and a semaphore is made of them; tokens are plain
// data, so that a race is reported.
// Relacy's plain full search does it, because the programs are small.
//
//   parker          runs all programs; prints, for each, JSON in a line. A failure's execution goes before it
#include <ferry/detail/condition_parker.hpp>
#include <ferry/detail/parker.hpp>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <mutex>

#include "relacy.hpp"

namespace {

int spurious_left, reads_left;  // in this execution

const char* complaint = "";  // ours; Relacy's own is in its result

void check(bool holds, const char* what) {
    if (holds) return;
    complaint = what;
    RL_ASSERT_IMPL(false, rl::test_result_user_assert_failed, what, RL_INFO);
}

bool is_late;  // what a thread does after it has released a lock, in this program
bool is_gone;  // the parker: the thread that was released has destroyed it

void touch() { check(!is_gone, "a parker is touched that the woken thread has destroyed"); }

class Mutex {
  public:
    void lock() {
        touch();
        mutex_.lock(RL_INFO);
    }
    void unlock() {
        touch();
        mutex_.unlock(RL_INFO);
        if (is_late) rl::ctx().sched();
    }

  private:
    friend class Condition;
    friend class Semaphore;
    rl::mutex mutex_;
};

/// Whether a wait ends now without a reason.
bool is_spurious() {
    if (spurious_left == 0 || rl::ctx().rand(2, rl::sched_type_user) == 0) return false;
    --spurious_left;
    return true;
}

class Token {
  public:
    Token(bool there) { value_(RL_INFO).store(there); }
    Token& operator=(bool there) {
        value_(RL_INFO).store(is_there = there);
        return *this;
    }
    operator bool() const { return value_(RL_INFO).load(); }

    static inline bool is_there;  // at the last parker that a token was left at, or taken from

  private:
    mutable rl::var<bool> value_;
};

/// Relacy's wakes up spuriously in random searches only, so this one does so itself: then it wakes without a
/// notification, at whatever later moment it gets the mutex.
class Condition {
  public:
    Condition() { made_(RL_INFO).store(1); }
    void wait(std::unique_lock<Mutex>& lock) {
        if (wakes_spuriously(lock)) return;
        condition_.wait(lock.mutex()->mutex_, RL_INFO);
    }
    template <class Time>
    void wait_until(std::unique_lock<Mutex>& lock, const Time& time) {
        check(!Token::is_there, "a thread sleeps until a deadline, though its token is there");
        if (wakes_spuriously(lock)) return;
        condition_.wait_until(lock.mutex()->mutex_, time, RL_INFO);
    }
    template <class Duration>
    void wait_for(std::unique_lock<Mutex>& lock, const Duration& duration) {
        wait_until(lock, duration);
    }
    void notify_one() {
        touch();
        made_(RL_INFO).load();  // a race, if the waker does not know that it is made
        condition_.notify_one(RL_INFO);
    }

  private:
    static bool wakes_spuriously(std::unique_lock<Mutex>& lock) {
        if (!is_spurious()) return false;
        lock.unlock();
        lock.lock();
        return true;
    }
    rl::condition_variable condition_;
    rl::var<int> made_;
};

/// A semaphore whose waits may be interrupted by signals.
class Semaphore {
  public:
    void post() noexcept {
        const std::lock_guard lock(mutex_);
        token_ = true;
        posted_.notify_one(RL_INFO);
    }
    bool try_wait() noexcept {
        const std::lock_guard lock(mutex_);
        return take();
    }
    bool wait() {
        if (is_spurious()) return false;
        const std::lock_guard lock(mutex_);
        while (!token_) posted_.wait(mutex_.mutex_, RL_INFO);
        return take();
    }
    template <class Now, class Until>
    bool wait_until(const Now&, const Until& until) {
        if (is_spurious()) return false;
        const std::lock_guard lock(mutex_);
        if (!token_) posted_.wait_until(mutex_.mutex_, until, RL_INFO);
        return take();
    }

  private:
    bool take() {
        const bool there = token_;
        token_ = false;
        return there;
    }
    Mutex mutex_;
    rl::condition_variable posted_;
    Token token_{false};
};

struct OfCondition : ferry::detail::ConditionParker<Mutex, Condition, Token> {
    static constexpr const char* name = "mutex and condition";
};
struct OfSemaphore : ferry::detail::SemaphoreParker<Semaphore> {
    static constexpr const char* name = "semaphore";
};

/// Says, each time, that the deadline is far, or near, or has passed; in the end, that it has passed.
struct Clock {
    using duration = std::chrono::seconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Clock>;
    static constexpr time_point deadline{};

    static time_point now() {
        const unsigned choice = reads_left == 0 ? 2 : rl::ctx().rand(3, rl::sched_type_user);
        if (reads_left != 0) --reads_left;
        has_passed = choice == 2;
        const duration left[]{std::chrono::hours(24), std::chrono::seconds(1), std::chrono::seconds(0)};
        return deadline - left[choice];
    }
    static inline bool has_passed = false;
};

/// What every program has: parkers, and how many tokens were left at the first and taken from there.
template <class Program, class Parker, rl::thread_id_t threads>
struct Test : rl::test_suite<Program, threads> {
    using Kind = Parker;
    static constexpr int spurious_wake_ups = 2;  // at most
    static constexpr bool comes_late = false;
    Parker parker, other;
    int left = 0, begun = 0, taken = 0;

    void before() {
        spurious_left = Program::spurious_wake_ups;
        is_late = Program::comes_late;
        reads_left = 2;
        left = begun = taken = 0;
        Token::is_there = is_gone = false;
    }
    void after() { check(left == taken && !Token::is_there, "each token is taken once"); }

    void unpark() {
        ++begun;
        parker.unpark("Wake");
        ++left;
    }
    void release() {
        ++begun;
        parker.release("Wake");
        ++left;
    }
    void took() { check(++taken <= begun, "a token is taken that nobody has left"); }
    void park() {
        parker.park("RecvSleep");
        took();
    }
    void take_token() {
        parker.take_token("RecvTakeToken");
        took();
    }
    bool park_until() {
        const bool was_there = left > taken;
        const bool woken = parker.park_until("RecvSleepUntil", Clock::deadline);
        if (woken) took();
        else {
            check(!was_there, "a time-out, though the token was there before the call");
            check(Clock::has_passed, "a time-out before the deadline");
        }
        return woken;
    }
};

template <class Parker>
struct ParkAgainstUnpark : Test<ParkAgainstUnpark<Parker>, Parker, 2> {
    static constexpr const char* name = "park against unpark";
    void thread(unsigned index) {
        if (index == 0) this->park();
        else this->unpark();
    }
};
template <class Parker>
struct ParkAgainstRelease : Test<ParkAgainstRelease<Parker>, Parker, 2> {
    static constexpr const char* name = "park against release; the woken thread destroys the parker";
    void thread(unsigned index) {
        if (index == 1) return this->release();
        this->park();
        is_gone = true;
    }
};
template <class Parker>
struct TheTokenIsThere : Test<TheTokenIsThere<Parker>, Parker, 1> {
    static constexpr const char* name = "unpark, then park, twice";
    void thread(unsigned) {
        this->unpark();
        this->park();
        this->unpark();
        check(this->park_until(), "the token is there");
    }
};
template <class Parker>
struct TimeOutThenToken : Test<TimeOutThenToken<Parker>, Parker, 2> {
    static constexpr const char* name = "park_until against unpark; after a time-out the token is taken";
    void thread(unsigned index) {
        if (index == 1) this->unpark();
        else if (!this->park_until()) this->take_token();
    }
};
template <class Parker>
struct TimeOutAlone : Test<TimeOutAlone<Parker>, Parker, 1> {
    static constexpr const char* name = "park_until, and nobody wakes";
    void thread(unsigned) { check(!this->park_until(), "no token is there"); }
};
template <class Parker, bool late>
struct TwoParkings : Test<TwoParkings<Parker, late>, Parker, 2> {
    static constexpr const char* name = late ? "two parkings, and what follows a lock comes late"
                                             : "two parkings, each woken after the one before it has ended";
    static constexpr int spurious_wake_ups = late ? 0 : 1;
    static constexpr bool comes_late = late;
    void thread(unsigned index) {
        if (index == 0) {
            this->park();
            this->other.unpark("Wake");
            this->park();
        } else {
            this->unpark();
            this->other.park("RecvSleep");
            this->unpark();
        }
    }
};
bool failed = false;

template <class Program>
void explore() {
    rl::test_params params;
    std::ostream nowhere(nullptr);
    params.search_type = rl::sched_full;
    params.progress_stream = &nowhere;
    params.output_stream = &std::cout;  // has no memory of its own, which Relacy would take for the execution's
    params.execution_depth_limit = 500;
    const bool passed = rl::simulate<Program>(params);
    failed |= !passed;
    std::printf("{\"program\": \"%s: %s\", \"executions\": %llu, \"failure\": \"%s\"}\n", Program::Kind::name,
                Program::name, static_cast<unsigned long long>(params.stop_iteration),
                passed || *complaint ? complaint : rl::test_result_str(params.test_result));
    complaint = "";
    std::fflush(stdout);
}

template <class Parker>
void explore_all() {
    explore<TheTokenIsThere<Parker>>();
    explore<ParkAgainstUnpark<Parker>>();
    explore<ParkAgainstRelease<Parker>>();
    explore<TimeOutAlone<Parker>>();
    explore<TimeOutThenToken<Parker>>();
    explore<TwoParkings<Parker, false>>();
}

}  // namespace

int main() {
    explore_all<OfCondition>();
    explore<TwoParkings<OfCondition, true>>();
    explore_all<OfSemaphore>();
    return failed ? 1 : 0;
}
