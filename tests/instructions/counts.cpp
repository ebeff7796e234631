// Does one operation so many times, and nothing else: counts OPERATION TIMES. ferry_tools/instructions.py has callgrind count
// its instructions, at two lengths; the difference is the operation's.
#include <ferry/channel.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
    if (argc != 3) return std::fputs("counts OPERATION TIMES\n", stderr), 2;
    const std::string_view operation = argv[1];
    const auto times = std::strtoull(argv[2], nullptr, 10);
    auto [sender, receiver] = ferry::channel<std::uint64_t>();
    std::uint64_t sum = 0;
    if (operation == "create_and_drop") {
        for (std::uint64_t i = 0; i != times; ++i) (void)ferry::channel<std::uint64_t>();
    } else if (operation == "clone_and_drop") {
        for (std::uint64_t i = 0; i != times; ++i) (void)sender.clone();
    } else if (operation == "send") {
        for (std::uint64_t i = 0; i != times; ++i) sum += sender.send(std::uint64_t{i}).has_value();
    } else if (operation == "send_and_recv") {
        for (std::uint64_t i = 0; i != times; ++i)
            sum += sender.send(std::uint64_t{i}).has_value() + receiver.recv().value();
    } else if (operation == "send_and_try_recv") {
        for (std::uint64_t i = 0; i != times; ++i)
            sum += sender.send(std::uint64_t{i}).has_value() + receiver.try_recv().value();
    } else if (operation == "try_recv_of_nothing") {
        for (std::uint64_t i = 0; i != times; ++i) sum += receiver.try_recv().has_value();
    } else {
        return std::fputs("counts: no such operation\n", stderr), 2;
    }
    return sum == ~std::uint64_t{0};
}
