// Three workers, each with a clone of the sender. Main drops the original: with a sender of its own alive, its loop
// would wait for ever.
#include <ferry/channel.hpp>

#include <iostream>
#include <string>
#include <thread>
#include <vector>

int main() {
    auto [tx, rx] = ferry::channel<std::string>();
    std::vector<std::jthread> workers;
    for (const int number : {1, 2, 3}) {
        workers.emplace_back(
            [number, sender = tx.clone()] { sender.send("message from worker " + std::to_string(number)).value(); });
    }
    ferry::drop(std::move(tx));
    for (const std::string& message : rx) std::cout << "got: " << message << '\n';
}
