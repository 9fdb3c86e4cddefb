#include "crypto/fixed_env.hpp"
#include "crypto/slot.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto {
namespace {

const char* const path = "salus/key-slot.json";

template <class Key>
Key secret_of(const vectors::Case& c, std::string_view field) {
    return std::move(*key_from<Key>(c.hex(field)));
}

AccountMasterKey amk() {
    return secret_of<AccountMasterKey>(vectors::file(path), "amk");
}
AccountId account() {
    return vectors::file(path).at("derived").fixed<AccountId>("account");
}

SlotHead recovery_head() {
    return {SlotType::recovery, vectors::file(path).fixed<ObjectId>("slot_id"), 1, std::nullopt};
}

}  // namespace

TEST_CASE("an account derives the keys that docs/formats/key-slot.md prints") {
    const auto c = vectors::file(path).at("derived");
    const Bytes organisation = c.hex("organisation");
    const auto epoch = static_cast<std::uint32_t>(c.number("epoch"));
    CHECK(to_hex(patient_account_id(amk(), organisation).view()) == c.text("account_id"));
    const SigningKey sig = signing_key(amk(), organisation);
    CHECK(to_hex(sig.reveal()) == c.text("sig_seed"));
    CHECK(to_hex(public_key(sig).view()) == c.text("sig_public"));
    const X25519PrivateKey kem = kem_key(amk(), organisation, epoch);
    CHECK(to_hex(kem.reveal()) == c.text("kem_private"));
    CHECK(to_hex(public_key(kem).view()) == c.text("kem_public"));
    CHECK(to_hex(label_key(amk(), organisation).reveal()) == c.text("label_key"));
    const auto collection = collection_key(amk(), c.fixed<ObjectId>("collection"), epoch);
    CHECK(to_hex(collection.reveal()) == c.text("collection_private"));
    CHECK(to_hex(public_key(collection).view()) == c.text("collection_public"));
    CHECK(to_hex(key_id(public_key(collection).view()).view()) == c.text("collection_key_id"));
    CHECK(to_hex(keyring_key(amk(), account()).reveal()) == c.text("keyring_key"));
}

TEST_CASE("the password slot of the worked example comes out byte for byte and opens") {
    const auto c = vectors::file(path).at("password");
    const SlotKdf kdf{{static_cast<std::uint32_t>(c.number("m_kib")),
                       static_cast<std::uint32_t>(c.number("t")), 1},
                      c.fixed<KdfSalt>("salt")};
    const auto keys = password_keys(as_bytes(c.text("text")), kdf.salt, kdf.parameters);
    REQUIRE(keys.ok());
    CHECK(to_hex(keys->auth.reveal()) == c.text("auth_key"));
    CHECK(to_hex(keys->kek.reveal()) == c.text("kek"));

    const SlotHead head{SlotType::password, vectors::file(path).fixed<ObjectId>("slot_id"), 1, kdf};
    FixedEnv env({c.hex("chunked_salt")});
    const auto blob = seal_slot_key(env, keys->kek, account(), head, amk());
    REQUIRE(blob.ok());
    CHECK(to_hex(*blob) == c.text("blob"));
    CHECK(*read_slot_head(*blob) == head);
    CHECK(to_hex(open_slot_key(keys->kek, account(), *blob)->reveal()) ==
          vectors::file(path).text("amk"));
}

TEST_CASE("recovery, demo, passkey and claim keys are those of the worked example") {
    const auto recovery = vectors::file(path).at("recovery");
    const auto code = read_recovery_code(recovery.text("text"));
    REQUIRE(code.ok());
    CHECK(to_hex(code->reveal()) == recovery.text("code"));
    CHECK(write_code(*code) == recovery.text("text"));
    const KeyEncryptionKey kek = recovery_kek(*code);
    CHECK(to_hex(kek.reveal()) == recovery.text("kek"));
    CHECK(to_hex(recovery_auth_key(*code).reveal()) == recovery.text("auth_key"));
    FixedEnv env({recovery.hex("chunked_salt")});
    CHECK(to_hex(*seal_slot_key(env, kek, account(), recovery_head(), amk())) ==
          recovery.text("blob"));

    const auto demo = vectors::file(path).at("demo");
    const LoginKeys login = demo_keys(secret_of<DemoKey>(demo, "key"));
    CHECK(to_hex(login.auth.reveal()) == demo.text("auth_key"));
    CHECK(to_hex(login.kek.reveal()) == demo.text("kek"));

    const auto passkey = vectors::file(path).at("passkey");
    CHECK(to_hex(passkey_kek(secret_of<PasskeySecret>(passkey, "prf")).reveal()) ==
          passkey.text("kek"));

    const auto claim = vectors::file(path).at("claim");
    const auto claim_code = read_claim_code(claim.text("text"));
    REQUIRE(claim_code.ok());
    CHECK(to_hex(claim_code->reveal()) == claim.text("code"));
    CHECK(to_hex(claim_secret(*claim_code).reveal()) == claim.text("secret"));
    CHECK(to_hex(claim_kem_key(*claim_code).reveal()) == claim.text("kem_private"));
}

