// The layout of the channel's word, as the header defines it.
#pragma once

#include <ferry/detail/slots.hpp>

namespace verify {
namespace word = ferry::detail::word;
}
