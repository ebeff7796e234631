// Receives that can be asked to stop, by a std::stop_token. (The numbers S.. are those of the README.)
#include <ferry/sync_channel.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "harness/left.hpp"
#include "harness/test_clock.hpp"

using namespace harness;
using namespace std::chrono_literals;

namespace {

/// Does so with an unbounded channel, and with bounded ones.
template <class Case>
void with_each_channel(Case once) {
    once([] { return ferry::channel<int, announced::Platform<2>>(); });
    for (const std::size_t capacity : {0u, 1u, 3u})
        once([=] { return ferry::sync_channel<int, announced::Platform<0>>(capacity); });
}

/// The steady clock, which does something when it is asked for the first time.
struct Acting : TestClock<Acting> {
    static inline std::function<void()> act;
    static time_point now() {
        if (const auto once = std::exchange(act, nullptr)) once();
        return steady_now();
    }
};

}  // namespace

TEST(S40_a_request_to_stop_wakes_a_receiver_that_sleeps) {
    with_each_channel([](auto make) {
        Moments moments(nowhere);
        auto [tx, rx] = make();
        std::stop_source source;
        Crew crew;
        crew.start("receiver", [&, &receiver = rx] { says("stopped", receiver.recv(source.get_token())); });
        moments.parked.wait();
        source.request_stop();
        crew.join();
        must_be_as_if_not_made(tx, rx);
    });
}

TEST(S40_a_request_between_the_receivers_look_and_its_sleep_is_seen) {
    for (const char* const moment : {"RecvPark", "RecvSleep"}) {
        with_each_channel([&](auto make) {
            Stop stop(moment);
            auto [tx, rx] = make();
            std::stop_source source;
            Crew crew;
            crew.start("receiver", [&, &receiver = rx] { says("stopped", receiver.recv(source.get_token())); });
            stop.wait_until_stopped();
            source.request_stop();
            stop.go();
            crew.join();
            must_be_as_if_not_made(tx, rx);
        });
    }
}

TEST(S40_a_receive_that_is_asked_before_it_begins_takes_what_is_there_and_does_not_wait) {
    with_each_channel([](auto make) {
        auto [tx, rx] = make();
        std::stop_source source;
        source.request_stop();
        says("stopped", rx.recv(source.get_token()));
        Crew crew;
        crew.start("sender", [&, &sender = tx] { (void)sender.send(7); });
        says("7", rx.recv());
        crew.join();
        says("stopped", rx.recv_for(source.get_token(), 1h));
        must_be_as_if_not_made(tx, rx);
        ferry::drop(std::move(tx));
        says("disconnected", rx.recv(source.get_token()));
        rx.close();
        says("disconnected", rx.recv(source.get_token()));
    });
}

TEST(S40_a_value_that_is_there_comes_before_stopped) {
    const auto source = std::make_unique<std::stop_source>();  // g++ 12 warns wrongly of one on the stack
    source->request_stop();
    auto [tx, rx] = ferry::channel<int>();
    (void)tx.send(1);
    says("1", rx.recv(source->get_token()));
    auto [bounded_tx, bounded_rx] = ferry::sync_channel<int>(1);
    (void)bounded_tx.send(2);
    says("2", bounded_rx.recv(source->get_token()));
}

TEST(S13_S40_with_a_deadline_a_receive_says_what_has_ended_it) {
    with_each_channel([](auto make) {
        auto [tx, rx] = make();
        const auto begin = std::chrono::steady_clock::now();
        std::stop_source source;
        says("timeout", rx.recv_until(source.get_token(), begin + 5ms));
        check(std::chrono::steady_clock::now() - begin >= 5ms, "it was not early");
        says("timeout", rx.recv_for(std::stop_token(), 1ms));
        Crew crew;
        crew.start("receiver", [&, &receiver = rx] { says("stopped", receiver.recv_for(source.get_token(), 1h)); });
        std::this_thread::sleep_for(1ms);
        source.request_stop();
        crew.join();
        must_be_as_if_not_made(tx, rx);
    });
}

TEST(S27_S40_a_clock_that_throws_leaves_a_receive_that_can_be_asked_to_stop) {
    with_each_channel([](auto make) {
        auto [tx, rx] = make();
        std::stop_source source;
        Acting::act = [] { throw 1; };
        std::string thrown = "nothing";
        try {
            (void)rx.recv_until(source.get_token(), Acting::steady_now() + 1h);
        } catch (int) {
            thrown = "what the clock throws";
        }
        same("what the clock throws", thrown);
        source.request_stop();
        must_be_as_if_not_made(tx, rx);
    });
}

TEST(S19_S40_a_request_while_the_channel_is_freed_touches_nothing) {
    struct Freeing : announced::Platform<2> {
        static std::function<void()>& when_freed() {
            static std::function<void()> act;
            return act;
        }
        static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
            announced::Platform<2>::deallocate(memory, bytes, alignment);
            if (const auto once = std::exchange(when_freed(), nullptr)) once();
        }
    };
    auto [tx, rx] = ferry::channel<int, Freeing>();
    std::optional receiver(std::move(rx));
    std::stop_source source;
    // The clock drops both sides, so the receive frees the channel when it ends.
    Acting::act = [&, &sender = tx] {
        receiver.reset();
        ferry::drop(std::move(sender));
    };
    Freeing::when_freed() = [&] { source.request_stop(); };
    says("disconnected", receiver->recv_until(source.get_token(), Acting::steady_now() + 1ms));
    check(source.stop_requested() && announced::Quarantine::is_unspoiled(), "the callback was gone before the channel");
}
