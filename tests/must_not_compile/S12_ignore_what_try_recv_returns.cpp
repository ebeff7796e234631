// S12: what try_recv returns is the value, or why there is none.
// g++: ignoring return value of .*try_recv\(\)
// clang: ignoring return value of function declared with 'nodiscard' attribute
#include <ferry/channel.hpp>

#include <tuple>

void example(ferry::Receiver<int>& rx) {
#ifdef MISTAKE
    rx.try_recv();
#else
    std::ignore = rx.try_recv();
#endif
}
