// Values of any type that S25 admits: nothrow-movable and nothrow-destructible, and nothing else is asked of it.
#include <any>
#include <functional>
#include <future>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "harness/test.hpp"

using harness::check;
using harness::same;
using harness::says;
using namespace std::chrono_literals;

// ---- types that need not be complete where a handle is a member

namespace {

struct Declared;
static_assert(std::movable<ferry::Sender<Declared>> && std::movable<ferry::Receiver<Declared>>);

/// As in a header that only declares the value's type.
class Owner {
  public:
    explicit Owner(std::pair<ferry::Sender<Declared>, ferry::Receiver<Declared>> channel);
    Owner(Owner&&) noexcept;
    ~Owner();
    int pass_on(int number);

  private:
    ferry::Sender<Declared> tx_;
    std::optional<ferry::Receiver<Declared>> rx_;
};

struct Link {
    int number;
    ferry::Receiver<Link> next;
};

struct Request {
    int number;
    std::vector<ferry::Sender<Request>> answers;
};

}  // namespace

TEST(S25_a_value_may_hold_a_receiver_of_its_own_type) {
    auto [tx, rx] = ferry::channel<Link>();
    ferry::Receiver<Link> first = std::move(rx);
    for (int i = 0; i != 100; ++i) {
        auto [next_tx, next_rx] = ferry::channel<Link>();
        check(tx.send(Link{i, std::move(next_rx)}).has_value(), "the send succeeds");
        tx = std::move(next_tx);
    }
    for (int i = 0; i != 50; ++i) {
        auto link = first.recv();
        check(link.has_value() && link->number == i, "the link is the next one");
        first = std::move(link->next);
    }
}

TEST(S25_a_value_may_hold_senders_of_its_own_type) {
    auto [tx, rx] = ferry::channel<Request>();
    Request request{7, {}};
    request.answers.push_back(tx.clone());
    check(tx.send(std::move(request)).has_value(), "the send succeeds");
    const auto received = rx.recv();
    check(received.value().answers.front().send(Request{8, {}}).has_value(), "the answer is sent");
    same("8", std::to_string(rx.recv().value().number));
}

// ---- types that would like to take part in what the channel does

namespace {

/// How many there are.
struct Counted {
    static inline int living = 0;
    Counted() { ++living; }
    Counted(Counted&&) noexcept { ++living; }
    ~Counted() { --living; }
};
struct AddressOfItsOwn : Counted {
    int* operator&() { return nullptr; }  // and to destroy an int is to do nothing
};
struct NoAddress : Counted {
    void operator&() const = delete;
};
struct OwnNew : Counted {
    static void* operator new(std::size_t) = delete;
    static void* operator new(std::size_t, void*) = delete;
    static void operator delete(void*) = delete;
};
struct ExplicitMove : Counted {
    ExplicitMove() = default;
    explicit ExplicitMove(ExplicitMove&& other) noexcept : Counted(std::move(other)) {}
};
struct NotAssignable : Counted {
    NotAssignable() = default;
    NotAssignable(NotAssignable&&) noexcept = default;
    NotAssignable& operator=(NotAssignable&&) = delete;
};
struct FromAnything : Counted {
    FromAnything() = default;
    FromAnything(FromAnything&&) noexcept = default;
    FromAnything(auto&&) noexcept {}
};
struct FromAndToAnything {
    FromAndToAnything() = default;
    FromAndToAnything(const FromAndToAnything&) noexcept {}
    template <class U>
    FromAndToAnything(U&&) noexcept {}
    template <class U>
    operator U() const {
        return U();
    }
};
struct FromManyOfIts : Counted {
    FromManyOfIts() = default;
    FromManyOfIts(FromManyOfIts&&) noexcept = default;
    FromManyOfIts(std::initializer_list<FromManyOfIts>) { check(false, "a value is not one of many"); }
};
struct Final final : Counted {};
struct alignas(4096) OverAligned : Counted {};
struct Huge {
    char bytes[1 << 15];
};
struct Empty {};
struct Aggregate {
    int number;
    std::string text;
    std::unique_ptr<int> pointer;
};
struct OfConstants {
    const int number;
    const int& other;
};

/// The operators and functions of a namespace that are for everything.
namespace greedy {
struct Value : Counted {};
struct Trivial {};
template <class A>
void operator&(A&&) = delete;
template <class A>
void operator!(A&&) = delete;
template <class A, class B>
void operator&&(A&&, B&&) = delete;
template <class A, class B>
void operator,(A&&, B&&) = delete;
void move(auto&&) = delete;
void swap(auto&, auto&) = delete;
void exchange(auto&&...) = delete;
void addressof(auto&&) = delete;
void construct_at(auto&&...) = delete;
void destroy_at(auto&&) = delete;
void channel(auto&&...) = delete;
}  // namespace greedy

/// Sends, receives in every way, is refused, and is destroyed in the channel.
template <class T, class Make>
void goes_through(Make make) {
    const int before = Counted::living;
    {
        auto [tx, rx] = ferry::channel<T>();
        for (int i = 0; i != 100; ++i) check(tx.send(make()).has_value(), "the send succeeds");
        check(rx.recv().has_value(), "recv finds a value");
        check(rx.try_recv().has_value(), "try_recv finds a value");
        check(rx.recv_for(0s).has_value(), "recv_for finds a value");
        check(rx.recv_until(std::chrono::system_clock::now()).has_value(), "recv_until finds a value");
        auto it = rx.begin();
        for (int i = 0; i != 3; ++i, ++it) {
            [[maybe_unused]] const T value(*it);
            check(it != rx.end(), "an iteration finds a value");
        }
        auto moved = std::move(it);
        it = std::move(moved);
        check(it != rx.end(), "an iterator is moved with its value");
        rx.close();
        auto refused = tx.send(make());
        check(!refused.has_value(), "a send is refused");
        [[maybe_unused]] const T back(std::move(refused.error().value));
        for (int i = 0; i != 10; ++i) check(rx.try_iter().begin() != std::default_sentinel, "a value is left");
        ferry::Receiver<T> over = std::move(ferry::channel<T>().second);
        check(!over.recv().has_value() && !over.try_recv().has_value() && !over.recv_for(0s).has_value(),
              "it has ended");
    }
    check(Counted::living == before, "each value was destroyed once");
}

template <class T>
void goes_through() {
    goes_through<T>([] { return T(); });
}

}  // namespace

