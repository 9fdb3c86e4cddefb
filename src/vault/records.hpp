#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "store/kv.hpp"

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace salus::vault {

/// What a custodian keeps of one record besides its ciphertext (store::Blobs): all deletable,
/// nothing readable.
struct RecordKeys {
    ObjectId record;
    Bytes dek_wrap;     ///< DEK sealed to the collection's public key
    Bytes salt;         ///< opens the commitment on chain
    Bytes author_wrap;  ///< DEK sealed to an author who is not the owner (a laboratory); else empty
};

/// A key of `object` sealed to one grantee, under one directive.
struct GrantWrap {
    std::uint8_t kind = 0;  ///< 0 a collection's private half · 1 one record's DEK
    ObjectId object;
    std::uint64_t epoch = 0;
    Bytes wrap;
};

struct Grant {
    ObjectId directive;
    AccountId grantor;
    AccountId grantee;  ///< a person, or an organisation's account
    Bytes card;         ///< sealed to the grantee
    UnixMillis stored;
    std::vector<GrantWrap> wraps;
};

/// Record keys, grants and offers, in the column `vault`; docs/formats/vault.md. Threads: any.
class RecordVault {
  public:
    explicit RecordVault(store::Kv& kv) : kv_(kv) {}

    Status put_records(const std::vector<RecordKeys>& records);
    Result<RecordKeys> record(const ObjectId& record) const;  ///< not_found
    /// Deletes wraps and salts, so that nobody can open the ciphertext any more: those of the
    /// records, and the keys of single records that grants and offers hold.
    Status forget_records(const std::set<ObjectId>& records);
    /// Deletes the wraps and salts of records that never came to be; grants cannot hold any.
    Status drop_records(const std::vector<ObjectId>& records);
    /// Rewrites the files, so that what was forgotten is gone from them too. Cost: the whole
    /// column.
    Status purge() { return kv_.compact(store::Column::vault); }

    Status put_grant(const Grant& grant);
    /// More keys for a grant that is there and was not emptied. Errors: not_found.
    Status add_wraps(const AccountId& grantor, const ObjectId& directive,
                     const std::vector<GrantWrap>& wraps);
    Result<Grant> grant(const AccountId& grantor, const ObjectId& directive) const;  ///< not_found
    Result<std::vector<Grant>> grants_of(const AccountId& grantor) const;
    Result<std::vector<Grant>> grants_to(const AccountId& grantee) const;
    /// For a consent that never reached the log.
    Status forget_grant(const AccountId& grantor, const ObjectId& directive);
    /// Deletes the wraps of a revoked grant and keeps who it was for, so that the grantee is told
    /// why.
    Status drop_wraps(const AccountId& grantor, const ObjectId& directive);

    Status put_offer(const ObjectId& record, const Digest& claim_hash, ByteView claim_wrap);
    struct Offer {
        ObjectId record;
        Bytes claim_wrap;
    };
    Result<Offer> offer(const Digest& claim_hash) const;  ///< not_found
    Status drop_offer(const Digest& claim_hash);

    Status put_organisation_wrap(const AccountId& organisation, const AccountId& member,
                                 ByteView wrap);
    Result<std::optional<Bytes>> organisation_wrap(const AccountId& organisation,
                                                   const AccountId& member) const;

  private:
    Status write_grant(const Grant& grant);
    Status forget_in_grants(const std::set<ObjectId>& records, store::WriteBatch& batch) const;
    Status forget_in_offers(const std::set<ObjectId>& records, store::WriteBatch& batch) const;

    store::Kv& kv_;
    std::mutex change_;  ///< a grant is read, changed and written as one step
};

}  // namespace salus::vault
