// S25: a channel carries objects that can be moved, and the message says so.
// g++: ferry: a channel carries objects
// clang: ferry: a channel carries objects
#include <ferry/channel.hpp>

#ifdef MISTAKE
void example(ferry::Receiver<const int>& rx) { rx.close(); }
#else
void example(ferry::Receiver<int>& rx) { rx.close(); }
#endif
