// What this thread has used of the processor so far.
#pragma once

#include <sys/resource.h>

#include <chrono>

namespace harness {

inline rusage usage() {
    rusage so_far{};
    getrusage(RUSAGE_THREAD, &so_far);
    return so_far;
}

inline std::chrono::microseconds processor_time() {
    const auto in_all = [](timeval t) { return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec); };
    const rusage so_far = usage();
    return in_all(so_far.ru_utime) + in_all(so_far.ru_stime);
}

}  // namespace harness
