// S8: a send may fail, and gives the value back: its result is not to be ignored.
// g++: ignoring return value of .*send.*a failed send gives the value back
// clang: ignoring return value of function declared with 'nodiscard' attribute: a failed send gives the value back
#include <ferry/channel.hpp>

#include <tuple>

void example(const ferry::Sender<int>& tx) {
#ifdef MISTAKE
    tx.send(1);
#else
    std::ignore = tx.send(1);
#endif
}
