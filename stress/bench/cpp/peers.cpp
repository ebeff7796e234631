// The C++ peers, and the channel itself, under one set of workloads. One run of one peer on one workload per process:
//     peers PEER WORKLOAD MESSAGES
// prints a line of JSON: "ns" for one message (round trip, life of a channel, clone), and what else the workload measures.
// rust/ and go/ are the same program in their languages. ferry_tools/bench.py knows the workloads' names and runs all this.
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/fiber/buffered_channel.hpp>
#include <boost/lockfree/queue.hpp>
#include <concurrentqueue/blockingconcurrentqueue.h>
#include <ferry/channel.hpp>
#include <oneapi/tbb/concurrent_queue.h>

namespace bench {

using Clock = std::chrono::steady_clock;

// ---- the peers: make(room) gives a sender and a receiver; a sender is cloned; the end is told where a peer can ----------

struct Ferry {
    template <class T>
    struct Of {
        using Sender = ferry::Sender<T>;
        using Receiver = ferry::Receiver<T>;
        static std::pair<Sender, Receiver> make(std::size_t) { return ferry::channel<T>(); }
        static Sender clone(const Sender& s) { return s.clone(); }
        static void send(Sender& s, T&& v) {
            if (!s.send(std::move(v))) std::abort();
        }
        static auto recv(Receiver& r) { return r.recv(); }
    };
    static constexpr bool tells_the_end = true, has_clones = true;
};

/// A queue that two sides share by pointer, as users of such queues do. Those that can be closed are, when the last sender
/// goes; the receiver of the others has to know how many values there are.
template <template <class> class Queue, bool can_be_closed>
struct Shared {
    template <class T>
    struct Of {
        struct State {
            explicit State(std::size_t room) : queue(room) {}
            Queue<T> queue;
            std::atomic<std::size_t> senders{1};
        };
        struct Nothing {
            explicit Nothing(Queue<T>&) {}
        };
        template <class Q>
        struct TokenOf {
            using Type = Nothing;
        };
        template <class Q>
            requires requires { typename Q::Token; }
        struct TokenOf<Q> {
            using Type = Q::Token;
        };
        struct Sender {
            std::shared_ptr<State> state;
            TokenOf<Queue<T>>::Type token;
            explicit Sender(std::shared_ptr<State> s) : state(std::move(s)), token(state->queue) {}
            Sender(Sender&&) = default;
            Sender& operator=(Sender&&) = default;
            ~Sender() {
                if constexpr (can_be_closed) {
                    if (state && state->senders.fetch_sub(1) == 1) state->queue.close();
                }
            }
        };
        using Receiver = std::shared_ptr<State>;
        static std::pair<Sender, Receiver> make(std::size_t room) {
            auto state = std::make_shared<State>(room);
            return {Sender(state), state};
        }
        static Sender clone(const Sender& s) {
            s.state->senders.fetch_add(1, std::memory_order_relaxed);
            return Sender(s.state);
        }
        static void send(Sender& s, T&& v) {
            if constexpr (requires { s.state->queue.push(s.token, std::move(v)); })
                s.state->queue.push(s.token, std::move(v));
            else s.state->queue.push(std::move(v));
        }
        static std::optional<T> recv(Receiver& r) { return r->queue.pop(); }
    };
    static constexpr bool tells_the_end = can_be_closed, has_clones = false;
};

template <class T>
class MutexDeque {
  public:
    explicit MutexDeque(std::size_t) {}
    void push(T&& v) {
        {
            const std::lock_guard lock(mutex_);
            values_.push_back(std::move(v));
        }
        there_is_one_.notify_one();
    }
    std::optional<T> pop() {
        std::unique_lock lock(mutex_);
        there_is_one_.wait(lock, [this] { return !values_.empty() || closed_; });
        if (values_.empty()) return std::nullopt;
        std::optional<T> v(std::move(values_.front()));
        values_.pop_front();
        return v;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        there_is_one_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable there_is_one_;
    std::deque<T> values_;
    bool closed_ = false;
};

template <class T>
class Moodycamel {
  public:
    /// One for each producer, as its documentation recommends.
    struct Token {
        moodycamel::ProducerToken token;
        explicit Token(Moodycamel& queue) : token(queue.queue_) {}
    };

