// The C++ peers, and the channel itself, under one set of workloads. One run of one peer on one workload per process:
//     peers PEER WORKLOAD MESSAGES
// prints a line of JSON: "ns" for one message (round trip, life of a channel, clone), and what else the workload measures.
// A workload whose name ends in `-of-N` is one of bounded channels, with room for N values.
// rust/ and go/ are the same program in their languages. ferry_tools/bench.py knows the workloads' names and runs all this.
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "queues.hpp"

namespace bench {

using Clock = std::chrono::steady_clock;

// ---- the workloads -----------------------------------------------------------------------------------------------------

struct Result {
    double ns = 0;
    std::map<std::string, double> more;
};

double ns_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

template <class T>
T make_value(std::uint64_t i) {
    if constexpr (std::is_same_v<T, std::string>) {
        return std::string(32, static_cast<char>('a' + i % 26));
    } else if constexpr (std::is_integral_v<T>) {
        return i;
    } else {
        return T{i};
    }
}
template <class T>
std::uint64_t weigh(const T& v) {
    if constexpr (std::is_same_v<T, std::string>) return v.size();
    else if constexpr (std::is_integral_v<T>) return v & 1;
    else return v[0] & 1;
}
std::uint64_t weighed;  // so that nothing is optimised away

std::size_t room = 1024;  // of the channels that are bounded, and of those that want a number

/// Senders on threads of their own, the receiver here. From the moment when all are there to the end of the stream.
template <class Peer, class T>
Result stream(std::uint64_t messages, unsigned senders) {
    using Of = typename Peer::template Of<T>;
    const std::uint64_t each = messages / senders;
    auto [sender, receiver] = Of::make(room);
    std::atomic<unsigned> there{0};
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t != senders; ++t) {
        threads.emplace_back([&, mine = Of::clone(sender)]() mutable {
            there.fetch_add(1);
            go.wait(false);
            for (std::uint64_t i = 0; i != each; ++i) Of::send(mine, make_value<T>(i));
        });
    }
    {
        const auto gone = std::move(sender);
    }
    while (there != senders) std::this_thread::yield();
    const auto begin = Clock::now();
    go = true;
    go.notify_all();
    if constexpr (Peer::tells_the_end) {
        while (auto v = Of::recv(receiver)) weighed += weigh(*v);
    } else {
        for (std::uint64_t i = 0; i != each * senders; ++i) weighed += weigh(*Of::recv(receiver));
    }
    const double ns = ns_since(begin);
    for (auto& t : threads) t.join();
    return {ns / static_cast<double>(each * senders), {}};
}

template <class Peer>
Result ping_pong(std::uint64_t trips) {
    using Of = typename Peer::template Of<std::uint64_t>;
    auto [ping, pinged] = Of::make(room);
    auto [pong, ponged] = Of::make(room);
    std::thread other([trips, in = std::move(pinged), out = std::move(pong)]() mutable {
        for (std::uint64_t i = 0; i != trips; ++i) Of::send(out, std::move(*Of::recv(in)));
    });
    const auto begin = Clock::now();
    for (std::uint64_t i = 0; i != trips; ++i) {
        Of::send(ping, std::uint64_t{i});
        weighed += *Of::recv(ponged);
    }
    const double ns = ns_since(begin);
    other.join();
    return {ns / static_cast<double>(trips), {}};
}

template <class Peer>
Result same_thread(std::uint64_t messages) {
    using Of = typename Peer::template Of<std::uint64_t>;
    auto [sender, receiver] = Of::make(room);
    const auto begin = Clock::now();
    for (std::uint64_t i = 0; i != messages; ++i) {
        Of::send(sender, std::uint64_t{i});
        weighed += *Of::recv(receiver);
    }
    return {ns_since(begin) / static_cast<double>(messages), {}};
}

/// Of this program. (getrusage would also count what its parent had before it started this.)
double peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) * 1024;
    }
    return 0;
}

template <class Peer>
Result burst(std::uint64_t messages) {
    using Of = typename Peer::template Of<std::uint64_t>;
    const double before = peak_memory();
    const auto begin = Clock::now();
    auto [sender, receiver] = Of::make(messages);
    for (std::uint64_t i = 0; i != messages; ++i) Of::send(sender, std::uint64_t{i});
    for (std::uint64_t i = 0; i != messages; ++i) weighed += *Of::recv(receiver);
    const double n = static_cast<double>(messages);
    return {ns_since(begin) / n, {{"bytes", (peak_memory() - before) / n}}};
}

template <class Peer>
Result create_use_drop(std::uint64_t times) {
    using Of = typename Peer::template Of<std::uint64_t>;
    const auto begin = Clock::now();
    for (std::uint64_t i = 0; i != times; ++i) {
        auto [sender, receiver] = Of::make(1);
        Of::send(sender, std::uint64_t{i});
        weighed += *Of::recv(receiver);
    }
    return {ns_since(begin) / static_cast<double>(times), {}};
}

template <class Peer>
Result clone_drop(std::uint64_t times) {
    using Of = typename Peer::template Of<std::uint64_t>;
    auto [sender, receiver] = Of::make(1);
    const auto begin = Clock::now();
    for (std::uint64_t i = 0; i != times; ++i) const auto clone = Of::clone(sender);
    return {ns_since(begin) / static_cast<double>(times), {}};
}

