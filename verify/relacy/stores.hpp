// Which store a load reads. A load, an await and a compare-exchange that fails branch over every store that coherence and
// happens-before let them read, however old, but for those that a rule makes redundant.
//
// Why that is every execution of C++, in the model RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer, PLDI 2017):
// 1. In RC11 program order and reads-from together have no cycle. So the operations of an execution can be put in a linear
//    order in which each read comes after the store that it reads. The search takes the operations in such orders.
// 2. A read-modify-write reads the store just before its own in modification order. Where all stores are read-modify-writes,
//    modification order is the chain of what they read, and the linear order keeps it.
// 3. The newest store happens before each plain store to the same atomic (in a block it is the initialisation), so all
//    stores before it do. So its place in modification order is not a choice, either. `Atomic::store` checks that on every
//    execution.
// 4. So the stores of an atomic are in modification order as they are executed, a read-modify-write reads the newest, and
//    all that is left to choose is the store that a load, an await, or a failing compare-exchange reads.
// 5. There are no fences and nothing is sequentially consistent: the platform refuses both.
// 6. Release sequences: a store later in modification order is in the sequence of an earlier one if it is a read-modify-write.
//    C++17 had later plain stores of the same thread in it as well (and Relacy has). That adds nothing where each plain
//    store that another thread reads releases, or is the only one in its atomic's life, as in the header.
//
// An await stands for a loop of loads. The search has only the load that ends it. The others read stores that may have
// ordered something, so they only take away from what the thread may read later; and a loop may end at its first load. But
// a loop may also pass a store by that would have ended it: if no thread can go on with the newest values, that is a
// deadlock, whatever an older store would let an await do (sleep_sets.hpp).
//
// The rule. A thread reads a store j that is not the newest only if the store j+1 is in the dependence past of the thread's
// previous operation: a chain of operations leads from j+1 to it, each of which depends on the one before (the same thread,
// or the same memory and one of them writes). Why nothing is lost: let a load L read j, and j+1 not be in that past. Take
// the operations from j+1 on to L that depend on j+1 by such chains. None of them is the thread's own. All others among
// these operations can be swapped forward, before j+1, which gives an equivalent execution; and then L itself can be put just
// before j+1. There j is the newest store. All that follows finds the same: L has written nothing, and what happens before
// each operation is what it was. (If memory ends between j+1 and L, then L used it too late, and does not happen before the
// end now: still an error.) So there is an execution with the same graph, with one pair less of a load and a newer store
// that is executed before it; and so on, until every load that reads an old store has to. The past of an operation is the same in all
// equivalent executions, so sleep sets remain sound. (To ask only for happens-before, or for program order and reads-from,
// would be wrong: of two threads that each store, and then load what the other has stored, both may read the old values.)
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "journal.hpp"
#include "relacy.hpp"

namespace verify {

[[noreturn]] void fail(const char* what);

inline unsigned threads_in_all = 0;  // of this scenario
inline bool threads_ended = false;   // what is left is dropped
inline bool every_store = false;     // without the rule

inline unsigned this_thread() { return rl::thread_index(); }

/// Of each thread, how many operations are in a past.
struct Past {
    std::array<std::uint32_t, max_threads> of{};

