// An exhaustive scheduler for the Relacy Race Detector: every schedule, with no bound on preemptions, up to
// equivalence. Relacy's own full search has no partial-order reduction and is hopeless beyond a dozen steps.
//
// Sleep sets (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS 1032, 1996):
// at a choice, the candidates are the enabled threads outside the sleep set. They are explored one after the other;
// while the i-th is, those before it sleep, since everything that begins with one of them has been seen, and a
// sleeping thread wakes when an operation is executed that its own next one depends on. If all enabled threads sleep,
// the rest of the execution is equivalent to one seen before; Relacy can't abandon it, so it runs on without branching
// and is counted as redundant.
//
// Why this is sound here, point by point:
// - A visible operation announces its address range, and whether it writes, before its scheduling point. Two operations
//   are dependent if the ranges overlap and one of them writes. Swapping two neighbours that are not dependent gives an
//   equivalent execution: the same reads-from, the same happens-before, hence the same races and the same results.
//   A compare-exchange writes only if the newest value is the expected one. Whether it is may change, but only by an
//   operation that writes, which the compare-exchange depends on; so dependence is conditional on the state, which is
//   what sleep sets ask for (Godefroid: a valid conditional dependency relation).
// - Accesses to plain data are not scheduling points. Whether two of them race is decided by happens-before, which is
//   the same in all equivalent executions; Relacy's vector clocks see it in each of them.
// - Freeing memory is a write to all of it, with a scheduling point of its own; otherwise a use after free could be the
//   very order that is left out.
// - Which of the stores an operation reads is part of its transition (stores.hpp): Relacy branches on it inside, after the
//   choice of the thread. So are the other choices inside of a transition (Unwinding, platform.hpp).
// - Starting a thread is invisible. All are started, in order, before the first choice.
// - An await is enabled while a store that it may read satisfies it. Which it may read depends on the stores to its atomic
//   and on its thread's own operations, so what enables or disables an await is dependent on it.
// - A deadlock is a state in which no thread could go on if each await read only the newest store: a loop may have passed
//   older ones by. Sleep sets leave out no state, only ways to it; so each such state is met.
// - There is no sequentially consistent operation in the channel; the platform refuses one. (They would all have to
//   depend on each other.)
// - Nothing is random but these choices: an execution is a function of the choices. Relacy's checks
//   of that (RL_DO_ASSERT) are switched on.
// And each execution that is counted as redundant is checked to have a reads-from graph that was seen before.
#pragma once

#include <cstdint>
#include <cstdio>

#include "journal.hpp"
#include "relacy.hpp"

namespace verify {

/// The operation that a thread executes next.
struct Pending {
    enum class Kind { not_started, read, write } kind = Kind::not_started;
    std::uintptr_t begin = 0, end = 0;
    bool (*is_enabled)(const void*, bool by_the_newest) = nullptr;  // null: always
    bool (*is_a_write)(const void*) = nullptr;                      // of what is announced as a write; null: yes
    const void* argument = nullptr;                                 // of these two
    const char* step = "";
    Label where = {};

    bool writes() const { return kind == Kind::write && (is_a_write == nullptr || is_a_write(argument)); }
    /// `by_the_newest`: if it could read only the newest store.
    bool enabled(bool by_the_newest = false) const {
        return is_enabled == nullptr || is_enabled(argument, by_the_newest);
    }
};

inline Pending pending[max_threads];

inline bool dependent(const Pending& a, const Pending& b) {
    if (a.end <= b.begin || b.end <= a.begin) return false;
    return a.writes() || b.writes();
}

/// What a search has done. (Relacy makes the scheduler itself, so this is how the two speak.)
struct Search {
    std::uint64_t executions = 0, redundant = 0;
    std::uint64_t limit = ~std::uint64_t{0};
    bool branch_on_reuse = false;  // explore, at each free, both: the memory is reused at once, and late
    bool cut_off = false;
    bool is_redundant = false;  // the execution that is under way
    void (*progress)(const Search&) = nullptr;

