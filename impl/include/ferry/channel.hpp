// ferry: a channel with the semantics of Rust's std::sync::mpsc. Many senders, one receiver, unbounded. `send` moves
// the value's ownership; the stream ends when the last sender is dropped. The statements S1..S40 are in the README.
//
// This file is the interface. The algorithm is in detail/core.hpp, and what it needs of the machine in platform.hpp.
// Each call's comment has the words Returns (if it does), Blocks, Throws, Thread-safety and Progress, and names its
// statement: `make lint` asks for these.
//
// Programs include this file only; it includes the others.
//
// Thread-safety: handles are values. Different handles of one channel may be used by different threads at once; what
// one handle allows is said at its class. "Wait-free" means: a bounded number of the thread's own instructions,
// whatever other threads do; "lock-free": of the threads in such calls, one always gets on.
#pragma once

#include <cassert>
#include <chrono>
#include <cstddef>
#include <expected>
#include <iterator>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "detail/core.hpp"
#include "detail/handle.hpp"
#include "detail/iterator.hpp"
#include "platform.hpp"

/// The channel, its errors and its platform.
namespace ferry {

/// `send` failed: the receiver is gone or has closed. The value comes back (S8).
template <class T>
struct SendError {
    /// Made by the channel.
    explicit SendError(T&& refused) noexcept : value(std::move(refused)) {}
    /// What was to be sent.
    T value;
};

/// `recv` failed: nothing is left, and nothing can come any more. Final (S11).
enum class RecvError { disconnected };
/// `try_recv` failed. `empty`: nothing is there now (S12).
enum class TryRecvError { empty, disconnected };
/// `recv_for` or `recv_until` failed. `timeout`: nothing came before the deadline (S13).
enum class RecvTimeoutError { timeout, disconnected };
/// A receive that can be asked to stop failed. `stopped`: nothing came before the request (S40). `timeout`: nothing came
/// before the deadline, if the call had one. `stopped` also if the request came between the deadline and the return.
enum class RecvStopError { stopped, timeout, disconnected };

/// Returns an error's name. Every error has such a name, and std::format prints it where the library has it. No
/// statement. Blocks: never. Throws: nothing. Thread-safety: reads its argument alone. Progress: wait-free.
constexpr std::string_view to_string(RecvError) noexcept { return "disconnected"; }
/// @copydoc to_string(RecvError)
constexpr std::string_view to_string(TryRecvError error) noexcept {
    return error == TryRecvError::empty ? "empty" : "disconnected";
}
/// @copydoc to_string(RecvError)
constexpr std::string_view to_string(RecvTimeoutError error) noexcept {
    return error == RecvTimeoutError::timeout ? "timeout" : "disconnected";
}
/// @copydoc to_string(RecvError)
constexpr std::string_view to_string(RecvStopError error) noexcept {
    return error == RecvStopError::stopped ? "stopped" : error == RecvStopError::timeout ? "timeout" : "disconnected";
}
/// @copydoc to_string(RecvError)
template <class T>
constexpr std::string_view to_string(const SendError<T>&) noexcept {
    return "disconnected";
}

/// A block of memory lies beyond the 48 bits of address that the channel's word has room for. Thrown where
/// std::bad_alloc may be thrown; like std::bad_alloc, it leaves the channel as it was.
class AddressTooWide : public std::bad_alloc {
  public:
    /// Returns the message.
    const char* what() const noexcept override { return "ferry: memory beyond 48 bits of address"; }
};

namespace detail {
template <>
inline constexpr bool is_error<RecvError> = true;
template <>
inline constexpr bool is_error<TryRecvError> = true;
template <>
inline constexpr bool is_error<RecvTimeoutError> = true;
template <>
inline constexpr bool is_error<RecvStopError> = true;
template <class T>
inline constexpr bool is_error<SendError<T>> = true;

/// Makes handles, which nobody else can.
struct Handles {
    template <class Handle>
    static Handle of(auto* core) noexcept {
        return Handle(core);
    }
};
}  // namespace detail

template <class T, class Platform = StandardPlatform>
class Sender;
/// `TheCore`: what the handles of a channel share. That of bounded channels is another (sync_channel.hpp). A template,
/// because a class would have to be complete, and T with it, wherever a function is looked up by the receiver's type.
template <class T, class Platform = StandardPlatform, template <class, class> class TheCore = detail::Core>
class Receiver;

/// Makes a channel. Returns its first sender and its receiver. After Rust's std::sync::mpsc::channel.
/// Allocates once; no more until some values are queued.
/// Blocks: never. Throws: std::bad_alloc when there is no memory (S24). Thread-safety: any thread may call it at any
/// time. Progress: that of the platform's allocation.
template <class T, class Platform = StandardPlatform>
[[nodiscard]] std::pair<Sender<T, Platform>, Receiver<T, Platform>> channel();

/// The sending end. `clone` makes another; the stream ends when the last one is dropped (S15).
/// Move-only. A moved-from sender may only be destroyed, assigned to (S22), swapped, compared and hashed.
/// Thread-safety: several threads may call `send`, `clone` and `is_disconnected` of one sender at once (S26). Any
/// thread may drop the sender, but not while another thread still uses it. That a value was received does not mean that
/// the call which sent it has returned: a thread that signals its last use of a sender by a value needs a clone of its
/// own.
template <class T, class Platform>
class Sender : public detail::Handle<T, Platform, detail::Core> {
    using Handle = detail::Handle<T, Platform, detail::Core>;
    using Handle::core_;

