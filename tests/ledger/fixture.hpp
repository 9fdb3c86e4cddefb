#pragma once

#include "base/cbor.hpp"
#include "base/json.hpp"
#include "base/sim_env.hpp"
#include "crypto/hash.hpp"
#include "crypto/sign.hpp"
#include "ledger/block.hpp"
#include "ledger/block_store.hpp"
#include "ledger/checkpoint_sign.hpp"
#include "ledger/genesis.hpp"
#include "ledger/log_tree.hpp"
#include "ledger/transaction_sign.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

/// A small consortium and a chain of blocks that execute nothing, for the tests of this module.
namespace salus::ledger::test {

template <class T>
T must(Result<T> result) {
    if (!result.ok()) MESSAGE(result.error().detail);
    REQUIRE(result.ok());
    return std::move(*result);
}
inline void must(const Status& status) {
    if (!status.ok()) MESSAGE(status.error().detail);
    REQUIRE(status.ok());
}
template <class T>
Errc code_of(const Result<T>& result) {
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}

template <class Fixed>
Fixed filled(std::uint8_t byte) {
    Fixed out;
    out.bytes.fill(byte);
    return out;
}

inline crypto::SigningKey key_of(std::uint8_t byte) {
    crypto::SigningKey key;
    std::fill(key.reveal_mutable().begin(), key.reveal_mutable().end(), byte);
    return key;
}

inline Bytes args_of(std::uint64_t value) {
    cbor::Writer out;
    out.map(1).uint(1).uint(value);
    return out.take();
}

inline TransactionBody body_of(std::uint8_t nonce, std::size_t operations = 1) {
    TransactionBody body;
    body.chain_id = "test";
    body.account = filled<AccountId>(0xA0);
    body.nonce = filled<Nonce>(nonce);
    body.valid_until = UnixMillis{1'767'225'660'000};
    for (std::size_t i = 0; i < operations; ++i) {
        body.operations.push_back({"record", "put", args_of(i), std::nullopt});
    }
    return body;
}

inline constexpr std::uint8_t account_key = 0x51;
inline constexpr std::uint8_t member_key_seed =
    0x61;  ///< of the first member; the next has one more

inline Genesis genesis_of(std::size_t members = 1) {
    Genesis genesis;
    genesis.chain_id = "test";
    genesis.time = UnixMillis{1'767'225'600'000};
    for (std::size_t i = 0; i < members; ++i) {
        const auto byte = static_cast<std::uint8_t>(i);
        genesis.config.members.push_back(
            {filled<ObjectId>(byte), "Hospital " + std::to_string(i),
             crypto::public_key(key_of(static_cast<std::uint8_t>(member_key_seed + byte))),
             filled<AccountId>(byte)});
    }
    genesis.config.contracts = {{"record", crypto::sha256(as_bytes("module"))}};
    genesis.config.parameters = {{"gas", 1000}, {"window", 600'000}};
    return genesis;
}

inline GenesisEntry genesis_entry_of(const Genesis& genesis) {
    return {must(encode_genesis(genesis)), {to_bytes("module")}};
}

/// Builds blocks whose transactions all end with code 0, or with `code` in the second operation.
class ChainBuilder {
  public:
    explicit ChainBuilder(Genesis genesis = genesis_of())
        : genesis_(std::move(genesis)), log_(must(LogTree::open(memory_node_store()))) {
        previous_ = genesis_hash(must(encode_genesis(genesis_)));
    }

    Block next(std::size_t transactions = 2, std::size_t operations = 1) {
        Block block;
        std::vector<Digest> hashes;
        header_.height.value += 1;
        header_.time = UnixMillis{genesis_.time.value + 1000};
        must(log_.append(merkle_leaf(encode_log_link(previous_))));
        for (std::size_t i = 0; i < transactions; ++i) add(block, hashes, operations);
        return seal(block, hashes);
    }

    [[nodiscard]] const Genesis& genesis() const { return genesis_; }
    [[nodiscard]] const BlockHeader& header() const { return header_; }
    LogTree& log() { return log_; }

  private:
    void add(Block& block, std::vector<Digest>& hashes, std::size_t operations) {
        const TransactionBody body = body_of(nonce_++, operations);
        block.transactions.push_back(must(sign_transaction(body, key_of(account_key))));
        const Transaction transaction = must(decode_transaction(block.transactions.back()));
        TransactionResult result;
        result.operations.assign(operations, OperationResult{0, 7, {}});
        if (operations > 1) result.operations[1].code = 103;
        result.code = transaction_code(result.operations);
        result.gas_used = 7 * operations;
        result.events = {{0, "record", "put", to_bytes("x")}};
        block.results.push_back(must(encode_result(result)));
        hashes.push_back(transaction.cose_hash);
        const LogEntry entry = log_entry_of(transaction, result, header_.height, header_.time);
        must(log_.append(merkle_leaf(encode_log_entry(entry))));
    }

    Block seal(Block block, const std::vector<Digest>& hashes) {
        header_.previous = previous_;
        header_.transaction_root = transaction_root(hashes);
        header_.result_root = result_root(block.results);
        header_.log_root = log_.root();
        header_.log_size = log_.size();
        header_.state_root = filled<Digest>(static_cast<std::uint8_t>(header_.height.value));
        header_.config_root = config_root(genesis_.config);
        header_.proposer = genesis_.config.members[0].organisation;
        block.header = encode_header(header_);
        previous_ = header_hash(block.header);
        block.checkpoint = to_bytes(seal_checkpoint(
            checkpoint_of(genesis_.chain_id, header_, previous_),
            member_key_name(genesis_.chain_id, header_.proposer), key_of(member_key_seed)));
        return block;
    }

    Genesis genesis_;
    LogTree log_;
    BlockHeader header_;
    Digest previous_;
    std::uint8_t nonce_ = 0;
};

inline json::Value vector_file(const std::string& name) {
    const std::string path = std::string(SALUS_SOURCE_DIR) + "/tests/vectors/" + name;
    const Bytes bytes = must(read_file(machine_env(), path, 16U << 20U));
    return must(json::parse(as_text(bytes)));
}

}  // namespace salus::ledger::test
