// S15: a clone that nobody keeps is dropped at once: certainly not what was meant.
// g++: ignoring return value of .*clone
// clang: ignoring return value of function declared with 'nodiscard' attribute
#include <ferry/channel.hpp>

#include <tuple>

void example(const ferry::Sender<int>& tx) {
#ifdef MISTAKE
    tx.clone();
#else
    std::ignore = tx.clone();
#endif
}
