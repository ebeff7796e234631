// Runs tests, and tells ferry_tools/cppunit.py how it goes: one line for each event, fields separated by tabs.
//     program --list            "test <name> <file>" for every test there is
//     program <name> ...        runs these, in order: "begin <name>", then "passed <name> <seconds>" or
//                               "failed <name> <seconds> <message>"; or the process ends: "stuck", or a crash
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <vector>

#include "harness/test.hpp"
#include "harness/watchdog.hpp"

namespace harness {

void Watchdog::test_begins(const std::string& name) {
    const std::lock_guard lock(mutex_);
    test_ = name;
    ++turn_;
    changed_.notify_one();
}

void Watchdog::test_ends() { test_begins({}); }

void Watchdog::thread_begins(const std::string& name) {
    const std::lock_guard lock(mutex_);
    at_work_.insert(name);
}

void Watchdog::thread_ends(const std::string& name) {
    const std::lock_guard lock(mutex_);
    at_work_.erase(at_work_.find(name));
}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        changed_.notify_one();
    }
    thread_.join();
}

void Watchdog::watch() {
    const char* const wish = std::getenv("FERRY_TEST_PATIENCE");
    const std::chrono::seconds patience(wish != nullptr ? std::atoi(wish) : 60);
    std::unique_lock lock(mutex_);
    while (!over_) {
        const unsigned turn = turn_;
        const bool something_happened = changed_.wait_for(lock, patience, [&] { return over_ || turn != turn_; });
        if (!something_happened && !test_.empty()) bark("it blocks for ever");
    }
}

void Watchdog::bark_now(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    bark(reason);
}

void Watchdog::bark(const std::string& reason) {
    std::cout << "stuck\t" << test_ << '\t' << reason << "; still at work: the test itself";
    for (const std::string& name : at_work_) std::cout << ", " << name;
    std::cout << std::endl;
    std::_Exit(EXIT_FAILURE);
}

namespace {

class Reporter : public CppUnit::TestListener {
  public:
    void startTest(CppUnit::Test* test) override {
        failure_.clear();
        std::cout << "begin\t" << test->getName() << std::endl;
        Watchdog::instance().test_begins(test->getName());
        began_ = std::chrono::steady_clock::now();
    }
    void addFailure(const CppUnit::TestFailure& failure) override {
        const CppUnit::SourceLine line = failure.sourceLine();
        if (line.isValid()) failure_ = line.fileName() + ":" + std::to_string(line.lineNumber()) + ": ";
        failure_ += failure.thrownException()->what();
        std::ranges::replace(failure_, '\t', ' ');
        std::ranges::replace(failure_, '\n', ' ');
    }
    void endTest(CppUnit::Test* test) override {
        Watchdog::instance().test_ends();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
        std::cout << (failure_.empty() ? "passed\t" : "failed\t") << test->getName() << '\t' << seconds.count();
        if (!failure_.empty()) std::cout << '\t' << failure_;
        std::cout << std::endl;
    }

  private:
    std::chrono::steady_clock::time_point began_;
    std::string failure_;
};

std::map<std::string, Case*> all_cases(CppUnit::Test& suite) {
    std::map<std::string, Case*> cases;
    for (int i = 0; i != suite.getChildTestCount(); ++i) {
        auto* const found = dynamic_cast<Case*>(suite.getChildTestAt(i));
        if (found == nullptr) throw std::logic_error("a test that was not made by TEST");
        if (!cases.emplace(found->getName(), found).second)
            throw std::logic_error("two tests named " + found->getName());
    }
    return cases;
}

int run(const std::vector<std::string>& wanted) {
    const std::unique_ptr<CppUnit::Test> suite(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
    const auto cases = all_cases(*suite);
    if (wanted == std::vector<std::string>{"--list"}) {
        for (const auto& [name, found] : cases) std::cout << "test\t" << name << '\t' << found->file() << '\n';
        return EXIT_SUCCESS;
    }
    CppUnit::TestResult result;
    Reporter reporter;
    result.addListener(&reporter);
    for (const std::string& name : wanted) cases.at(name)->run(&result);
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace harness

int main(int argc, char** argv) { return harness::run({argv + 1, argv + argc}); }
