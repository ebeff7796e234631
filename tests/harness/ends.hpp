// Calls that end the process are made in a process of their own.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <string>

#include "harness/test.hpp"

namespace harness {

/// What a child process that does this, and then exits with 0, writes to its standard error, and how it ends.
inline std::string end_of(const std::function<void()>& act,
                          std::source_location where = std::source_location::current()) {
    std::array<int, 2> ends{};
    check(pipe(ends.data()) == 0, "there is a pipe", where);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        alarm(10);  // it blocks for ever
        act();
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    std::array<char, 200> part{};
    for (ssize_t n; (n = read(ends[0], part.data(), part.size())) > 0;)
        said.append(part.data(), static_cast<std::size_t>(n));
    close(ends[0]);
    int status = 0;
    check(waitpid(child, &status, 0) == child, "the child process has ended", where);
    if (WIFSIGNALED(status)) return said + "signal " + std::to_string(WTERMSIG(status));
    return said + "exit " + std::to_string(WEXITSTATUS(status));
}

/// The process that does this aborts, with this message.
inline void aborts_with(const std::string& message, const std::function<void()>& act,
                        std::source_location where = std::source_location::current()) {
    const std::string end = end_of(act, where);
    check(end.ends_with("signal " + std::to_string(SIGABRT)), "the process ends by itself: " + end, where);
    check(end.contains(message), "it says why: " + end, where);
}

}  // namespace harness
