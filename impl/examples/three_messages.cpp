// One thread sends three messages, one after the other. Main iterates over them, and the loop ends by itself when the
// sender is dropped: here, when the function that owns it ends.
#include <ferry/channel.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

namespace {

void send_three(ferry::Sender<std::string> sender) {
    for (const char* const message : {"one", "two", "three"}) {
        sender.send(message).value();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

}  // namespace

int main() {
    auto [tx, rx] = ferry::channel<std::string>();
    const std::jthread thread(send_three, std::move(tx));
    for (const std::string& message : rx) std::cout << "got: " << message << '\n';
}
