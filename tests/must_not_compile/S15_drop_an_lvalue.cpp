// S15: drop ends a handle, and the caller has to say that it gives it away.
// g++: no matching function for call to 'drop\(
// clang: no matching function for call to 'drop'
#include <ferry/channel.hpp>

void example(ferry::Sender<int>& tx) {
#ifdef MISTAKE
    ferry::drop(tx);
#else
    ferry::drop(std::move(tx));
#endif
}
