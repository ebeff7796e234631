// Where a thread may be cancelled (pthread_cancel) while it waits, and where not.
#pragma once

#if __has_include(<pthread.h>)
#include <pthread.h>
#endif

#include <cstddef>  // so that __GLIBCXX__ is defined

namespace ferry::detail {

/// While one of these lives, a request to cancel the thread stays pending. For calls that can't be left half way.
class Uncancellable {
  public:
    Uncancellable(const Uncancellable&) = delete;
#if defined(PTHREAD_CANCEL_DISABLE)  // not on Android
    Uncancellable() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state_); }
    ~Uncancellable() { pthread_setcancelstate(state_, &state_); }

  private:
    int state_ = 0;
#else
    Uncancellable() noexcept {}
#endif
};

/// While one of these lives, a thread that is cancelled is unwound out of its wait, where that is possible. Elsewhere
/// the request stays pending: without exceptions, because nothing would be undone on the way; with libc++, because its
/// waits are noexcept; with another C library than glibc, because only glibc unwinds.
#if defined(__cpp_exceptions) && defined(__GLIBCXX__) && defined(__GLIBC__)
struct Cancellable {
    Cancellable() noexcept {}  // without this constructor, compilers warn of an unused variable
};
#else
using Cancellable = Uncancellable;
#endif

/// Undoes something if a wait is left by unwinding: `armed` is set to false behind the wait. No catch and no count of
/// exceptions does this, because the unwinding of a cancelled thread is not an exception.
template <class Undo>
struct OnUnwinding {
    Undo undo;
    bool armed = true;
    ~OnUnwinding() {
        if (armed) undo();
    }
};

}  // namespace ferry::detail