/// A sender that sends now and then, and says when; the receiver sleeps meanwhile.
template <class Peer>
Result idle_wakeup(std::uint64_t times) {
    using Of = typename Peer::template Of<std::uint64_t>;
    auto [sender, receiver] = Of::make(room);
    const auto origin = Clock::now();
    std::thread other([&, mine = std::move(sender)]() mutable {
        for (std::uint64_t i = 0; i != times; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            Of::send(mine, static_cast<std::uint64_t>((Clock::now() - origin).count()));
        }
    });
    std::vector<double> latencies;
    for (std::uint64_t i = 0; i != times; ++i) {
        const std::uint64_t sent = *Of::recv(receiver);
        latencies.push_back(static_cast<double>((Clock::now() - origin).count()) - static_cast<double>(sent));
    }
    other.join();
    timespec cpu{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    std::sort(latencies.begin(), latencies.end());
    Result result{latencies[latencies.size() / 2], {}};
    for (int p = 1; p != 100; ++p)
        result.more["p" + std::to_string(p)] = latencies[latencies.size() * static_cast<unsigned>(p) / 100];
    result.more["cpu_us"] =
        (static_cast<double>(cpu.tv_sec) * 1e6 + static_cast<double>(cpu.tv_nsec) / 1e3) / static_cast<double>(times);
    return result;
}

template <class Peer>
std::optional<Result> run(std::string_view workload, std::uint64_t n) {
    const auto warm_up = [&](auto&& work) {
        (void)work(n / 10 + 1);
        return work(n);
    };
    if (workload == "spsc") return warm_up([](auto m) { return stream<Peer, std::uint64_t>(m, 1); });
    if (workload.starts_with("mpsc-")) {
        const auto senders = static_cast<unsigned>(std::atoi(workload.data() + 5));
        return warm_up([=](auto m) { return stream<Peer, std::uint64_t>(m, senders); });
    }
    if (workload.starts_with("pingpong")) return warm_up(ping_pong<Peer>);
    if (workload == "same-thread") return warm_up(same_thread<Peer>);
    if (workload == "string") return warm_up([](auto m) { return stream<Peer, std::string>(m, 1); });
    if (workload == "large") return warm_up([](auto m) { return stream<Peer, std::array<std::uint64_t, 128>>(m, 1); });
    if (workload == "size-64") return warm_up([](auto m) { return stream<Peer, std::array<std::uint64_t, 8>>(m, 1); });
    if (workload == "size-256")
        return warm_up([](auto m) { return stream<Peer, std::array<std::uint64_t, 32>>(m, 1); });
    if (workload.starts_with("b")) return burst<Peer>(n);  // its memory is to be fresh
    if (workload == "create-use-drop") return warm_up(create_use_drop<Peer>);
    if (workload == "clone-drop" && Peer::has_clones) return warm_up(clone_drop<Peer>);
    if (workload == "idle-wakeup") return idle_wakeup<Peer>(n);
    return std::nullopt;
}

}  // namespace bench

int main(int argc, char** argv) {
    using namespace bench;
    using Run = std::optional<Result> (*)(std::string_view, std::uint64_t);
    const std::map<std::string_view, Run> unbounded{
        {"ferry", run<Ferry<false>>},
        {"mutex-deque", run<Shared<MutexDeque, true>>},
        {"moodycamel", run<Shared<Moodycamel, false>>},
        {"tbb", run<Shared<Tbb, false>>},
        {"boost-fiber", run<Shared<BoostFiber, true>>},
        {"boost-lockfree", run<Shared<BoostLockfree, false>>},
    };
    const std::map<std::string_view, Run> bounded{
        {"ferry", run<Ferry<true>>},
        {"mutex-deque", run<Shared<TwoConditions, true>>},
        {"tbb", run<Shared<BoundedTbb, false>>},
        {"boost-fiber", run<Shared<BoundedBoostFiber, true>>},
    };
    const std::map<std::string_view, Run> rendezvous{
        {"ferry", run<Ferry<true>>},
        {"boost-fiber", run<Shared<UnbufferedBoostFiber, true>>},
    };
    if (argc != 4 || !unbounded.contains(argv[1])) return std::fputs("peers PEER WORKLOAD MESSAGES\n", stderr), 2;
    std::string_view workload = argv[2];
    const std::map<std::string_view, Run>* peers = &unbounded;
    if (const std::size_t of = workload.find("-of-"); of != workload.npos) {
        room = std::strtoull(workload.data() + of + 4, nullptr, 10);
        peers = room == 0 ? &rendezvous : &bounded;
        workload = workload.substr(0, of);
    }
    std::optional<Result> result;
    if (const auto found = peers->find(argv[1]); found != peers->end())
        result = found->second(workload, std::strtoull(argv[3], nullptr, 10));
    if (!result) return std::puts("{\"applies\": false}"), 0;
    std::printf("{\"ns\": %.3f", result->ns);
    for (const auto& [name, value] : result->more) std::printf(", \"%s\": %.3f", name.c_str(), value);
    std::printf(", \"weighed\": %llu}\n", static_cast<unsigned long long>(weighed));
}
