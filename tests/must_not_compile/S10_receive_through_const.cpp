// S10, S26: receiving takes a value out, so it needs a receiver that is not const.
// g++: passing 'const .*Receiver<int.*as 'this' argument discards qualifiers
// clang: 'this' argument to member function 'recv' has type 'const .*Receiver<int
#include <ferry/channel.hpp>

#ifdef MISTAKE
int example(const ferry::Receiver<int>& rx) { return rx.recv().value(); }
#else
int example(ferry::Receiver<int>& rx) { return rx.recv().value(); }
#endif
