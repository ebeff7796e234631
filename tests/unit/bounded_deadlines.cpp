// Threads that look for a value or for room until a deadline passes, in a bounded channel. A file of its own, because what
// is counted of the header's branches is added up by file, and calls without a deadline have no such branch.
#include <ferry/sync_channel.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/answers_of_bounded.hpp"
#include "harness/test.hpp"
#include "harness/test_clock.hpp"
#include "platforms/announced.hpp"

using harness::check;
using harness::says;
using namespace std::chrono_literals;

namespace {

/// An hour passes after its first look.
struct Jumping : harness::TestClock<Jumping> {
    static inline int looks = 0;
    static time_point now() { return time_point(looks++ == 0 ? 0h : 1h); }
};

/// Looks as long as it is let, unless nobody ends it.
struct Stubborn {
    static inline int looks = 0;
    bool spin(auto, auto found) {
        do ++looks;
        while (!found() && looks != 1000);
        return true;
    }
};
struct Platform : announced::Platform<0> {
    using pace = Stubborn;
    using sender_pace = Stubborn;
};

}  // namespace

TEST(S13_S36_a_deadline_that_passes_while_a_thread_looks_ends_the_looking) {
    for (const std::size_t capacity : {0U, 2U}) {
        for (const int looks : {0, 1}) {  // it passes meanwhile; it has passed
            auto [tx, rx] = ferry::sync_channel<int, Platform>(capacity);
            for (std::size_t i = 0; i != capacity; ++i) says("sent", tx.try_send(static_cast<int>(i)));
            Jumping::looks = looks;
            Stubborn::looks = 0;
            says("timeout: 7", tx.send_until(7, Jumping::time_point(1min)));
            for (std::size_t i = 0; i != capacity; ++i) says(std::to_string(i), rx.try_recv());
            Jumping::looks = looks;
            says("timeout", rx.recv_until(Jumping::time_point(1min)));
            check(Stubborn::looks <= 2, "neither has looked on");
        }
    }
}

TEST(S13_S36_room_a_value_and_a_close_are_found_by_a_thread_that_looks_until_a_deadline) {
    struct Meanwhile : announced::Director {
        std::function<void()> act;
        int loads = 0;
        void before(std::string_view step) override {
            if ((step == "SendLook" || step == "RecvReady") && ++loads == 2) std::exchange(act, nullptr)();
        }
    };
    const auto meanwhile = [](std::function<void()> act, auto call) {
        Meanwhile director;
        director.act = std::move(act);
        Jumping::looks = 0;
        call();
        check(director.act == nullptr, "it happened");
    };
    auto [tx, rx] = ferry::sync_channel<int, Platform>(1);
    const Jumping::time_point deadline(1min);
    meanwhile([&] { says("sent", tx.try_send(1)); }, [&] { says("1", rx.recv_until(deadline)); });
    says("sent", tx.try_send(2));
    meanwhile([&] { says("2", rx.try_recv()); }, [&] { says("sent", tx.send_until(3, deadline)); });
    meanwhile([&] { rx.close(); }, [&] { says("disconnected: 4", tx.send_until(4, deadline)); });
}
