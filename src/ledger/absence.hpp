#pragma once

#include "ledger/checkpoint.hpp"
#include "ledger/relation.hpp"
#include "ledger/state_claim.hpp"

#include <span>
#include <string>
#include <vector>

/// "Had no access from … until …": docs/formats/receipt.md, kind 5.
namespace salus::ledger {

/// A role that an account held: docs/contracts/registry.md, the account's history.
struct HeldRole {
    std::string role;
    ObjectId organisation;
    UnixMillis begin;
    UnixMillis expires;
    std::optional<UnixMillis> revoked;
    [[nodiscard]] bool held_within(UnixMillis from, UnixMillis until) const noexcept {
        return begin < until && from < expires && (!revoked || from < *revoked);
    }
};
Result<std::vector<HeldRole>> decode_role_history(ByteView bytes);

/// A time in which a directive permitted a label to read: docs/contracts/consent.md.
struct GrantInterval {
    ObjectId directive;
    UnixMillis begin;
    UnixMillis until;
    std::optional<UnixMillis> revoked;
    [[nodiscard]] bool meets(UnixMillis from, UnixMillis end) const noexcept {
        return begin < end && from < until && (!revoked || from < *revoked);
    }
};
Result<std::vector<GrantInterval>> decode_intervals(ByteView bytes);

/// What one node shows about the labels.
struct NodeRelations {
    AccountId node;
    std::vector<RelationClaim> claims;  ///< ascending by label
    bool operator==(const NodeRelations&) const = default;
};

struct Absence {
    AccountId patient;
    Bytes label_key;  ///< K_p, opened to whoever checks
    AccountId grantee;
    UnixMillis from;
    UnixMillis until;
    std::vector<StateClaim> claims;
    std::vector<NodeRelations> nodes;  ///< ascending by account
    bool operator==(const Absence&) const = default;
};
Bytes encode_absence(const Absence& absence);
/// Errors: malformed; out_of_range.
Result<Absence> decode_absence(ByteView bytes);

/// The names of one grantee at one time, in the order in which they are said.
struct NamedLabel {
    Label label;
    std::string role;                      ///< empty: the person, or the whole organisation
    std::optional<ObjectId> organisation;  ///< nothing: the person
};
std::vector<NamedLabel> labels_within(ByteView label_key, const AccountId& grantee,
                                      std::span<const HeldRole> history, UnixMillis from,
                                      UnixMillis until);

/// What the proof says about one of the names.
struct LabelAnswer {
    NamedLabel name;
    bool permitted = false;
    Opened opened = Opened::no;
};

/// Two separate answers; either may be a no.
struct AbsenceAnswer {
    AccountId patient;
    AccountId grantee;
    UnixMillis from;
    UnixMillis until;
    bool not_permitted = false;  ///< by no directive, under no name the grantee had then
    bool not_opened = false;     ///< no node's anchored receipts hold an opening by the person
    std::vector<LabelAnswer> labels;
    std::uint64_t nodes = 0;  ///< of members whose anchors were looked at
};

/// After the end of the time in question, a node's newest anchor must be this much newer.
inline constexpr std::int64_t anchor_lag_ms = 60'000;

/// Everything but the signatures of the checkpoint. The nodes that must be covered are those of the
/// organisations whose keys are trusted.
/// Errors: malformed — also a proof that leaves something out; integrity; out_of_range — the time
/// is not over and anchored.
Result<AbsenceAnswer> check_absence(const Absence& absence, const Checkpoint& checkpoint,
                                    std::span<const VerifierKey> trust);

/// The organisation whose member key this is: salus/<chain_id>/<organisation hex>.
std::optional<ObjectId> organisation_of(const VerifierKey& key, std::string_view origin);

}  // namespace salus::ledger
