#pragma once

#include "client/api.hpp"
#include "client/granting.hpp"
#include "client/key_list.hpp"
#include "client/sentence.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace salus::client {

/// A record to be sealed: UTF-8 JSON of docs/formats/http-api.md, "record body".
struct NewRecord {
    std::string category;
    std::string collection_name;  ///< of the collection, when this record begins it
    std::string body;
};
/// A record as the node lists it, still sealed.
struct ListedRecord {
    ObjectId record;
    ObjectId collection;
    std::uint32_t epoch = 1;
    AccountId author;
    std::uint64_t size = 0;
    std::uint64_t height = 0;
    std::uint64_t status = 1;  ///< docs/contracts/record.md
    UnixMillis time;
    std::string tx;
    std::string digest;
};
struct OpenedRecord {
    ObjectId record;
    ObjectId collection;
    Bytes plaintext;
};
struct Opened {
    std::uint64_t sequence = 0;  ///< of the access receipt
    Digest receipt_hash;
    UnixMillis until;
    std::vector<OpenedRecord> records;
};

struct Grantee {
    AccountId account;  ///< a person's, or the organisation's own
    std::string display_name;
    std::optional<ObjectId> organisation;  ///< set: members of this organisation
};
/// A collection that a grant makes in the same step when its owner has none of this category.
struct NewCollection {
    std::string category;
    std::string name;
};
struct GrantOptions {
    std::vector<ObjectId> collections;
    std::vector<NewCollection> begin;
    /// Set: this one record of one's own in place of collections.
    std::optional<ListedRecord> record;
    std::string purpose = "TREAT";
    UnixMillis from;
    UnixMillis until;
    /// The right to add records in place of the right to read them: no key changes hands, the
    /// grantee reads only what it wrote.
    bool may_add = false;
};
struct Granted {
    ObjectId directive;
    TxReceipt receipt;
    std::string sentence;
};

/// A record that waits for whoever holds its code.
struct Offered {
    ObjectId record;
    crypto::ClaimCode code;
    TxReceipt receipt;
};
struct Claimed {
    ObjectId record;  ///< the new one, the claimer's own
    ObjectId collection;
    Bytes plaintext;
    TxReceipt receipt;
};

struct SharedItem {
    ObjectId directive;
    AccountId patient;
    bool by_organisation = false;
    Bytes card;
    UnixMillis until;
    bool live = false;
    std::string ended;
};

struct RecoverOptions {
    std::string name;
    crypto::RecoveryCode code;
    std::string new_password;
    /// Of the second factor; staff need it where no officer readmitted them.
    std::string totp_code;
};
struct Recovered;
/// A slot as `GET /api/slots` lists it, without its sealed bytes.
struct ListedSlot {
    std::string id;
    std::string type;
    UnixMillis created;
};

/// An account signed in at its home: its keys, its session, and what a person does with them. The
/// keys stay here; the node gets what is sealed or signed.
///
///     sign_up ─┐
///     log_in… ─┼─▶ signed in ──(log_out, time-out)──▶ every call answers `authentication`
///     resume  ─┘
///
/// Threads: one at a time; several Homes may share one Api in one thread.
class Home {
  public:
    /// Errors of all: those of the node; authentication — refused; crypto's.
    static Result<Home> sign_up(Env& env, Api& api, NewAccount account);
    /// Cost: one Argon2id. `code`: empty when there is no second factor.
    /// `slots`: when given, receives the account's sealed slots.
    static Result<Home> log_in(Env& env, Api& api, std::string_view name, std::string_view password,
                               std::string_view code, std::vector<NamedSlot>* slots = nullptr);
    /// By a demo link's key, which only a demo node on this machine takes.
    static Result<Home> log_in_demo(Env& env, Api& api, std::string_view name,
                                    const crypto::DemoKey& key);
    /// By the recovery code, when password and device are lost: a new password, a new code, and a
    /// new second factor where there was one. Every other session ends. Cost: one Argon2id.
    /// Errors: also denied — a weak password; integrity — the node sent another slot.
    static Result<Recovered> recover(Env& env, Api& api, const RecoverOptions& options);
    /// Keys from a local keyring, session from a cookie that the Api holds already.
    static Result<Home> resume(Env& env, Api& api, AccountKeys keys);

