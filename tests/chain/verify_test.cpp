#include "chain/verify.hpp"

#include "chain/node.hpp"
#include "chain/world.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace {

NodeConfig config() {
    NodeConfig out;
    out.data_dir = "/data";
    out.contracts = toy_contracts();
    out.chain_id = chain_id;
    out.in_memory_view = true;
    out.segment_bytes = 1U << 16U;
    return out;
}

/// A chain of some blocks, one of them with a payload, as a stopped node leaves it.
void make_chain(SimEnv& env) {
    Person ada(1);
    const auto node = Node::open(env, config(), toy_executor()).value();
    SALUS_ASSERT(node->submit_and_wait(ada.enrol()).value().code == 0);
    for (std::uint64_t i = 0; i < 5; ++i) {
        SALUS_ASSERT(node->submit_and_wait(ada.set(i)).value().code == 0);
    }
    ledger::Operation stored = toy("set", 9);
    stored.payload = ledger::DetachedPayload{.digest = {}, .size_bytes = 77};
    SALUS_ASSERT(node->submit_and_wait(ada.sign(ada.body({stored}))).value().code == 0);
    SALUS_ASSERT(node->close().ok());
}

ledger::LedgerReport verify(SimEnv& env, const VerifyDataOptions& options = {}) {
    ToyExecutor executor;
    return verify_data_dir(env, "/data", executor, options).value();
}

/// Contracts that compute something else than those that made the chain.
class OtherExecutor final : public ContractExecutor {
  public:
    ExecResult execute(const ContractCall& call, Overlay& state) override {
        ExecResult result = toy_.execute(call, state);
        if (call.method == "set") {
            state.put(as_bytes("c/toy/extra"), call.args);
        }
        return result;
    }
    ExecResult query(const ContractCall& call, Overlay& state) override {
        return toy_.query(call, state);
    }
    ExecResult initialise(const ContractCall& call, Overlay& state) override {
        return toy_.initialise(call, state);
    }

  private:
    ToyExecutor toy_;
};

}  // namespace

TEST_CASE("a chain that nobody touched verifies, and the answer has the documented fields") {
    SimEnv env(1);
    make_chain(env);
    const ledger::LedgerReport report = verify(env);
    CHECK(report.ok());
    CHECK(json::write(report_json(report)) ==
          R"({"ok":true,"height":7,"transactions":7,"torn_tail":null,"first_bad":null})");
}

TEST_CASE("verifying opens nothing for writing") {
    SimEnv env(1);
    make_chain(env);
    env.fill_disk_after(0);
    CHECK(verify(env).ok());
}

TEST_CASE("code that computes another state is found at its first block") {
    SimEnv env(1);
    make_chain(env);
    OtherExecutor executor;
    const auto report = verify_data_dir(env, "/data", executor).value();
    REQUIRE(report.first_bad.has_value());
    CHECK(report.first_bad->what.find("state root") != std::string::npos);
    CHECK(report.first_bad->height == BlockHeight{2});
}

TEST_CASE("any flipped bit of the ledger is found, with its file") {
    SimEnv env(1);
    make_chain(env);
    std::uint64_t used = 0;
    const std::string file = "/data/ledger/seg-00000000.log";
    const Bytes bytes = read_file(env, file, 1U << 20U).value();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        used = bytes[i] != 0 ? i + 1 : used;
    }
    for (std::uint64_t at = 0; at < used; at += 37) {
        CAPTURE(at);
        REQUIRE(env.flip_bit(file, at, at % 8).ok());
        const auto report = verify(env);
        REQUIRE(report.first_bad.has_value());
        CHECK_FALSE(report.first_bad->what.empty());
        REQUIRE(env.flip_bit(file, at, at % 8).ok());
    }
    CHECK(verify(env).ok());
}

TEST_CASE("a changed body in the vault is the chain's business too") {
    SimEnv env(1);
    make_chain(env);
    std::uint64_t asked = 0;
    CHECK(verify(env, {.signature_threads = 1,
                       .payload = [&](const ledger::DetachedPayload& payload) -> Status {
                           asked += payload.size_bytes;
                           return done;
                       },
                       .at_end = {}})
              .ok());
    CHECK(asked == 77);
    const auto report =
        verify(env, {.signature_threads = 1,
                     .payload = [](const ledger::DetachedPayload&) -> Status {
                         return Error{Errc::integrity, "the vault holds another body"};
                     },
                     .at_end = {}});
    REQUIRE(report.first_bad.has_value());
    CHECK(report.first_bad->what.find("another body") != std::string::npos);
    CHECK(report.first_bad->height == BlockHeight{7});
}

TEST_CASE("what a caller checks at the end sees the state of the whole log") {
    SimEnv env(1);
    make_chain(env);
    const auto report = verify(
        env,
        {.signature_threads = 1, .payload = {}, .at_end = [](StateMachine& machine) -> Status {
             SALUS_ASSERT(machine.query("toy", "get", cbor_uint(9)).value().data == cbor_uint(9));
             return Error{Errc::integrity, "a receipt is missing"};
         }});
    REQUIRE(report.first_bad.has_value());
    CHECK(report.first_bad->what == "a receipt is missing");
}

TEST_CASE("a directory without a ledger is no report") {
    SimEnv env(1);
    ToyExecutor executor;
    CHECK(verify_data_dir(env, "/nowhere", executor).error().code == Errc::not_found);
}

TEST_CASE("signatures are checked on several threads with one answer") {
    std::vector<ledger::SignatureCheck> checks;
    const Person ada(1);
    for (std::uint64_t i = 0; i < 50; ++i) {
        const Bytes message = cbor_uint(i);
        checks.push_back({.key = crypto::public_key(ada.key),
                          .message = message,
                          .signature = crypto::sign(ada.key, message)});
    }
    for (const unsigned threads : {0U, 1U, 2U, 7U}) {
        CHECK(check_signatures_parallel(checks, threads).ok());
        CHECK(check_signatures_parallel({}, threads).ok());
        checks[41].message[0] ^= 1U;
        CHECK(check_signatures_parallel(checks, threads).error().code == Errc::authentication);
        checks[41].message[0] ^= 1U;
    }
}
