// What the harness uses of CppUnit, for targets that Debian has no libcppunit for (tests/builds/builds.yaml).
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace CppUnit {

class SourceLine {
  public:
    SourceLine() = default;
    SourceLine(std::string file, int line) : file_(std::move(file)), line_(line) {}
    bool isValid() const { return !file_.empty(); }
    const std::string& fileName() const { return file_; }
    int lineNumber() const { return line_; }

  private:
    std::string file_;
    int line_ = 0;
};

class Message {
  public:
    explicit Message(std::string text) : text_(std::move(text)) {}
    void addDetail(const std::string& detail) { text_ += "; " + detail; }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

class Exception : public std::exception {
  public:
    Exception(Message message, SourceLine line) : message_(std::move(message)), line_(std::move(line)) {}
    const char* what() const noexcept override { return message_.text().c_str(); }
    const Message& message() const { return message_; }
    const SourceLine& sourceLine() const { return line_; }

  private:
    Message message_;
    SourceLine line_;
};

struct Asserter {
    [[noreturn]] static void fail(const std::string& what, const SourceLine& line) {
        throw Exception(Message(what), line);
    }
    [[noreturn]] static void failNotEqual(const std::string& expected, const std::string& actual,
                                          const SourceLine& line) {
        fail("expected: " + expected + "; actual: " + actual, line);
    }
};

class TestFailure {
  public:
    explicit TestFailure(const std::exception& thrown) : thrown_(&thrown) {}
    const std::exception* thrownException() const { return thrown_; }
    SourceLine sourceLine() const {
        const auto* const failure = dynamic_cast<const Exception*>(thrown_);
        return failure != nullptr ? failure->sourceLine() : SourceLine();
    }

  private:
    const std::exception* thrown_;
};

class Test;
class TestListener {
  public:
    virtual ~TestListener() = default;
    virtual void startTest(Test*) = 0;
    virtual void addFailure(const TestFailure&) = 0;
    virtual void endTest(Test*) = 0;
};

class TestResult {
  public:
    void addListener(TestListener* listener) { listener_ = listener; }
    TestListener& listener() const { return *listener_; }

  private:
    TestListener* listener_ = nullptr;
};

class Test {
  public:
    virtual ~Test() = default;
    virtual std::string getName() const = 0;
    virtual int getChildTestCount() const { return 0; }
    virtual Test* getChildTestAt(int) const { return nullptr; }
};

class TestCase : public Test {
  public:
    explicit TestCase(std::string name) : name_(std::move(name)) {}
    std::string getName() const override { return name_; }
    virtual void runTest() = 0;
    void run(TestResult* result) {
        result->listener().startTest(this);
        try {
            runTest();
        } catch (const std::exception& thrown) {
            result->listener().addFailure(TestFailure(thrown));
        }
        result->listener().endTest(this);
    }

  private:
    std::string name_;
};

class TestFactory {
  public:
    virtual ~TestFactory() = default;
    virtual Test* makeTest() = 0;
};

class TestFactoryRegistry {
  public:
    static TestFactoryRegistry& getRegistry() {
        static TestFactoryRegistry registry;
        return registry;
    }
    void registerFactory(TestFactory* factory) { factories_.push_back(factory); }
    Test* makeTest() {
        auto suite = std::make_unique<Suite>();
        for (TestFactory* const factory : factories_) suite->tests.emplace_back(factory->makeTest());
        return suite.release();
    }

  private:
    struct Suite : Test {
        std::vector<std::unique_ptr<Test>> tests;
        std::string getName() const override { return "all"; }
        int getChildTestCount() const override { return static_cast<int>(tests.size()); }
        Test* getChildTestAt(int i) const override { return tests[static_cast<std::size_t>(i)].get(); }
    };
    std::vector<TestFactory*> factories_;
};

}  // namespace CppUnit
