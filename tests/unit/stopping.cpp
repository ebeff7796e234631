// Receives that can be asked to stop, by a std::stop_token. (The numbers S.. are those of the README.)
#include <ferry/sync_channel.hpp>

#include <atomic>
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

/// Does something when it next gets memory back.
struct Freeing : announced::Platform<2> {
    static inline std::function<void()> act;
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        announced::Platform<2>::deallocate(memory, bytes, alignment);
        if (const auto once = std::exchange(act, nullptr)) once();
    }
};

/// A token of a stop that has been requested. (g++ 12 warns wrongly of a source on the stack.)
std::stop_token asked_before() {
    const auto source = std::make_unique<std::stop_source>();
    source->request_stop();
    return source->get_token();
}

/// Does so with an unbounded channel, and with bounded ones.
template <class Case>
void with_each_channel(Case once) {
    once([] { return ferry::channel<int, Freeing>(); });
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
    const std::stop_token asked = asked_before();
    auto [tx, rx] = ferry::channel<int>();
    (void)tx.send(1);
    says("1", rx.recv(asked));
    auto [bounded_tx, bounded_rx] = ferry::sync_channel<int>(1);
    (void)bounded_tx.send(2);
    says("2", bounded_rx.recv(asked));
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
    auto [tx, rx] = ferry::channel<int, Freeing>();
    std::optional receiver(std::move(rx));
    std::stop_source source;
    // The clock drops both sides, so the receive frees the channel when it ends.
    Acting::act = [&, &sender = tx] {
        receiver.reset();
        ferry::drop(std::move(sender));
    };
    Freeing::act = [&] { source.request_stop(); };
    says("disconnected", receiver->recv_until(source.get_token(), Acting::steady_now() + 1ms));
    check(source.stop_requested() && announced::Quarantine::is_unspoiled(), "the callback was gone before the channel");
}

// ---- sends of a bounded channel

namespace {

/// A bounded channel that is full, so that a send waits.
struct Full {
    std::optional<ferry::SyncSender<int, announced::Platform<0>>> tx;
    std::optional<ferry::SyncReceiver<int, announced::Platform<0>>> rx;
    explicit Full(std::size_t capacity) {
        auto [sender, receiver] = ferry::sync_channel<int, announced::Platform<0>>(capacity);
        for (std::size_t i = 0; i != capacity; ++i) (void)sender.send(0);
        tx.emplace(std::move(sender));
        rx.emplace(std::move(receiver));
    }
    /// Receives what was there; afterwards the channel is as if no send had waited.
    void must_be_as_if_not_sent(std::size_t capacity) {
        for (std::size_t i = 0; i != capacity; ++i) says("0", rx->try_recv());
        must_be_as_if_not_made(*tx, *rx);
    }
};
constexpr std::size_t capacities[] = {0, 1, 3};

/// Tells when so many senders are about to sleep.
struct Sleepers : announced::Director {
    Gate all;
    explicit Sleepers(int many) : left_(many) {}
    void before(std::string_view step) override {
        if (step == "SendSleep" && left_.fetch_sub(1) == 1) all.open();
    }

  private:
    std::atomic<int> left_;
};

std::string answer_of(const std::expected<void, ferry::SendStopError<int>>& answer) {
    return answer ? "sent" : std::string(to_string(answer.error())) + ", " + in_words(answer.error().value);
}

}  // namespace

TEST(S40_a_request_to_stop_wakes_a_sender_that_waits_for_room_and_gives_its_value_back) {
    for (const std::size_t capacity : capacities) {
        for (const char* const moment : {"JoinLock", "SendSleep", "DismissLock"}) {
            Stop stop(moment);
            Full channel(capacity);
            std::stop_source source;
            Crew crew;
            crew.start("sender", [&] { same("stopped, 7", answer_of(channel.tx->send(7, source.get_token()))); });
            if (moment == std::string_view("DismissLock")) {
                crew.start("stopper", [&] { source.request_stop(); });
                stop.wait_until_stopped();
            } else {
                stop.wait_until_stopped();
                source.request_stop();
            }
            stop.go();
            crew.join();
            channel.must_be_as_if_not_sent(capacity);
        }
    }
}

TEST(S40_room_and_a_close_come_before_stopped) {
    const std::stop_token asked = asked_before();
    Full channel(1);
    same("stopped, 1", answer_of(channel.tx->send(1, asked)));
    same("stopped, 2", answer_of(channel.tx->send_for(2, asked, 1h)));
    same("timeout, 3", answer_of(channel.tx->send_for(3, std::stop_token(), 1ms)));
    says("0", channel.rx->recv());
    same("sent", answer_of(channel.tx->send(4, asked)));
    channel.rx->close();
    same("disconnected, 5", answer_of(channel.tx->send(5, asked)));
}

TEST(S40_a_sender_that_was_answered_before_the_request_has_that_answer) {
    const std::pair<const char*, std::function<void(Full&)>> answers[] = {
        {"sent", [](Full& channel) { says("0", channel.rx->recv()); }},
        {"disconnected, 7", [](Full& channel) { channel.rx->close(); }}};
    for (const auto& [answer, act] : answers) {
        Stop stop("SendSleep");
        Full channel(1);
        std::stop_source source;
        Crew crew;
        crew.start("sender", [&, &said = answer] { same(said, answer_of(channel.tx->send(7, source.get_token()))); });
        stop.wait_until_stopped();
        act(channel);
        source.request_stop();
        stop.go();
        crew.join();
    }
}

TEST(S33_S40_a_sender_that_is_asked_to_stop_while_the_receiver_closes_is_refused) {
    struct Closing : Stop {
        Gate sleeps;
        Closing() : Stop("CloseLock") {}
        void before(std::string_view step) override {
            if (step == "SendSleep") sleeps.open();
            Stop::before(step);
        }
    };
    Closing closing;
    Full channel(1);
    std::stop_source source;
    Crew crew;
    crew.start("sender", [&] { same("disconnected, 7", answer_of(channel.tx->send(7, source.get_token()))); });
    closing.sleeps.wait();
    crew.start("receiver", [&] { channel.rx->close(); });
    closing.wait_until_stopped();
    check(channel.tx->is_disconnected(), "the request comes behind the close");
    source.request_stop();
    closing.go();
    crew.join();
}

TEST(S40_of_several_that_wait_only_those_are_stopped_that_were_asked) {
    Sleepers sleepers(2);
    Full channel(1);
    std::stop_source source;
    Crew crew;
    crew.start("sender", [&] { says("sent", channel.tx->send(1)); });
    crew.start("another", [&] { same("stopped, 2", answer_of(channel.tx->send(2, source.get_token()))); });
    sleepers.all.wait();
    source.request_stop();
    says("0", channel.rx->recv());
    says("1", channel.rx->recv());
    crew.join();
    must_be_as_if_not_made(*channel.tx, *channel.rx);
}