  public:
    /// The values' type.
    using value_type = T;

    /// Makes a handle of the channel of `other`, which is empty afterwards (S22). Blocks: never. Throws: nothing.
    /// Thread-safety: nobody else uses `other`. Progress: wait-free.
    Sender(Sender&& other) noexcept : Handle(std::exchange(other.core_, nullptr)) {}
    /// Drops this handle, as the destructor does, and takes over that of `other`, which is empty afterwards (S22).
    /// Returns this handle. Blocks: as the destructor. Throws: nothing. Thread-safety: nobody else uses the two.
    /// Progress: as the destructor.
    Sender& operator=(Sender&& other) noexcept {
        Sender(std::move(other)).swap(*this);
        return *this;
    }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    /// Drops the sender. The drop of the last one ends the stream (S15), and wakes a receiver that waits (S16).
    /// Blocks: never. Throws: nothing. Thread-safety: nobody else uses this sender. Progress: wait-free, except that
    /// the last drop wakes the receiver, or gives the channel's memory back to the platform if the receiver is gone.
    ~Sender() {
        if (core_ != nullptr) core_->drop_sender();
    }

    /// Sends a value: moves it into the channel.
    /// Returns the value in the error if and only if the receiver is gone or has closed (S8); what the receiver did
    /// before that happens before the return. Success does not promise that the value will be received (S9).
    /// What happened before a successful send happens before the receive that returns its value (S6).
    /// Blocks: never for room (S7); only while another sender installs a block. Throws: std::bad_alloc when the send
    /// needs a block and there is no memory; `value` and the channel are as they were (S24). Thread-safety: several
    /// threads at once (S26).
    /// Progress: not lock-free. One atomic instruction decides, and one store publishes the value; that much is
    /// wait-free. But once in 32 to 248 values a sender installs the next block, and senders that come meanwhile wait
    /// for this block. A send that finds the receiver parked also wakes it, through a semaphore or a mutex.
    ///
    /// T's move constructor and destructor may call this channel, with one exception. While T's move constructor moves
    /// a value in, `try_recv` answers `empty` at that value; another receive that comes to this value would wait for
    /// itself, and ends the process with a message. If the receiver is dropped meanwhile, it is gone at once, and
    /// `send` destroys what is left.
    ///
    /// The allocator that `send` asks for a block may receive what is there. If it sends on this channel, this inner
    /// `send` throws std::bad_alloc. If it makes another call that waits for the block (a receive, a close, the drop of
    /// the receiver), the process ends with a message. An allocator may send while it takes memory back, but not
    /// receive, close or drop the receiver. An allocator that sends must not hold a lock which another thread's `send`
    /// on this channel may wait for. None of this code may drop the sender whose `send` runs it.
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendError<T>> send(T&& value) const {
        assert(core_ != nullptr && "send on a moved-from sender");
        if (core_->send(value)) return {};
        return std::expected<void, SendError<T>>(std::unexpect, std::move(value));
    }

    /// Makes another sender of the same channel (S15), as Rust's Sender::clone. Returns it. Blocks: never. Throws:
    /// nothing. Thread-safety: several threads at once (S26). Progress: wait-free.
    [[nodiscard]] Sender clone() const noexcept {
        assert(core_ != nullptr && "clone of a moved-from sender");
        core_->clone_sender();
        return Sender(core_);
    }

    /// Returns whether the receiver is gone or has closed. True is final: every later send fails, and what the receiver
    /// did before that happens before the return. False may be out of date at once (S29).
    /// Blocks: never. Throws: nothing. Thread-safety: several threads at once (S26). Progress: wait-free.
    [[nodiscard]] bool is_disconnected() const noexcept {
        assert(core_ != nullptr && "use of a moved-from sender");
        return core_->is_closed();
    }

