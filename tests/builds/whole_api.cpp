// Every call that the channel has, by one thread and by several, and what a build may change of it: memory that is refused,
// with and without exceptions, and a thread that is cancelled while it waits. Ends with status 0, or says what is not so.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <functional>
#include <version>
#if defined(__cpp_lib_format)
#include <format>
#endif
#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <ranges>
#include <source_location>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#ifdef FERRY_TEST_MODULE
import ferry;
#else
#include <ferry/channel.hpp>
#include <ferry/sync_channel.hpp>
#endif

#include "builds/other_unit.hpp"

using namespace std::chrono_literals;

namespace {

void check(bool holds, const char* what, const std::source_location where = std::source_location::current()) {
    if (holds) return;
    std::fprintf(stderr, "not so: %s (line %ju)\n", what, std::uintmax_t{where.line()});
    std::_Exit(EXIT_FAILURE);
}

// ---- one thread

template <class T, class Make, class IsFrom>
void values_come_out_as_they_went_in(Make make, IsFrom is_from) {
    constexpr int many = 600;  // several blocks
    auto [tx, rx] = ferry::channel<T>();
    static_assert(std::same_as<typename decltype(tx)::value_type, T> &&
                  std::same_as<typename decltype(rx)::value_type, T>);
    for (int i = 0; i != many; ++i) check(tx.send(make(i)).has_value(), "a send succeeds");
    for (int i = 0; i != many / 2; ++i) {
        auto value = i % 2 == 0 ? std::optional<T>(*rx.try_recv()) : std::optional<T>(*rx.recv());
        check(is_from(*value, i), "values come out in order");
    }
    int next = many / 2;
    std::vector<T> taken;
    check(rx.recv_many(std::back_inserter(taken), 2).value_or(0) == 2, "recv_many takes as many as it may");
    for (const T& value : taken) check(is_from(value, next++), "recv_many goes on in order");
    for (T value : rx.try_iter()) check(is_from(value, next++), "try_iter goes on in order");
    check(next == many, "try_iter yields all that is there");
    check(tx.send(make(0)).has_value(), "a value is left in the channel");
}

void values_of_many_kinds() {
    struct Empty {};
    struct alignas(128) OverAligned {
        int number;
    };
    struct Large {
        int number;
        std::array<char, 3000> rest{};
    };
    values_come_out_as_they_went_in<char>([](int i) { return static_cast<char>(i % 100); },
                                          [](char c, int i) { return c == i % 100; });
    values_come_out_as_they_went_in<std::uint64_t>(
        [](int i) { return ~std::uint64_t{0} - static_cast<unsigned>(i); },
        [](std::uint64_t n, int i) { return ~n == static_cast<unsigned>(i); });
    values_come_out_as_they_went_in<Empty>([](int) { return Empty(); }, [](const Empty&, int) { return true; });
    values_come_out_as_they_went_in<std::string>(
        [](int i) { return std::string(static_cast<std::size_t>(i), 'x'); },
        [](const std::string& s, int i) { return s.size() == static_cast<std::size_t>(i); });
    values_come_out_as_they_went_in<std::unique_ptr<int>>([](int i) { return std::make_unique<int>(i); },
                                                          [](const std::unique_ptr<int>& p, int i) { return *p == i; });
    values_come_out_as_they_went_in<OverAligned>(
        [](int i) { return OverAligned{i}; },
        [](const OverAligned& o, int i) {
            return o.number == i && reinterpret_cast<std::uintptr_t>(&o) % alignof(OverAligned) == 0;
        });
    values_come_out_as_they_went_in<Large>([](int i) { return Large{.number = i}; },
                                           [](const Large& l, int i) { return l.number == i; });
}

void handles_and_errors_as_in_the_standard_library() {
    auto [tx, rx] = ferry::channel<int>();
    auto [other_tx, other_rx] = ferry::channel<int>();
    check(tx == tx.clone() && tx == rx && rx == tx && tx != other_tx && rx != other_rx, "equal: of the same channel");
    swap(tx, other_tx);
    swap(rx, other_rx);
    check(tx == rx && tx != other_tx, "swapped");
    const std::hash<ferry::Sender<int>> hash;
    check(hash(tx) == hash(tx.clone()) && hash(tx) == std::hash<ferry::Receiver<int>>()(rx), "equal ones hash equally");
    check(to_string(ferry::TryRecvError::empty) == "empty", "errors have names");
#if defined(__cpp_lib_format)
    check(std::format("{:>8}", ferry::TryRecvError::empty) == "   empty", "std::format prints them");
#endif
}

void every_call() {
    auto [tx, rx] = ferry::channel<int>();
    static_assert(std::ranges::input_range<decltype(rx)>);
    check(rx.try_recv().error() == ferry::TryRecvError::empty, "empty at first");
    check(rx.recv_for(1ms).error() == ferry::RecvTimeoutError::timeout, "a timed receive times out");
    check(rx.recv_until(std::chrono::system_clock::now()).error() == ferry::RecvTimeoutError::timeout,
          "on another clock, too");
#if defined(__cpp_lib_jthread)
    const auto source = std::make_unique<std::stop_source>();  // g++ 12 warns wrongly of one on the stack
    check(rx.recv_for(source->get_token(), 1ms).error() == ferry::RecvStopError::timeout, "nobody asks it to stop");
    source->request_stop();
    check(rx.recv(source->get_token()).error() == ferry::RecvStopError::stopped, "a receive is asked to stop");
    check(to_string(ferry::RecvStopError::stopped) == "stopped", "this error has a name");
#endif
    check(!tx.is_disconnected() && !rx.is_disconnected(), "connected");

    auto clone = tx.clone();
    clone.swap(tx);
    auto moved = std::move(clone);
    clone = moved.clone();
    for (const auto* sender : {&tx, &moved, &clone}) check(sender->send(1).has_value(), "each handle sends");
    check(rx.recv_for(1h) == 1 && rx.recv_until(std::chrono::steady_clock::now()) == 1, "a value beats the deadline");
    check(*rx.begin() == 1 && rx.try_iter().begin() == std::default_sentinel, "an iterator takes the last");

    auto [other_tx, other_rx] = ferry::channel<int>();
    rx.swap(other_rx);
    rx = std::move(other_rx);
    ferry::drop(std::move(other_tx));
    check(tx.send(2).has_value(), "sent before the close");
    rx.close();
    const auto refused = tx.send(3);
    check(!refused && refused.error().value == 3 && tx.is_disconnected(), "a refused value comes back");
    check(rx.recv() == 2 && rx.recv().error() == ferry::RecvError::disconnected && rx.is_disconnected(),
          "what was sent, then the end");
    for ([[maybe_unused]] const int value : rx) check(false, "nothing to iterate over");
    check(rx.try_recv().error() == ferry::TryRecvError::disconnected, "the end is final");
    check(rx.recv_for(1ms).error() == ferry::RecvTimeoutError::disconnected, "the end beats the deadline");
}

// ---- several

void senders_stream_to_a_loop() {
    struct Message {
        unsigned sender, number;
    };
    constexpr unsigned senders = 3, messages = 20'000;
    auto [tx, rx] = ferry::channel<Message>();
    std::vector<std::thread> threads;
    for (unsigned me = 0; me != senders; ++me) {
        threads.emplace_back([me, sender = tx.clone()] {
            for (unsigned n = 0; n != messages; ++n) check(sender.send(Message{me, n}).has_value(), "sent");
        });
    }
    ferry::drop(std::move(tx));
    std::array<unsigned, senders> next{};
    for (const Message message : rx) check(message.number == next[message.sender]++, "each sender's values in order");
    for (const unsigned n : next) check(n == messages, "all values of all senders");
    for (std::thread& thread : threads) thread.join();
}

void threads_answer_each_other() {
    constexpr int rounds = 2'000;
    auto [ask, asked] = ferry::channel<int>();
    auto [answer, answered] = ferry::channel<std::string>();
    std::thread other([questions = std::move(asked), answers = std::move(answer)]() mutable {
        for (const int question : questions) {
            if (question % 500 == 0) std::this_thread::sleep_for(1ms);  // so that the asker parks
            check(answers.send(std::to_string(question)).has_value(), "answered");
        }
    });
    for (int i = 0; i != rounds; ++i) {
        check(ask.send(int{i}).has_value(), "asked");
        check((i % 2 == 0 ? *answered.recv() : *answered.recv_for(1h)) == std::to_string(i), "the answer fits");
    }
    ferry::drop(std::move(ask));
    check(answered.recv().error() == ferry::RecvError::disconnected, "the other has left");
    other.join();
}

void the_receiver_leaves_while_senders_send() {
    const auto token = std::make_shared<int>();
    auto [tx, rx] = ferry::channel<std::shared_ptr<int>>();
    std::vector<std::thread> threads;
    for (int i = 0; i != 2; ++i) {
        threads.emplace_back([&token, sender = tx.clone()] {
            while (sender.send(std::shared_ptr(token))) continue;
            check(sender.is_disconnected(), "a refused sender is disconnected");
        });
    }
    for (int i = 0; i != 1000; ++i) check(rx.recv().has_value(), "received");
    ferry::drop(std::move(rx));
    for (std::thread& thread : threads) thread.join();
    check(token.use_count() == 1, "every value was destroyed");
}

// ---- what a build may change

/// Memory that is refused, or lies beyond the addresses that there is room for.
struct Miser : ferry::StandardPlatform {
    enum Mood { gives, refuses, exaggerates };
    static inline Mood mood = gives;
    static inline std::byte* const beyond = reinterpret_cast<std::byte*>((std::uint64_t{1} << 52) & UINTPTR_MAX);

    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        if (mood == gives) return StandardPlatform::allocate(bytes, alignment);
        return mood == refuses ? nullptr : beyond;
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        if (memory != beyond) StandardPlatform::deallocate(memory, bytes, alignment);
    }
    template <class>
    static constexpr unsigned block_slots = 8;
    template <class>
    static constexpr unsigned first_block_slots = 8;
};

