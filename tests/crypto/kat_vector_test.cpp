#include "crypto/hash.hpp"
#include "crypto/kat.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto {
namespace {

using json::Array;
using json::Object;
using json::Value;

Result<Value> run(std::string_view op, const Value& in) {
    return kat(op, in);
}

/// The one text member of an answer.
std::string text(const Result<Value>& answer, std::string_view name) {
    REQUIRE(answer.ok());
    const Value* member = answer->find(name);
    REQUIRE(member != nullptr);
    REQUIRE(member->text() != nullptr);
    return *member->text();
}

/// A copy of a vector's case with further members.
Value with(const vectors::Case& c, Object more) {
    Object out = *c.value().object();
    for (auto& member : more) out.push_back(std::move(member));
    return Value(std::move(out));
}

}  // namespace

TEST_CASE("an unknown operation is named so") {
    CHECK(run("sha3", Value(Object{})).error().code == Errc::not_found);
    CHECK(run("sha3", Value(Object{})).error().detail == "unknown op");
}

TEST_CASE("kat hashes, derives and authenticates") {
    for (const auto& c : vectors::cases("nist-sha/sha256.json")) {
        CHECK(text(run("sha256", c.value()), "digest") == c.text("md"));
    }
    for (const auto& c : vectors::cases("rfc5869/sha256.json")) {
        CHECK(text(run("hkdf", with(c, {{"hash", Value("sha256")}})), "okm") == c.text("okm"));
    }
    for (const std::string hash : {"sha1", "sha256", "sha512"}) {
        for (const auto& c : vectors::cases("rfc4231/" + hash + ".json")) {
            CHECK(text(run("hmac", with(c, {{"hash", Value(hash)}})), "mac") == c.text("mac"));
        }
    }
    const Value sha1(Object{{"hash", Value("sha1")}, {"ikm", Value("00")}, {"len", Value(20)}});
    CHECK(run("hkdf", sha1).error().code == Errc::denied);
    CHECK(run("sha256", Value(Object{})).error().code == Errc::malformed);
    CHECK(run("sha256", Value(Object{{"msg", Value("0")}})).error().code == Errc::malformed);
}

TEST_CASE("kat opens what is sealed, and says integrity where it does not open") {
    for (const auto& [op, path] :
         {std::pair{"aes256gcm.open", "wycheproof/aes_256_gcm.json"},
          std::pair{"xchacha20poly1305.open", "wycheproof/xchacha20_poly1305.json"}}) {
        for (const auto& c : vectors::cases(path)) {
            const auto answer = run(op, c.value());
            REQUIRE(answer.ok() == c.flag("ok"));
            if (answer.ok()) CHECK(text(answer, "pt") == c.text("pt"));
        }
    }
    for (const auto& c : vectors::cases("c2sp-chunked/cobblestone_256.json")) {
        const Value in(Object{{"key", Value(c.text("key"))},
                              {"context", Value(c.text("context"))},
                              {"ct", Value(to_hex(*from_base64(c.text("ct"))))}});
        const auto answer = run("chunked.open", in);
        REQUIRE(answer.ok() == c.flag("ok"));
        if (answer.ok()) {
            CHECK(to_hex(sha512(*from_hex(text(answer, "pt"))).view()) == c.text("sha512"));
        }
    }
}

TEST_CASE("kat multiplies points and verifies signatures") {
    for (const auto& c : vectors::cases("wycheproof/x25519.json")) {
        const auto answer = run("x25519", c.value());
        CHECK(answer.ok() == (c.text("shared") != std::string(64, '0')));
        if (answer.ok()) CHECK(text(answer, "shared") == c.text("shared"));
    }
    for (const auto& [op, path] :
         {std::pair{"ed25519.verify", "wycheproof/ed25519.json"},
          std::pair{"p256.verify", "wycheproof/ecdsa_secp256r1_sha256.json"}}) {
        for (const auto& c : vectors::cases(path)) {
            CHECK(run(op, c.value()).ok() == c.flag("ok"));
        }
    }
}

