#include "client/transactions.hpp"

#include "base/cbor.hpp"
#include "client/limits.hpp"
#include "ledger/transaction_sign.hpp"

namespace salus::client {
namespace operation {
namespace {

Operation make(std::string_view contract, std::string_view method, cbor::Writer& args) {
    return {std::string(contract), std::string(method), args.take(), std::nullopt};
}

void write_optional(cbor::Writer& out, ByteView bytes, bool present) {
    if (present) {
        out.bytes(bytes);
    } else {
        out.null();
    }
}

}  // namespace

Operation enrol(std::string_view kind, const crypto::Ed25519PublicKey& signing,
                const crypto::X25519PublicKey& kem, const std::optional<Digest>& commitment) {
    cbor::Writer args;
    args.map(4).uint(1).text(kind).uint(2).bytes(signing.view()).uint(3).bytes(kem.view()).uint(4);
    write_optional(args, commitment ? commitment->view() : ByteView{}, commitment.has_value());
    return make("registry", "enrol", args);
}

Operation rotate(const crypto::Ed25519PublicKey& signing, const crypto::X25519PublicKey& kem,
                 std::uint64_t epoch) {
    cbor::Writer args;
    args.map(3).uint(1).bytes(signing.view()).uint(2).bytes(kem.view()).uint(3).uint(epoch);
    return make("registry", "rotate", args);
}

Operation credential_issue(const Credential& credential) {
    cbor::Writer args;
    args.map(6).uint(1).bytes(credential.id.view()).uint(2).bytes(credential.account.view());
    args.uint(3).text(credential.role).uint(4).bytes(credential.organisation.view());
    args.uint(5).bytes(credential.licence.view()).uint(6).integer(credential.expires.value);
    return make("registry", "credential_issue", args);
}

Operation credential_revoke(const ObjectId& credential) {
    cbor::Writer args;
    args.map(1).uint(1).bytes(credential.view());
    return make("registry", "credential_revoke", args);
}

Operation deactivate(const AccountId& account) {
    cbor::Writer args;
    args.map(1).uint(1).bytes(account.view());
    return make("registry", "deactivate", args);
}

Operation collection_put(const ObjectId& collection, const Label& category, std::uint64_t flags,
                         const crypto::X25519PublicKey& key) {
    cbor::Writer args;
    args.map(4).uint(1).bytes(collection.view()).uint(2).bytes(category.view());
    args.uint(3).uint(flags).uint(4).bytes(key.view());
    return make("record", "collection_put", args);
}

Operation collection_rotate(const ObjectId& collection, std::uint64_t epoch,
                            const crypto::X25519PublicKey& key) {
    cbor::Writer args;
    args.map(3).uint(1).bytes(collection.view()).uint(2).uint(epoch).uint(3).bytes(key.view());
    return make("record", "collection_rotate", args);
}

Operation record_put(const ObjectId& record, const ObjectId& collection, std::uint64_t epoch,
                     const Digest& commitment, const ledger::DetachedPayload& payload) {
    cbor::Writer args;
    args.array(4)
        .bytes(record.view())
        .bytes(collection.view())
        .uint(epoch)
        .bytes(commitment.view());
    Operation out = make("record", "put", args);
    out.payload = payload;
    return out;
}

Operation writer_put(const ObjectId& collection, const AccountId& account, UnixMillis until) {
    cbor::Writer args;
    args.map(3).uint(1).bytes(collection.view()).uint(2).bytes(account.view());
    args.uint(3).integer(until.value);
    return make("record", "writer_put", args);
}

Operation record_amend(const Amendment& amendment, const ledger::DetachedPayload& payload) {
    cbor::Writer args;
    args.map(5)
        .uint(1)
        .bytes(amendment.old_record.view())
        .uint(2)
        .bytes(amendment.new_record.view());
    args.uint(3).uint(amendment.epoch).uint(4).bytes(amendment.commitment.view());
    args.uint(5).text(amendment.reason);
    Operation out = make("record", "amend", args);
    out.payload = payload;
    return out;
}

Operation record_offer(const ObjectId& record, const Digest& claim_hash) {
    cbor::Writer args;
    args.map(2).uint(1).bytes(record.view()).uint(2).bytes(claim_hash.view());
    return make("record", "offer", args);
}

Operation record_claim(const Claim& claim, const crypto::ClaimSecret& secret,
                       const ledger::DetachedPayload& payload) {
    cbor::Writer args;
    args.map(6).uint(1).bytes(claim.record.view()).uint(2).bytes(secret.reveal());
    args.uint(3).bytes(claim.new_record.view()).uint(4).bytes(claim.collection.view());
    args.uint(5).uint(claim.epoch).uint(6).bytes(claim.commitment.view());
    Operation out = make("record", "claim", args);
    out.payload = payload;
    return out;
}

Operation record_erase(std::span<const ObjectId> records, const Digest& certificate) {
    cbor::Writer args;
    args.map(2).uint(1).array(records.size());
    for (const ObjectId& record : records) args.bytes(record.view());
    args.uint(2).bytes(certificate.view());
    return make("record", "erase", args);
}

Operation consent_put(const ConsentPut& put) {
    cbor::Writer args;
    args.map(5).uint(1).bytes(put.directive.view()).uint(2).bytes(put.ir);
    args.uint(3).bytes(put.text_hash.view()).uint(4).bytes(put.wraps_digest.view()).uint(5);
    write_optional(args, put.supersedes ? put.supersedes->view() : ByteView{},
                   put.supersedes.has_value());
    return make("consent", "put", args);
}

Operation consent_revoke(const ObjectId& directive, std::string_view reason,
                         std::span<const Rotation> rotations, const Digest& wraps_digest) {
    cbor::Writer args;
    args.map(4)
        .uint(1)
        .bytes(directive.view())
        .uint(2)
        .text(reason)
        .uint(3)
        .array(rotations.size());
    for (const Rotation& one : rotations) {
        args.array(3).bytes(one.collection.view()).uint(one.epoch).bytes(one.key.view());
    }
    args.uint(4).bytes(wraps_digest.view());
    return make("consent", "revoke", args);
}

}  // namespace operation

namespace {

/// Bytes of a CBOR head that counts or measures `value`.
constexpr std::size_t head_bytes(std::uint64_t value) noexcept {
    return value < 24 ? 1 : value < 256 ? 2 : value < 65'536 ? 3 : value < (1ULL << 32U) ? 5 : 9;
}

// {1: -8, 4: kid} in a byte string; the signature in one; docs/formats/transaction.md.
constexpr std::size_t protected_bytes = 2 + 38;
constexpr std::size_t signature_bytes = 2 + 64;
constexpr std::size_t account_and_nonce_bytes = 2 * (1 + 17);
/// Milliseconds since 1970 need eight bytes until the year 584,556,019 and more than four since
/// 1970-02-20.
constexpr std::size_t valid_until_bytes = 1 + 9;

}  // namespace

std::size_t envelope_bytes(std::size_t chain_id_bytes, std::size_t count,
                           std::size_t operations_bytes, bool all_or_nothing) noexcept {
    const std::size_t body = 1 + 1 + head_bytes(chain_id_bytes) + chain_id_bytes +
                             account_and_nonce_bytes + valid_until_bytes + 1 + head_bytes(count) +
                             operations_bytes + (all_or_nothing ? 2U : 0U);
    return 1 + 1 + protected_bytes + 1 + head_bytes(body) + body + signature_bytes;
}

bool EnvelopePacker::fits(std::size_t operation_bytes) const noexcept {
    return count_ < ledger::operations_max &&
           envelope_bytes(chain_id_bytes_, count_ + 1, bytes_ + operation_bytes) <=
               ledger::transaction_bytes_max;
}

void EnvelopePacker::add(std::size_t operation_bytes) noexcept {
    ++count_;
    bytes_ += operation_bytes;
}

void EnvelopePacker::clear() noexcept {
    count_ = 0;
    bytes_ = 0;
}

Result<std::size_t> operation_bytes(const ledger::Operation& operation) {
    const Bytes encoded = SALUS_TRY(ledger::encode_operation(operation));
    return encoded.size();
}

ledger::TransactionBody make_body(Env& env, const AccountId& account, const Occasion& occasion,
                                  std::vector<ledger::Operation> operations, bool all_or_nothing) {
    ledger::TransactionBody body;
    body.chain_id = occasion.chain_id;
    body.account = account;
    body.nonce = random_bytes<ledger::Nonce>(env);
    body.valid_until = UnixMillis{occasion.node_time.value + transaction_life_ms};
    body.operations = std::move(operations);
    body.all_or_nothing = all_or_nothing;
    return body;
}

Result<Bytes> sign(Env& env, const AccountKeys& keys, const Occasion& occasion,
                   std::vector<ledger::Operation> operations, bool all_or_nothing) {
    return ledger::sign_transaction(
        make_body(env, keys.account, occasion, std::move(operations), all_or_nothing),
        keys.signing);
}

}  // namespace salus::client
