// S25: T must be nothrow-move-constructible, and the message says so.
// g++: static assertion failed: ferry: T must be nothrow-move-constructible: .*S25
// clang: static assertion failed.*ferry: T must be nothrow-move-constructible: .*S25
#include <ferry/channel.hpp>

#include <tuple>

struct Value {
#ifdef MISTAKE
    Value(Value&&) noexcept(false);
#else
    Value(Value&&) noexcept(true);
#endif
};
void example() { std::ignore = ferry::channel<Value>(); }
