// A clock of the user's may call the channel whose receive asks it for the time.
#include <functional>
#include <optional>

#include "harness/ends.hpp"
#include "harness/test.hpp"
#include "harness/test_clock.hpp"
#include "platforms/announced.hpp"

using namespace harness;
using namespace std::chrono_literals;

namespace {

/// The steady clock, which does something when it is asked for the n-th time.
struct Calling : TestClock<Calling> {
    static inline int asked = 0, nth = 0;
    static inline std::function<void()> act;
    static time_point now() {
        if (++asked == nth) act();
        return steady_now();
    }
    static void when(int n, std::function<void()> what) { asked = 0, nth = n, act = std::move(what); }
};

/// Parks at once: so it is known who asks for the time.
struct Parks {
    bool spin(unsigned, auto) { return false; }
};
struct Blocks : announced::Platform<3, 2> {
    using pace = Parks;
};
constexpr int asked_at_least = 2;  // by the receive, and by the parker
constexpr int asked_at_most = 4;   // before it parks, while it is parked, and by the condition variable

struct Channel {
    std::optional<ferry::Sender<int, Blocks>> tx;
    std::optional<ferry::Receiver<int, Blocks>> rx;
    Channel() {
        auto [sender, receiver] = ferry::channel<int, Blocks>();
        tx.emplace(std::move(sender));
        rx.emplace(std::move(receiver));
    }
    auto recv() { return rx->recv_until(Calling::steady_now() + 20ms); }
};

}  // namespace

TEST(S11_S13_S20_a_clock_may_close_the_channel_whenever_it_is_asked) {
    for (int n = 1; n <= asked_at_most; ++n) {
        for (const int refused : {0, 1, 5}) {
            Channel channel;
            bool closed = false;
            Calling::when(n, [&] {
                channel.rx->close();
                closed = true;
                for (int i = 0; i != refused; ++i) says("given back: 7", channel.tx->send(7));
            });
            const auto answer = channel.recv();
            check(closed || n > asked_at_least, "the clock was asked so often");
            says(closed ? "disconnected" : "timeout", answer);
            says(closed ? "disconnected" : "empty", channel.rx->try_recv());
        }
    }
}

TEST(S13_S14_a_clock_may_send_whenever_it_is_asked) {
    for (int n = 1; n <= asked_at_most; ++n) {
        Channel channel;
        bool sent = false;
        Calling::when(n, [&] {
            for (int i = 1; i <= 4; ++i) says("sent", channel.tx->send(int{i}));
            sent = true;
        });
        int next = 1;
        const auto answer = channel.recv();
        check(sent || n > asked_at_least, "the clock was asked so often");
        if (answer || !sent) says(sent ? std::to_string(next++) : "timeout", answer);
        for (; sent && next <= 4; ++next) says(std::to_string(next), channel.rx->try_recv());
        says("empty", channel.rx->try_recv());
    }
}

TEST(S11_S19_S23_a_clock_may_drop_both_ends_whenever_it_is_asked) {
    const std::size_t before = announced::Account::live;
    for (int n = 1; n <= asked_at_most; ++n) {
        Channel channel;
        bool dropped = false;
        Calling::when(n, [&] {
            channel.tx.reset();
            channel.rx.reset();
            dropped = true;
        });
        const auto answer = channel.recv();  // before it is asked what became of it
        says(dropped ? "disconnected" : "timeout", answer);
        check(dropped || n > asked_at_least, "the clock was asked so often");
    }
    check(announced::Account::live == before, "all memory was given back");
    check(announced::Quarantine::is_unspoiled(), "nobody wrote to memory that was given back");
}

TEST(S10_a_clock_that_receives_from_the_channel_that_waits_ends_the_process) {
    aborts_with("a clock receives", [] {
        for (int n = 1; n <= asked_at_most; ++n) {
            Channel channel;
            Calling::when(n, [&] { (void)channel.rx->recv_for(1ms).has_value(); });
            (void)channel.recv().has_value();
        }
    });
}