TEST_CASE("kat opens HPKE messages in order and exports") {
    const auto c = vectors::cases("rfc9180/base_x25519_sha256_aes256gcm.json").front();
    const Object receiver{{"skR", Value(c.text("skRm"))},
                          {"enc", Value(c.text("enc"))},
                          {"info", Value(c.text("info"))}};
    Object open = receiver;
    open.emplace_back("messages", *c.value().find("encryptions"));
    const auto answer = run("hpke.open", Value(open));
    REQUIRE(answer.ok());
    const Array& plaintexts = *answer->find("pts")->array();
    const auto messages = c.list("encryptions");
    REQUIRE(plaintexts.size() == messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        CHECK(*plaintexts[i].text() == messages[i].text("pt"));
    }
    for (const auto& secret : c.list("exports")) {
        Object in = receiver;
        in.emplace_back("exporter_context", Value(secret.text("exporter_context")));
        in.emplace_back("len", Value(secret.number("L")));
        CHECK(text(run("hpke.export", Value(in)), "secret") == secret.text("exported_value"));
    }
    Array reversed = *c.value().find("encryptions")->array();
    std::swap(reversed[0], reversed[1]);
    Object wrong = receiver;
    wrong.emplace_back("messages", Value(reversed));
    CHECK(run("hpke.open", Value(wrong)).error().code == Errc::integrity);
}

TEST_CASE("kat stretches passwords and computes one-time codes") {
    for (const auto& c : vectors::cases("argon2/argon2id_p1.json")) {
        CHECK(text(run("argon2id", c.value()), "tag") == c.text("tag"));
    }
    for (const auto& c : vectors::cases("rfc6238/totp.json")) {
        CHECK(text(run("totp", c.value()), "code") == c.text("code"));
    }
}

TEST_CASE("kat verifies assertions and tokens") {
    for (const auto& c : vectors::cases("webauthn/assertions.json")) {
        CHECK(run("webauthn.assertion", c.value()).ok());
        Object wrong = *c.value().object();
        for (auto& [name, value] : wrong) {
            if (name == "origin") value = Value("https://elsewhere.example");
        }
        CHECK(run("webauthn.assertion", Value(wrong)).error().code == Errc::denied);
    }
    for (const auto& c : vectors::cases("jws/tokens.json")) {
        CHECK(text(run("jws.verify", c.value()), "payload") == c.text("payload"));
        Object none = *c.value().object();
        for (auto& [name, value] : none) {
            if (name == "algorithms") value = Value(Array{Value("none")});
        }
        CHECK(run("jws.verify", Value(none)).error().code == Errc::denied);
    }
}

TEST_CASE("kat combines our shares and bare points") {
    const auto c = vectors::file("salus/shamir-share.json");
    const Array& shares = *c.value().find("shares")->array();
    const Array two{shares[2], shares[0]};
    CHECK(text(run("shamir.combine", Value(Object{{"shares", Value(two)}})), "secret") ==
          c.text("secret"));
    Array bare, points;
    for (const std::size_t i : {0UL, 1UL}) {
        const Bytes blob = *from_hex(*shares[i].text());
        const Bytes y(blob.begin() + 18, blob.end() - 4);
        Bytes flat{blob[17]};
        append(flat, y);
        bare.emplace_back(to_hex(flat));
        points.emplace_back(
            Object{{"x", Value(static_cast<int>(blob[17]))}, {"y", Value(to_hex(y))}});
    }
    for (const Array& form : {bare, points}) {
        CHECK(text(run("shamir.combine", Value(Object{{"shares", Value(form)}})), "secret") ==
              c.text("secret"));
    }
    CHECK(run("shamir.combine", Value(Object{{"shares", Value(Array{shares[0]})}})).error().code ==
          Errc::not_found);
}

TEST_CASE("kat tells canonical CBOR from the rest") {
    const auto check = [](const char* hex) {
        return run("cbor.check", Value(Object{{"cbor", Value(hex)}})).ok();
    };
    CHECK(check("a201020304"));
    CHECK_FALSE(check("a203040102"));
    CHECK_FALSE(check("1817"));
    CHECK_FALSE(check("0000"));
    CHECK_FALSE(check(""));
}

}  // namespace salus::crypto
