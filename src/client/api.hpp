#pragma once

#include "base/json.hpp"
#include "base/strong.hpp"
#include "client/http_client.hpp"
#include "client/sealing.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Typed calls of docs/formats/http-api.md. A refusal of the node is an Error with its code; the
/// detail ends in " (reason)" where the node named one.
namespace salus::client {

/// The reason token in an error's detail, or nothing.
std::string_view reason_of(const Error& error) noexcept;
/// A file name or account id as hex digits of that id's size. Errors: malformed.
template <class Id>
Result<Id> id_from(std::string_view hex) {
    const Bytes bytes = SALUS_TRY(from_hex(hex));
    return Id::from(bytes);
}
template <class Id>
Result<Id> need_id(const json::Value& object, std::string_view key) {
    return id_from<Id>(SALUS_TRY(json::need_text(object, key, 2 * Id::size_bytes)));
}

struct Organisation {
    ObjectId id;
    std::string name;
    std::optional<AccountId> account;
    std::optional<crypto::X25519PublicKey> kem;
};
struct NodeStatus {
    std::string chain_id;
    std::string engine;
    std::uint64_t height = 0;
    std::uint64_t transactions = 0;
    std::string header_hash;
    std::string app_hash;
    UnixMillis last_block_time;
    UnixMillis time;
    Organisation organisation;
    std::size_t members = 0;
    bool setup_needed = false;
    bool demo = false;
};

/// Where a transaction came to lie.
struct TxReceipt {
    std::string id;
    std::uint64_t position = 0;
    std::uint64_t height = 0;
    UnixMillis time;
    std::uint32_t code = 0;
    std::vector<std::uint32_t> codes;
    std::string header_hash;
    std::string previous;
};
Result<TxReceipt> read_receipt(const json::Value& value);
/// Errors: denied — the code is not 0.
Status check_done(const TxReceipt& receipt);

/// What the registry says of an account.
struct AccountFacts {
    std::string kind;
    crypto::Ed25519PublicKey signing;
    crypto::KeyId signing_id;
    crypto::X25519PublicKey kem;
    std::uint64_t epoch = 1;
    bool active = false;
};
struct RecordFacts {
    ObjectId collection;
    std::uint32_t epoch = 1;
    Digest commitment;
    Digest digest;
    std::uint64_t size = 0;
    AccountId author;
    std::uint64_t status = 0;
};

/// One node. Threads: one at a time.
class Api {
  public:
    explicit Api(HttpClient http) : http_(std::move(http)) {}

    Result<json::Value> get(const std::string& target, std::string_view home = {});
    Result<json::Value> post(const std::string& target, const json::Value& body,
                             std::string_view home = {});
    Result<json::Value> put(const std::string& target, const json::Value& body,
                            std::string_view home = {});
    Result<Bytes> get_bytes(const std::string& target, std::string_view home = {});
    Result<Bytes> post_bytes(const std::string& target, std::string_view content_type, Bytes body,
                             std::string_view home = {});
    Result<json::Value> post_cbor(const std::string& target, Bytes body, std::string_view home);

    Result<NodeStatus> status();
    Result<TxReceipt> submit(Bytes transaction);
    Result<Bytes> receipt(std::string_view id, std::optional<std::size_t> operation = std::nullopt);
    Result<std::vector<std::string>> verifier_keys();

    /// A contract's answer, canonical CBOR. Errors: not_found — it knows nothing of it, where
    /// `null` says so.
    Result<Bytes> query(std::string_view contract, std::string_view method, ByteView args);
    Result<AccountFacts> account(const AccountId& account);
    Result<CollectionFacts> collection(const ObjectId& collection);
    Result<RecordFacts> record(const ObjectId& record);
    /// The IR of a directive, as the chain holds it.
    Result<Bytes> directive_ir(const AccountId& patient, const ObjectId& directive);

    [[nodiscard]] HttpClient& http() noexcept { return http_; }

  private:
    Result<HttpAnswer> send(HttpRequest request);
    Result<json::Value> send_json(std::string_view method, const std::string& target,
                                  const json::Value& body, std::string_view home);
    HttpClient http_;
};

}  // namespace salus::client
