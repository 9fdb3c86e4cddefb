#pragma once

#include "base/env.hpp"
#include "chain/node.hpp"
#include "gateway/custodian.hpp"
#include "gateway/event_hub.hpp"
#include "gateway/state_views.hpp"
#include "gateway/worker_pool.hpp"
#include "identity/login.hpp"
#include "identity/sessions.hpp"
#include "sentinel/watch.hpp"
#include "store/blobs.hpp"
#include "vault/access_log.hpp"
#include "vault/asks.hpp"
#include "vault/chain_index.hpp"
#include "vault/consent_view.hpp"
#include "vault/records.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace salus::gateway {

struct HouseConfig {
    std::string data_dir;
    std::string portal_dir;  ///< the built portal; empty: none is served
    bool demo = false;       ///< demo links work, and an officer may look at ciphertext of anybody
    bool loopback = true;
};

/// Setup of an empty node: a one-time token that only the terminal shows.
struct Setup {
    std::string token;  ///< empty once an officer exists
};

/// All objects of one organisation's node, wired. The API files get this and nothing else.
///
///     data_dir/vault/db       accounts, key wraps, alerts: the only copy
///     data_dir/vault/index    places of blobs, records, receipts; follows the files and the chain
///     data_dir/vault/blobs    ciphertext
///     data_dir/vault/access   access receipts
class House {
  public:
    /// Errors: those of its parts; denied — a default secret.
    static Result<std::unique_ptr<House>> open(Env& env, chain::Node& node, HouseConfig config);
    ~House();
    void close();

    Env& env;
    chain::Node& node;
    const HouseConfig config;
    std::unique_ptr<store::Kv> db;
    std::unique_ptr<store::Kv> index_db;
    std::unique_ptr<store::Blobs> blobs;
    std::unique_ptr<identity::AccountStore> accounts;
    std::unique_ptr<identity::InvitationStore> invitations;
    std::unique_ptr<identity::Login> login;
    std::unique_ptr<identity::Sessions> sessions;
    std::unique_ptr<vault::RecordVault> records;
    std::unique_ptr<vault::AccessAsks> asks;
    std::unique_ptr<vault::ChainIndex> chain_index;
    std::unique_ptr<vault::AccessLog> access_log;
    std::unique_ptr<Custodian> custodian;
    std::unique_ptr<StateViews> views;
    EventHub events;
    WorkerPool workers{2, 256};

    /// A contract's query at committed state; an error when its code is not 0.
    [[nodiscard]] vault::Ask ask() const;
    [[nodiscard]] std::string organisation_name() const;
    [[nodiscard]] std::string setup_token() const;
    /// Takes the token once. Errors: denied — none is open, or another.
    Status use_setup_token(std::string_view token);
    Status set_organisation_name(std::string_view name);
    /// Errors: out_of_range.
    static Status check_organisation_name(std::string_view name);

    // Watching ----------------------------------------------------------------------------------
    void watch_access(const sentinel::AccessEvent& event);
    void watch_login(const sentinel::LoginEvent& event);
    /// Numbers and keeps an alert that a door raised itself.
    void raise(sentinel::Alert alert);
    Status add_context(const sentinel::Context& context);
    Result<std::vector<sentinel::Alert>> alerts(bool open_only) const;
    /// `held` stops the actor's openings; they go on once no alert holds the actor.
    Status resolve_alert(std::uint64_t id, sentinel::AlertState state, std::string_view note);
    [[nodiscard]] std::optional<sentinel::Explanation> explain(
        const sentinel::AccessEvent& event) const;

  private:
    House(Env& e, chain::Node& n, HouseConfig c) : env(e), node(n), config(std::move(c)) {}
    Status open_stores();
    Status open_watch();
    Status follow_chain();
    Status follow_to(BlockHeight height);
    void on_block(const chain::CommittedBlock& block);
    /// Deletes keys and bodies of records that the chain says are erased or claimed. May be
    /// repeated: what a crash leaves undone is still on the index's list.
    Status erase_due();
    Status erase(const std::vector<ObjectId>& records);
    /// Deletes the wraps of consents that the chain says are over, whichever door their end came
    /// by. May be repeated, as above.
    Status close_due();
    /// On the workers: what came due with a block takes longer than the block may wait.
    void on_workers_soon(std::string_view what, Status (House::*work)());
    Status hold(const AccountId& actor, std::uint64_t alert, bool held);
    Status keep_alerts(std::vector<sentinel::Alert> alerts);

    mutable std::mutex watch_mutex_;
    sentinel::Watch watch_;
    std::uint64_t next_alert_ = 1;
    std::mutex follow_mutex_;
    std::mutex erase_mutex_;
    std::mutex close_mutex_;
    std::mutex resolve_mutex_;
    mutable std::mutex setup_mutex_;
    std::string setup_token_;
    std::string organisation_name_;
    bool closed_ = false;
};

/// JSON of an alert as the officer's page reads it.
json::Value to_json(const sentinel::Alert& alert);

}  // namespace salus::gateway
