// ferry's bounded channel: as channel.hpp, but a send waits for room, as with Rust's std::sync::mpsc::sync_channel. With
// capacity 0 it is a rendezvous: a send waits for a receive.
//
// This file is the interface. The algorithm is in detail/ring.hpp.
#pragma once

#include <cassert>
#include <chrono>
#include <cstddef>
#include <expected>
#include <string_view>
#include <utility>

#include "channel.hpp"
#include "detail/ring.hpp"

namespace ferry {

/// `try_send` failed, and why. The value comes back.
template <class T>
struct TrySendError {
    /// `full`: no room (S35). `disconnected`: the receiver is gone or has closed.
    enum class Reason { full, disconnected };
    /// @copydoc to_string(RecvError)
    friend constexpr std::string_view to_string(Reason why) noexcept {
        return why == Reason::full ? "full" : "disconnected";
    }
    /// @copydoc to_string(RecvError)
    friend constexpr std::string_view to_string(const TrySendError& error) noexcept { return to_string(error.reason); }
    /// Made by the channel.
    explicit TrySendError(T&& refused, Reason why) noexcept : value(std::move(refused)), reason(why) {}
    /// What was to be sent.
    T value;
    /// Why it was not.
    Reason reason;
};

/// `send_for` or `send_until` failed, and why. The value comes back.
template <class T>
struct SendTimeoutError {
    /// `timeout`: no room by the deadline (S36). `disconnected`: the receiver is gone or has closed.
    enum class Reason { timeout, disconnected };
    /// @copydoc to_string(RecvError)
    friend constexpr std::string_view to_string(Reason why) noexcept {
        return why == Reason::timeout ? "timeout" : "disconnected";
    }
    /// @copydoc to_string(RecvError)
    friend constexpr std::string_view to_string(const SendTimeoutError& error) noexcept {
        return to_string(error.reason);
    }
    /// Made by the channel.
    explicit SendTimeoutError(T&& refused, Reason why) noexcept : value(std::move(refused)), reason(why) {}
    /// What was to be sent.
    T value;
    /// Why it was not.
    Reason reason;
};

/// A send that can be asked to stop failed, and why. The value comes back.
template <class T>
struct SendStopError {
    /// `stopped`: no room before the request (S40). `timeout`: no room by the deadline, if the call had one (S36).
    /// `stopped` also if the request came between the deadline and the return.
    /// `disconnected`: the receiver is gone or has closed.
    enum class Reason { stopped, timeout, disconnected };
    /// @copydoc to_string(RecvError)
    friend constexpr std::string_view to_string(Reason why) noexcept {
        return why == Reason::stopped ? "stopped" : why == Reason::timeout ? "timeout" : "disconnected";
    }
    /// @copydoc to_string(RecvError)
    friend constexpr std::string_view to_string(const SendStopError& error) noexcept { return to_string(error.reason); }
    /// Made by the channel.
    explicit SendStopError(T&& refused, Reason why) noexcept : value(std::move(refused)), reason(why) {}
    /// What was to be sent.
    T value;
    /// Why it was not.
    Reason reason;
};

namespace detail {
template <class T>
inline constexpr bool is_error<TrySendError<T>> = true;
template <class T>
inline constexpr bool is_error<SendStopError<T>> = true;
template <class T>
inline constexpr bool is_error<SendTimeoutError<T>> = true;
}  // namespace detail

template <class T, class Platform = StandardPlatform>
class SyncSender;
/// The receiving end of a bounded channel: the same class as that of an unbounded one.
template <class T, class Platform = StandardPlatform>
using SyncReceiver = Receiver<T, Platform, detail::Ring>;

/// Makes a bounded channel, which holds up to `capacity` values (S30). Returns its first sender and its receiver.
/// Allocates here, for all values, and never again.
/// Blocks: never. Throws: std::bad_alloc when there is no memory for so many (S24). Thread-safety: any thread may call
/// it at any time. Progress: that of the platform's allocation.
template <class T, class Platform = StandardPlatform>
[[nodiscard]] std::pair<SyncSender<T, Platform>, SyncReceiver<T, Platform>> sync_channel(std::size_t capacity);

/// The sending end of a bounded channel. As Sender, but a send may wait.
/// Thread-safety: as Sender. A thread that waits in a send uses the sender until the send returns.
///
/// T's move constructor and destructor may clone and drop senders of this channel. They must not make any other call of
/// this channel, nor request a stop that a send of this channel may be waiting with: a receiver moves the value of a sender
/// that waits, with a lock held.
template <class T, class Platform>
class SyncSender : public detail::Handle<T, Platform, detail::Ring> {
    using Handle = detail::Handle<T, Platform, detail::Ring>;
    using Handle::core_;
    using Core = detail::Ring<T, Platform>;
    using Sent = detail::Sent;

