// S2: the classic mistake, a value used after it was sent. Rust's compiler refuses it; here it is the lint that does.
#include <ferry/channel.hpp>

#include <iostream>
#include <string>

void example(const ferry::Sender<std::string>& tx) {
    std::string value = "hello";
#ifdef MISTAKE
    if (tx.send(std::move(value))) std::cout << "sent: " << value << '\n';
#else
    std::cout << "sending: " << value << '\n';
    if (tx.send(std::move(value))) std::cout << "sent\n";
#endif
}
