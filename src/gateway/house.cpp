#include "gateway/house.hpp"

#include "base/cbor.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"

#include <set>

namespace salus::gateway {

namespace {

using store::Column;

Bytes numbered(char kind, std::uint64_t number) {
    Bytes key{static_cast<std::uint8_t>(kind), '/'};
    append_be64(key, number);
    return key;
}

const Bytes organisation_name_key = to_bytes("organisation-name");

std::optional<std::string> hex_or_nothing(const std::optional<AccountId>& account) {
    return account ? std::optional(to_hex(account->view())) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<House>> House::open(Env& env, chain::Node& node, HouseConfig config) {
    std::unique_ptr<House> house(new House(env, node, std::move(config)));
    SALUS_TRY(house->open_stores());
    SALUS_TRY(house->follow_chain());
    SALUS_TRY(house->access_log->adopt_anchors());
    SALUS_TRY(house->close_due());
    SALUS_TRY(house->erase_due());
    SALUS_TRY(house->open_watch());
    house->custodian = std::make_unique<Custodian>(env, node, *house->access_log);
    house->views = std::make_unique<StateViews>(node, *house->index_db);
    return house;
}

House::~House() {
    close();
}

void House::close() {
    if (std::exchange(closed_, true)) return;
    events.close_all();
    workers.stop();
    if (custodian) custodian->stop();
    views.reset();  // what it keeps must go before the databases do
    if (index_db) static_cast<void>(index_db->flush());
}

Status House::open_stores() {
    const std::string vault_dir = config.data_dir + "/vault";
    SALUS_TRY(env.make_directories(vault_dir));
    SALUS_TRY(env.make_directories(config.data_dir + "/keys"));
    db = SALUS_TRY(store::open_rocks(
        vault_dir + "/db", {.durability = store::Durability::own_log,
                            .columns = {Column::vault, Column::identity, Column::sentinel}}));
    index_db = SALUS_TRY(store::open_rocks(
        vault_dir + "/index", {.durability = store::Durability::rebuilt_from_log,
                               .columns = {Column::index, Column::access, Column::tree,
                                           Column::blobs}}));
    blobs = SALUS_TRY(store::open_local_blobs(env, vault_dir + "/blobs", *index_db));
    accounts = std::make_unique<identity::AccountStore>(*db);
    invitations = std::make_unique<identity::InvitationStore>(*db);
    auto secret = SALUS_TRY(identity::load_server_secret(env, config.data_dir + "/keys/server"));
    login = std::make_unique<identity::Login>(env, *accounts, std::move(secret));
    sessions = SALUS_TRY(identity::Sessions::open(env, *db));
    sessions->on_end([this](const Digest& session) { events.end_session(session); });
    records = std::make_unique<vault::RecordVault>(*db);
    asks = std::make_unique<vault::AccessAsks>(*db);
    chain_index = std::make_unique<vault::ChainIndex>(*index_db, node.account());
    access_log = SALUS_TRY(vault::AccessLog::open(env, vault_dir + "/access", *index_db));
    const auto name = SALUS_TRY(db->get(Column::identity, organisation_name_key));
    organisation_name_ = name ? std::string(as_text(*name)) : node.status().members.front().name;
    bool officer = false;
    SALUS_TRY(accounts->for_each(
        [&](const identity::UserAccount& a) { officer = officer || a.is_staff(); }));
    if (!officer) setup_token_ = to_hex(random_bytes<ObjectId>(env).view());
    return done;
}

Status House::open_watch() {
    const auto contexts = db->scan(Column::sentinel, {.prefix = to_bytes("c/"), .from = {}});
    for (; contexts->valid(); contexts->next()) {
        watch_.add_context(SALUS_TRY(sentinel::decode_context(contexts->value())));
    }
    SALUS_TRY(contexts->status());
    const auto newest =
        db->scan(Column::sentinel, {.prefix = to_bytes("a/"), .from = {}, .descending = true});
    if (newest->valid()) next_alert_ = SALUS_TRY(sentinel::decode_alert(newest->value())).id + 1;
    return newest->status();
}

Status House::follow_chain() {
    node.on_commit([this](const chain::CommittedBlock& block) { on_block(block); });
    return follow_to(node.status().head.height);
}

Status House::follow_to(BlockHeight height) {
    const std::lock_guard lock(follow_mutex_);
    BlockHeight at = SALUS_TRY(chain_index->height());
    while (at < height) {
        const auto places = node.replica().block_places({at.value + 1}, 100);
        if (places.empty()) break;
        for (const ledger::BlockPlace& place : places) {
            const ledger::Block block = SALUS_TRY(node.replica().block(place.height));
            SALUS_TRY(chain_index->follow(block, {place.log_begin}));
            at = place.height;
        }
    }
    return done;
}

Status House::erase_due() {
    const std::lock_guard lock(erase_mutex_);
    while (true) {
        const std::vector<ObjectId> due = SALUS_TRY(chain_index->to_erase());
        if (due.empty()) return done;
        SALUS_TRY(erase(due));
    }
}

Status House::erase(const std::vector<ObjectId>& due) {
    const std::set<ObjectId> gone(due.begin(), due.end());
    std::vector<vault::ChainIndex::Erased> erased;
    std::vector<Digest> bodies;
    for (const ObjectId& record : due) {
        const Digest body = SALUS_TRY(vault::record_state(ask(), record)).digest;
        erased.push_back({record, body});
        if (!SALUS_TRY(chain_index->is_named_outside(body, gone))) bodies.push_back(body);
    }
    SALUS_TRY(records->forget_records(gone));
    SALUS_TRY(records->purge());
    // A write-ahead log goes once no column needs it: until then it still holds the deleted keys.
    for (const Column column : {Column::identity, Column::sentinel}) SALUS_TRY(db->compact(column));
    SALUS_TRY(blobs->remove_batch(bodies));
    return chain_index->erased(erased);
}

Status House::close_due() {
    const std::lock_guard lock(close_mutex_);
    while (true) {
        const auto due = SALUS_TRY(chain_index->to_close());
        if (due.empty()) return done;
        for (const vault::ChainIndex::Ended& one : due) {
            const Status dropped = records->drop_wraps(one.grantor, one.directive);
            // A consent whose keys another node keeps has nothing to delete here.
            if (!dropped.ok() && dropped.error().code != Errc::not_found) return dropped;
        }
        SALUS_TRY(chain_index->closed(due));
    }
}

void House::on_workers_soon(std::string_view what, Status (House::*work)()) {
    // When the workers are full, the next block asks again.
    static_cast<void>(workers.run([this, what = std::string(what), work] {
        if (const Status status = (this->*work)(); !status.ok()) {
            log::error("house." + what, {{"detail", status.error().detail}});
        }
    }));
}

void House::on_block(const chain::CommittedBlock& block) {
    if (const Status status = follow_to(block.height); !status.ok()) {
        log::error("house.follow",
                   {{"height", block.height.value}, {"detail", status.error().detail}});
    }
    const auto closing = chain_index->to_close();
    if (closing.ok() && !closing->empty()) on_workers_soon("close", &House::close_due);
    const auto due = chain_index->to_erase();
    if (due.ok() && !due->empty()) on_workers_soon("erase", &House::erase_due);
    events.block(json::Object{{"height", block.height.value},
                              {"time", block.time.value},
                              {"transactions", block.transactions},
                              {"header_hash", to_hex(block.header_hash.view())}});
}

vault::Ask House::ask() const {
    return
        [this](std::string_view contract, std::string_view method, ByteView args) -> Result<Bytes> {
            auto answer = SALUS_TRY(node.query(contract, method, args));
            if (answer.code != 0) {
                return Error{Errc::malformed, std::string(contract) + "." + std::string(method) +
                                                  " answered code " + std::to_string(answer.code)};
            }
            return std::move(answer.data);
        };
}

std::string House::organisation_name() const {
    const std::lock_guard lock(setup_mutex_);
    return organisation_name_;
}

std::string House::setup_token() const {
    const std::lock_guard lock(setup_mutex_);
    return setup_token_;
}

Status House::use_setup_token(std::string_view token) {
    const std::lock_guard lock(setup_mutex_);
    if (setup_token_.empty() ||
        !crypto::equal_constant_time(as_bytes(token), as_bytes(setup_token_))) {
        return Error{Errc::denied, "this set-up link was used or is not the one in the terminal"};
    }
    setup_token_.clear();
    return done;
}

Status House::check_organisation_name(std::string_view name) {
    if (name.empty() || name.size() > identity::display_name_bytes_max ||
        !is_utf8(as_bytes(name))) {
        return Error{Errc::out_of_range, "an organisation's name has 1 to 128 characters"};
    }
    return done;
}

Status House::set_organisation_name(std::string_view name) {
    SALUS_TRY(check_organisation_name(name));
    store::WriteBatch batch;
    batch.put(Column::identity, organisation_name_key, as_bytes(name));
    SALUS_TRY(db->write(batch));
    const std::lock_guard lock(setup_mutex_);
    organisation_name_ = name;
    return done;
}

void House::watch_access(const sentinel::AccessEvent& event) {
    std::vector<sentinel::Alert> raised;
    {
        const std::lock_guard lock(watch_mutex_);
        raised = watch_.on_access(event).alerts;
    }
    if (const Status kept = keep_alerts(std::move(raised)); !kept.ok()) {
        log::error("watch.keep", {{"detail", kept.error().detail}});
    }
}

void House::watch_login(const sentinel::LoginEvent& event) {
    std::vector<sentinel::Alert> raised;
    {
        const std::lock_guard lock(watch_mutex_);
        raised = watch_.on_login(event);
    }
    if (const Status kept = keep_alerts(std::move(raised)); !kept.ok()) {
        log::error("watch.keep", {{"detail", kept.error().detail}});
    }
}

void House::raise(sentinel::Alert alert) {
    std::vector<sentinel::Alert> one;
    one.push_back(std::move(alert));
    if (const Status kept = keep_alerts(std::move(one)); !kept.ok()) {
        log::error("watch.keep", {{"detail", kept.error().detail}});
    }
}

Status House::keep_alerts(std::vector<sentinel::Alert> raised) {
    for (sentinel::Alert& alert : raised) {
        {
            const std::lock_guard lock(watch_mutex_);
            alert.id = next_alert_++;
        }
        store::WriteBatch batch;
        batch.put(Column::sentinel, numbered('a', alert.id), encode(alert));
        SALUS_TRY(db->write(batch));
        events.alert(to_json(alert));
    }
    return done;
}

Status House::add_context(const sentinel::Context& context) {
    Bytes key = to_bytes("c/");
    append(key, crypto::sha256(encode(context)).view());
    store::WriteBatch batch;
    batch.put(Column::sentinel, key, encode(context));
    SALUS_TRY(db->write(batch));
    const std::lock_guard lock(watch_mutex_);
    watch_.add_context(context);
    return done;
}

Result<std::vector<sentinel::Alert>> House::alerts(bool open_only) const {
    std::vector<sentinel::Alert> out;
    const auto it =
        db->scan(Column::sentinel, {.prefix = to_bytes("a/"), .from = {}, .descending = true});
    for (; it->valid() && out.size() < 1'000; it->next()) {
        sentinel::Alert alert = SALUS_TRY(sentinel::decode_alert(it->value()));
        if (!open_only || alert.state == sentinel::AlertState::open)
            out.push_back(std::move(alert));
    }
    SALUS_TRY(it->status());
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    return out;
}

Status House::hold(const AccountId& actor, std::uint64_t alert, bool held) {
    for (const sentinel::Alert& other : SALUS_TRY(alerts(false))) {
        held = held || (other.id != alert && other.actor == actor &&
                        other.state == sentinel::AlertState::held);
    }
    return accounts->update(actor, [held](identity::UserAccount& account) -> Status {
        account.held = held;
        return done;
    });
}

Status House::resolve_alert(std::uint64_t id, sentinel::AlertState state, std::string_view note) {
    const std::lock_guard lock(resolve_mutex_);
    const auto bytes = SALUS_TRY(db->get(Column::sentinel, numbered('a', id)));
    if (!bytes) return Error{Errc::not_found, "no alert with this number"};
    sentinel::Alert alert = SALUS_TRY(sentinel::decode_alert(*bytes));
    const bool holds = state == sentinel::AlertState::held;
    if (alert.actor && (holds || alert.state == sentinel::AlertState::held))
        SALUS_TRY(hold(*alert.actor, id, holds));
    alert.state = state;
    alert.resolution = note;
    store::WriteBatch batch;
    batch.put(Column::sentinel, numbered('a', id), encode(alert));
    return db->write(batch);
}

std::optional<sentinel::Explanation> House::explain(const sentinel::AccessEvent& event) const {
    const std::lock_guard lock(watch_mutex_);
    return watch_.explain(event);
}

json::Value to_json(const sentinel::Alert& alert) {
    json::Array evidence;
    for (const sentinel::Evidence& e : alert.evidence) {
        evidence.push_back(json::Object{{"field", e.field}, {"text", e.text}});
    }
    json::Array searched(alert.searched.begin(), alert.searched.end());
    json::Array sequences(alert.events.begin(), alert.events.end());
    const auto optional_text = [](const std::optional<std::string>& text) {
        return text ? json::Value(*text) : json::Value();
    };
    return json::Object{{"id", alert.id},
                        {"time", alert.time.value},
                        {"kind", to_string(alert.kind)},
                        {"sentence", alert.sentence},
                        {"actor", optional_text(hex_or_nothing(alert.actor))},
                        {"patient", optional_text(hex_or_nothing(alert.patient))},
                        {"score", std::uint64_t{alert.score}},
                        {"evidence", std::move(evidence)},
                        {"searched", std::move(searched)},
                        {"events", std::move(sequences)},
                        {"state", to_string(alert.state)},
                        {"resolution", alert.resolution}};
}

}  // namespace salus::gateway