/// What `act` does when it gets no memory: the message of the exception, or with which the process ends.
template <class Act>
std::string complaint_of(Act act) {
#ifdef __cpp_exceptions
    try {
        act();
    } catch (const std::bad_alloc& failure) {
        return failure.what();
    }
    return "nothing";
#else
    int ends[2];
    check(pipe(ends) == 0, "a pipe");
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        act();
        std::_Exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    std::string said;
    char some[256];
    for (ssize_t n = 0; (n = read(ends[0], some, sizeof some)) > 0;) said.append(some, static_cast<std::size_t>(n));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "the process aborts");
    return said.substr(0, said.find('\n'));
#endif
}

void memory_is_refused() {
    auto [tx, rx] = ferry::channel<int, Miser>();
    for (int i = 0; i != 8; ++i) check(tx.send(int{i}).has_value(), "there is room");
    for (const auto mood : {Miser::refuses, Miser::exaggerates}) {
        if (mood == Miser::exaggerates && sizeof(void*) < 8) continue;
        Miser::mood = mood;
#ifdef __cpp_exceptions
        const std::string out_of_memory = std::bad_alloc().what();
#else
        const std::string out_of_memory = "ferry: out of memory";
#endif
        const std::string expected = mood == Miser::refuses ? out_of_memory : "ferry: memory beyond 48 bits of address";
        check(complaint_of([&, &sender = tx] { static_cast<void>(sender.send(8).has_value()); }) == expected,
              "a send says why it fails");
        check(complaint_of([] { static_cast<void>(ferry::channel<int, Miser>()); }) == expected,
              "so does the making of a channel");
    }
    Miser::mood = Miser::gives;
    check(tx.send(8).has_value(), "the send can be repeated");
    for (int i = 0; i != 9; ++i) check(rx.recv() == i, "nothing is lost");
}