    /// Exchanges the two handles (S22). Blocks: never. Throws: nothing. Thread-safety: nobody else uses the two.
    /// Progress: wait-free.
    void swap(Sender& other) noexcept { std::swap(core_, other.core_); }
    /// @copydoc swap
    friend void swap(Sender& one, Sender& other) noexcept { one.swap(other); }

  private:
    friend detail::Handles;
    explicit Sender(detail::Core<T, Platform>* core) noexcept : Handle(core) {}
};

/// The receiving end.
/// Move-only. A moved-from receiver may only be destroyed, assigned to (S22), swapped, compared and hashed.
/// Thread-safety: one thread at a time (S26). A receiver may be handed from thread to thread, and any thread may drop
/// it.
/// Progress: what the calls say leaves this out. A receive that comes to the end of a block may give memory back to the
/// platform. Of a bounded channel, a receive that takes a value takes a lock, too, if senders wait for room; with
/// capacity 0, each receive that finds no value does. It is held for a few steps, and to move one value.
template <class T, class Platform, template <class, class> class TheCore>
class Receiver : public detail::Handle<T, Platform, TheCore> {
    using Handle = detail::Handle<T, Platform, TheCore>;
    using Handle::core_;
    using Seen = detail::Seen;
    using Core = TheCore<T, Platform>;
    using Iterating = detail::Iterating<T, Core>;

  public:
    /// The values' type.
    using value_type = T;

    /// Makes a handle of the channel of `other`, which is empty afterwards (S22). Blocks: never. Throws: nothing.
    /// Thread-safety: nobody else uses `other`. Progress: wait-free.
    Receiver(Receiver&& other) noexcept : Handle(std::exchange(other.core_, nullptr)) {}
    /// Drops this handle, as the destructor does, and takes over that of `other`, which is empty afterwards (S22).
    /// Returns this handle. Blocks: as the destructor. Throws: nothing. Thread-safety: nobody else uses the two.
    /// Progress: as the destructor.
    Receiver& operator=(Receiver&& other) noexcept {
        Receiver(std::move(other)).swap(*this);
        return *this;
    }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    /// Drops the receiver. Every later send fails. The values that are queued are destroyed at once, in order (S19);
    /// this includes the values of sends in progress.
    /// Blocks: for the sends in progress, but not for senders to be dropped. Throws: nothing. Thread-safety: nobody
    /// else uses the receiver. Progress: as `close`, and as fast as the sends in progress; memory goes back to the
    /// platform.
    ~Receiver() {
        if (core_ != nullptr) core_->drop_receiver();
    }

    /// Receives the next value.
    /// Returns the value; or `disconnected` once nothing is left and all senders are dropped, or the receiver has
    /// closed. That is final (S11), and what the senders did before they were dropped happens before it (S21).
    /// Blocks: exactly while the channel is empty and a sender lives (S10). Throws: nothing. Thread-safety: one thread
    /// at a time (S26). Progress: wait-free where the next value is there; otherwise the call waits for a sender.
    /// Where the call blocks, pthread_cancel may end the thread; the channel is then as if the call had not been made
    /// (S27).
    [[nodiscard]] std::expected<T, RecvError> recv() {
        if (core().wait() == Seen::value) return core_->template take<std::expected<T, RecvError>>();
        return std::expected<T, RecvError>(std::unexpect, RecvError::disconnected);
    }

    /// Receives a value if there is one.
    /// Returns the value; or `empty`, never after a send that happens before the call; or `disconnected`, never while a
    /// value is left (S12).
    /// Blocks: never for a send that has not begun; for one that is in progress at the receiver's position. Throws:
    /// nothing. Thread-safety: one thread at a time (S26). Progress: a sender that is stopped at that position holds
    /// the call up; otherwise wait-free.
    [[nodiscard]] std::expected<T, TryRecvError> try_recv() {
        Core& from = core();
        const Seen seen = from.look();
        if (seen == Seen::value) return from.template take<std::expected<T, TryRecvError>>();
        return std::expected<T, TryRecvError>(
            std::unexpect, seen == Seen::disconnected ? TryRecvError::disconnected : TryRecvError::empty);
    }