    void join(const Past& other) {
        for (unsigned t = 0; t != max_threads; ++t) of[t] = std::max(of[t], other.of[t]);
    }
};

/// The reads-from graph of an execution: what each thread's reads have read, in order. (All else follows from that.)
class Graph {
  public:
    void clear() { of_.fill(1); }
    void reads(unsigned thread, std::uint64_t store) { of_[thread] = mix(of_[thread], store); }
    std::uint64_t hash() const {
        std::uint64_t all = 0;
        for (const std::uint64_t h : of_) all = mix(all, h);
        return all;
    }
    static std::uint64_t mix(std::uint64_t hash, std::uint64_t more) {
        hash = (hash ^ (more + 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd;
        return (hash ^ (hash >> 32)) * 0xc4ceb9fe1a85ec53;
    }

  private:
    std::array<std::uint64_t, max_threads> of_{};
};
inline Graph graph;

/// What the operations of an execution depend on.
struct Dependences {
    std::array<Past, max_threads> pasts;  // of each thread's previous operation, itself included
    std::array<Past, max_regions> used;   // of all operations in a region
    Past freed;                           // of all that freed memory

    void clear() { *this = {}; }
    Past& mine() { return pasts[this_thread()]; }
    void frees(int region) {
        mine().join(used[static_cast<unsigned>(region)]);
        ++mine().of[this_thread()];
        freed.join(mine());
    }
};
inline Dependences dependences;

inline unsigned deepest_read = 0;  // how far behind the newest store

/// The stores of an atomic, in modification order, from its initialisation on.
template <class U>
class Stores {
  public:
    unsigned count() const { return count_; }
    U newest() const { return at(0).value; }
    /// So many stores before the newest.
    U value(unsigned behind) const { return at(behind).value; }

    /// Relacy has executed a store, or a read-modify-write, of this thread.
    void add(U value) {
        const rl::thread_info_base& me = *rl::ctx().threadx_;
        Store& store = stores_[count_++ % most_stores];
        store = {value, this_thread(), dependences.mine().of[this_thread()], me.own_acq_rel_order_, {}};
        store.first_seen.fill(unseen);
    }
    /// Relacy has executed a load of this thread.
    void is_read(unsigned behind) {
        deepest_read = std::max(deepest_read, behind);
        auto& seen = at(behind).first_seen[this_thread()];
        seen = std::min(seen, rl::ctx().threadx_->own_acq_rel_order_);
        note_read(behind);
    }
    void note_read(unsigned behind) const {
        const Store& store = at(behind);
        // Of what is there before the threads begin, it is no matter which of them made it.
        graph.reads(this_thread(),
                    store.operation == 0 ? 0 : std::uint64_t{store.operation} * max_threads + store.thread);
    }

    /// Whether the newest store happens before what this thread does now.
    bool is_newest_before(const rl::thread_info_base& thread) const {
        return thread.acq_rel_order_[at(0).thread] >= at(0).time;
    }
    /// Calls `each(behind)` for each store that the thread may read, from the newest on, until it returns true.
    template <class Each>
    bool any(const rl::thread_info_base& thread, Each each) const {
        for (unsigned behind = 0;; ++behind) {
            if (is_needed(static_cast<unsigned>(thread.index_), behind) && each(behind)) return true;
            if (is_last(thread, behind)) return false;
            if (behind + 1 == count_) fail("a load that the initialisation does not happen before");
            if (behind + 2 == most_stores)
                fail("a load may read older stores than are remembered: most_stores is too small");
        }
    }
    /// Branches over those of them that `suits` takes.
    template <class Suits>
    unsigned choose(Suits suits) const {
        std::array<unsigned, most_stores> choices;
        unsigned count = 0;
        any(*rl::ctx().threadx_, [&](unsigned behind) {
            if (suits(behind)) choices[count++] = behind;
            return false;
        });
        return choices[count == 1 ? 0 : rl::ctx().rand(count, rl::sched_type_atomic_load)];
    }

    /// This thread executes an operation on the atomic.
    void depends(bool writes, int region) {
        Past& mine = dependences.mine();
        mine.join(written_);
        if (writes) mine.join(read_);
        ++mine.of[this_thread()];
        (writes ? written_ : read_).join(mine);
        if (region >= 0) dependences.used[static_cast<unsigned>(region)].join(mine);
    }

  private:
    using Time = rl::timestamp_t;
    static constexpr Time unseen = ~Time{0};
    struct Store {
        U value;
        unsigned thread;
        std::uint32_t operation;  // of that thread
        Time time;                // when it was executed, and first seen by each thread; by the clock of that thread
        std::array<Time, max_threads> first_seen;
    };

    Store& at(unsigned behind) { return stores_[(count_ - 1 - behind) % most_stores]; }
    const Store& at(unsigned behind) const { return stores_[(count_ - 1 - behind) % most_stores]; }

    /// Older ones are hidden from the thread: this one happens before what it does now, or a load does that has read it.
    bool is_last(const rl::thread_info_base& thread, unsigned behind) const {
        const Store& store = at(behind);
        if (thread.acq_rel_order_[store.thread] >= store.time) return true;
        for (unsigned t = 0; t != threads_in_all; ++t) {
            if (thread.acq_rel_order_[t] >= store.first_seen[t]) return true;
        }
        return false;
    }
    /// The rule.
    bool is_needed(unsigned thread, unsigned behind) const {
        if (behind == 0 || every_store) return true;
        const Store& next = at(behind - 1);
        return dependences.pasts[thread].of[next.thread] >= next.operation;
    }

    unsigned count_ = 0;
    Past written_, read_;  // by the operations on it so far
    std::array<Store, most_stores> stores_;
};

/// How far behind the newest store Relacy's next load reads.
inline unsigned read_behind = 0;

template <rl::thread_id_t n>
unsigned store_to_read(const rl::atomic_data_impl<n>& atomic) {
    const unsigned index = atomic.current_index_ - read_behind;
    return atomic.history_[index % rl::atomic_history_size].busy_ ? index : ~0u;  // no store there: Relacy says so
}

}  // namespace verify

namespace rl {
#define VERIFY_READS(threads, order)                                                                         \
    template <>                                                                                              \
    template <>                                                                                              \
    inline unsigned thread_info<threads>::get_load_index<order, false>(atomic_data_impl<threads> & atomic) { \
        return verify::store_to_read<threads>(atomic);                                                       \
    }
VERIFY_READS(2, mo_relaxed)
VERIFY_READS(2, mo_acquire)
VERIFY_READS(3, mo_relaxed)
VERIFY_READS(3, mo_acquire)
VERIFY_READS(4, mo_relaxed)
VERIFY_READS(4, mo_acquire)
#undef VERIFY_READS
}  // namespace rl