/// Cancels a thread that waits, and sends it a value. Where the build unwinds, the value is for the next receive; elsewhere the
/// cancellation is held back until the value is there.
template <class Wait>
void a_waiting_thread_is_cancelled(Wait wait) {
    struct Shared {
        ferry::Receiver<int> rx;
        Wait wait;
        std::optional<int> received;
    };
    auto [tx, rx] = ferry::channel<int>();
    Shared shared{std::move(rx), wait, {}};
    pthread_t thread;
    const auto work = [](void* argument) -> void* {
        auto& mine = *static_cast<Shared*>(argument);
        mine.received = mine.wait(mine.rx);
        return nullptr;
    };
    check(pthread_create(&thread, nullptr, work, &shared) == 0, "a thread");
    std::this_thread::sleep_for(5ms);
    check(pthread_cancel(thread) == 0, "it is asked to end");
    std::this_thread::sleep_for(5ms);
    check(tx.send(1).has_value(), "sent");
    check(pthread_join(thread, nullptr) == 0, "it ends");
    const auto left = shared.rx.try_recv();
    check(left ? *left == 1 && !shared.received : shared.received == 1, "the value is received once");
    check(shared.rx.recv_for(1ms).error() == ferry::RecvTimeoutError::timeout, "the channel can be waited on");
    ferry::drop(std::move(tx));
    check(shared.rx.recv().error() == ferry::RecvError::disconnected, "and ends");
}

