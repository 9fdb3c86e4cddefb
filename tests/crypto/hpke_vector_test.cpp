#include "crypto/hpke.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto {
namespace {

X25519PrivateKey private_key(const Bytes& bytes) {
    return std::move(*key_from<X25519PrivateKey>(bytes));
}

}  // namespace

TEST_CASE("X25519 answers RFC 7748 and Wycheproof, and refuses an all-zero result") {
    std::size_t refused = 0;
    for (const std::string path : {"rfc7748/x25519.json", "wycheproof/x25519.json"}) {
        for (const auto& c : vectors::cases(path)) {
            const auto shared =
                x25519(private_key(c.hex("scalar")), c.fixed<X25519PublicKey>("point"));
            const std::string expected = c.text("shared");
            const bool zero = expected == std::string(64, '0');
            REQUIRE(shared.ok() != zero);
            refused += zero ? 1U : 0U;
            if (shared.ok()) CHECK(to_hex(shared->reveal()) == expected);
        }
    }
    CHECK(refused > 10);
}

TEST_CASE("HPKE answers RFC 9180: keys, messages in order, exports") {
    const auto cases = vectors::cases("rfc9180/base_x25519_sha256_aes256gcm.json");
    const auto& c = cases.front();
    const X25519Pair receiver = hpke::derive_key_pair(c.hex("ikmR"));
    CHECK(to_hex(receiver.private_half.reveal()) == c.text("skRm"));
    CHECK(to_hex(receiver.public_half.view()) == c.text("pkRm"));
    const X25519Pair ephemeral = hpke::derive_key_pair(c.hex("ikmE"));
    auto sender =
        hpke::setup_sender_insecure_for_tests(ephemeral, receiver.public_half, c.hex("info"));
    REQUIRE(sender.ok());
    CHECK(to_hex(sender->enc.view()) == c.text("enc"));
    auto opener = hpke::setup_receiver(receiver.private_half, sender->enc, c.hex("info"));
    REQUIRE(opener.ok());
    for (const auto& message : c.list("encryptions")) {
        const auto sealed = sender->context.seal(message.hex("aad"), message.hex("pt"));
        CHECK(to_hex(*sealed) == message.text("ct"));
        CHECK(to_hex(*opener->open(message.hex("aad"), *sealed)) == message.text("pt"));
    }
    for (const auto& secret : c.list("exports")) {
        const auto length = static_cast<std::size_t>(secret.number("L"));
        CHECK(to_hex(*opener->export_secret(secret.hex("exporter_context"), length)) ==
              secret.text("exported_value"));
    }
}

TEST_CASE("a message that does not open leaves its turn to the one that does") {
    Env& env = machine_env();
    const X25519Pair pair = random_x25519_pair(env);
    auto sender = hpke::setup_sender(env, pair.public_half, as_bytes("info"));
    REQUIRE(sender.ok());
    const auto first = sender->context.seal({}, as_bytes("one"));
    const auto second = sender->context.seal({}, as_bytes("two"));
    auto opener = hpke::setup_receiver(pair.private_half, sender->enc, as_bytes("info"));
    CHECK(opener->open({}, *second).error().code == Errc::integrity);
    CHECK(as_text(*opener->open({}, *first)) == "one");
    CHECK(as_text(*opener->open({}, *second)) == "two");
}

TEST_CASE("what was sealed under other info, to another key or with a bent enc does not open") {
    Env& env = machine_env();
    const X25519Pair pair = random_x25519_pair(env);
    const X25519Pair other = random_x25519_pair(env);
    const auto sealed =
        hpke::seal(env, pair.public_half, as_bytes("info"), as_bytes("aad"), as_bytes("secret"));
    REQUIRE(sealed.ok());
    const auto open = [&](const X25519Pair& with, hpke::EncapsulatedKey enc, const char* info,
                          const char* aad) {
        return hpke::open(with.private_half, enc, as_bytes(info), as_bytes(aad),
                          sealed->ciphertext);
    };
    CHECK(as_text(*open(pair, sealed->enc, "info", "aad")) == "secret");
    CHECK_FALSE(open(pair, sealed->enc, "Info", "aad").ok());
    CHECK_FALSE(open(pair, sealed->enc, "info", "aaD").ok());
    CHECK_FALSE(open(other, sealed->enc, "info", "aad").ok());
    hpke::EncapsulatedKey bent = sealed->enc;
    bent.bytes[0] ^= 1;
    CHECK_FALSE(open(pair, bent, "info", "aad").ok());
    CHECK_FALSE(open(pair, hpke::EncapsulatedKey{}, "info", "aad").ok());
}

TEST_CASE("a key of small order is refused before anything is sealed to it") {
    CHECK(hpke::seal(machine_env(), X25519PublicKey{}, {}, {}, {}).error().code == Errc::integrity);
}

TEST_CASE("an export has at most 8160 bytes") {
    const X25519Pair pair = random_x25519_pair(machine_env());
    const auto sender = hpke::setup_sender(machine_env(), pair.public_half, {});
    CHECK(sender->context.export_secret({}, 8159)->size() == 8159);
    CHECK(sender->context.export_secret({}, 8160)->size() == 8160);
    CHECK(sender->context.export_secret({}, 8161).error().code == Errc::out_of_range);
}

}  // namespace salus::crypto
