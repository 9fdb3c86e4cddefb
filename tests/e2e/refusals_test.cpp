// A live node and transactions that must not get into its log.
#include "client/api.hpp"
#include "ledger/transaction_sign.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

extern char** environ;

using namespace salus;
using namespace salus::client;

namespace {

/// A salusd in a directory of its own, gone when the test ends.
class NodeProcess {
  public:
    NodeProcess() {
        Env& env = machine_env();
        directory_ = std::filesystem::temp_directory_path() /
                     ("salus-e2e-" + to_hex(random_bytes<ObjectId>(env).view()));
        std::filesystem::create_directories(directory_);
        const std::string config = directory_ / "config.json";
        std::ofstream(config) << "{\"data_dir\": \"" << (directory_ / "data").string()
                              << "\", \"listen\": \"127.0.0.1:0\"}";
        const char* const bin = std::getenv("SALUS_BIN");
        const std::string program =
            std::string(bin == nullptr ? SALUS_BINARY_DIR "/bin" : bin) + "/salusd";
        std::array<int, 2> pipe_ends{};
        REQUIRE(pipe(pipe_ends.data()) == 0);
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
        posix_spawn_file_actions_addopen(&actions, 2, (directory_ / "log").c_str(),
                                         O_CREAT | O_WRONLY, 0600);
        posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
        std::string flag = "--config";
        std::string path = config;
        std::string name = program;
        std::array<char*, 4> arguments{name.data(), flag.data(), path.data(), nullptr};
        REQUIRE(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ) ==
                0);
        posix_spawn_file_actions_destroy(&actions);
        close(pipe_ends[1]);
        read_url(pipe_ends[0]);
    }
    ~NodeProcess() {
        kill(pid_, SIGTERM);
        int status = 0;
        waitpid(pid_, &status, 0);
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    NodeProcess(const NodeProcess&) = delete;
    NodeProcess& operator=(const NodeProcess&) = delete;
    [[nodiscard]] Api api() const { return Api(HttpClient(Address::parse(url_).value())); }

  private:
    void read_url(int from) {
        FILE* const file = fdopen(from, "r");
        std::array<char, 256> line{};
        while (std::fgets(line.data(), static_cast<int>(line.size()), file) != nullptr) {
            const std::string text = line.data();
            if (text.rfind("ready ", 0) != 0) continue;
            url_ = text.substr(6, text.find('\n') - 6);
            break;
        }
        std::fclose(file);
        REQUIRE_FALSE(url_.empty());
    }
    std::filesystem::path directory_;
    std::string url_;
    pid_t pid_ = 0;
};

struct World {
    World()
        : api(node.api()),
          keys(AccountKeys::derive(crypto::random_key<crypto::AccountMasterKey>(env),
                                   ObjectId{{1}})) {
        const NodeStatus status = api.status().value();
        occasion = {status.chain_id, status.time};
        const auto enrolled =
            api.submit(sign(env, keys, occasion,
                            {operation::enrol("patient", keys.signing_public, keys.kem.public_half,
                                              std::nullopt)})
                           .value());
        REQUIRE(enrolled.ok());
        CHECK(enrolled->code == 0);
    }
    ledger::TransactionBody body() {
        return make_body(env, keys.account, occasion,
                         {operation::collection_put(random_bytes<ObjectId>(env),
                                                    category_label(keys.labels, "notes"), 0,
                                                    keys.kem.public_half)});
    }
    Result<TxReceipt> submit(const ledger::TransactionBody& what) {
        return api.submit(ledger::sign_transaction(what, keys.signing).value());
    }
    std::uint64_t transactions() { return api.status().value().transactions; }

    Env& env = machine_env();
    NodeProcess node;
    Api api;
    AccountKeys keys;
    Occasion occasion;
};

}  // namespace

TEST_CASE(
    "a live node keeps out what is replayed, late, for another chain or signed by nobody it "
    "knows") {
    World w;
    const ledger::TransactionBody good = w.body();
    const auto first = w.submit(good);
    REQUIRE(first.ok());
    const std::uint64_t before = w.transactions();

    SUBCASE("the same transaction again: its first place is the answer") {
        const auto again = w.submit(good);
        REQUIRE(again.ok());
        CHECK(again->position == first->position);
        CHECK(again->height == first->height);
    }
    SUBCASE("another transaction with a nonce that was used") {
        ledger::TransactionBody again = w.body();
        again.nonce = good.nonce;
        CHECK(w.submit(again).error().code == Errc::already_exists);
    }
    SUBCASE("one whose time is over") {
        ledger::TransactionBody late = w.body();
        late.valid_until = UnixMillis{w.occasion.node_time.value - 60'000};
        CHECK(w.submit(late).error().code == Errc::out_of_range);
    }
    SUBCASE("one that wants to live longer than it may") {
        ledger::TransactionBody early = w.body();
        early.valid_until.value += 3'600'000;
        CHECK(w.submit(early).error().code == Errc::out_of_range);
    }
    SUBCASE("one for another chain") {
        ledger::TransactionBody foreign = w.body();
        foreign.chain_id = "salus-elsewhere";
        CHECK(w.submit(foreign).error().code == Errc::malformed);
    }
    SUBCASE("one in another account's name") {
        ledger::TransactionBody stolen = w.body();
        stolen.account.bytes[0] ^= 1;
        CHECK_FALSE(w.submit(stolen).ok());
    }
    SUBCASE("one whose signature was changed") {
        Bytes bytes = ledger::sign_transaction(w.body(), w.keys.signing).value();
        bytes.back() ^= 1;
        CHECK_FALSE(w.api.submit(bytes).ok());
    }
    SUBCASE("bytes that are no transaction") {
        CHECK(w.api.submit(Bytes{1, 2, 3}).error().code == Errc::malformed);
        CHECK_FALSE(w.api.submit(Bytes{}).ok());
        CHECK_FALSE(w.api.submit(Bytes(ledger::transaction_bytes_max + 1)).ok());
    }
    CHECK(w.transactions() == before);
    CHECK(w.submit(w.body()).ok());
}

TEST_CASE("a contract's refusal is in the log with its code") {
    World w;
    const auto id = random_bytes<ObjectId>(w.env);
    const auto twice = [&] {
        return make_body(w.env, w.keys.account, w.occasion,
                         {operation::collection_put(id, category_label(w.keys.labels, "notes"), 0,
                                                    w.keys.kem.public_half)});
    };
    CHECK(w.submit(twice()).value().code == 0);
    const auto refused = w.submit(twice());
    REQUIRE(refused.ok());
    CHECK(refused->code == 103);
    CHECK(check_done(*refused).error().code == Errc::denied);
}