    [[nodiscard]] const AccountKeys& keys() const noexcept { return keys_; }
    [[nodiscard]] const std::string& name() const noexcept {
        return home_;
    }  ///< first 8 hex digits
    [[nodiscard]] const std::string& chain_id() const noexcept { return chain_id_; }
    [[nodiscard]] const json::Value& session() const noexcept { return session_; }
    [[nodiscard]] const std::string& display_name() const noexcept { return display_name_; }
    [[nodiscard]] const std::optional<TxReceipt>& enrolment() const noexcept { return enrolment_; }
    [[nodiscard]] Api& api() noexcept { return *api_; }
    /// The node's time, by what this machine's clock was off at sign-in.
    [[nodiscard]] UnixMillis now() const;
    [[nodiscard]] Occasion occasion() const { return {chain_id_, now()}; }
    [[nodiscard]] Author author() const { return {chain_id_, keys_.account, keys_.signing_id}; }

    Status step_up(std::string_view code);
    Status log_out();
    Result<std::vector<ListedSlot>> slots();
    /// A new recovery code in place of the one before. `sealed`: receives the account's slots.
    Result<crypto::RecoveryCode> new_recovery_code(std::vector<NamedSlot>* sealed = nullptr);
    /// As an officer: for a day the member's recovery code stands for both factors.
    Status readmit(const AccountId& member);

    // The sealed list of one's own things.
    Result<KeyList> key_list();
    /// Reads, lets `change` edit, writes; again when another client was first.
    Status update_key_list(const std::function<void(KeyList&)>& change);

    // Records.
    Result<TxReceipt> store(std::vector<ledger::Operation> before, std::vector<SealedItem> items);
    /// Names a new collection in the key list and answers the operation that makes it.
    Result<ledger::Operation> begin_collection(const KnownCollection& collection);
    [[nodiscard]] CollectionFacts own_collection(const ObjectId& id, std::string_view category,
                                                 std::uint32_t epoch) const;
    Result<TxReceipt> add_records(const std::vector<NewRecord>& records);
    Result<std::vector<ListedRecord>> list(const ObjectId& collection);
    Result<Opened> open_own(const std::vector<ListedRecord>& records);
    /// Adds to somebody else's collection, where the owner made this account a writer; the key is
    /// sealed to both.
    Result<TxReceipt> write_to(const ObjectId& collection, const std::vector<std::string>& bodies);
    /// Lets an account add records, not read them. Ends at `until`.
    Result<TxReceipt> allow_writing(const ObjectId& collection, const AccountId& account,
                                    UnixMillis until);
    /// Records this account wrote into others' collections, and their contents by its own wraps.
    Result<std::vector<ListedRecord>> list_written();
    Result<Opened> open_written(const ListedRecord& record);
    Result<Bytes> sealed_bytes(const ObjectId& record);

    // Handing one record over for good (docs/formats/wrap-contexts.md, claim).
    /// Offers an own record to whoever shows the code, which is drawn here and known here alone.
    Result<Offered> offer(const ListedRecord& record);
    /// Takes the record over: opened here, sealed anew to a collection of `category`, which is
    /// made when it is missing. The former owner can open it no longer. Errors: not_found — no
    /// record waits under this code; already_exists — it is one's own.
    Result<Claimed> claim(const crypto::ClaimCode& code, const std::string& category,
                          const std::string& collection_name);

