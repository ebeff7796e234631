// The C++ peers, and the channel itself: make(room) gives a sender and a receiver; a sender is cloned; the end is told
// where a peer can.
#pragma once

#include <atomic>
#include <bit>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <type_traits>
#include <utility>

#include <boost/fiber/buffered_channel.hpp>
#include <boost/fiber/unbuffered_channel.hpp>
#include <boost/lockfree/queue.hpp>
#include <concurrentqueue/blockingconcurrentqueue.h>
#include <ferry/channel.hpp>
#include <ferry/sync_channel.hpp>
#include <oneapi/tbb/concurrent_queue.h>

namespace bench {

template <bool is_bounded>
struct Ferry {
    template <class T>
    struct Of {
        static auto make(std::size_t room) {
            if constexpr (is_bounded) return ferry::sync_channel<T>(room);
            else return ferry::channel<T>();
        }
        static auto clone(const auto& s) { return s.clone(); }
        static void send(auto& s, T&& v) {
            if (!s.send(std::move(v))) std::abort();
        }
        static auto recv(auto& r) { return r.recv(); }
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

/// The bounded channel of textbooks.
template <class T>
class TwoConditions {
  public:
    explicit TwoConditions(std::size_t room) : room_(room) {}
    void push(T&& v) {
        {
            std::unique_lock lock(mutex_);
            there_is_room_.wait(lock, [this] { return values_.size() < room_; });
            values_.push_back(std::move(v));
        }
        there_is_one_.notify_one();
    }
    std::optional<T> pop() {
        std::optional<T> v;
        {
            std::unique_lock lock(mutex_);
            there_is_one_.wait(lock, [this] { return !values_.empty() || closed_; });
            if (values_.empty()) return v;
            v.emplace(std::move(values_.front()));
            values_.pop_front();
        }
        there_is_room_.notify_one();
        return v;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        there_is_one_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable there_is_one_, there_is_room_;
    std::deque<T> values_;
    const std::size_t room_;
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

  protected:
    tbb::concurrent_bounded_queue<T> queue_;
};
template <class T>
struct BoundedTbb : Tbb<T> {
    explicit BoundedTbb(std::size_t room) : Tbb<T>(room) {
        this->queue_.set_capacity(static_cast<std::ptrdiff_t>(room));
    }
};

template <class T, class Channel>
class BoostFiberOf {
  public:
    explicit BoostFiberOf(auto... capacity) : channel_(capacity...) {}
    void push(T&& v) { channel_.push(std::move(v)); }
    std::optional<T> pop() {
        T v;
        if (channel_.pop(v) != boost::fibers::channel_op_status::success) return std::nullopt;
        return v;
    }
    void close() { channel_.close(); }

  private:
    Channel channel_;
};
/// Its capacity is a power of two, and it takes one value less.
template <class T>
struct BoostFiber : BoostFiberOf<T, boost::fibers::buffered_channel<T>> {
    explicit BoostFiber(std::size_t room) : BoostFiber::BoostFiberOf(std::bit_ceil(room + 1)) {}
};
template <class T>
struct BoundedBoostFiber : BoostFiberOf<T, boost::fibers::buffered_channel<T>> {
    explicit BoundedBoostFiber(std::size_t room)
        : BoundedBoostFiber::BoostFiberOf(std::bit_ceil(std::max(room, std::size_t{2}))) {}
};
template <class T>
struct UnbufferedBoostFiber : BoostFiberOf<T, boost::fibers::unbuffered_channel<T>> {
    explicit UnbufferedBoostFiber(std::size_t) {}
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

}  // namespace bench
