// S2: a value is sent by move, and the caller has to say so.
// g++: cannot bind rvalue reference of type .*string.* to lvalue
// clang: rvalue reference to type .* cannot bind to lvalue of type
#include <ferry/channel.hpp>

#include <string>
#include <tuple>

void example(const ferry::Sender<std::string>& tx, std::string value) {
#ifdef MISTAKE
    std::ignore = tx.send(value);
#else
    std::ignore = tx.send(std::move(value));
#endif
}
