// S1: there is one receiver; it can be moved, but not copied.
// g++: use of deleted function .*Receiver\(const
// clang: call to deleted constructor of .*Receiver
#include <ferry/channel.hpp>

void example(ferry::Receiver<int>& rx) {
#ifdef MISTAKE
    const ferry::Receiver<int> another(rx);
#else
    const ferry::Receiver<int> another(std::move(rx));
#endif
}
