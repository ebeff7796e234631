#include <cstdlib>
#include <string>
#include <utility>

#ifdef FERRY_TEST_MODULE
import ferry;
#else
#include <ferry/channel.hpp>
#endif

#include "builds/other_unit.hpp"

namespace other_unit {

void send_words(ferry::Sender<std::string> tx) {
    for (std::size_t i = 0; i != letters / 3; ++i) {
        if (!tx.send("abc")) std::abort();
    }
}

std::size_t count_letters(ferry::Receiver<std::string> rx) {
    std::size_t count = 0;
    for (const std::string& word : rx) count += word.size();
    return count;
}

}  // namespace other_unit
