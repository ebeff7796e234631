// S25: T must be nothrow-destructible, and the message says so.
// g++: static assertion failed: ferry: T must be nothrow-destructible: .*S25
// clang: ferry: T must be nothrow-(destructible|move-constructible): .*S25
#include <ferry/channel.hpp>

#include <tuple>

struct Value {
    Value(Value&&) noexcept;
#ifdef MISTAKE
    ~Value() noexcept(false);
#else
    ~Value() noexcept(true);
#endif
};
// Without more: a type with a throwing destructor is not nothrow-move-constructible, either.
void example() { std::ignore = ferry::channel<Value>(); }
