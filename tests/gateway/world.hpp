#pragma once

#include "base/cbor.hpp"
#include "chain/vm_executor.hpp"
#include "client/account.hpp"
#include "client/granting.hpp"
#include "client/sealing.hpp"
#include "client/transactions.hpp"
#include "contracts/shipped.hpp"
#include "crypto/hash.hpp"
#include "crypto/totp.hpp"
#include "gateway/api.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

/// A whole node in one process, and the people who use it, without a socket.
namespace salus::gateway::test {

/// The machine with a wall clock that a test moves forward.
class MovableEnv final : public Env {
  public:
    UnixMillis now() override { return {machine_env().now().value + ahead_ms.load()}; }
    std::int64_t steady_ns() override { return machine_env().steady_ns(); }
    void random(std::span<std::uint8_t> into) override { machine_env().random(into); }
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        return machine_env().open(path, mode);
    }
    Status make_directories(const std::string& path) override {
        return machine_env().make_directories(path);
    }
    Status remove(const std::string& path) override { return machine_env().remove(path); }
    Status rename(const std::string& from, const std::string& to) override {
        return machine_env().rename(from, to);
    }
    Status sync_directory(const std::string& path) override {
        return machine_env().sync_directory(path);
    }
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return machine_env().list(directory);
    }
    bool exists(const std::string& path) override { return machine_env().exists(path); }

    std::atomic<std::int64_t> ahead_ms{0};
};

struct TempDirectory {
    TempDirectory() {
        std::string name = std::filesystem::temp_directory_path().string() + "/salus-XXXXXX";
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~TempDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    std::string path;
};

template <class Condition>
bool within(std::chrono::milliseconds limit, const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

/// Whether a file under this directory holds these bytes.
inline bool files_hold(const std::string& directory, ByteView needle) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(in)), {});
        if (text.find(std::string_view(reinterpret_cast<const char*>(needle.data()),
                                       needle.size())) != std::string::npos)
            return true;
    }
    return false;
}

/// Catches the one answer and lets a test wait for it.
struct Catch : Reply::Sink {
    void answer(Response r) override {
        const std::lock_guard lock(mutex);
        response = std::move(r);
        ready.notify_all();
    }
    void stream(std::shared_ptr<EventStream> e) override {
        const std::lock_guard lock(mutex);
        events = std::move(e);
        ready.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex);
        return ready.wait_for(lock, std::chrono::seconds(60),
                              [this] { return response.has_value() || events; });
    }
    std::mutex mutex;
    std::condition_variable ready;
    std::optional<Response> response;
    std::shared_ptr<EventStream> events;
};

struct Answer {
    unsigned status = 0;
    Response raw;
    json::Value json;

    [[nodiscard]] std::string reason() const {
        const json::Value* error = json.find("error");
        return error == nullptr ? "" : json::need_text(*error, "reason").value_or("");
    }
    [[nodiscard]] std::string header(std::string_view name) const {
        for (const Header& h : raw.headers) {
            if (h.first == name) return h.second;
        }
        return "";
    }
    /// The body as text, without the number that differs from error to error.
    [[nodiscard]] std::string without_reference() const {
        std::string text(as_text(raw.body));
        const std::size_t at = text.find("SAL-");
        return at == std::string::npos ? text : text.substr(0, at);
    }
};

struct Person {
    client::NewAccount account;
    std::string cookie;  ///< "name=value"
    std::int64_t last_code_ms = 0;

    [[nodiscard]] const AccountId& id() const { return account.keys.account; }
    [[nodiscard]] std::string home() const { return home_of(id()); }
};

/// A collection of somebody's, and a record in it.
struct Kept {
    ObjectId collection;
    client::SealedItem item;
};

struct World {
    explicit World(bool demo_node = false) : demo(demo_node) { open(); }
    ~World() { close(); }

