#include "execution.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "../interpreter.hpp"
#include "explored.hpp"
#include "values.hpp"

namespace verify {
namespace {

#ifdef BOUNDED
using Channel = Bounded;
#else
using Channel = Unbounded;
#endif

constexpr unsigned most = 8;  // of handles, of data, of events

/// Room that is there before an execution begins: what it allocates would count as its leak.
template <class T>
struct Places : std::array<std::optional<T>, most> {
    explicit Places(std::size_t) {}
};

class Execution {
  public:
    void begin() {
        for (auto& d : deliveries) d = Delivery::none;
        for (auto& f : fates) f = {};
        for (auto* texts : {results, yielded, destroyed}) {
            for (unsigned t = 0; t != max_threads; ++t) texts[t].clear();
        }
        destroyed_at_end.clear();
        outcome.clear();
        sends = 0;
        interpreter_.emplace(program, Run::Sizes{}, *this);
        Unwinding::forget();
    }

    void thread(unsigned index) {
        for (const Op& op : program.threads[index]) {
            if (!interpreter_->is_due(index, op)) continue;
            note(op.text.c_str());
            const bool is_call = op.kind != Kind::write && op.kind != Kind::read;
            if (is_call) begin_call(index, op);
            interpreter_->run(index, op);
            if (op.kind == Kind::drop_receiver) returned(index, Text() << "destroyed[" << destroyed[index].text << "]");
            if (is_call && !has_result(op.kind)) tell_of_return(index, "");
        }
    }

    void end() {
        const bool receiver_left = interpreter_->has_receiver();
        interpreter_->drop_the_rest();
        interpreter_.reset();
        if (journal.regions.live() != 0) fail("the last handle is gone and memory is left (S23)");
        for (const Fate& fate : fates) {
            if (fate.state != State::unsent && fate.state != State::destroyed)
                fail("a value is lost: neither received nor destroyed (S3)");
        }
        follower.end_execution();
        describe(receiver_left);
    }

    // ---- what the interpreter tells --------------------------------------------------------------------------------

    void begins(unsigned index, const Op& op) {
        fates[op.b] = {State::sent, index, op.a, ++sends};
        deliveries[index] = Delivery::begun;
    }
    void answered(unsigned index, const Op& op, Result result) {
        if (is_send(op.kind)) {
            deliveries[index] = Delivery::none;
            if (result.answer != Answer::ok) fates[op.b].state = State::returned;
        }
        if (result.answer != Answer::value) return returned(index, Text() << in_words(result.answer));
        take(result.value);
        if (op.kind != Kind::iterate && op.kind != Kind::try_iterate) return returned(index, Text() << result.value);
        yielded[index] << (yielded[index].empty() ? "" : ",") << result.value;
        tell_of_return(index, (Text() << "+" << result.value).text);
    }
    void ended(unsigned index, const Op&) {
        returned(index, Text() << "[" << yielded[index].text << "]");
        yielded[index].clear();
    }
    static void fail(const char* what) { verify::fail(what); }
    /// When a deadline passes is the scheduler's choice, not the clock's, which must not come into it.
    static std::chrono::hours patience(unsigned) { return std::chrono::hours(1); }

  private:
    using Run = Interpreter<Platform<BLOCK_SLOTS, FIRST_BLOCK_SLOTS>, Value, Places, Execution, Channel>;
    using Kind = Op::Kind;

    std::optional<Run> interpreter_;

    static void begin_call(unsigned index, const Op& op) {
        follower.begin_call(index, as_followed(op.kind), op.a);
        const auto number = static_cast<unsigned>(&op - program.threads[index].data());
        if (has_steps(op.kind)) algorithm.begin_call(index, number, is_of_the_receiver(op.kind));
    }
    static void tell_of_return(unsigned index, const char* result) {
        algorithm.returned(index, result);
        follower.returned(index, result);
    }
    static Follower::Call as_followed(Kind kind) {
        switch (kind) {
            case Kind::move:
            case Kind::move_receiver: return Follower::Call::move;
            case Kind::close: return Follower::Call::close;
            case Kind::drop_receiver: return Follower::Call::drop_receiver;
            case Kind::is_disconnected_receiver: return Follower::Call::ask_receiver;
            default: return Follower::Call::other;
        }
    }
    static bool is_send(Kind kind) {
        return kind == Kind::send || kind == Kind::try_send || kind == Kind::send_for || kind == Kind::send_unwound ||
               kind == Kind::send_stoppable;
    }
    /// To move a handle, and what happens outside of the channel, has none.
    static bool has_steps(Kind kind) {
        switch (kind) {
            case Kind::move:
            case Kind::move_receiver:
            case Kind::signal:
            case Kind::await:
            case Kind::see: return false;
            default: return true;
        }
    }
    static bool is_of_the_receiver(Kind kind) {
        if (is_send(kind)) return false;
        switch (kind) {
            case Kind::clone:
            case Kind::drop:
            case Kind::stop:
            case Kind::is_disconnected: return false;
            default: return true;
        }
    }
    static bool has_result(Kind kind) {
        switch (kind) {
            case Kind::clone:
            case Kind::drop:
            case Kind::stop:
            case Kind::close: return false;
            default: return has_steps(kind);
        }
    }

    static void take(unsigned id) {
        Fate& fate = fates[id];
        if (fate.state != State::sent) fail("a value is received that is not in the channel (S1, S3, S8)");
        for (const Fate& other : fates) {
            if (other.state == State::sent && other.thread == fate.thread && other.handle == fate.handle &&
                other.sent_as < fate.sent_as) {
                fail("a value overtakes one that the same sender sent before it (S4)");
            }
        }
        fate.state = State::received;
    }

    void returned(unsigned index, const Text& what) {
        results[index] << " " << what.text;
        Text line;
        note((line << "= " << what.text).text);
        tell_of_return(index, what.text);
    }
    static void note(const char* text) {
        Event event{.kind = Event::Kind::call, .thread = static_cast<std::uint8_t>(this_thread())};
        std::snprintf(event.text, sizeof event.text, "%s", text);
        journal.add(event);
    }

    static void describe(bool receiver_left) {
        for (unsigned t = 0; t != program.threads.size(); ++t) {
            outcome << (t == 0 ? "" : " | ") << program.thread_names[t].c_str() << ":" << results[t].text;
        }
        if (receiver_left) outcome << " | end: destroyed[" << destroyed_at_end.text << "]";
    }
};

Execution execution;

}  // namespace

void set_up(unsigned looks, bool is_slow) {
    Pace::looks = looks;
    Parker::is_slow = is_slow;
    follower.slots = algorithm.slots = BLOCK_SLOTS;
    algorithm.first_slots = FIRST_BLOCK_SLOTS;
}
void begin_execution() { execution.begin(); }
void run_thread(unsigned index) { execution.thread(index); }
void end_execution() { execution.end(); }

}  // namespace verify