    /// At the end of an execution. True: no more.
    bool count() {
        ++(is_redundant ? redundant : executions);
        if ((executions + redundant) % 16384 == 0 && progress != nullptr) progress(*this);
        cut_off = executions + redundant >= limit;
        return cut_off;
    }
};

inline Search search;

template <rl::thread_id_t thread_count>
class SleepSets : public rl::tree_search_scheduler<SleepSets<thread_count>,
                                                   rl::tree_search_scheduler_thread_info<thread_count>, thread_count> {
    using Base =
        rl::tree_search_scheduler<SleepSets, rl::tree_search_scheduler_thread_info<thread_count>, thread_count>;

  public:
    using thread_info_t = typename Base::thread_info_t;
    using shared_context_t = typename Base::shared_context_t;

    SleepSets(rl::test_params& params, shared_context_t& context, rl::thread_id_t dynamic_threads)
        : Base(params, context, dynamic_threads) {}

    rl::thread_id_t iteration_begin_impl() {
        this->stree_depth_ = 0;
        asleep_ = 0;
        search.is_redundant = false;
        for (auto& p : pending) p = {};
        return 0;
    }

    bool iteration_end_impl() {
        const bool enough = search.count();
        const bool all_explored = Base::iteration_end_impl();
        if (all_explored) search.cut_off = false;
        return all_explored || enough;
    }

    rl::thread_id_t schedule_impl(rl::unpark_reason& reason, unsigned) {
        reason = rl::unpark_reason_normal;
        return pick();
    }

    unsigned rand_impl(unsigned limit, rl::sched_type type) {
        if (search.is_redundant || (type == rl::sched_type_mem_realloc && !search.branch_on_reuse)) return 0;
        return Base::rand_impl(limit, type);
    }

    bool can_switch(thread_info_t&) { return true; }
    void on_switch(thread_info_t&) {}
    double iteration_count_approx() { return 0; }

  private:
    bool running(rl::thread_id_t t) const { return this->threads_[t].state_ == rl::thread_state_running; }

    rl::thread_id_t pick() {
        for (rl::thread_id_t t = 0; t != thread_count; ++t) {
            if (running(t) && pending[t].kind == Pending::Kind::not_started) return t;
        }
        rl::thread_id_t candidates[thread_count], enabled = -1;
        unsigned count = 0;
        bool goes_on = false;
        for (rl::thread_id_t t = 0; t != thread_count; ++t) {
            if (!running(t) || !pending[t].enabled()) continue;
            enabled = t;
            goes_on = goes_on || pending[t].enabled(true);
            if ((asleep_ >> t & 1) == 0) candidates[count++] = t;
        }
        if (!goes_on) deadlock();
        if (search.is_redundant || count == 0) {
            search.is_redundant = true;
            return enabled;
        }
        const unsigned choice = count == 1 ? 0 : Base::rand_impl(count, rl::sched_type_sched);
        for (unsigned i = 0; i != choice; ++i) asleep_ |= 1u << candidates[i];
        const rl::thread_id_t chosen = candidates[choice];
        for (rl::thread_id_t t = 0; t != thread_count; ++t) {
            if ((asleep_ >> t & 1) && dependent(pending[t], pending[chosen])) asleep_ &= ~(1u << t);
        }
        return chosen;
    }

    /// Threads are left and none can go on. The journal's last lines say where each of them waits.
    void deadlock() {
        for (rl::thread_id_t t = 0; t != thread_count; ++t) {
            if (!running(t)) continue;
            journal.add({.kind = Event::Kind::wait,
                         .thread = static_cast<std::uint8_t>(t),
                         .step = pending[t].step,
                         .where = pending[t].where});
        }
        rl::ctx().fail_test("deadlock", rl::test_result_deadlock, RL_INFO);
    }

    unsigned asleep_ = 0;
};

}  // namespace verify
