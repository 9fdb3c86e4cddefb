#include "federated/secure_sum.hpp"

#include <doctest/doctest.h>

#include <ctime>

using namespace salus;
using namespace salus::federated;

namespace {

/// A round in one process: everybody meets, those of `gone` drop out after sharing.
struct Round {
    SumShape shape;
    std::vector<SumClient> clients;
    SumServer server;

    static Round prepare(Env& env, const SumShape& shape) {
        Round out{shape, {}, *SumServer::create(shape)};
        for (unsigned i = 1; i <= shape.clients; ++i) {
            out.clients.push_back(*SumClient::create(env, static_cast<ClientIndex>(i), shape));
            REQUIRE(
                out.server.register_key(out.clients.back().index(), out.clients.back().public_key())
                    .ok());
        }
        std::vector<std::map<ClientIndex, Bytes>> sealed;
        for (SumClient& from : out.clients) sealed.push_back(*from.meet(env, out.server.keys()));
        for (std::size_t from = 0; from < sealed.size(); ++from) {
            for (const auto& [to, share] : sealed[from]) {
                REQUIRE(out.clients[to - 1U].take(out.clients[from].index(), share).ok());
            }
        }
        return out;
    }

    Result<std::vector<std::uint64_t>> run(const std::set<ClientIndex>& gone) {
        for (SumClient& client : clients) {
            if (gone.contains(client.index())) continue;
            std::vector<std::uint64_t> values(shape.length, client.index());
            SALUS_TRY(server.add(client.index(), SALUS_TRY(client.masked(values))));
        }
        std::map<ClientIndex, Revealed> revealed;
        for (SumClient& client : clients) {
            if (gone.contains(client.index())) continue;
            revealed[client.index()] = SALUS_TRY(client.reveal(server.present()));
        }
        return server.total(revealed);
    }
};

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

TEST_CASE(
    "a secure sum is exact, with everybody there or with as many gone as the threshold lets") {
    Env& env = machine_env();
    const SumShape shape{.clients = 7, .threshold = 5, .length = 3, .round = 4};
    const auto all = Round::prepare(env, shape).run({});
    REQUIRE(all.ok());
    CHECK(*all == std::vector<std::uint64_t>(3, 28));
    const auto some = Round::prepare(env, shape).run({1, 6});
    REQUIRE(some.ok());
    CHECK(*some == std::vector<std::uint64_t>(3, 21));
    CHECK(Round::prepare(env, shape).run({1, 3, 6}).error().code == Errc::denied);
}

TEST_CASE("what the server receives of one client says nothing by itself") {
    const SumShape shape{.clients = 3, .threshold = 2, .length = 64, .round = 1};
    Round round = Round::prepare(machine_env(), shape);
    const std::vector<std::uint64_t> values(64, 1);
    const auto masked = round.clients[0].masked(values);
    REQUIRE(masked.ok());
    for (const std::uint64_t one : *masked) CHECK(one > 1'000'000);
}

TEST_CASE("a client gives its part once and reveals once, and never to fewer than the threshold") {
    const SumShape shape{.clients = 3, .threshold = 2, .length = 1, .round = 1};
    Round round = Round::prepare(machine_env(), shape);
    SumClient& client = round.clients[0];
    const std::vector<std::uint64_t> value{5};
    CHECK(client.masked(std::vector<std::uint64_t>{5, 5}).error().code == Errc::malformed);
    CHECK(client.masked(value).ok());
    CHECK(client.masked(value).error().code == Errc::denied);
    CHECK(client.reveal({1}).error().code == Errc::denied);
    CHECK(client.reveal({1, 2}).ok());
    CHECK(client.reveal({1, 3}).error().code == Errc::denied);
}

TEST_CASE("the server refuses strangers, second parts and parts of another length") {
    const SumShape shape{.clients = 3, .threshold = 2, .length = 2, .round = 1};
    Round round = Round::prepare(machine_env(), shape);
    const std::vector<std::uint64_t> part{1, 2};
    CHECK(round.server.add(9, part).error().code == Errc::denied);
    CHECK(round.server.add(1, std::vector<std::uint64_t>{1}).error().code == Errc::malformed);
    CHECK(round.server.add(1, part).ok());
    CHECK(round.server.add(1, part).error().code == Errc::already_exists);
    CHECK(round.server.register_key(1, round.clients[0].public_key()).error().code ==
          Errc::already_exists);
    CHECK(round.server.register_key(4, round.clients[0].public_key()).error().code ==
          Errc::out_of_range);
}

TEST_CASE("a share that was changed on its way is refused") {
    Env& env = machine_env();
    const SumShape shape{.clients = 3, .threshold = 2, .length = 1, .round = 1};
    Round round = Round::prepare(env, shape);
    auto sealed = round.clients[0].meet(env, round.server.keys());
    REQUIRE(sealed.ok());
    Bytes share = sealed->at(2);
    share[7] ^= 1;
    CHECK_FALSE(round.clients[1].take(1, share).ok());
    CHECK(round.clients[1].take(1, sealed->at(2)).ok());
    CHECK_FALSE(round.clients[2].take(1, sealed->at(2)).ok());
    CHECK(round.clients[2].take(9, share).error().code == Errc::denied);
}

TEST_CASE("shapes are refused one step outside their limits") {
    const auto code = [](const SumShape& shape) {
        const Status status = check_shape(shape);
        return status.ok() ? Errc{} : status.error().code;
    };
    CHECK(code({.clients = 2, .threshold = 2, .length = 1}) == Errc::out_of_range);
    CHECK(code({.clients = 3, .threshold = 2, .length = 1}) == Errc{});
    CHECK(code({.clients = 4, .threshold = 2, .length = 1}) == Errc::out_of_range);
    CHECK(code({.clients = 4, .threshold = 5, .length = 1}) == Errc::out_of_range);
    CHECK(code({.clients = 255, .threshold = 255, .length = sum_length_max}) == Errc{});
    CHECK(code({.clients = 3, .threshold = 2, .length = 0}) == Errc::out_of_range);
    CHECK(code({.clients = 3, .threshold = 2, .length = sum_length_max + 1}) == Errc::out_of_range);
}

TEST_CASE("128 clients with a tenth of them gone make a round in seconds") {
    const double start = cpu_seconds();
    const SumShape shape{.clients = 128, .threshold = 86, .length = 200, .round = 1};
    std::set<ClientIndex> gone;
    for (unsigned i = 1; i <= 13; ++i) gone.insert(static_cast<ClientIndex>(i * 9));
    const auto sum = Round::prepare(machine_env(), shape).run(gone);
    REQUIRE(sum.ok());
    std::uint64_t expected = 0;
    for (unsigned i = 1; i <= 128; ++i) {
        expected += gone.contains(static_cast<ClientIndex>(i)) ? 0 : i;
    }
    CHECK(sum->front() == expected);
    const double spent = cpu_seconds() - start;
    MESSAGE("CPU seconds of all clients and the server together: ", spent);
    CHECK(spent < 30);
}
