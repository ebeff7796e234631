// S13: what a timed recv returns is the value, or why there is none.
// g++: ignoring return value of .*recv_for
// clang: ignoring return value of function declared with 'nodiscard' attribute
#include <ferry/channel.hpp>

#include <tuple>

void example(ferry::Receiver<int>& rx) {
#ifdef MISTAKE
    rx.recv_for(std::chrono::seconds(1));
#else
    std::ignore = rx.recv_for(std::chrono::seconds(1));
#endif
}
