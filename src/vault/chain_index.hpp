#pragma once

#include "ledger/block.hpp"
#include "store/kv.hpp"

#include <optional>
#include <set>
#include <vector>

namespace salus::vault {

/// Where a record's operation stands in the log.
struct RecordPlace {
    ObjectId record;
    Digest transaction;
    std::uint32_t operation = 0;
    BlockHeight height;
    UnixMillis time;
    LogPosition position;
};

/// The record that an operation makes (put, amend, claim), if it makes one. Errors: malformed.
Result<std::optional<ObjectId>> record_made_by(const ledger::Operation& operation);

struct Anchor;
/// The anchor that an operation makes, if it makes one; transaction and height are the caller's to
/// add. Errors: malformed.
Result<std::optional<Anchor>> anchor_made_by(const ledger::Operation& operation);

/// What a custodian looks up often and the contracts do not list: the collections of an owner, the
/// place of a record, what an account wrote, what is to be deleted, this node's own anchors.
/// Follows the chain block by block; can be rebuilt from it. Columns `index` and `access`. Threads:
/// one at a time for `follow`; the rest any.
class ChainIndex {
  public:
    /// `node`: whose anchors are noted.
    ChainIndex(store::Kv& kv, const AccountId& node) : kv_(kv), node_(node) {}

    /// The newest block that is indexed; zero when none is.
    Result<BlockHeight> height() const { return kv_.marker(); }
    /// `first_position`: of the block's link. Only operations with code 0 count.
    Status follow(const ledger::Block& block, LogPosition first_position);

    Result<std::vector<ObjectId>> collections_of(const AccountId& owner) const;
    Result<std::optional<RecordPlace>> place(const ObjectId& record) const;
    /// Records that an account wrote, into its own or other people's collections.
    Result<std::vector<ObjectId>> written_by(const AccountId& author, std::size_t count_max) const;

    /// Records that a committed operation erased or handed to a claimer, and whose keys and body
    /// this node has yet to delete; at most `erasures_max`.
    static constexpr std::size_t erasures_max = 10'000;
    Result<std::vector<ObjectId>> to_erase() const;
    /// Whether a record outside `gone` has this body too: a copy of a body is not deleted with it.
    Result<bool> is_named_outside(const Digest& body, const std::set<ObjectId>& gone) const;
    struct Erased {
        ObjectId record;
        Digest body;
    };
    /// Strikes them off the list.
    Status erased(const std::vector<Erased>& records);

    /// Consents that a committed operation ended (`consent.revoke`, or `consent.put` in place of
    /// another), and whose wraps this node has yet to delete; at most `endings_max`.
    static constexpr std::size_t endings_max = 10'000;
    struct Ended {
        AccountId grantor;
        ObjectId directive;
        bool operator==(const Ended&) const = default;
    };
    Result<std::vector<Ended>> to_close() const;
    /// Strikes them off the list.
    Status closed(const std::vector<Ended>& consents);

  private:
    Status follow_record(store::WriteBatch& batch, const ledger::Operation& operation,
                         const AccountId& author) const;

    store::Kv& kv_;
    AccountId node_;
};

}  // namespace salus::vault