    void open() {
        chain::NodeConfig config;
        config.data_dir = directory.path;
        config.segment_bytes = 1U << 20U;
        config.witnesses = witnesses;
        for (const contracts::ShippedContract& c : contracts::shipped_contracts())
            config.contracts.push_back({std::string(c.name), to_bytes(c.module)});
        contracts::ContractVm::Options vm;
        vm.shipped = contracts::shipped_contracts();
        auto opened = chain::Node::open(env, config, std::make_unique<chain::VmExecutor>(vm));
        INFO((opened.ok() ? std::string() : opened.error().detail));
        REQUIRE(opened.ok());
        node = std::move(*opened);
        auto made = open_house();
        INFO((made.ok() ? std::string() : made.error().detail));
        REQUIRE(made.ok());
        house = std::move(*made);
        router = std::make_unique<Router>();
        add_chain_api(*router, *house);
        add_account_api(*router, *house);
        add_people_api(*router, *house);
        add_record_api(*router, *house);
        add_grant_api(*router, *house);
        add_offer_api(*router, *house);
        add_ask_api(*router, *house);
        add_watch_api(*router, *house);
        chain = node->status().chain_id;
    }
    Result<std::unique_ptr<House>> open_house() {
        return House::open(env, *node, {directory.path, "", demo, true});
    }
    void close() {
        if (house) house->close();
        if (node) REQUIRE(node->close().ok());
        router.reset();
        house.reset();
        node.reset();
    }
    void reopen() {
        close();
        open();
    }

    /// Every receipt so far is anchored.
    bool settled() {
        return within(std::chrono::seconds(10), [this] {
            const auto oldest = house->access_log->oldest_unanchored();
            return oldest.ok() && !*oldest;
        });
    }
    /// Receipts would look old to the custodian after a jump, so they are anchored first.
    void advance(std::int64_t span_ms) {
        REQUIRE(settled());
        env.ahead_ms += span_ms;
    }

    Answer dispatch(Request request) {
        const auto sink = std::make_shared<Catch>();
        Reply reply(sink);
        if (!router->dispatch(request, reply)) {
            Answer none;
            none.status = 404;
            reply(Response::error({Errc::not_found, "no such address"}));
            return none;
        }
        REQUIRE(sink->wait());
        Answer out;
        if (!sink->response) return out;
        out.raw = std::move(*sink->response);
        out.status = out.raw.status;
        if (auto parsed = json::parse(as_text(out.raw.body)); parsed.ok())
            out.json = std::move(*parsed);
        return out;
    }

    static Request request(std::string method, std::string target, const Person* as = nullptr) {
        Request out;
        out.method = std::move(method);
        const std::size_t mark = target.find('?');
        out.path = target.substr(0, mark);
        if (mark != std::string::npos) out.query = target.substr(mark + 1);
        out.peer = "127.0.0.1";
        out.headers.emplace_back("host", "localhost:8080");
        if (as != nullptr) {
            out.headers.emplace_back("salus-home", as->home());
            out.headers.emplace_back("cookie", as->cookie);
        }
        return out;
    }
    Answer get(std::string target, const Person* as = nullptr) {
        return dispatch(request("GET", std::move(target), as));
    }
    Answer send(std::string method, std::string target, const json::Value& body,
                const Person* as = nullptr) {
        Request out = request(std::move(method), std::move(target), as);
        out.headers.emplace_back("content-type", "application/json");
        out.body = to_bytes(json::write(body));
        return dispatch(std::move(out));
    }
    Answer post(std::string target, const json::Value& body, const Person* as = nullptr) {
        return send("POST", std::move(target), body, as);
    }
    Answer post_bytes(std::string target, Bytes body, const Person* as) {
        Request out = request("POST", std::move(target), as);
        out.headers.emplace_back("content-type", "application/cbor");
        out.body = std::move(body);
        return dispatch(std::move(out));
    }

    // People ----------------------------------------------------------------------------------

