#pragma once

#include "ledger/block.hpp"
#include "store/kv.hpp"

#include <optional>
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

/// What a custodian looks up often and the contracts do not list: the collections of an owner, the
/// place of a record, what an account wrote. Follows the chain block by block; can be rebuilt from
/// it. Column `index`. Threads: one at a time for `follow`; reads any.
class ChainIndex {
  public:
    explicit ChainIndex(store::Kv& kv) : kv_(kv) {}

    /// The newest block that is indexed; zero when none is.
    Result<BlockHeight> height() const { return kv_.marker(); }
    /// `first_position`: of the block's link. Only operations with code 0 count.
    Status follow(const ledger::Block& block, LogPosition first_position);

    Result<std::vector<ObjectId>> collections_of(const AccountId& owner) const;
    Result<std::optional<RecordPlace>> place(const ObjectId& record) const;
    /// Records that an account wrote into other people's collections.
    Result<std::vector<ObjectId>> written_by(const AccountId& author, std::size_t count_max) const;

  private:
    store::Kv& kv_;
};

}  // namespace salus::vault
