// Clocks, and times, whose operations throw: wherever they do, the receive is as if it had not been made.
#include <concepts>
#include <type_traits>

#include "harness/left.hpp"
#include "harness/test_clock.hpp"

using namespace harness;
using namespace std::chrono_literals;

namespace unwinding {

struct Failure {};
/// Operations that are left before one throws; negative: none does.
inline int operations_left = -1;
inline void operate() {
    if (operations_left >= 0 && operations_left-- == 0) throw Failure();
}

/// A clock that throws when it is looked at for the n-th time; `Base`'s otherwise.
template <class Base>
struct Failing : TestClock<Failing<Base>, typename Base::duration> {
    static constexpr bool is_steady = Base::is_steady;
    static auto now() {
        operate();
        return typename Failing::time_point(Base::now().time_since_epoch());
    }
};

/// A number of ticks each of whose operations may throw.
class Ticks {
  public:
    Ticks() = default;
    Ticks(std::integral auto count) : count_(static_cast<std::int64_t>(count)) {}
    explicit Ticks(double count) : count_(static_cast<std::int64_t>(count)) {}
    operator double() const { return operate(), static_cast<double>(count_); }
    explicit operator std::int64_t() const { return operate(), count_; }
    friend Ticks operator+(Ticks a, Ticks b) { return operate(), a.count_ + b.count_; }
    friend Ticks operator-(Ticks a, Ticks b) { return operate(), a.count_ - b.count_; }
    friend Ticks operator*(Ticks a, Ticks b) { return operate(), a.count_ * b.count_; }
    friend Ticks operator/(Ticks a, Ticks b) { return operate(), a.count_ / b.count_; }
    Ticks& operator+=(Ticks other) { return *this = *this + other; }
    Ticks& operator-=(Ticks other) { return *this = *this - other; }
    Ticks& operator++() { return *this += 1; }
    friend bool operator==(Ticks a, Ticks b) { return operate(), a.count_ == b.count_; }
    friend bool operator<(Ticks a, Ticks b) { return operate(), a.count_ < b.count_; }

  private:
    std::int64_t count_ = 0;
};

/// The steady clock, in such ticks.
struct Ticking : TestClock<Ticking, std::chrono::duration<Ticks, std::nano>> {
    static time_point now() { return steady_now(); }
};

}  // namespace unwinding
using namespace unwinding;

namespace {

/// Spins for some time, as the shipped one does, but for as many looks each time.
struct SteadyPace {
    bool spin(unsigned, auto found) {
        for (int i = 0; i != 5; ++i) {
            if (found()) return true;
        }
        return false;
    }
};
template <class Pace>
struct Paced : Blocks {
    using pace = Pace;
};

}  // namespace

template <>
struct std::common_type<Ticks, std::int64_t> : std::type_identity<Ticks> {};
template <>
struct std::common_type<std::int64_t, Ticks> : std::type_identity<Ticks> {};
template <>
struct std::common_type<double, Ticks> : std::type_identity<double> {};
template <>
struct std::common_type<Ticks, double> : std::type_identity<double> {};

namespace {

/// For every n: the n-th operation throws, and the receive is as if it had not been made.
template <class Clock, class Platform>
void throw_at_every_operation() {
    int thrown = 0;
    for (bool is_over = false; !is_over; ++thrown) {
        auto [tx, rx] = ferry::channel<int, Platform>();
        const auto deadline = Clock::now() + 2ms;
        operations_left = thrown;
        try {
            const auto answer = rx.recv_until(deadline);
            is_over = operations_left >= 0;
            says("timeout", answer);
        } catch (const Failure&) {
        }
        operations_left = -1;
        // The shipped pace may look hundreds of times: most of these are alike.
        if (thrown < 20 || thrown % 64 == 0 || is_over) must_be_as_if_not_made(tx, rx);
    }
    check(thrown > 3, "the clock was looked at, before it parked and after");
}

}  // namespace

TEST(S27_a_clock_that_throws_at_whichever_look_leaves_the_channel_as_it_was) {
    throw_at_every_operation<Failing<std::chrono::steady_clock>, Blocks>();
    throw_at_every_operation<Failing<std::chrono::system_clock>, Blocks>();
    throw_at_every_operation<Failing<std::chrono::steady_clock>, Paced<SteadyPace>>();
    throw_at_every_operation<Failing<std::chrono::system_clock>, Paced<ferry::detail::Pace>>();
}

TEST(S27_a_time_whose_arithmetic_throws_at_whichever_operation_leaves_the_channel_as_it_was) {
    throw_at_every_operation<Ticking, Blocks>();
    throw_at_every_operation<Ticking, Paced<SteadyPace>>();
}

TEST(S27_what_comes_before_a_receiver_whose_clock_throws_withdraws_its_parking_is_for_the_next_call) {
    using Clock = Failing<std::chrono::steady_clock>;
    with_each(events, [](const Event& event) {
        LeftReceive scene;
        Moments moments("RecvWithdraw");
        bool thrown = false;
        Crew crew;
        crew.start("receiver", [&] {
            const auto deadline = Clock::now() + 24h;
            operations_left = 1;  // one before it parks
            try {
                (void)scene.rx.recv_until(deadline);
            } catch (const Failure&) {
                thrown = true;
            }
            operations_left = -1;
        });
        moments.wait_until_stopped();
        event.happen(scene.tx);
        moments.go();
        crew.join();
        check(thrown, "the receive was left");
        scene.must_be_as_if_not_made(event);
    });
}
