// A second translation unit that uses the channel's same instances.
#pragma once

#include <cstddef>
#include <string>

namespace other_unit {

inline constexpr std::size_t letters = 3000;
void send_words(ferry::Sender<std::string> tx);
std::size_t count_letters(ferry::Receiver<std::string> rx);

}  // namespace other_unit