    /// A newcomer. The password's keys are drawn, so that a test need not stretch any.
    Person newcomer(std::string name, bool staff, bool second_factor, std::string invitation = "") {
        Person out;
        client::NewAccount& a = out.account;
        std::optional<AccountId> id;
        if (staff) id = random_bytes<AccountId>(env);
        a.keys = client::AccountKeys::derive(crypto::random_key<crypto::AccountMasterKey>(env),
                                             node->organisation(), id);
        a.options.name = name;
        a.options.display_name = "Name of " + name;
        a.options.staff = staff;
        a.options.invitation = std::move(invitation);
        a.options.second_factor = second_factor;
        a.kdf = {crypto::argon2_client_floor, random_bytes<crypto::KdfSalt>(env)};
        a.auth = crypto::random_key<crypto::AuthKey>(env);
        a.slots = {{"password", Bytes(80, 1)}, {"recovery", Bytes(80, 2)}};
        if (second_factor) {
            a.totp_secret.resize(20);
            env.random(a.totp_secret);
        }
        return out;
    }
    json::Value sign_up_body(Person& person) {
        person.last_code_ms = env.now().value;
        return client::sign_up_body(env, person.account, chain, env.now(), env.now()).value();
    }
    static void take_cookie(Person& person, const Answer& answer) {
        const std::string set = answer.header("Set-Cookie");
        person.cookie = set.substr(0, set.find(';'));
    }
    void sign_up(Person& person) {
        const Answer answer = post("/api/signup", sign_up_body(person));
        INFO(as_text(answer.raw.body));
        REQUIRE(answer.status == 200);
        take_cookie(person, answer);
    }
    Person patient(std::string name, bool second_factor = false) {
        Person out = newcomer(std::move(name), false, second_factor);
        sign_up(out);
        return out;
    }
    std::string set_up() {
        const Answer answer = post("/api/setup", json::Object{{"token", house->setup_token()},
                                                              {"organisation_name", "St Anne"}});
        REQUIRE(answer.status == 200);
        return json::need_text(answer.json, "officer_invitation").value();
    }
    Person first_officer() {
        Person out = newcomer("officer", true, true, set_up());
        sign_up(out);
        return out;
    }
    std::string invite(const Person& officer, std::string role) {
        const Answer answer =
            post("/api/invitations",
                 json::Object{{"role", role},
                              {"display_name", "Someone"},
                              {"licence", "L-1"},
                              {"expires", env.now().value + std::int64_t{365} * 24 * 60 * 60'000}},
                 &officer);
        REQUIRE(answer.status == 200);
        return json::need_text(answer.json, "code").value();
    }
    Person staff(const Person& officer, std::string name, std::string role) {
        Person out = newcomer(std::move(name), true, true, invite(officer, std::move(role)));
        sign_up(out);
        return out;
    }
    /// A code whose step was not used yet.
    std::string code(Person& person) {
        if (env.now().value < person.last_code_ms + 30'000)
            advance(person.last_code_ms + 30'000 - env.now().value);
        person.last_code_ms = env.now().value;
        return crypto::totp_code(person.account.totp_secret, env.now().value / 1'000).value();
    }
    json::Value login_body(const Person& person, std::string code_text = "") {
        return json::Object{{"name", person.account.options.name},
                            {"auth_key", to_base64url(person.account.auth.reveal())},
                            {"code", code_text.empty() ? json::Value() : json::Value(code_text)}};
    }

    // Records ---------------------------------------------------------------------------------

    client::Occasion occasion() { return {chain, env.now()}; }
    client::CollectionFacts facts(const Person& owner, const ObjectId& id,
                                  std::uint32_t epoch = 1) {
        return {id, owner.id(), client::category_label(owner.account.keys.labels, "notes"), epoch,
                owner.account.keys.collection(id, epoch).public_half};
    }
    client::Author author(const Person& person) {
        return {chain, person.id(), person.account.keys.signing_id};
    }
    client::SealedItem seal(const Person& by, const client::CollectionFacts& to,
                            std::string_view text, bool to_author = false) {
        client::Author writer = author(by);
        if (to_author) writer.own_kem = by.account.keys.kem.public_half;
        return client::seal_item(env, writer, to, as_bytes(text)).value();
    }
    Bytes signed_by(const Person& person, std::vector<ledger::Operation> operations) {
        return client::sign(env, person.account.keys, occasion(), std::move(operations)).value();
    }
    ledger::Operation new_collection(const Person& owner, const ObjectId& id) {
        const client::CollectionFacts f = facts(owner, id);
        return client::operation::collection_put(id, f.category, 0, f.key);
    }
    Answer store(const Person& by, std::vector<ledger::Operation> before,
                 const std::vector<client::SealedItem>& items) {
        for (const client::SealedItem& item : items) before.push_back(item.put);
        return post_bytes("/api/store", client::store_body(signed_by(by, before), items), &by);
    }
    Kept keep(const Person& owner, std::string_view text) {
        Kept out;
        out.collection = random_bytes<ObjectId>(env);
        out.item = seal(owner, facts(owner, out.collection), text);
        const Answer answer = store(owner, {new_collection(owner, out.collection)}, {out.item});
        INFO(as_text(answer.raw.body));
        REQUIRE(answer.status == 200);
        REQUIRE(json::need_uint(answer.json, "code").value() == 0);
        return out;
    }
    Bytes open_request(const Person& by, const AccountId& patient, std::vector<ObjectId> records,
                       std::string purpose = "TREAT", std::int64_t clock_off_ms = 0) {
        client::Occasion when = occasion();
        when.node_time.value += clock_off_ms;
        return client::access_request(env, by.account.keys, when,
                                      {patient, std::move(records), std::move(purpose)})
            .value();
    }
    Answer ask(const Person& by, const AccountId& patient, std::vector<ObjectId> records,
               std::string purpose = "TREAT") {
        return post_bytes("/api/open",
                          open_request(by, patient, std::move(records), std::move(purpose)), &by);
    }
    std::string open_text(const Person& owner, const Kept& kept, const Answer& answer,
                          const crypto::X25519PrivateKey& key) {
        const auto released = client::decode_released(answer.raw.body).value();
        REQUIRE(released.records.size() == 1);
        const auto context =
            client::record_context(chain, facts(owner, kept.collection), released.records[0],
                                   owner.account.keys.signing_id);
        const auto plain = client::open_item(released.records[0], key, context);
        REQUIRE(plain.ok());
        return std::string(as_text(*plain));
    }

    // Consent ---------------------------------------------------------------------------------

    struct GrantParts {
        ObjectId directive;
        client::GrantPlace place;
        Bytes body;
    };
    struct GrantOptions {
        client::Label actor;
        AccountId grantee;
        crypto::X25519PublicKey to;
        std::int64_t life_ms = 3'600'000;
    };
    GrantParts make_grant(const Person& owner, const ObjectId& collection, const GrantOptions& o) {
        GrantParts out;
        out.directive = random_bytes<ObjectId>(env);
        client::ConsentIr ir;
        ir.actors = {o.actor};
        ir.scope = {client::ScopeKind::collections, {collection}};
        ir.purposes = {"TREAT"};
        ir.actions = {"access"};
        ir.from = {env.now().value - 1'000};
        ir.until = {env.now().value + o.life_ms};
        out.place = {chain,         owner.id(), owner.account.keys.signing_id,
                     out.directive, ir.until,   "TREAT"};
        const std::vector<client::GrantWrap> wraps{
            client::wrap_collection(env, owner.account.keys, out.place, facts(owner, collection),
                                    o.to)
                .value()};
        const client::operation::ConsentPut put{out.directive, client::encode(ir).value(), Digest{},
                                                client::wraps_digest(wraps).value(), std::nullopt};
        const Bytes card = client::seal_card(env, out.place, {"Ada", "1950", {}}, o.to).value();
        out.body = client::grants_body(signed_by(owner, {client::operation::consent_put(put)}),
                                       o.grantee, card, wraps);
        return out;
    }
    GrantOptions to_person(const Person& owner, const Person& grantee) {
        return {client::person_label(owner.account.keys.labels, grantee.id()), grantee.id(),
                grantee.account.keys.kem.public_half};
    }
    GrantParts grant(const Person& owner, const ObjectId& collection, const GrantOptions& options) {
        GrantParts out = make_grant(owner, collection, options);
        const Answer answer = post_bytes("/api/grants", out.body, &owner);
        INFO(as_text(answer.raw.body));
        REQUIRE(answer.status == 200);
        return out;
    }
    Answer revoke(const Person& owner, const ObjectId& directive) {
        const Bytes tx =
            signed_by(owner, {client::operation::consent_revoke(directive, "patient", {},
                                                                client::wraps_digest({}).value())});
        return post_bytes("/api/revoke", client::revoke_body(tx, {}), &owner);
    }

    bool demo;
    std::vector<ledger::VerifierKey> witnesses;  ///< named from the next opening on
    TempDirectory directory;
    MovableEnv env;
    std::unique_ptr<chain::Node> node;
    std::unique_ptr<House> house;
    std::unique_ptr<Router> router;
    std::string chain;
};

}  // namespace salus::gateway::test
