// S10, S26: receiving takes a value out, so it needs a receiver that is not const.
// g++: no matching function for call to 'ferry::Receiver<int>::recv\(\) const'
// clang: no matching member function for call to 'recv'
#include <ferry/channel.hpp>

#ifdef MISTAKE
int example(const ferry::Receiver<int>& rx) { return rx.recv().value(); }
#else
int example(ferry::Receiver<int>& rx) { return rx.recv().value(); }
#endif