    /// Receives the next value, as recv, if it comes by `deadline`, by the deadline's own clock.
    /// Returns the value; or `disconnected`; or `timeout`, never before the deadline. A value that is already there,
    /// and `disconnected`, come before `timeout` even when the deadline has passed (S13). A value that comes later is
    /// for the next call (S14).
    /// Blocks: as recv, but no longer than until the deadline. Throws: what the clock throws; the channel is then as if
    /// the call had not been made (S27). Thread-safety: one thread at a time (S26). Progress: as recv.
    /// The clock may call the channel; but if it receives while this call sleeps, the process ends with a message. It
    /// must not close a bounded channel, nor drop its receiver.
    template <class Clock, class Duration>
    [[nodiscard]] std::expected<T, RecvTimeoutError> recv_until(
        const std::chrono::time_point<Clock, Duration>& deadline) {
        const Seen seen = core().wait_until(deadline);
        if (seen == Seen::value) return core_->template take<std::expected<T, RecvTimeoutError>>();
        return std::expected<T, RecvTimeoutError>(
            std::unexpect, seen == Seen::empty ? RecvTimeoutError::timeout : RecvTimeoutError::disconnected);
    }

    /// recv_until with a deadline that is `duration` from now on the steady clock. Returns what that returns. Any
    /// duration is allowed, however long (S13). One that is not a number is longer than any, and a deadline that is not a
    /// number never passes.
    /// Blocks: as recv, but no longer than for the duration. Throws: nothing. Thread-safety: one thread at a time (S26).
    /// Progress: as recv.
    template <class Rep, class Period>
    [[nodiscard]] std::expected<T, RecvTimeoutError> recv_for(const std::chrono::duration<Rep, Period>& duration) {
        return recv_until(detail::deadline_in(duration));
    }

    /// Receives the next value, as recv, unless it is asked to stop: by a std::stop_token, from any thread.
    /// Returns the value; or `disconnected`; or `stopped`. A value that is already there, and `disconnected`, come before
    /// `stopped` (S40). A value that comes later is for the next call (S14).
    /// Blocks: as recv, until a stop is requested. Throws: nothing. Thread-safety: one thread at a time (S26). Progress: as
    /// recv. The thread that requests the stop wakes the receiver, as a sender does.
    /// Where the library has no std::stop_token, there is no such call.
    template <detail::StopTokenOf<Platform> Stop>
    [[nodiscard]] std::expected<T, RecvStopError> recv(const Stop& stop) {
        return taken(core().wait(stop), stop);
    }

    /// As recv_until, unless it is asked to stop. Returns what `recv` with a stop token returns; or `timeout`, if no stop
    /// has been requested, and never before the deadline (S13, S40).
    /// Blocks: as recv_until, until a stop is requested. Throws: as recv_until. Thread-safety: one thread at a time (S26).
    /// Progress: as recv. What recv_until says of the clock is true here, too.
    template <detail::StopTokenOf<Platform> Stop, class Clock, class Duration>
    [[nodiscard]] std::expected<T, RecvStopError> recv_until(const Stop& stop,
                                                             const std::chrono::time_point<Clock, Duration>& deadline) {
        return taken(core().wait_until(deadline, stop), stop);
    }

    /// As recv_for, unless it is asked to stop (S40). Returns what recv_until with a stop token returns. Blocks: as
    /// recv_for, until a stop is requested. Throws: nothing. Thread-safety: one thread at a time (S26). Progress: as recv.
    template <detail::StopTokenOf<Platform> Stop, class Rep, class Period>
    [[nodiscard]] std::expected<T, RecvStopError> recv_for(const Stop& stop,
                                                           const std::chrono::duration<Rep, Period>& duration) {
        return recv_until(stop, detail::deadline_in(duration));
    }

    /// Receives several values: waits for the first as recv does, then takes those that are there as try_recv does, at
    /// most `limit` in all, and writes each to `out` (S39). Returns how many, or `disconnected` where recv would; 0
    /// only if the limit is 0, and then at once.
    /// Blocks: as recv for the first, as try_recv for the others. Throws: what `out` throws; the value that was being
    /// written is gone, those before it are written, those behind it are for the next call. Thread-safety: one thread
    /// at a time (S26). Progress: as recv, then as try_recv.
    template <std::output_iterator<T> Out>
    [[nodiscard]] std::expected<std::size_t, RecvError> recv_many(Out out, std::size_t limit) {
        if (limit == 0) return 0;
        Core& from = core();
        const typename Core::Kept kept(from);
        std::size_t count = 0;
        for (Seen seen = from.wait(); seen == Seen::value; seen = from.look()) {
            *out++ = *from.template take<std::optional<T>>();
            if (++count == limit) break;
        }
        if (count == 0) return std::expected<std::size_t, RecvError>(std::unexpect, RecvError::disconnected);
        return count;
    }

