#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "ledger/label.hpp"
#include "vault/access_log.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What a custodian asks the contracts, as C++: labels, records, collections, decisions.
/// docs/contracts/.
namespace salus::vault {

using ledger::Label;
using ledger::organisation_label;
using ledger::person_label;
using ledger::role_label;

/// A read-only call of a contract at committed state; gives `data` when the code is 0.
using Ask =
    std::function<Result<Bytes>(std::string_view contract, std::string_view method, ByteView args)>;

struct CollectionState {
    AccountId owner;
    Label category;
    std::uint64_t flags = 0;
    std::uint64_t epoch = 0;
    Bytes public_key;
    BlockHeight height;
};
struct RecordState {
    ObjectId collection;
    std::uint64_t epoch = 0;
    Digest commitment;
    Digest digest;
    std::uint64_t size = 0;
    AccountId author;
    BlockHeight height;
    std::uint64_t status = 0;  ///< 1 live, 2 superseded, 3 erased, 4 claimed
    std::optional<ObjectId> next;
};
struct Credential {
    ObjectId id;
    std::string role;
    ObjectId organisation;
    UnixMillis expires;
    bool active = false;
};
struct DirectiveState {
    ObjectId id;
    Bytes ir;
    BlockHeight put_height;
    UnixMillis put_time;
    std::optional<UnixMillis> revoked;
    Digest wraps;
    // Out of the IR:
    std::vector<Label> actors;
    std::uint64_t scope_kind = 0;  ///< 0 everything, 1 collections, 2 records, 3 categories
    std::vector<ObjectId> scope;
    std::vector<std::string> actions;  ///< `access`, `write`
    bool permit = false;
    UnixMillis from;
    UnixMillis until;

    /// Whether it lets its actors read at all; the right to add does not.
    [[nodiscard]] bool allows_access() const;
    [[nodiscard]] bool live_at(UnixMillis t) const noexcept {
        return !revoked && from <= t && t < until;
    }
    [[nodiscard]] bool covers(const ObjectId& record, const RecordState& state,
                              const Label& category) const;
};
struct AccountState {
    std::string kind;
    Bytes sig;
    Bytes kem;
    std::uint64_t epoch = 0;
    bool active = false;
};

// Errors of all: not_found — the contract answers null; malformed — it answers something else.
Result<AccountState> account_state(const Ask& ask, const AccountId& account);
Result<std::vector<Credential>> credentials(const Ask& ask, const AccountId& account);
Result<CollectionState> collection_state(const Ask& ask, const ObjectId& collection);
Result<RecordState> record_state(const Ask& ask, const ObjectId& record);
/// Live records of a collection, ascending by id. count ≤ 1,000.
Result<std::vector<ObjectId>> list_records(const Ask& ask, const ObjectId& collection,
                                           const std::optional<ObjectId>& after, std::size_t count);
Result<DirectiveState> directive_state(const Ask& ask, const AccountId& patient,
                                       const ObjectId& directive);
Result<std::vector<DirectiveState>> directives(const Ask& ask, const AccountId& patient);

struct DecisionRequest {
    AccountId patient;
    std::vector<Label> actors;
    std::string purpose;
    std::string action;
    std::optional<ObjectId> record;
    std::optional<ObjectId> collection;
    std::optional<Label> category;
    UnixMillis time;
};
struct DecisionAnswer {
    bool permitted = false;
    Reason reason = Reason::no_directive;
    std::vector<ObjectId> directives;
    UnixMillis until;
};
Bytes encode(const DecisionRequest& request);
Result<DecisionAnswer> decide(const Ask& ask, const DecisionRequest& request);

}  // namespace salus::vault
