// The workloads. Each is a round: it starts threads that use channels, and all of them end by themselves. What a round
// does is drawn from its seed; how its threads meet is not.
//
// So that a round can't block for ever by its own fault, a thread that waits on a channel holds no sender of that
// channel or of one that is numbered before it, and handles travel through channels that are numbered before theirs.
#pragma once

#include <array>

#include "recipes_of_handles.hpp"
#include "recipes_of_networks.hpp"
#include "recipes_of_streams.hpp"

namespace stress {

/// `Bounded`: the platform of bounded channels, with capacities 0, 1, 2 and 16.
template <class P, class Bounded>
inline constexpr auto all_recipes = std::to_array<Recipe>({
    {"ping_pong", ping_pong<P>},
    {"crowd", crowd<P>},
    {"long_lived", long_lived<P>},
    {"short_lived", short_lived<P>},
    {"clone_storm", clone_storm<P>},
    {"receiver_dropped", receiver_dropped<P>},
    {"receiver_closed", receiver_closed<P>},
    {"receiver_moved", receiver_moved<P>},
    {"timed", timed<P>},
    {"stopped", stopped<P>},
    {"without_waiting", without_waiting<P>},
    {"bursts", bursts<P>},
    {"shared_sender", shared_sender<P>},
    {"chain", chain<P>},
    {"fan", fan<P>},
    {"channels_in_channels", channels_in_channels<P>},
    {"nested", nested<P>},
    {"mixed", mixed<P>},
    {"bounded_crowd", crowd<Bounded>},
    {"bounded_stream", long_lived<Bounded>},
    {"bounded_clone_storm", clone_storm<Bounded>},
    {"bounded_receiver_dropped", receiver_dropped<Bounded>},
    {"bounded_receiver_closed", receiver_closed<Bounded>},
    {"bounded_timed", timed<Bounded>},
    {"bounded_stopped", stopped<Bounded>},
    {"bounded_without_waiting", without_waiting<Bounded>},
    {"bounded_shared_sender", shared_sender<Bounded>},
});

}  // namespace stress