TEST(S25_S3_types_with_an_address_operator_or_an_operator_new_of_their_own) {
    goes_through<AddressOfItsOwn>();
    goes_through<NoAddress>();
    goes_through<OwnNew>();
}

TEST(S25_S3_types_that_are_movable_and_nothing_else) {
    goes_through<ExplicitMove>();
    goes_through<NotAssignable>();
    goes_through<std::unique_ptr<int>>();
    goes_through<std::packaged_task<void()>>();
}

TEST(S25_S3_types_that_convert_from_anything) {
    goes_through<std::any>([] { return std::any(1); });
    goes_through<std::vector<std::any>>([] { return std::vector<std::any>{1, 2}; });
    goes_through<std::function<void(std::any)>>();
    goes_through<FromAnything>();
    goes_through<FromAndToAnything>();
    goes_through<FromManyOfIts>();
}

TEST(S25_a_value_that_could_be_taken_for_a_list_of_values_stays_one) {
    using Any = std::vector<std::any>;
    auto [tx, rx] = ferry::channel<Any>();
    check(tx.send(Any{1, 2, 3}).has_value() && tx.send(Any{4, 5}).has_value() && tx.send(Any{6}).has_value(), "sent");
    check(rx.recv().value().size() == 3 && rx.try_recv().value().size() == 2, "received as they were");
    for (const Any& value : rx.try_iter()) check(value.size() == 1, "also by an iteration");
    ferry::drop(std::move(rx));
    check(tx.send(Any{1, 2, 3}).error().value.size() == 3, "given back as it was");
}

TEST(S25_S3_types_of_every_shape) {
    static const int other = 1;
    goes_through<Final>();
    goes_through<OverAligned>();
    goes_through<Huge>();
    goes_through<Empty>();
    goes_through<Aggregate>();
    goes_through<OfConstants>([] { return OfConstants{1, other}; });
    goes_through<bool>();
    goes_through<std::nullptr_t>();
    goes_through<int (*)()>([] { return static_cast<int (*)()>(nullptr); });
    goes_through<int Aggregate::*>([] { return &Aggregate::number; });
    goes_through<std::reference_wrapper<const int>>([] { return std::cref(other); });
    goes_through<std::variant<std::any, int>>();
}

TEST(S25_S3_types_that_the_channel_uses_itself) {
    goes_through<std::optional<int>>();
    goes_through<std::optional<std::optional<std::any>>>();
    goes_through<std::expected<int, ferry::RecvError>>();
    goes_through<std::expected<std::string, ferry::TryRecvError>>();
    goes_through<std::expected<void, ferry::SendError<int>>>();
    goes_through<ferry::TryRecvError>();
    goes_through<ferry::SendError<std::any>>([] { return ferry::SendError<std::any>(std::any(1)); });
    goes_through<ferry::Sender<std::any>>([] { return std::move(ferry::channel<std::any>().first); });
    goes_through<ferry::Receiver<int>>([] { return std::move(ferry::channel<int>().second); });
}

TEST(S25_S3_types_whose_namespace_has_operators_and_functions_for_everything) {
    goes_through<greedy::Value>();
    goes_through<greedy::Trivial>();
}

// ---- and the type that was only declared

namespace {

struct Declared {
    int number;
    std::string text;
};

Owner::Owner(std::pair<ferry::Sender<Declared>, ferry::Receiver<Declared>> channel)
    : tx_(std::move(channel.first)), rx_(std::move(channel.second)) {}
Owner::Owner(Owner&&) noexcept = default;
Owner::~Owner() = default;
int Owner::pass_on(int number) {
    check(tx_.send(Declared{number, "a text that takes room somewhere else"}).has_value(), "the send succeeds");
    return rx_->recv().value().number;
}

}  // namespace

TEST(S25_a_handle_may_be_a_member_where_the_values_type_is_only_declared) {
    Owner owner(ferry::channel<Declared>());
    Owner moved(std::move(owner));
    check(moved.pass_on(7) == 7, "a value goes through");
}
