// How long the standard platform's receiver looks for a value before it parks. What is measured depends on what else the
// processor does, so these tests are apart from those that `make mutants` counts on.
#include <ferry/detail/pace.hpp>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "harness/crew.hpp"
#include "harness/test.hpp"
#include "harness/usage.hpp"

using harness::check;
using namespace std::chrono_literals;

TEST(S10_a_receiver_that_finds_nothing_spins_for_a_while_and_then_gives_up) {
    for (const unsigned run : {0U, 1U, 5U, 1000U}) {
        const auto looks_until = [run](int found_at) {
            ferry::detail::Pace pace;
            int looks = 0;
            const bool found = pace.spin(run, [&] { return ++looks == found_at; });
            check(found == (looks == found_at), "it says whether it found something");
            return looks;
        };
        check(looks_until(-1) >= 2, "it gives up after some looks");  // how many is a matter of time
        for (const int found_at : {1, 2})
            check(looks_until(found_at) == found_at, "it stops as soon as it finds something");
        for (int found_at = 3; found_at != 50; ++found_at)
            check(looks_until(found_at) <= found_at, "it looks no more then");
    }
}

namespace {

int looks_in_vain(ferry::detail::Pace& pace, unsigned taken) {
    int n = 0;
    check(!pace.spin(taken, [&n] { return ++n, false; }), "nothing was found");
    return n;
}

}  // namespace

TEST(S10_a_receiver_that_has_just_given_up_spins_for_longer_the_next_time) {
    // Other processes may shorten the longer spinning of many attempts, but not of all.
    bool is_longer = false;
    for (int attempt = 0; !is_longer && attempt != 1000; ++attempt) {
        ferry::detail::Pace pace;
        const int first = looks_in_vain(pace, 0), second = looks_in_vain(pace, 1);
        is_longer = second > 2 * first;
    }
    check(is_longer, "it is more patient when a value came soon after it had parked");
}

TEST(S13_a_receiver_whose_deadlines_pass_in_vain_does_not_spin_for_longer) {
    // Other processes may shorten the spinning of many attempts, because a receiver that spins yields; but not of all.
    bool is_always_patient = true;
    for (int attempt = 0; is_always_patient && attempt != 1000; ++attempt) {
        ferry::detail::Pace pace;
        looks_in_vain(pace, 0);
        const int after_nothing = looks_in_vain(pace, 0);
        looks_in_vain(pace, 1);
        const int after_a_value = looks_in_vain(pace, 2);
        is_always_patient = 2 * after_nothing > after_a_value;
    }
    check(!is_always_patient, "it is patient only if a value came");
}

namespace {

/// This thread, and those that it starts, on the processor that it is on.
void stay_on_this_processor() {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    check(sched_setaffinity(0, sizeof here, &here) == 0, "a thread may choose its processor");
}

}  // namespace

TEST(S10_two_who_wait_for_each_other_on_one_processor_park_now_and_then) {
    constexpr unsigned turns = 1000, settled = 200;
    std::atomic<unsigned> turn{0};
    const auto take_turns = [&turn](unsigned mine) {
        ferry::detail::Pace pace;
        unsigned parkings = 0, taken = 0;
        for (unsigned t = mine; t < turns; t += 2) {
            for (; !pace.spin(taken, [&] { return turn == t; }); std::this_thread::yield()) parkings += t >= settled;
            taken += t % 100 < 2 ? 1000 : 1;  // a long run now and then
            // So long that the other notices that somebody else has run, however fast the machine.
            for (const auto begin = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - begin < 3us;) {
            }
            turn = t + 1;
        }
        return parkings;
    };
    unsigned parkings = 0;
    harness::Crew crew;
    crew.start("one of two", [&] {
        stay_on_this_processor();
        crew.start("the other", [&] { parkings = take_turns(1); });
        take_turns(0);
    });
    crew.join();
    // If they only ever yielded to each other, there would be none; and whoever else runs here can only add to them.
    check(parkings >= (turns - settled) / 2 / 200, "the kernel is asked for a better place now and then");
}

TEST(S10_beside_a_busy_thread_a_receiver_parks_and_does_not_yield) {
    std::atomic<bool> over{false};
    long switches = 0;
    harness::Crew crew;
    crew.start("receiver", [&] {
        stay_on_this_processor();
        crew.start("busy", [&over] {
            while (!over) continue;
        });
        ferry::detail::Pace pace;
        unsigned taken = 0;
        const auto switches_in = [&](int looks) {
            const auto so_far = [] { return harness::usage().ru_nvcsw + harness::usage().ru_nivcsw; };
            const long before = so_far();
            for (int i = 0; i != looks; ++i) looks_in_vain(pace, ++taken);
            return so_far() - before;
        };
        switches_in(5);  // and learns
        switches = switches_in(100);
        over = true;
    });
    crew.join();
    check(switches < 50, "it kept the processor while it looked");
}
