// The Relacy Race Detector as Debian packages it, made fit for company. Include after everything else: Relacy
// replaces the global operators new and delete (while an execution runs, they count as the execution's).
#pragma once

#include <cassert>
#include <cerrno>
#include <memory>
#include <queue>

#define RL_DO_ASSERT 1  // Relacy's checks of itself, above all that the search is deterministic
// It remembers three stores of an atomic: too few.
#include <relacy/pch.hpp>
#include <relacy/platform.hpp>
#define atomic_history_size atomic_history_size_of_relacy
#include <relacy/defs.hpp>
#undef atomic_history_size
namespace verify {
inline constexpr unsigned most_stores = 32;  // a power of two, because Relacy counts stores modulo this, in an unsigned
}
namespace rl {
inline constexpr size_t atomic_history_size = verify::most_stores;
}
#include <relacy/relacy.hpp>

// It also redefines keywords and standard names as macros. This code says what it means without them.
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
#undef sem_t
#undef sem_init
#undef sem_destroy
#undef sem_wait
#undef sem_trywait
#undef sem_post
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst
