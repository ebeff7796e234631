// S1, S22: a handle can be assigned to, by move alone.
// g++: use of deleted function .*operator=
// clang: overload resolution selected deleted operator '='
#include <ferry/channel.hpp>

void example(ferry::Sender<int>& tx, ferry::Sender<int>& other) {
#ifdef MISTAKE
    tx = other;
#else
    tx = std::move(other);
#endif
}