TEST_CASE("a code is read however a person writes it, and a slip of the pen is noticed") {
    const std::string written = vectors::file(path).at("recovery").text("text");
    std::string loose;
    for (const char c : written) {
        if (c == '-') {
            loose += "  ";
        } else if (c == 'O') {
            loose += '0';
        } else if (c == 'I') {
            loose += '1';
        } else if (c == 'B') {
            loose += '8';
        } else {
            loose += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        }
    }
    CHECK(read_recovery_code(loose).ok());

    std::string bare;
    for (const char c : written) {
        if (c != '-') bare += c;
    }
    REQUIRE(bare.size() == 27);
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (std::size_t i = 0; i < bare.size(); ++i) {
        for (const char other : alphabet) {
            std::string wrong = bare;
            wrong[i] = other;
            CHECK(read_recovery_code(wrong).ok() == (other == bare[i]));
        }
        std::string swapped = bare;
        if (i + 1 == bare.size() || bare[i] == bare[i + 1]) continue;
        std::swap(swapped[i], swapped[i + 1]);
        CHECK(read_recovery_code(swapped).error().code == Errc::malformed);
    }
    CHECK(read_recovery_code("").error().code == Errc::malformed);
    CHECK(read_recovery_code(bare.substr(1)).error().code == Errc::malformed);
    CHECK(read_recovery_code(bare + "A").error().code == Errc::malformed);
    CHECK(read_recovery_code("9" + bare.substr(1)).error().code == Errc::malformed);
}

TEST_CASE("every code reads back as the code that was written") {
    for (int round = 0; round < 200; ++round) {
        const auto code = random_key<RecoveryCode>(machine_env());
        const auto back = read_recovery_code(write_code(code));
        REQUIRE(back.ok());
        CHECK(equal_constant_time(back->reveal(), code.reveal()));
    }
}

TEST_CASE("a client refuses a password slot below its floor") {
    const KdfSalt salt{};
    CHECK(password_keys(as_bytes("x"), salt, {65535, 3, 1}).error().code == Errc::denied);
    CHECK(password_keys(as_bytes("x"), salt, insecure_for_tests_argon2).error().code ==
          Errc::denied);
    CHECK(password_keys(as_bytes("x"), salt, insecure_for_tests_argon2, insecure_for_tests_argon2)
              .ok());
}

TEST_CASE("a slot with any bit changed, for another account or under another key stays shut") {
    const KeyEncryptionKey kek = recovery_kek(RecoveryCode{});
    const auto blob = seal_slot_key(machine_env(), kek, account(), recovery_head(), amk());
    REQUIRE(blob.ok());
    for (std::size_t bit = 0; bit < blob->size() * 8; ++bit) {
        Bytes bent = *blob;
        bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK_FALSE(open_slot(kek, account(), bent).ok());
    }
    for (std::size_t size = 0; size < blob->size(); ++size) {
        CHECK_FALSE(open_slot(kek, account(), ByteView(*blob).first(size)).ok());
    }
    AccountId other = account();
    other.bytes[0] ^= 1;
    CHECK(open_slot(kek, other, *blob).error().code == Errc::integrity);
    CHECK(open_slot(demo_keys(DemoKey{}).kek, account(), *blob).error().code == Errc::integrity);
    CHECK(open_slot_key(kek, account(), *blob).ok());
}

TEST_CASE("a blob of another version or suite is refused, not guessed at") {
    const KeyEncryptionKey kek = recovery_kek(RecoveryCode{});
    Bytes blob = *seal_slot_key(machine_env(), kek, account(), recovery_head(), amk());
    blob[5] = 2;
    CHECK(open_slot(kek, account(), blob).error().code == Errc::denied);
    blob[5] = 1;
    blob[6] = 2;
    CHECK(read_slot_head(blob).error().code == Errc::denied);
}

TEST_CASE("only a password slot has KDF parameters") {
    const KeyEncryptionKey kek = recovery_kek(RecoveryCode{});
    SlotHead head = recovery_head();
    head.kdf = SlotKdf{};
    CHECK(seal_slot(machine_env(), kek, account(), head, {}).error().code == Errc::malformed);
    head = recovery_head();
    head.type = SlotType::password;
    CHECK(seal_slot(machine_env(), kek, account(), head, {}).error().code == Errc::malformed);
    head.type = static_cast<SlotType>(5);
    CHECK(seal_slot(machine_env(), kek, account(), head, {}).error().code == Errc::malformed);
}

TEST_CASE("a slot holds 256 bytes and not one more") {
    const KeyEncryptionKey kek = recovery_kek(RecoveryCode{});
    SlotHead head = recovery_head();
    head.type = SlotType::demo;
    for (const std::size_t size : {0UL, 255UL, 256UL}) {
        const auto blob = seal_slot(machine_env(), kek, account(), head, Bytes(size, 1));
        CHECK(open_slot(kek, account(), *blob)->size() == size);
        CHECK(open_slot_key(kek, account(), *blob).error().code == Errc::malformed);
    }
    CHECK(seal_slot(machine_env(), kek, account(), head, Bytes(257)).error().code ==
          Errc::out_of_range);
}

}  // namespace salus::crypto