  public:
    /// The values' type.
    using value_type = T;

    /// Makes a handle of the channel of `other`, which is empty afterwards (S22). Blocks: never. Throws: nothing.
    /// Thread-safety: nobody else uses `other`. Progress: wait-free.
    SyncSender(SyncSender&& other) noexcept : Handle(std::exchange(other.core_, nullptr)) {}
    /// Drops this handle, as the destructor does, and takes over that of `other`, which is empty afterwards (S22).
    /// Returns this handle. Blocks: as the destructor. Throws: nothing. Thread-safety: nobody else uses the two.
    /// Progress: as the destructor.
    SyncSender& operator=(SyncSender&& other) noexcept {
        SyncSender(std::move(other)).swap(*this);
        return *this;
    }
    SyncSender(const SyncSender&) = delete;
    SyncSender& operator=(const SyncSender&) = delete;

    /// @copydoc Sender::~Sender
    ~SyncSender() {
        if (core_ != nullptr) core_->drop_sender();
    }

    /// Sends a value. Senders that block are served in the order in which they joined the line, and nobody overtakes
    /// them; a sender that still spins, for some tens of microseconds, has not joined yet (S32).
    /// Returns the value in the error if and only if the receiver is gone or has closed (S8, S33). With capacity 0,
    /// success means that a receive has the value (S34). Allocates nothing.
    /// What happened before a successful send happens before the receive that returns its value (S6). What happened
    /// before the k-th receive happens before the (k + capacity)-th successful send returns (S37); with capacity 0,
    /// what the receiver did before the receive happens before the send of its value returns.
    /// Blocks: exactly while the channel is full (with capacity 0: while no receive waits) and the receiver is there
    /// and open (S31). Throws: nothing. Thread-safety: several threads at once (S26). Progress: lock-free where there
    /// is room, except that a receiver that is parked is woken through a semaphore or a mutex; otherwise the call takes
    /// a lock, and waits for the receiver (S38).
    /// Where the call blocks, pthread_cancel may end the thread. Unless the receiver had answered already, the channel
    /// is then as if the call had not been made (S27).
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendError<T>> send(T&& value) const {
        if (core().send(value) == Sent::accepted) return {};
        return std::expected<void, SendError<T>>(std::unexpect, std::move(value));
    }

    /// Sends a value if there is room, which no sender waits for (with capacity 0: if a receive waits).
    /// Returns the value in the error otherwise, with `full`, never after a receive that happens before the call and
    /// left room; or with `disconnected`, which comes before `full` (S35).
    /// Blocks: never. Throws: nothing. Thread-safety: several threads at once (S26). Progress: lock-free, except
    /// that a receiver that is parked is woken through a semaphore or a mutex.
    [[nodiscard("a failed send gives the value back")]] std::expected<void, TrySendError<T>> try_send(T&& value) const {
        using Error = TrySendError<T>;
        const Sent sent = core().try_send(value);
        if (sent == Sent::accepted) return {};
        return std::expected<void, Error>(std::unexpect, std::move(value),
                                          sent == Sent::full ? Error::Reason::full : Error::Reason::disconnected);
    }

    /// Sends a value, as `send`, if it is let in by `deadline`, by the deadline's own clock.
    /// Returns the value in the error otherwise, with `disconnected`; or with `timeout`, never before the deadline;
    /// room, and `disconnected`, come before `timeout` even when the deadline has passed. A send that gives up leaves
    /// the line, and takes nobody's place or wake-up (S36).
    /// Blocks: as `send`, but no longer than until the deadline. Throws: what the clock throws; the channel is then as
    /// if the call had not been made (S27). If the receiver has answered before the clock throws, the call returns that
    /// answer. Thread-safety: several threads at once (S26). Progress: as `send`.
    template <class Clock, class Duration>
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendTimeoutError<T>> send_until(
        T&& value, const std::chrono::time_point<Clock, Duration>& deadline) const {
        using Error = SendTimeoutError<T>;
        const Sent sent = core().send_until(value, deadline);
        if (sent == Sent::accepted) return {};
        return std::expected<void, Error>(std::unexpect, std::move(value),
                                          sent == Sent::full ? Error::Reason::timeout : Error::Reason::disconnected);
    }

