// One thread sends one message, main receives it.
#include <ferry/channel.hpp>

#include <iostream>
#include <string>
#include <thread>

int main() {
    auto [tx, rx] = ferry::channel<std::string>();
    const std::jthread thread([sender = std::move(tx)] { sender.send("hello from the thread").value(); });
    std::cout << "got: " << rx.recv().value() << '\n';
}