    explicit Moodycamel(std::size_t) {}
    void push(Token& token, T&& v) { queue_.enqueue(token.token, std::move(v)); }
    std::optional<T> pop() {
        T v;
        queue_.wait_dequeue(v);
        return v;
    }

  private:
    moodycamel::BlockingConcurrentQueue<T> queue_;
};

template <class T>
class Tbb {
  public:
    explicit Tbb(std::size_t) {}
    void push(T&& v) { queue_.push(std::move(v)); }
    std::optional<T> pop() {
        T v;
        queue_.pop(v);
        return v;
    }

  private:
    tbb::concurrent_bounded_queue<T> queue_;
};

template <class T>
class BoostFiber {
  public:
    explicit BoostFiber(std::size_t room) : channel_(std::bit_ceil(room + 1)) {}
    void push(T&& v) { channel_.push(std::move(v)); }
    std::optional<T> pop() {
        T v;
        if (channel_.pop(v) != boost::fibers::channel_op_status::success) return std::nullopt;
        return v;
    }
    void close() { channel_.close(); }

  private:
    boost::fibers::buffered_channel<T> channel_;
};

/// Its values must be trivial: others go by pointer, as its documentation says.
template <class T>
class BoostLockfree {
  public:
    explicit BoostLockfree(std::size_t) : queue_(1024) {}
    ~BoostLockfree() {
        Held h;
        while (queue_.pop(h)) (void)open(h);
    }
    void push(T&& v) {
        queue_.push(hold(std::move(v)));
        count_.release();
    }
    std::optional<T> pop() {
        count_.acquire();
        Held h;
        while (!queue_.pop(h)) {
        }
        return open(h);
    }

  private:
    static constexpr bool by_value = std::is_trivial_v<T>;
    using Held = std::conditional_t<by_value, T, T*>;
    static Held hold(T&& v) {
        if constexpr (by_value) return v;
        else return new T(std::move(v));
    }
    static T open(Held h) {
        if constexpr (by_value) {
            return h;
        } else {
            const std::unique_ptr<T> owner(h);
            return std::move(*owner);
        }
    }
    boost::lockfree::queue<Held> queue_;
    std::counting_semaphore<> count_{0};
};

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

/// Senders on threads of their own, the receiver here. From the moment when all are there to the end of the stream.
template <class Peer, class T>
Result stream(std::uint64_t messages, unsigned senders, std::size_t room = 1024) {
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
    auto [ping, pinged] = Of::make(1024);
    auto [pong, ponged] = Of::make(1024);
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
    auto [sender, receiver] = Of::make(1024);
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
    auto [sender, receiver] = Of::make(1024);
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
    const std::map<std::string_view, std::optional<Result> (*)(std::string_view, std::uint64_t)> peers{
        {"ferry", run<Ferry>},
        {"mutex-deque", run<Shared<MutexDeque, true>>},
        {"moodycamel", run<Shared<Moodycamel, false>>},
        {"tbb", run<Shared<Tbb, false>>},
        {"boost-fiber", run<Shared<BoostFiber, true>>},
        {"boost-lockfree", run<Shared<BoostLockfree, false>>},
    };
    if (argc != 4 || !peers.contains(argv[1])) return std::fputs("peers PEER WORKLOAD MESSAGES\n", stderr), 2;
    const auto result = peers.at(argv[1])(argv[2], std::strtoull(argv[3], nullptr, 10));
    if (!result) return std::puts("{\"applies\": false}"), 0;
    std::printf("{\"ns\": %.3f", result->ns);
    for (const auto& [name, value] : result->more) std::printf(", \"%s\": %.3f", name.c_str(), value);
    std::printf(", \"weighed\": %llu}\n", static_cast<unsigned long long>(weighed));
}
