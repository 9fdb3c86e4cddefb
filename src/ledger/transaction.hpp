#pragma once

#include "base/strong.hpp"
#include "ledger/limits.hpp"
#include "ledger/result_code.hpp"
#include "ledger/signature.hpp"

#include <optional>
#include <string>
#include <vector>

namespace salus::ledger {

using Nonce = FixedBytes<struct NonceTag, 16>;

/// A body kept in the vault: SHA-256 and size of its (encrypted) bytes.
struct DetachedPayload {
    Digest digest;
    std::uint64_t size_bytes = 0;
    bool operator==(const DetachedPayload&) const = default;
};

/// One call of a contract.
struct Operation {
    std::string contract;
    std::string method;
    Bytes args;  ///< canonical CBOR
    std::optional<DetachedPayload> payload;
    bool operator==(const Operation&) const = default;
};

struct TransactionBody {
    std::string chain_id;
    AccountId account;
    Nonce nonce;
    UnixMillis valid_until;
    std::vector<Operation> operations;
    bool all_or_nothing = false;
    bool operator==(const TransactionBody&) const = default;
};

/// A decoded transaction: the form is right, the signature is not yet checked.
struct Transaction {
    TransactionBody body;
    PublicKey kid;
    Bytes payload;  ///< the body's CBOR, as signed
    Signature signature;
    Digest id;                             ///< SHA-256 of the Sig_structure
    Digest cose_hash;                      ///< SHA-256 of the whole COSE_Sign1
    std::vector<Digest> operation_hashes;  ///< SHA-256 of each operation's CBOR
    bool operator==(const Transaction&) const = default;
};

/// The CBOR that is signed.
/// Errors: out_of_range — a count, name or args outside limits.hpp; malformed — args not canonical,
/// text not UTF-8.
Result<Bytes> encode_body(const TransactionBody& body);
/// Strict inverse of encode_body; `hashes`, when given, receives the operation hashes.
Result<TransactionBody> decode_body(ByteView payload, std::vector<Digest>* hashes = nullptr);

/// Errors: as encode_body.
Result<Bytes> encode_operation(const Operation& operation);
Result<Operation> decode_operation(ByteView bytes);
/// SHA-256 of an operation's CBOR.
Digest operation_hash(ByteView operation_cbor);

/// What the account's key signs.
Bytes sig_structure(ByteView payload, const PublicKey& kid);
/// SHA-256 of sig_structure.
Digest transaction_id(ByteView payload, const PublicKey& kid);
/// The envelope, once the signature is there. Errors: out_of_range — above transaction_bytes_max.
Result<Bytes> assemble(ByteView payload, const PublicKey& kid, const Signature& signature);

/// Errors: out_of_range — above transaction_bytes_max or operations_max; malformed — anything else
/// that is not docs/formats/transaction.md to the byte. Cost: ~5 µs for one operation of 400 B.
Result<Transaction> decode_transaction(ByteView envelope);

/// The check that makes a decoded transaction its account's.
SignatureCheck transaction_signature(const Transaction& transaction);

}  // namespace salus::ledger
