// S11: what recv returns is the value, or the news that there is no more.
// g++: ignoring return value of .*recv\(\)
// clang: ignoring return value of function declared with 'nodiscard' attribute
#include <ferry/channel.hpp>

#include <tuple>

void example(ferry::Receiver<int>& rx) {
#ifdef MISTAKE
    rx.recv();
#else
    std::ignore = rx.recv();
#endif
}
