#include "client/account.hpp"

#include "client/key_list.hpp"
#include "client/keyring_file.hpp"
#include "ledger/transaction.hpp"

#include <doctest/doctest.h>

#include "client_world.hpp"

using namespace salus;
using namespace salus::client;

namespace {

NewAccount new_account(Env& env, bool demo = false) {
    SignUpOptions options;
    options.name = "maria";
    options.display_name = "Maria Keller";
    options.demo = demo;
    return make_account(env, ObjectId{{7}}, "correct horse", std::move(options)).value();
}

}  // namespace

TEST_CASE("password, recovery code and demo key open the same master key, and nothing else does") {
    SimEnv env(1);
    NewAccount account = new_account(env, true);
    REQUIRE(account.slots.size() == 3);
    const KeyringFile keyring{"maria", account.keys.account, account.keys.organisation,
                              "http://localhost:1", account.slots};
    CHECK(unlock(keyring, "correct horse").value().signing_public == account.keys.signing_public);
    CHECK(unlock(keyring, "correct hors").error().code == Errc::authentication);
    CHECK(unlock(keyring, account.recovery).value().signing_public == account.keys.signing_public);
    CHECK_FALSE(unlock(keyring, crypto::random_key<crypto::RecoveryCode>(env)).ok());
    const auto demo = open_demo_slot(account.slots[2].blob, account.keys.account, *account.demo);
    REQUIRE(demo.ok());
    CHECK(demo->totp_secret == account.totp_secret);
}

TEST_CASE("a slot of one account does not open as another's") {
    SimEnv env(2);
    const NewAccount account = new_account(env);
    AccountId other = account.keys.account;
    other.bytes[0] ^= 1;
    CHECK(open_password_slot(account.slots[0].blob, other, "correct horse").error().code ==
          Errc::integrity);
}

TEST_CASE("a sign-up carries public halves and sealed slots, and no key that opens anything") {
    SimEnv env(3);
    const NewAccount account = new_account(env);
    const auto body = sign_up_body(env, account, test_chain, env.now(), env.now());
    REQUIRE(body.ok());
    const std::string text = json::write(*body);
    CHECK(text.find(to_base64url(account.keys.amk.reveal())) == std::string::npos);
    CHECK(text.find(to_base64url(account.keys.signing.reveal())) == std::string::npos);
    CHECK(text.find("correct horse") == std::string::npos);
    const Bytes tx = json::need_base64url(*body, "tx").value();
    const auto transaction = ledger::decode_transaction(tx);
    REQUIRE(transaction.ok());
    CHECK(transaction->body.operations.front().method == "enrol");
    CHECK(transaction->body.account == account.keys.account);
}

TEST_CASE("staff draw their account id, a patient's follows from the key and the organisation") {
    SimEnv env(4);
    const auto amk = crypto::random_key<crypto::AccountMasterKey>(env);
    const auto copy = [&] {
        return crypto::key_from<crypto::AccountMasterKey>(amk.reveal()).value();
    };
    const AccountKeys here = AccountKeys::derive(copy(), ObjectId{{1}});
    const AccountKeys there = AccountKeys::derive(copy(), ObjectId{{2}});
    CHECK(here.account == AccountKeys::derive(copy(), ObjectId{{1}}).account);
    CHECK(here.account != there.account);
    CHECK(here.signing_public != there.signing_public);
    CHECK(person_label(here.labels, here.account) != person_label(there.labels, here.account));
}

TEST_CASE("a keyring file reads back, and every cut or changed head of it is refused") {
    SimEnv env(5);
    REQUIRE(env.make_directories("/keys").ok());
    const KeyringFile keyring{"maria",
                              AccountId{{1, 2}},
                              ObjectId{{3}},
                              "http://localhost:8080",
                              {{"password", {10, 11, 12}}}};
    REQUIRE(write_keyring(env, "/keys/k", keyring).ok());
    const auto read = read_keyring(env, "/keys/k");
    REQUIRE(read.ok());
    CHECK(encode(*read) == encode(keyring));
    const Bytes whole = encode(keyring);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(decode_keyring(ByteView(whole).first(size)).ok());
    }
    Bytes other_version = whole;
    other_version[2] = 2;
    CHECK(decode_keyring(other_version).error().code == Errc::malformed);
    CHECK(read_keyring(env, "/keys/none").error().code == Errc::not_found);
}

TEST_CASE("the keyring page's example") {
    KeyringFile keyring{"maria", {}, {}, "http://localhost:8080", {{"password", {10, 11, 12}}}};
    keyring.account.bytes.fill(1);
    keyring.organisation.bytes.fill(2);
    CHECK(to_hex(encode(keyring)) ==
          "a6010102656d6172696103500101010101010101010101010101010104500202020202020202020202020202"
          "02020575687474703a2f2f6c6f63616c686f73743a383038300681826870617373776f7264430a0b0c");
}

TEST_CASE(
    "the key list at the node opens for its account and version only, and keeps what it does not "
    "know") {
    SimEnv env(6);
    const AccountKeys keys = test_account(env);
    KeyList list =
        read_key_list(
            R"({"collections":[],"contacts":{"a":"b"},"grants":{},"settings":{},"more":[1]})")
            .value();
    KnownCollection one;
    one.id = ObjectId{{4}};
    one.name = "Notes";
    one.category = "notes";
    list.collections.push_back(one);
    const Bytes sealed = seal_key_list(env, keys, 3, list);
    const auto opened = open_key_list(keys, 3, sealed);
    REQUIRE(opened.ok());
    CHECK(write_key_list(*opened) == write_key_list(list));
    CHECK(opened->further.size() == 1);
    CHECK(opened->find_category("notes") != nullptr);
    CHECK(open_key_list(keys, 4, sealed).error().code == Errc::integrity);
    CHECK(open_key_list(test_account(env), 3, sealed).error().code == Errc::integrity);
}
