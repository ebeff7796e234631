// What the sends of a bounded channel answer, in words.
#pragma once

#include <ferry/sync_channel.hpp>

#include <string>

#include "harness/test.hpp"

namespace ferry {
// Found by the name of their arguments.
template <class T>
std::string in_words(const TrySendError<T>& error) {
    using Reason = TrySendError<T>::Reason;
    return (error.reason == Reason::full ? "full: " : "disconnected: ") + harness::in_words(error.value);
}
template <class T>
std::string in_words(const SendTimeoutError<T>& error) {
    using Reason = SendTimeoutError<T>::Reason;
    return (error.reason == Reason::timeout ? "timeout: " : "disconnected: ") + harness::in_words(error.value);
}
}  // namespace ferry
