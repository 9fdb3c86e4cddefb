#pragma once

#include "identity/account.hpp"
#include "store/kv.hpp"

#include <functional>
#include <mutex>

namespace salus::identity {

/// Accounts by id and by name, and invitations, in the column `identity`. Threads: any; a change of
/// one account is read, decided and written under one lock, so that two parallel requests cannot
/// both win.
class AccountStore {
  public:
    explicit AccountStore(store::Kv& kv) : kv_(kv) {}

    /// Errors: already_exists — the name or id is taken.
    Status create(const UserAccount& account);
    Result<UserAccount> by_id(const AccountId& id) const;        ///< not_found
    Result<UserAccount> by_name(std::string_view folded) const;  ///< not_found
    /// Reads, lets `change` edit or refuse, writes. Errors: not_found, and whatever `change`
    /// answers.
    Status update(const AccountId& id, const std::function<Status(UserAccount&)>& change);
    /// Every account, in the order of ids.
    Status for_each(const std::function<void(const UserAccount&)>& visit) const;

  private:
    store::Kv& kv_;
    std::mutex change_;
};

/// A place an officer offers to one person: role, licence and expiry are the officer's word, never
/// the newcomer's.
struct Invitation {
    Digest code_hash;  ///< SHA-256 of the code
    std::string hint;  ///< first four characters, for the officer's list
    std::string role;
    std::string display_name;
    std::string licence;
    UnixMillis credential_expires;
    UnixMillis offered;
    UnixMillis offer_ends;
    AccountId officer;
    bool used = false;
};

class InvitationStore {
  public:
    explicit InvitationStore(store::Kv& kv) : kv_(kv) {}
    Status put(const Invitation& invitation);
    /// Errors: not_found — unknown, used, or past its end: all alike.
    Result<Invitation> find(const Digest& code_hash, UnixMillis now) const;
    /// Marks it used; of two parallel calls one wins. Errors: as find.
    Result<Invitation> take(const Digest& code_hash, UnixMillis now);
    /// Open again: what it was taken for did not come about.
    Status give_back(Invitation invitation);
    Result<std::vector<Invitation>> list() const;

  private:
    store::Kv& kv_;
    std::mutex change_;
};

}  // namespace salus::identity