    /// send_until with a deadline that is `duration` from now on the steady clock (S36). Returns what that returns. Any
    /// duration is allowed, as for recv_for. Blocks: as `send`, but no longer than for the duration. Throws: nothing.
    /// Thread-safety: several threads at once (S26). Progress: as `send`.
    template <class Rep, class Period>
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendTimeoutError<T>> send_for(
        T&& value, const std::chrono::duration<Rep, Period>& duration) const {
        return send_until(std::move(value), detail::deadline_in(duration));
    }

    /// Sends a value, as `send`, unless it is asked to stop: by a std::stop_token, from any thread.
    /// Returns the value in the error otherwise, with `disconnected`, or with `stopped`. Room, and `disconnected`, come
    /// before `stopped`. A send that stops leaves the line, and takes nobody's place or wake-up (S40).
    /// Blocks: as `send`, until a stop is requested. Throws: nothing. Thread-safety: several threads at once (S26).
    /// Progress: as `send`. The thread that requests the stop takes the lock, and wakes the sender.
    /// Where the library has no std::stop_token, there is no such call.
    template <detail::StopTokenOf<Platform> Stop>
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendStopError<T>> send(
        T&& value, const Stop& stop) const {
        return sent(core().send(value, stop), value, stop);
    }

    /// As send_until, unless it is asked to stop (S40). Returns what `send` with a stop token returns; or `timeout`, if no
    /// stop has been requested, and never before the deadline (S36). Blocks: as send_until, until a stop is requested.
    /// Throws: as send_until. Thread-safety: several threads at once (S26). Progress: as `send`.
    template <detail::StopTokenOf<Platform> Stop, class Clock, class Duration>
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendStopError<T>> send_until(
        T&& value, const Stop& stop, const std::chrono::time_point<Clock, Duration>& deadline) const {
        return sent(core().send_until(value, deadline, stop), value, stop);
    }

    /// As send_for, unless it is asked to stop (S40). Returns what send_until with a stop token returns. Blocks: as
    /// send_for, until a stop is requested. Throws: nothing. Thread-safety: several threads at once (S26). Progress: as
    /// `send`.
    template <detail::StopTokenOf<Platform> Stop, class Rep, class Period>
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendStopError<T>> send_for(
        T&& value, const Stop& stop, const std::chrono::duration<Rep, Period>& duration) const {
        return send_until(std::move(value), stop, detail::deadline_in(duration));
    }

    /// @copydoc Sender::clone
    [[nodiscard]] SyncSender clone() const noexcept {
        core().clone_sender();
        return SyncSender(core_);
    }

    /// @copydoc Sender::is_disconnected
    [[nodiscard]] bool is_disconnected() const noexcept { return core().is_closed(); }

    /// Exchanges the two handles (S22). Blocks: never. Throws: nothing. Thread-safety: nobody else uses the two.
    /// Progress: wait-free.
    void swap(SyncSender& other) noexcept { std::swap(core_, other.core_); }
    /// @copydoc swap
    friend void swap(SyncSender& one, SyncSender& other) noexcept { one.swap(other); }

  private:
    friend detail::Handles;
    explicit SyncSender(Core* core) noexcept : Handle(core) {}
    template <class Stop>
    static std::expected<void, SendStopError<T>> sent(Sent sent, T& value, const Stop& stop) {
        using Error = SendStopError<T>;
        if (sent == Sent::accepted) return {};
        return std::expected<void, Error>(std::unexpect, std::move(value),
                                          sent != Sent::full      ? Error::Reason::disconnected
                                          : stop.stop_requested() ? Error::Reason::stopped
                                                                  : Error::Reason::timeout);
    }
    Core& core() const {
        assert(core_ != nullptr && "use of a moved-from sender");
        return *core_;
    }
};

template <class T, class Platform>
std::pair<SyncSender<T, Platform>, SyncReceiver<T, Platform>> sync_channel(std::size_t capacity) {
    auto* const core = detail::Ring<T, Platform>::create(capacity);
    using detail::Handles;
    return {Handles::of<SyncSender<T, Platform>>(core), Handles::of<SyncReceiver<T, Platform>>(core)};
}

}  // namespace ferry

template <class T, class Platform>
struct std::hash<ferry::SyncSender<T, Platform>> : ferry::detail::HashOfHandle {};
