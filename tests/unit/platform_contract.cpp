// A platform of the user's, which does all that the contract in ferry/platform.hpp lets it do.
#include <functional>
#include <semaphore>

#include "harness/crew.hpp"
#include "harness/test.hpp"
#include "harness/usage.hpp"
#include "platforms/announced.hpp"

using harness::check;
using harness::processor_time;
using harness::says;
using namespace std::chrono_literals;

namespace {

struct Failure {};

/// What happens while the receiver is about to park: in its own thread, so every time at the same moment.
std::function<void()> meanwhile;
void happen() {
    if (const auto event = std::exchange(meanwhile, nullptr)) event();
}

struct Habit {
    const char* name;
    int looks_before, looks_after;
    bool answer, throws;
};
constexpr Habit habits[] = {
    {"a pace that never looks", 0, 0, false, false},
    {"a pace that says that it has found something, and has not looked", 0, 0, true, false},
    {"a pace that says that it has found something, and has not", 1, 0, true, false},
    {"a pace that looks once", 0, 1, true, false},
    {"a pace that looks again after a success", 2, 5, true, false},
    {"a pace that finds something and says that it has not", 0, 3, false, false},
    {"a pace that throws before it looks", 0, 0, true, true},
    {"a pace that throws before something comes", 3, 0, true, true},
    {"a pace that throws after it has found something", 3, 3, true, true},
};
Habit habit;

struct AnyPace {
    bool spin(unsigned, auto found) {
        for (int i = 0; i != habit.looks_before; ++i) (void)found();
        happen();
        for (int i = 0; i != habit.looks_after; ++i) (void)found();
        if (habit.throws) throw Failure();
        return habit.answer;
    }
};
struct Habitual : announced::Platform<2, 1> {
    using pace = AnyPace;
};

/// A receive; once more if it throws.
template <class Receive>
auto insist(Receive receive) {
    try {
        auto answer = receive();
        check(!habit.throws, "what its pace throws comes out of a receive");
        return answer;
    } catch (const Failure&) {
        check(habit.throws, "only what its pace throws comes out of a receive");
        return receive();
    }
}

void with_each_habit(auto test) {
    harness::with_each(habits, [&](const Habit& each) {
        habit = each;
        test();
    });
}

}  // namespace

TEST(S10_S13_S17_a_value_that_comes_while_a_pace_of_any_kind_looks_is_received) {
    with_each_habit([] {
        auto [tx, rx] = ferry::channel<int, Habitual>();
        // Over the ends of several blocks.
        for (int i = 0; i != 12; i += 3) {
            const auto send = [&tx](int value) { meanwhile = [&tx, value] { says("sent", tx.send(int{value})); }; };
            send(i);
            says(std::to_string(i), insist([&] { return rx.recv(); }));
            send(i + 1);
            says(std::to_string(i + 1), insist([&] { return rx.recv_for(24h); }));
            send(i + 2);
            const auto it = rx.begin();  // the same one if it is asked again
            says(std::to_string(i + 2), insist([&]() -> std::expected<int, ferry::RecvError> {
                     if (it == rx.end()) return std::unexpected(ferry::RecvError::disconnected);
                     return *it;
                 }));
            says("empty", rx.try_recv());
        }
    });
}

TEST(S16_the_last_drop_while_a_pace_of_any_kind_looks_is_received) {
    with_each_habit([] {
        auto [only, rx] = ferry::channel<int, Habitual>();
        meanwhile = [tx = std::make_shared<ferry::Sender<int, Habitual>>(std::move(only))] {
            ferry::drop(std::move(*tx));
        };
        try {
            says("disconnected", rx.recv());
        } catch (const Failure&) {
            check(habit.throws, "only what its pace throws comes out of a receive");
        }
        says("disconnected", rx.try_recv());
    });
}

TEST(S10_S13_a_receiver_with_a_pace_of_any_kind_sleeps_until_a_value_comes_or_its_deadline) {
    constexpr auto wait = 5ms;
    with_each_habit([wait] {
        if (habit.throws) return;
        auto [tx, rx] = ferry::channel<int, Habitual>();
        const auto used = processor_time();
        const auto begin = std::chrono::steady_clock::now();
        says("timeout", rx.recv_for(wait));
        check(std::chrono::steady_clock::now() - begin >= wait, "it was not early");
        harness::Crew crew;
        crew.start("sender", [&] {
            std::this_thread::sleep_for(wait);
            (void)tx.send(1);
        });
        says("1", rx.recv());
        check(processor_time() - used < wait, "it slept");
        crew.join();
    });
}

namespace {

/// A semaphore that can be interrupted, and knows that a token is never left in it.
class InterruptibleParker {
  public:
    static inline bool is_interrupted = false, token_is_left = false, is_woken_twice = false;

    void park(ferry::Name) {
        happen();
        if (is_interrupted) throw Failure();
        token_.acquire();
        has_token_ = false;
    }
    void take_token(ferry::Name) noexcept {
        token_.acquire();
        has_token_ = false;
    }
    template <class TimePoint>
    bool park_until(ferry::Name step, const TimePoint&) {
        park(step);
        return true;
    }
    void unpark(ferry::Name) {
        if (has_token_.exchange(true)) is_woken_twice = true;
        token_.release();
    }
    ~InterruptibleParker() {
        if (has_token_) token_is_left = true;
    }

  private:
    std::counting_semaphore<> token_{0};
    std::atomic<bool> has_token_{false};
};
struct Interruptible : announced::Platform<2, 1> {
    using parker = InterruptibleParker;
};

}  // namespace

TEST(S27_a_parker_may_throw_whatever_has_come_meanwhile) {
    using Parker = InterruptibleParker;
    {
        auto [tx, rx] = ferry::channel<int, Interruptible>();
        const auto interrupted = [&](auto receive, std::function<void()> event) {
            Parker::is_interrupted = true;
            meanwhile = std::move(event);
            bool thrown = false;
            try {
                (void)receive();
            } catch (const Failure&) {
                thrown = true;
            }
            check(thrown, "the receive was left");
            Parker::is_interrupted = false;
        };
        const auto recv = [&] { return rx.recv().has_value(); };
        const auto recv_for = [&] { return rx.recv_for(24h).has_value(); };
        for (int i = 0; i != 5; ++i) {
            const auto send = [&] { says("sent", tx.send(int{i})); };
            interrupted(recv, nullptr);
            says("empty", rx.try_recv());
            interrupted(recv_for, send);
            says(std::to_string(i), rx.recv());
            interrupted(recv, send);
            says(std::to_string(i), rx.recv_for(24h));
            meanwhile = send;
            says(std::to_string(i), rx.recv());
        }
        interrupted(recv, [&] { ferry::drop(std::move(tx)); });
        says("disconnected", rx.recv());
    }
    check(!Parker::token_is_left && !Parker::is_woken_twice, "each parking is withdrawn, or its token taken");
}
