// Replays paths through the state graph of the contract against the real channel, call by call.
//     replay <file>      one path a line, calls separated by ';', the words of a call and of its answer by spaces
// Says how many paths and calls agreed; or which path did not, at which call, and what the channel answered instead.
#include <ferry/channel.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "harness/recorded.hpp"
#include "harness/test_clock.hpp"

using traces::Message;

namespace {

/// The values of the contract's model have the names that recorded ones have.
unsigned value(const std::string& name) {
    return recorded::value(static_cast<unsigned>(name.at(0) - 'a'), static_cast<unsigned>(std::stoul(name.substr(1))));
}

/// A clock that throws: a receive that has to wait is left by unwinding.
struct Broken : harness::TestClock<Broken> {
    static time_point now() { throw Broken(); }
};

/// The real channel, played by the spec's words.
template <class Platform>
class Stage {
  public:
    Stage() {
        auto [tx, rx] = ferry::channel<Message, Platform>();
        senders_.emplace("a", std::move(tx));
        receiver_.emplace(std::move(rx));
    }

    /// Makes the call that these words begin with. The same words, with the answer that it really gave.
    std::string play(const std::vector<std::string>& words) {
        const std::string& call = words.at(0);
        if (call == "send") {
            const auto answer = senders_.at(words.at(1)).send(Message(value(words.at(2))));
            if (!answer && answer.error().value.id() != value(words.at(2))) return "another value was given back";
            return call + " " + words.at(1) + " " + words.at(2) + (answer ? " sent" : " given_back");
        }
        if (call == "clone") {
            senders_.emplace(words.at(2), senders_.at(words.at(1)).clone());
            return call + " " + words.at(1) + " " + words.at(2);
        }
        if (call == "drop") {
            senders_.erase(words.at(1));
            return call + " " + words.at(1);
        }
        if (call == "recv") return call + " " + answered(receiver_->recv());
        if (call == "try_recv") return call + " " + answered(receiver_->try_recv());
        if (call == "recv_timed") return call + " " + answered(receiver_->recv_for(std::chrono::seconds(0)));
        if (call == "recv_unwound") {
            try {
                return call + " " + answered(receiver_->recv_until(Broken::time_point()));
            } catch (const Broken&) {
                return call;
            }
        }
        if (call == "is_disconnected") {
            const bool is =
                words.at(1) == "rx" ? receiver_->is_disconnected() : senders_.at(words.at(1)).is_disconnected();
            return call + " " + words.at(1) + (is ? " disconnected" : " connected");
        }
        if (call == "close") return receiver_->close(), call;
        if (call == "drop_receiver") {
            receiver_.reset();
            std::string answer = call;
            for (const unsigned id : std::exchange(traces::Log::here().destroyed, {}))
                answer += " " + recorded::in_words(id);
            return answer;
        }
        return "there is no such call";
    }

  private:
    template <class Error>
    static std::string answered(const std::expected<Message, Error>& answer) {
        return answer ? recorded::in_words(answer->id()) : harness::in_words(answer.error());
    }

    std::map<std::string, ferry::Sender<Message, Platform>> senders_;
    std::optional<ferry::Receiver<Message, Platform>> receiver_;
};

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

/// Replays one path. The number of calls that agreed; exits at the first that does not.
template <class Platform>
std::size_t replay(const std::string& path) {
    const std::vector<std::string> calls = split(path, ';');
    std::deque<traces::Log> logs;
    traces::Log::of_this_thread = &logs.emplace_back("the replay");
    {
        Stage<Platform> stage;
        for (const std::string& call : calls) {
            const std::string answered = stage.play(split(call, ' '));
            if (answered == call) continue;
            std::cout << "the spec says `" << call << "`, the channel `" << answered << "`, on the path " << path
                      << '\n';
            std::exit(EXIT_FAILURE);
        }
    }
    if (const std::string wrong = traces::what_is_wrong(logs); !wrong.empty()) {
        std::cout << wrong << ", on the path " << path << '\n';
        std::exit(EXIT_FAILURE);
    }
    if (announced::Account::live != 0 || !announced::Quarantine::is_unspoiled()) {
        std::cout << "memory was left behind, or used after it was given back, on the path " << path << '\n';
        std::exit(EXIT_FAILURE);
    }
    return calls.size();
}

}  // namespace

int main(int, char** argv) {
    std::ifstream file(argv[1]);
    std::size_t paths = 0, calls = 0;
    for (std::string path; std::getline(file, path); ++paths) {
        // A block for every value, blocks of two, and as it is shipped.
        calls += replay<announced::Platform<1>>(path);
        calls += replay<announced::Platform<2>>(path);
        calls += replay<ferry::StandardPlatform>(path);
    }
    std::cout << calls << " calls agreed\n";
    return paths != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