    // Sharing.
    Result<Granted> grant(const Grantee& grantee, const GrantOptions& options);
    /// Ends the directive and gives its collections new keys; others who may read keep them.
    Result<TxReceipt> revoke(const ObjectId& directive, std::string_view reason = "patient");
    Result<std::vector<SharedItem>> shared();
    Result<Card> card_of(const SharedItem& item);
    /// At most 1,000 of each collection.
    Result<std::vector<ListedRecord>> list_shared(const ObjectId& directive);
    Result<Opened> open_shared(const SharedItem& item, const std::vector<ListedRecord>& records,
                               std::string_view purpose = "TREAT");
    Result<json::Array> feed(std::size_t count);

    // The organisation (officers and members).
    Result<std::string> invite(std::string_view role, std::string_view display_name,
                               std::string_view licence, UnixMillis expires);
    /// Draws the organisation's pair and enrols its account. Errors: already_exists.
    Status make_organisation_key();
    /// Seals the pair to every member who waits for it; how many there were.
    Result<std::size_t> hand_out_organisation_key();
    Result<crypto::X25519PrivateKey> organisation_key();

  private:
    Home(Env& env, Api& api) : env_(&env), api_(&api) {}
    Status adopt(const json::Value& session, const NodeStatus& status);
    Result<std::vector<ListedRecord>> list_pages(const std::string& path, const std::string& query);
    Result<TxReceipt> post_store(std::vector<ledger::Operation> operations,
                                 const std::vector<SealedItem>& items);
    Result<Released> ask(const AccountId& patient, const std::vector<ListedRecord>& records,
                         std::string_view purpose);
    Result<CollectionFacts> facts(const ObjectId& collection);
    Result<AccountFacts> account_facts(const AccountId& account);
    Result<GrantPlace> place_of(const AccountId& patient, const ObjectId& directive);
    using CollectionKeys =
        std::map<std::pair<ObjectId, std::uint32_t>, crypto::CollectionPrivateKey>;
    struct Opening;
    Result<Opening> opening_of(const SharedItem& item, const Released& released);
    Result<CollectionKeys> granted_keys(const Opening& by, const Released& released);
    Result<OpenedRecord> open_granted(const Opening& by, const ReleasedRecord& record,
                                      const AccountId& author, const CollectionKeys& keys);
    Result<OpenedRecord> open_one(const ReleasedRecord& record, const AccountId& author,
                                  const crypto::X25519PrivateKey& key);
    Result<Card> own_card(const KeyList& list, const std::vector<ObjectId>& collections) const;
    [[nodiscard]] ledger::Operation first_put(const KnownCollection& collection) const;
    Result<KnownCollection> collection_for(const std::string& category, const std::string& name,
                                           std::vector<ledger::Operation>& before);
    Result<std::vector<GrantWrap>> grant_wraps(const KeyList& list, const GrantPlace& place,
                                               const std::vector<ObjectId>& collections,
                                               const crypto::X25519PublicKey& to);
    Result<std::vector<ledger::Operation>> writer_operations(const Grantee& grantee,
                                                             const GrantOptions& options);
    struct HandedOver;
    Result<HandedOver> hand_over(const GrantOptions& options, const GrantPlace& place,
                                 const crypto::X25519PublicKey& to);
    struct Ending;
    Result<Ending> plan_ending(const ObjectId& directive, const KeyList& list);

    Env* env_;
    Api* api_;
    AccountKeys keys_;
    std::string home_;
    std::string chain_id_;
    std::string display_name_;
    std::string organisation_name_;
    json::Value session_;
    std::int64_t clock_offset_ms_ = 0;
    std::optional<TxReceipt> enrolment_;
    std::map<ObjectId, CollectionFacts> collections_;  ///< owner and label never change
    std::map<AccountId, AccountFacts> accounts_;
};

struct Recovered {
    Home home;
    crypto::RecoveryCode code;  ///< the new one: shown once, written down
    Bytes totp_secret;          ///< the new one; empty: there is no second factor
    std::vector<NamedSlot> slots;
};

/// The slots of a node's answer. Errors: malformed.
Result<std::vector<NamedSlot>> read_slots(const json::Value& answer);
/// A list entry of `GET /api/records`. Errors: malformed.
Result<ListedRecord> read_listed(const json::Value& value);

}  // namespace salus::client
