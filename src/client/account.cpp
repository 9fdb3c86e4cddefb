#include "client/account.hpp"

#include "base/cbor.hpp"
#include "client/limits.hpp"
#include "client/transactions.hpp"
#include "crypto/hash.hpp"
#include "crypto/totp.hpp"

#include <algorithm>

namespace salus::client {
namespace {

constexpr std::size_t totp_secret_bytes = 20;

Label label(const crypto::LabelKey& key, std::string_view kind,
            std::initializer_list<ByteView> id) {
    Bytes message = to_bytes(kind);
    message.push_back(0);
    for (const ByteView part : id) append(message, part);
    const Digest mac = crypto::hmac_sha256(key.reveal(), message);
    Label out;
    std::copy_n(mac.bytes.begin(), out.bytes.size(), out.bytes.begin());
    return out;
}

Status add_slots(Env& env, NewAccount& account, const crypto::KeyEncryptionKey& kek) {
    account.slots.push_back(
        {"password", SALUS_TRY(seal_master_key(env, kek, account.keys, crypto::SlotType::password,
                                               account.kdf))});
    const crypto::KeyEncryptionKey recovery = crypto::recovery_kek(account.recovery);
    account.slots.push_back({"recovery", SALUS_TRY(seal_master_key(env, recovery, account.keys,
                                                                   crypto::SlotType::recovery))});
    if (!account.options.demo) return done;
    account.demo = crypto::random_key<crypto::DemoKey>(env);
    const crypto::LoginKeys demo = crypto::demo_keys(*account.demo);
    crypto::SlotHead head;
    head.type = crypto::SlotType::demo;
    head.slot = random_bytes<ObjectId>(env);
    Bytes payload = demo_slot_payload(account.keys.amk, account.totp_secret);
    Result<Bytes> slot = crypto::seal_slot(env, demo.kek, account.keys.account, head, payload);
    crypto::wipe(payload);
    account.slots.push_back({"demo", SALUS_TRY(std::move(slot))});
    return done;
}

}  // namespace

Label person_label(const crypto::LabelKey& key, const AccountId& person) {
    return label(key, "person", {person.view()});
}

Label organisation_label(const crypto::LabelKey& key, const ObjectId& organisation) {
    return label(key, "organisation", {organisation.view()});
}

Label role_label(const crypto::LabelKey& key, std::string_view role, const ObjectId& organisation) {
    const std::uint8_t zero = 0;
    return label(key, "role", {as_bytes(role), ByteView(&zero, 1), organisation.view()});
}

Label category_label(const crypto::LabelKey& key, std::string_view category) {
    return label(key, "category", {as_bytes(category)});
}

Digest label_commitment(const crypto::LabelKey& key) {
    return crypto::sha256({as_bytes("salus/v1/label-key"), key.reveal()});
}

AccountKeys AccountKeys::derive(crypto::AccountMasterKey amk, const ObjectId& organisation,
                                const std::optional<AccountId>& account, std::uint32_t epoch) {
    AccountKeys keys;
    keys.organisation = organisation;
    keys.account = account ? *account : crypto::patient_account_id(amk, organisation.view());
    keys.signing = crypto::signing_key(amk, organisation.view());
    keys.signing_public = crypto::public_key(keys.signing);
    keys.signing_id = crypto::key_id(keys.signing_public.view());
    keys.kem.private_half = crypto::kem_key(amk, organisation.view(), epoch);
    keys.kem.public_half = crypto::public_key(keys.kem.private_half);
    keys.labels = crypto::label_key(amk, organisation.view());
    keys.amk = std::move(amk);
    return keys;
}

crypto::X25519Pair AccountKeys::collection(const ObjectId& id, std::uint32_t epoch) const {
    crypto::X25519Pair pair;
    crypto::CollectionPrivateKey key = crypto::collection_key(amk, id, epoch);
    pair.public_half = crypto::public_key(key);
    pair.private_half = std::move(key);
    return pair;
}

Result<Bytes> seal_master_key(Env& env, const crypto::KeyEncryptionKey& kek,
                              const AccountKeys& keys, crypto::SlotType type,
                              std::optional<crypto::SlotKdf> kdf) {
    crypto::SlotHead head;
    head.type = type;
    head.slot = random_bytes<ObjectId>(env);
    head.kdf = kdf;
    return crypto::seal_slot_key(env, kek, keys.account, head, keys.amk);
}

Result<NewAccount> make_account(Env& env, const ObjectId& organisation, std::string_view password,
                                SignUpOptions options) {
    SALUS_TRY(check_password(password, options.second_factor));
    const PlainPassword plain = SALUS_TRY(PlainPassword::parse(password));
    NewAccount account;
    std::optional<AccountId> id;
    if (options.staff) id = random_bytes<AccountId>(env);
    account.keys =
        AccountKeys::derive(crypto::random_key<crypto::AccountMasterKey>(env), organisation, id);
    account.recovery = crypto::random_key<crypto::RecoveryCode>(env);
    if (options.second_factor) {
        account.totp_secret.resize(totp_secret_bytes);
        env.random(account.totp_secret);
    }
    account.kdf = {options.kdf, random_bytes<crypto::KdfSalt>(env)};
    account.options = std::move(options);
    crypto::LoginKeys login =
        SALUS_TRY(crypto::password_keys(plain.reveal(), account.kdf.salt, account.kdf.parameters));
    account.auth = std::move(login.auth);
    SALUS_TRY(add_slots(env, account, login.kek));
    return account;
}

json::Value to_json(const crypto::SlotKdf& kdf) {
    return json::Object{{"m_kib", std::uint64_t{kdf.parameters.m_kib}},
                        {"t", std::uint64_t{kdf.parameters.t}},
                        {"p", std::uint64_t{kdf.parameters.p}},
                        {"salt", to_base64url(kdf.salt.view())}};
}

json::Value to_json(const std::vector<NamedSlot>& slots) {
    json::Array out;
    for (const NamedSlot& slot : slots)
        out.push_back(json::Object{{"type", slot.type}, {"blob", to_base64url(slot.blob)}});
    return json::Value(std::move(out));
}

Result<json::Value> sign_up_body(Env& env, const NewAccount& account, std::string_view chain_id,
                                 UnixMillis node_time, UnixMillis code_time) {
    const SignUpOptions& options = account.options;
    std::vector<ledger::Operation> operations;
    operations.push_back(operation::enrol(options.staff ? "staff" : "patient",
                                          account.keys.signing_public, account.keys.kem.public_half,
                                          label_commitment(account.keys.labels)));
    const Bytes tx = SALUS_TRY(
        sign(env, account.keys, {std::string(chain_id), node_time}, std::move(operations)));
    json::Object body;
    body.emplace_back("name", options.name);
    body.emplace_back("kind", options.staff ? "staff" : "patient");
    body.emplace_back("invitation", options.invitation.empty() ? json::Value(nullptr)
                                                               : json::Value(options.invitation));
    body.emplace_back("display_name", options.display_name);
    body.emplace_back("kdf", to_json(account.kdf));
    body.emplace_back("auth_key", to_base64url(account.auth.reveal()));
    body.emplace_back("recovery_auth_key",
                      to_base64url(crypto::recovery_auth_key(account.recovery).reveal()));
    body.emplace_back("slots", to_json(account.slots));
    body.emplace_back("tx", to_base64url(tx));
    body.emplace_back("label_key", to_base64url(account.keys.labels.reveal()));
    if (account.totp_secret.empty()) {
        body.emplace_back("totp_secret", nullptr);
        body.emplace_back("totp_code", nullptr);
    } else {
        body.emplace_back("totp_secret", to_base64url(account.totp_secret));
        body.emplace_back("totp_code", SALUS_TRY(crypto::totp_code(account.totp_secret,
                                                                   code_time.value / 1'000)));
    }
    if (account.demo) {
        body.emplace_back("demo_auth_key",
                          to_base64url(crypto::demo_keys(*account.demo).auth.reveal()));
    }
    return json::Value(std::move(body));
}

Result<OpenedSlot> open_password_slot(ByteView slot, const AccountId& account,
                                      std::string_view password) {
    const crypto::SlotHead head = SALUS_TRY(crypto::read_slot_head(slot));
    if (head.type != crypto::SlotType::password || !head.kdf) {
        return Error{Errc::malformed, "this slot does not open by a password"};
    }
    const PlainPassword plain = SALUS_TRY(PlainPassword::parse(password));
    crypto::LoginKeys login =
        SALUS_TRY(crypto::password_keys(plain.reveal(), head.kdf->salt, head.kdf->parameters));
    OpenedSlot opened;
    opened.amk = SALUS_TRY(crypto::open_slot_key(login.kek, account, slot));
    opened.auth = std::move(login.auth);
    return opened;
}

Bytes demo_slot_payload(const crypto::AccountMasterKey& amk, ByteView totp_secret) {
    cbor::Writer out;
    out.map(2).uint(1).bytes(amk.reveal()).uint(2).bytes(totp_secret);
    return out.take();
}

Result<OpenedDemoSlot> open_demo_slot(ByteView slot, const AccountId& account,
                                      const crypto::DemoKey& key) {
    const crypto::LoginKeys keys = crypto::demo_keys(key);
    Bytes payload = SALUS_TRY(crypto::open_slot(keys.kek, account, slot));
    cbor::Reader in(payload);
    SALUS_TRY(in.map_of(2));
    SALUS_TRY(in.key(1));
    OpenedDemoSlot opened;
    opened.amk = SALUS_TRY(crypto::key_from<crypto::AccountMasterKey>(SALUS_TRY(in.bytes())));
    SALUS_TRY(in.key(2));
    opened.totp_secret = to_bytes(SALUS_TRY(in.bytes_max(64)));
    SALUS_TRY(in.end());
    crypto::wipe(payload);
    return opened;
}

}  // namespace salus::client
