// S17: iterating receives, so it needs a receiver that is not const.
// g++: passing 'const .*Receiver<int.*as 'this' argument discards qualifiers
// clang: 'this' argument to member function 'begin' has type 'const .*Receiver<int
#include <ferry/channel.hpp>

#ifdef MISTAKE
int example(const ferry::Receiver<int>& rx) {
#else
int example(ferry::Receiver<int>& rx) {
#endif
    int sum = 0;
    for (const int value : rx) sum += value;
    return sum;
}