    /// Iterates over the values as recv returns them: `for (auto value : receiver)`. Ends when recv would return
    /// `disconnected`, which is after the last drop (S17). The program may leave the loop at any time and iterate
    /// again; the loop takes no more values than the program asks for (S28). Returns an input iterator, whose `*` gives
    /// the value as an rvalue: detail/iterator.hpp says more.
    /// Blocks: the call never; `*` and a comparison with the end, as recv. Throws: nothing. Thread-safety: one thread
    /// at a time (S26). Progress: `*` and the comparison, as recv.
    [[nodiscard]] auto begin() { return typename Iterating::template Iterator<&Core::template wait<>>(core()); }
    /// Returns the end of that loop (S17). Blocks: never. Throws: nothing. Thread-safety: touches nothing. Progress:
    /// wait-free.
    [[nodiscard]] std::default_sentinel_t end() noexcept { return {}; }

    /// Iterates over the values that are there, as try_recv returns them: `for (auto value : receiver.try_iter())`.
    /// Ends when try_recv would return `empty` or `disconnected`; a later iteration may yield again (S18). Returns a
    /// range with such an input iterator as `begin` returns.
    /// Blocks: the call never; the iterator as try_recv. Throws: nothing. Thread-safety: one thread at a time (S26).
    /// Progress: the iterator's, as try_recv.
    [[nodiscard]] auto try_iter() { return typename Iterating::TryIter(core()); }

    /// Lets no more values in: every later send fails. What was sent before can still be received; then comes
    /// `disconnected`. To close twice does nothing (S20), as with tokio's Receiver::close. Senders of a bounded channel
    /// that wait are refused (S33).
    /// Blocks: only while a sender installs a block. Throws: nothing. Thread-safety: one thread at a time (S26).
    /// Progress: wait-free, except for this wait; of a bounded channel, the call takes a lock, and wakes each sender
    /// that waits.
    void close() { core().close(); }

    /// Returns whether the next receive would return `disconnected`: nothing is left, and all senders are dropped or
    /// the receiver has closed. True is final, and what the senders did before they were dropped happens before the
    /// return. False may be out of date at once (S29).
    /// Blocks: never. Throws: nothing. Thread-safety: one thread at a time (S26). Progress: wait-free.
    [[nodiscard]] bool is_disconnected() const noexcept { return core().is_over(); }

    /// Exchanges the two handles (S22). Blocks: never. Throws: nothing. Thread-safety: nobody else uses the two.
    /// Progress: wait-free.
    void swap(Receiver& other) noexcept { std::swap(core_, other.core_); }
    /// @copydoc swap
    friend void swap(Receiver& one, Receiver& other) noexcept { one.swap(other); }

  private:
    friend detail::Handles;
    explicit Receiver(Core* core) noexcept : Handle(core) {}
    template <class Stop>
    std::expected<T, RecvStopError> taken(Seen seen, const Stop& stop) {
        if (seen == Seen::value) return core_->template take<std::expected<T, RecvStopError>>();
        return std::expected<T, RecvStopError>(std::unexpect, seen != Seen::empty     ? RecvStopError::disconnected
                                                              : stop.stop_requested() ? RecvStopError::stopped
                                                                                      : RecvStopError::timeout);
    }
    Core& core() const {
        assert(core_ != nullptr && "use of a moved-from receiver");
        return *core_;
    }
};

template <class T, class Platform>
std::pair<Sender<T, Platform>, Receiver<T, Platform>> channel() {
    auto* const core = detail::Core<T, Platform>::create();
    using detail::Handles;
    return {Handles::of<Sender<T, Platform>>(core), Handles::of<Receiver<T, Platform>>(core)};
}

/// Drops a handle now, where the end of its scope would be too late: `ferry::drop(std::move(sender))` (S15, S16, S19).
/// Blocks: as the handle's destructor. Throws: nothing. Thread-safety: nobody else uses the handle. Progress: as the
/// handle's destructor.
template <class Handle>
    requires(!std::is_reference_v<Handle>)
void drop(Handle&& handle) noexcept {
    const Handle ended(std::move(handle));
}

}  // namespace ferry

template <class T, class Platform>
struct std::hash<ferry::Sender<T, Platform>> : ferry::detail::HashOfHandle {};
template <class T, class Platform, template <class, class> class TheCore>
struct std::hash<ferry::Receiver<T, Platform, TheCore>> : ferry::detail::HashOfHandle {};
