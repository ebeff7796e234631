#include "recording.hpp"

#include <stdexcept>

#include "../platforms/unwinding.hpp"
#include "judge.hpp"
#include "recorder.hpp"

namespace traces {

namespace {

template <class P, class Channel>
Recorded record_on(const verify::Program& program, const std::vector<std::string>& handles, std::uint64_t seed,
                   std::chrono::seconds patience) {
    // At one step in so many; 0: never. In a long program seldom: on a busy machine, to yield takes long.
    constexpr unsigned shaken[][4] = {{0, 64, 8, 3}, {0, 4096, 1024, 256}};
    constexpr std::size_t is_long = 1000;
    announced::Pace::spins = seed % 2 == 0;
    // Not on the stack: threads that hang go on using it.
    auto& recorder =
        *new Recorder<P, Channel>(program, seed, shaken[program.threads[0].size() > is_long][seed / 2 % 4]);
    if (!recorder.run(patience))
        return {recorder.trace(handles), "the threads do not come to an end: " + recorder.calls(), true};
    Recorded recorded{recorder.trace(handles), recorder.failure()};
    if (recorded.failure.empty()) recorded.failure = gap(recorded.trace, P::template block_slots<Message>);
    delete &recorder;
    return recorded;
}

struct Recording {
    Blocks blocks;
    decltype(&record_on<announced::UnwindingPlatform<1, 1>, verify::Unbounded>) record;
};
template <unsigned slots, unsigned first_slots, class Channel = verify::Unbounded>
constexpr Recording with_blocks{{slots, first_slots},
                                record_on<announced::UnwindingPlatform<slots, first_slots>, Channel>};

using Standard = ferry::StandardPlatform;
const Recording recordings[] = {with_blocks<1, 1>,
                                with_blocks<2, 1>,
                                with_blocks<2, 2>,
                                with_blocks<4, 4>,
                                with_blocks<16, 8>,
                                with_blocks<Standard::block_slots<Message>, Standard::first_block_slots<Message>>,
                                with_blocks<0, 0, verify::Bounded>};

}  // namespace

const std::vector<Blocks>& sizes_of_blocks() {
    static const std::vector<Blocks> sizes = [] {
        std::vector<Blocks> all;
        for (const Recording& r : recordings) all.push_back(r.blocks);
        return all;
    }();
    return sizes;
}

Recorded record(const Blocks& blocks, const verify::Program& program, const std::vector<std::string>& handles,
                std::uint64_t seed, std::chrono::seconds patience) {
    for (const Recording& r : recordings) {
        if (r.blocks == blocks) return r.record(program, handles, seed, patience);
    }
    throw std::runtime_error("no recorder for blocks of " + std::to_string(blocks.slots) + ", the first of " +
                             std::to_string(blocks.first_slots));
}

}  // namespace traces
