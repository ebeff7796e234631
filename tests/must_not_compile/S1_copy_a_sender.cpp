// S1, S15: a sender can be cloned and moved, but not copied by accident.
// g++: use of deleted function .*Sender\(const
// clang: call to deleted constructor of .*Sender
#include <ferry/channel.hpp>

void example(const ferry::Sender<int>& tx) {
#ifdef MISTAKE
    const ferry::Sender<int> another(tx);
#else
    const ferry::Sender<int> another(tx.clone());
#endif
}
