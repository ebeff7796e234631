// A receive that is left by unwinding: the moments at which that is hard, and what shows that it is as if the call had not
// been made.
#pragma once

#include <chrono>
#include <optional>
#include <thread>

#include "harness/crew.hpp"
#include "harness/stop.hpp"
#include "harness/test.hpp"
#include "harness/usage.hpp"
#include "platforms/announced.hpp"

namespace harness {

/// Stops a thread at a step, and tells of moments of the others.
struct Moments : Stop {
    using Stop::Stop;
    void before(std::string_view step) override {
        if (step == "RecvSleep" || step == "RecvSleepUntil") parked.open();
        if (step == "RecvTakeToken") takes_token.open();
        Stop::before(step);
    }
    void in_vain(std::string_view) override {
        // Beyond those that a thread makes without a sleep in between.
        constexpr unsigned awake = 100, asleep = 20;
        const unsigned looks = looks_.fetch_add(1, std::memory_order::relaxed);
        if (looks == awake) waits.open();
        if (looks == awake + asleep) still_waits.open();
    }
    Gate parked, takes_token, waits, still_waits;

  private:
    std::atomic<unsigned> looks_{0};
};
inline constexpr std::string_view nowhere = "";

/// An empty channel: receives find nothing, end at their deadlines, sleep until then, and are woken by a send.
void must_be_as_if_not_made(const auto& tx, auto& rx) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds wait(10);
    says("empty", rx.try_recv());
    check(!rx.is_disconnected(), "a sender lives");
    const auto used = processor_time();
    const auto begin = Clock::now();
    says("timeout", rx.recv_for(wait));
    check(Clock::now() - begin >= wait, "it was not early");
    harness::Crew crew;
    crew.start("sender", [&] {
        std::this_thread::sleep_for(wait);
        (void)tx.send(101);
        std::this_thread::sleep_for(wait);
        (void)tx.send(102);
    });
    says("101", rx.recv());
    for (int value : rx) {
        says("102", std::expected<int, ferry::RecvError>(value));
        break;
    }
    check(processor_time() - used < wait, "it slept while it waited");
    crew.join();
    says("empty", rx.try_recv());
}

constexpr unsigned slots = 2;
using Blocks = announced::Platform<slots>;
using Tx = ferry::Sender<int, Blocks>;
using Rx = ferry::Receiver<int, Blocks>;

/// What wakes a parked receiver; and what is there for the next call.
struct Event {
    const char* name;
    void (*happen)(std::optional<Tx>&);
    const char* next;
};
inline const Event events[] = {
    {"a send", [](std::optional<Tx>& tx) { (void)tx->send(1); }, "1"},
    {"the last drop", [](std::optional<Tx>& tx) { tx.reset(); }, "disconnected"},
};

/// A channel with one sender, and a receive that is left.
struct LeftReceive {
    std::pair<Tx, Rx> ends = ferry::channel<int, Blocks>();
    std::optional<Tx> tx{std::move(ends.first)};
    Rx& rx = ends.second;

    void must_be_as_if_not_made(const Event& event) {
        if (!tx) check(rx.is_disconnected(), "it is over");
        says(event.next, rx.recv_for(std::chrono::hours(24)));
        if (tx) {
            harness::must_be_as_if_not_made(*tx, rx);
        } else {
            says("disconnected", rx.recv());
        }
    }
};

}  // namespace harness
