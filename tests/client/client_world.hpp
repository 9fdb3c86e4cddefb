#pragma once

#include "base/sim_env.hpp"
#include "client/granting.hpp"

/// What most tests of this folder begin with: an owner with a collection, and somebody else.
namespace salus::client {

inline constexpr std::string_view test_chain = "salus-test";

inline AccountKeys test_account(Env& env, bool staff = false) {
    const auto organisation = ObjectId{{7}};
    std::optional<AccountId> id;
    if (staff) id = random_bytes<AccountId>(env);
    return AccountKeys::derive(crypto::random_key<crypto::AccountMasterKey>(env), organisation, id);
}

inline CollectionFacts test_collection(Env& env, const AccountKeys& owner,
                                       std::uint32_t epoch = 1) {
    const auto id = random_bytes<ObjectId>(env);
    return {id, owner.account, category_label(owner.labels, "notes"), epoch,
            owner.collection(id, epoch).public_half};
}

inline Author author_of(const AccountKeys& keys) {
    return {std::string(test_chain), keys.account, keys.signing_id};
}

/// The node's answer for one stored item.
inline ReleasedRecord released(const SealedItem& item, const CollectionFacts& collection) {
    return {item.record, collection.id, collection.epoch, item.dek_wrap, std::nullopt, item.body};
}

}  // namespace salus::client
