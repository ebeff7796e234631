// How a test is written: a sentence for a name, with the numbers of the statements that it shows, and expectations
// that are compared as words, so that a failure can be read.
//
//     TEST(S8_a_send_to_a_dropped_receiver_gives_the_value_back) {
//         auto [tx, rx] = ferry::channel<int>();
//         ferry::drop(std::move(rx));
//         says("given back: 7", tx.send(7));
//     }
#pragma once

#include <ferry/channel.hpp>

#include <concepts>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

#include "harness/cppunit.hpp"

namespace harness {

class Case : public CppUnit::TestCase {
  public:
    Case(const char* name, const char* source_file) : TestCase(name), file_(source_file) {}
    const char* file() const noexcept { return file_; }

  private:
    const char* file_;
};

template <class SomeCase>
class Registered : public CppUnit::TestFactory {
  public:
    Registered() { CppUnit::TestFactoryRegistry::getRegistry().registerFactory(this); }
    CppUnit::Test* makeTest() override { return new SomeCase; }
};

inline CppUnit::SourceLine line_of(const std::source_location& where) {
    return {where.file_name(), static_cast<int>(where.line())};
}

/// `what` is the sentence that ought to be true.
inline void check(bool holds, std::string_view what, std::source_location where = std::source_location::current()) {
    if (!holds) CppUnit::Asserter::fail("not so: " + std::string(what), line_of(where));
}

inline void same(const std::string& expected, const std::string& actual,
                 std::source_location where = std::source_location::current()) {
    if (expected != actual) CppUnit::Asserter::failNotEqual(expected, actual, line_of(where));
}

/// Calls `once` for each of them. They have names, and a failure tells whose it was.
template <class Case>
void with_each(const auto& cases, Case once) {
    for (const auto& one : cases) {
        try {
            once(one);
        } catch (CppUnit::Exception& failure) {
            CppUnit::Message message = failure.message();
            message.addDetail(std::string("with ") + one.name);
            throw CppUnit::Exception(message, failure.sourceLine());
        }
    }
}

// What a call answered, in words.

inline std::string in_words(std::integral auto number) { return std::to_string(number); }
inline std::string in_words(const std::string& text) { return text; }
template <class T>
std::string in_words(const std::unique_ptr<T>& pointer) {
    return pointer ? in_words(*pointer) : "nothing";
}
inline std::string in_words(ferry::RecvError) { return "disconnected"; }
inline std::string in_words(ferry::TryRecvError error) {
    return error == ferry::TryRecvError::empty ? "empty" : "disconnected";
}
inline std::string in_words(ferry::RecvTimeoutError error) {
    return error == ferry::RecvTimeoutError::timeout ? "timeout" : "disconnected";
}
inline std::string in_words(ferry::RecvStopError error) {
    return error == ferry::RecvStopError::stopped   ? "stopped"
           : error == ferry::RecvStopError::timeout ? "timeout"
                                                    : "disconnected";
}
template <class T>
std::string in_words(const ferry::SendError<T>& error) {
    return "given back: " + in_words(error.value);
}
template <class T, class Error>
std::string in_words(const std::expected<T, Error>& answer) {
    if (!answer) return in_words(answer.error());
    if constexpr (std::is_void_v<T>) {
        return "sent";
    } else {
        return in_words(*answer);
    }
}

template <class Answer>
void says(const std::string& expected, const Answer& answer,
          std::source_location where = std::source_location::current()) {
    same(expected, in_words(answer), where);
}

}  // namespace harness

#define TEST(sentence)                                         \
    namespace {                                                \
    struct sentence final : harness::Case {                    \
        sentence() : Case(#sentence, __FILE__) {}              \
        void runTest() override;                               \
    };                                                         \
    const harness::Registered<sentence> registered_##sentence; \
    }                                                          \
    void sentence::runTest()
