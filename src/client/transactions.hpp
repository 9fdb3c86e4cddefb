#pragma once

#include "client/account.hpp"
#include "crypto/x25519.hpp"
#include "ledger/limits.hpp"
#include "ledger/transaction.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Builds what an account signs. One function for each method of docs/contracts; arguments are in
/// canonical CBOR.
namespace salus::client {

namespace operation {

using ledger::Operation;

// docs/contracts/registry.md
Operation enrol(std::string_view kind, const crypto::Ed25519PublicKey& signing,
                const crypto::X25519PublicKey& kem, const std::optional<Digest>& label_commitment);
Operation rotate(const crypto::Ed25519PublicKey& signing, const crypto::X25519PublicKey& kem,
                 std::uint64_t epoch);
struct Credential {
    ObjectId id;
    AccountId account;
    std::string role;
    ObjectId organisation;
    Digest licence;  ///< commitment
    UnixMillis expires;
};
Operation credential_issue(const Credential& credential);
Operation credential_revoke(const ObjectId& credential);
Operation deactivate(const AccountId& account);

// docs/contracts/record.md
Operation collection_put(const ObjectId& collection, const Label& category, std::uint64_t flags,
                         const crypto::X25519PublicKey& key);
Operation collection_rotate(const ObjectId& collection, std::uint64_t epoch,
                            const crypto::X25519PublicKey& key);
Operation record_put(const ObjectId& record, const ObjectId& collection, std::uint64_t epoch,
                     const Digest& commitment, const ledger::DetachedPayload& payload);
Operation writer_put(const ObjectId& collection, const AccountId& account, UnixMillis until);
struct Amendment {
    ObjectId old_record;
    ObjectId new_record;
    std::uint64_t epoch = 1;
    Digest commitment;
    std::string reason;
};
Operation record_amend(const Amendment& amendment, const ledger::DetachedPayload& payload);
Operation record_offer(const ObjectId& record, const Digest& claim_hash);
struct Claim {
    ObjectId record;
    ObjectId new_record;
    ObjectId collection;
    std::uint64_t epoch = 1;
    Digest commitment;
};
Operation record_claim(const Claim& claim, const crypto::ClaimSecret& secret,
                       const ledger::DetachedPayload& payload);
Operation record_erase(std::span<const ObjectId> records, const Digest& certificate);

// docs/contracts/consent.md
struct ConsentPut {
    ObjectId directive;
    Bytes ir;
    Digest text_hash;
    Digest wraps_digest;
    std::optional<ObjectId> supersedes;
};
Operation consent_put(const ConsentPut& put);
struct Rotation {
    ObjectId collection;
    std::uint64_t epoch = 0;
    crypto::X25519PublicKey key;
};
Operation consent_revoke(const ObjectId& directive, std::string_view reason,
                         std::span<const Rotation> rotations, const Digest& wraps_digest);

}  // namespace operation

/// Where and when a transaction is meant to count: the chain, and the node's present time.
struct Occasion {
    std::string chain_id;
    UnixMillis node_time;
};

/// The body with a fresh nonce, and the signed envelope of it. Errors: as ledger::sign_transaction.
ledger::TransactionBody make_body(Env& env, const AccountId& account, const Occasion& occasion,
                                  std::vector<ledger::Operation> operations,
                                  bool all_or_nothing = false);
Result<Bytes> sign(Env& env, const AccountKeys& keys, const Occasion& occasion,
                   std::vector<ledger::Operation> operations, bool all_or_nothing = false);

/// Bytes of the envelope that carries `count` operations of `operations_bytes` together. Exact.
std::size_t envelope_bytes(std::size_t chain_id_bytes, std::size_t count,
                           std::size_t operations_bytes, bool all_or_nothing = false) noexcept;

/// Cuts a row of operations into envelopes as full as the ledger allows.
class EnvelopePacker {
  public:
    explicit EnvelopePacker(std::size_t chain_id_bytes) : chain_id_bytes_(chain_id_bytes) {}
    /// Whether one more operation of this encoded size still fits.
    [[nodiscard]] bool fits(std::size_t operation_bytes) const noexcept;
    void add(std::size_t operation_bytes) noexcept;
    void clear() noexcept;
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

  private:
    std::size_t chain_id_bytes_;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
};
/// Size of an operation's CBOR. Errors: as ledger::encode_operation.
Result<std::size_t> operation_bytes(const ledger::Operation& operation);

}  // namespace salus::client
