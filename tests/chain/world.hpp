#pragma once

#include "base/cbor.hpp"
#include "base/sim_env.hpp"
#include "chain/node.hpp"
#include "chain/toy_executor.hpp"
#include "crypto/hash.hpp"
#include "ledger/transaction_sign.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// People and worlds that the tests of the chain share.
namespace salus::chain::test {

inline constexpr std::string_view chain_id = "salus-test";
inline constexpr std::int64_t start_ms = 1'767'225'600'000;

inline Bytes cbor_uint(std::uint64_t value) {
    cbor::Writer writer;
    writer.uint(value);
    return writer.take();
}

inline ledger::Operation toy(std::string method, std::uint64_t argument) {
    return {
        .contract = "toy", .method = std::move(method), .args = cbor_uint(argument), .payload = {}};
}

/// An account with its key; draws nonces from a counter.
struct Person {
    explicit Person(std::uint8_t number) {
        account.bytes.fill(number);
        std::fill(key.reveal_mutable().begin(), key.reveal_mutable().end(),
                  static_cast<std::uint8_t>(number + 100));
    }
    ledger::TransactionBody body(std::vector<ledger::Operation> operations) {
        ledger::TransactionBody out{.chain_id = std::string(chain_id),
                                    .account = account,
                                    .nonce = {},
                                    .valid_until = UnixMillis{start_ms + 60'000},
                                    .operations = std::move(operations),
                                    .all_or_nothing = false};
        ++count;
        for (std::size_t i = 0; i < 8; ++i) {
            out.nonce.bytes[i] = static_cast<std::uint8_t>(count >> (8 * i));
        }
        return out;
    }
    Bytes sign(const ledger::TransactionBody& body_to_sign) const {
        return ledger::sign_transaction(body_to_sign, key).value();
    }
    ledger::Operation enrolment() const {
        cbor::Writer writer;
        writer.map(4)
            .uint(1)
            .text("patient")
            .uint(2)
            .bytes(crypto::public_key(key).view())
            .uint(3)
            .bytes(crypto::public_key(key).view())
            .uint(4)
            .null();
        return {.contract = "registry", .method = "enrol", .args = writer.take(), .payload = {}};
    }
    Bytes enrol() { return sign(body({enrolment()})); }
    Bytes set(std::uint64_t value) { return sign(body({toy("set", value)})); }

    AccountId account;
    crypto::SigningKey key;
    std::uint64_t count = 0;
};

inline std::vector<GenesisContract> toy_contracts() {
    return {{.name = "registry", .module = to_bytes("registry code")},
            {.name = "consent", .module = to_bytes("consent code")},
            {.name = "toy", .module = to_bytes("toy code")}};
}

inline ledger::GenesisEntry toy_genesis() {
    ledger::GenesisEntry entry;
    ledger::Genesis genesis;
    genesis.chain_id = chain_id;
    genesis.time = UnixMillis{start_ms};
    ledger::Member member;
    member.organisation.bytes.fill(1);
    member.name = "Test hospital";
    member.signing_key.bytes.fill(2);
    member.node_account.bytes.fill(3);
    genesis.config.members = {member};
    for (const GenesisContract& contract : toy_contracts()) {
        genesis.config.contracts.push_back(
            {.contract = contract.name, .code_hash = crypto::sha256(contract.module)});
        entry.codes.push_back(contract.module);
    }
    entry.genesis = ledger::encode_genesis(genesis).value();
    return entry;
}

/// A state machine over memory, without engine or disk.
struct Machine {
    Machine() {
        log = std::make_unique<ledger::LogTree>(
            ledger::LogTree::open(ledger::memory_node_store()).value());
        machine = StateMachine::open(toy_genesis(),
                                     {.kv = kv.get(), .log = log.get(), .executor = &executor})
                      .value();
    }
    FinalizedBlock finalize(const std::vector<Bytes>& envelopes, std::int64_t at_ms = 0) {
        std::vector<PreparedTransaction> prepared;
        for (const Bytes& envelope : envelopes) {
            prepared.push_back(machine->prepare(envelope));
        }
        auto block = machine->finalize_block(
            {.height = BlockHeight{machine->info().height.value + 1},
             .time = UnixMillis{std::max(start_ms + at_ms, machine->info().time.value)},
             .proposer = {}},
            prepared);
        return std::move(block).value();
    }
    FinalizedBlock run(const std::vector<Bytes>& envelopes, std::int64_t at_ms = 0) {
        FinalizedBlock block = finalize(envelopes, at_ms);
        if (block.has_block) {
            SALUS_ASSERT(machine->commit().ok());
        }
        return block;
    }
    std::uint32_t code_of(const Bytes& envelope, std::int64_t at_ms = 0) {
        return run({envelope}, at_ms).verdicts.at(0).code;
    }
    Bytes get(std::uint64_t value) {
        return machine->query("toy", "get", cbor_uint(value)).value().data;
    }

    std::unique_ptr<store::Kv> kv = store::memory_kv();
    std::unique_ptr<ledger::LogTree> log;
    ToyExecutor executor;
    std::unique_ptr<StateMachine> machine;
};

inline const Bytes absent = {0xF6};

}  // namespace salus::chain::test