void other_units_talk() {
    auto [tx, rx] = ferry::channel<std::string>();
    std::thread other(other_unit::send_words, tx.clone());
    ferry::drop(std::move(tx));
    check(other_unit::count_letters(std::move(rx)) == other_unit::letters,
          "another translation unit sends and receives");
    other.join();
}

// ---- bounded channels

void every_call_of_a_bounded_channel() {
    auto [tx, rx] = ferry::sync_channel<int>(1);
    check(tx.send(1).has_value(), "there is room");
    check(tx.try_send(2).error().reason == ferry::TrySendError<int>::Reason::full, "it is full");
    check(tx.send_for(3, 1ns).error().reason == ferry::SendTimeoutError<int>::Reason::timeout, "nobody receives");
#if defined(__cpp_lib_jthread)
    using Why = ferry::SendStopError<int>::Reason;
    const auto source = std::make_unique<std::stop_source>();
    check(tx.send_for(3, source->get_token(), 1ns).error().reason == Why::timeout, "nobody asks it to stop");
    source->request_stop();
    check(tx.send(3, source->get_token()).error().reason == Why::stopped, "a send is asked to stop");
    check(to_string(Why::stopped) == "stopped", "this reason has a name");
#endif
    check(tx.send_until(4, std::chrono::system_clock::now()).error().value == 4, "the value comes back");
    check(*rx.try_recv() == 1 && tx.clone().try_send(5).has_value(), "a value taken is room");
    rx.close();
    check(tx.is_disconnected() && tx.send(6).error().value == 6, "what is closed takes nothing in");
    check(*rx.recv() == 5 && rx.is_disconnected(), "what was taken in comes out");
}

void senders_wait_for_room() {
    for (const std::size_t capacity : {0uz, 1uz, 16uz}) {
        auto [tx, rx] = ferry::sync_channel<std::unique_ptr<int>>(capacity);
        std::thread sender([sender = std::move(tx)] {
            for (int i = 0; i != 100; ++i) check(sender.send(std::make_unique<int>(i)).has_value(), "it is let in");
        });
        int next = 0;
        for (const std::unique_ptr<int>& value : rx) check(*value == next++, "values come out in order");
        check(next == 100, "all of them");
        sender.join();
    }
}

}  // namespace

int main() {
    values_of_many_kinds();
    every_call();
    handles_and_errors_as_in_the_standard_library();
    senders_stream_to_a_loop();
    threads_answer_each_other();
    the_receiver_leaves_while_senders_send();
    memory_is_refused();
    a_waiting_thread_is_cancelled([](ferry::Receiver<int>& rx) { return *rx.recv(); });
    a_waiting_thread_is_cancelled([](ferry::Receiver<int>& rx) { return *rx.recv_for(1h); });
    other_units_talk();
    every_call_of_a_bounded_channel();
    senders_wait_for_room();
    std::puts("ok");
}
