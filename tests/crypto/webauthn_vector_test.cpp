#include "base/cbor.hpp"
#include "crypto/vectors.hpp"
#include "crypto/webauthn.hpp"

namespace salus::crypto::webauthn {
namespace {

std::vector<vectors::Case> cases() {
    return vectors::cases("webauthn/assertions.json");
}

Expected expected_of(const vectors::Case& c) {
    return {c.text("rp_id"), c.text("origin"), c.hex("challenge"), c.hex("public_key"),
            c.flag("require_uv")};
}
Assertion assertion_of(const vectors::Case& c) {
    return {c.hex("authenticator_data"), c.hex("client_data_json"), c.hex("signature")};
}

/// The error code after a change to the client data text.
Errc after_replacing(const vectors::Case& c, std::string_view old_text, std::string_view new_text) {
    Assertion assertion = assertion_of(c);
    std::string data(as_text(assertion.client_data_json));
    const std::size_t at = data.find(old_text);
    REQUIRE(at != std::string::npos);
    data.replace(at, old_text.size(), new_text);
    assertion.client_data_json = to_bytes(data);
    return verify_assertion(assertion, expected_of(c)).error().code;
}

}  // namespace

TEST_CASE("assertions made by another implementation verify") {
    for (const auto& c : cases()) {
        const auto verified = verify_assertion(assertion_of(c), expected_of(c));
        REQUIRE_MESSAGE(verified.ok(), c.text("comment"));
        CHECK(verified->counter == c.number("counter"));
        CHECK(verified->user_verified);
        CHECK(verified->backed_up == (c.text("comment") == "es256 backed up"));
        CHECK(check_public_key(c.hex("public_key")).ok());
    }
}

TEST_CASE("an assertion for another challenge, origin, party or purpose is denied") {
    for (const auto& c : cases()) {
        Expected expected = expected_of(c);
        expected.challenge[0] ^= 1;
        CHECK(verify_assertion(assertion_of(c), expected).error().code == Errc::denied);
        expected = expected_of(c);
        expected.challenge.clear();
        CHECK(verify_assertion(assertion_of(c), expected).error().code == Errc::denied);
        expected = expected_of(c);
        expected.origin = "https://salus.example.evil";
        CHECK(verify_assertion(assertion_of(c), expected).error().code == Errc::denied);
        expected = expected_of(c);
        expected.rp_id = "example";
        CHECK(verify_assertion(assertion_of(c), expected).error().code == Errc::denied);
        CHECK(after_replacing(c, "webauthn.get", "webauthn.create") == Errc::denied);
        CHECK(after_replacing(c, "\"crossOrigin\":false", "\"crossOrigin\":true") == Errc::denied);
        CHECK(after_replacing(c, "\"crossOrigin\":false", "\"crossOrigin\":0") == Errc::malformed);
        CHECK(after_replacing(c, "\"crossOrigin\":false", "\"topOrigin\":\"x\"") == Errc::denied);
        CHECK(after_replacing(c, "{", "{ ") == Errc::integrity);
        CHECK(after_replacing(c, "{", "{\"type\":\"webauthn.get\",") == Errc::malformed);
    }
}

TEST_CASE("presence is always asked for, verification when required") {
    const auto c = cases().front();
    Assertion assertion = assertion_of(c);
    assertion.authenticator_data[32] = 0x01;  // present, not verified
    Expected expected = expected_of(c);
    CHECK(verify_assertion(assertion, expected).error().code == Errc::denied);
    expected.require_uv = false;
    CHECK(verify_assertion(assertion, expected).error().code == Errc::integrity);
    assertion.authenticator_data[32] = 0x04;
    CHECK(verify_assertion(assertion, expected).error().code == Errc::denied);
    assertion.authenticator_data[32] = 0x15;  // backed up without being eligible
    CHECK(verify_assertion(assertion, expected).error().code == Errc::malformed);
    assertion.authenticator_data[32] = 0x45;  // attested key data announced
    CHECK(verify_assertion(assertion, expected).error().code == Errc::malformed);
    assertion.authenticator_data[32] = 0x85;  // extensions announced and absent
    CHECK(verify_assertion(assertion, expected).error().code == Errc::malformed);
}

TEST_CASE("authenticator data, signature and key are taken whole or not at all") {
    for (const auto& c : cases()) {
        const Expected expected = expected_of(c);
        Assertion assertion = assertion_of(c);
        for (std::size_t bit = 0; bit < assertion.authenticator_data.size() * 8; ++bit) {
            Assertion bent = assertion;
            bent.authenticator_data[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            CHECK_FALSE(verify_assertion(bent, expected).ok());
        }
        for (std::size_t at = 0; at < assertion.signature.size(); at += 5) {
            Assertion bent = assertion;
            bent.signature[at] ^= 0x10;
            CHECK(verify_assertion(bent, expected).error().code == Errc::integrity);
        }
        Assertion longer = assertion;
        longer.authenticator_data.push_back(0);
        CHECK(verify_assertion(longer, expected).error().code == Errc::malformed);
        Assertion shorter = assertion;
        shorter.authenticator_data.resize(36);
        CHECK(verify_assertion(shorter, expected).error().code == Errc::malformed);
        const Bytes key = c.hex("public_key");
        for (std::size_t size = 0; size < key.size(); ++size) {
            CHECK_FALSE(check_public_key(ByteView(key).first(size)).ok());
        }
        Bytes extended = key;
        extended.push_back(0);
        CHECK_FALSE(check_public_key(extended).ok());
    }
}

TEST_CASE("a COSE key has exactly the members of its kind, in canonical order") {
    const Bytes point = cases().front().hex("public_key");
    const auto x = ByteView(point).subspan(10, 32);
    const auto y = ByteView(point).subspan(45, 32);
    const auto ec = [&](std::int64_t alg, std::int64_t curve, bool further) {
        cbor::Writer w;
        w.map(further ? 6 : 5).integer(1).integer(2).integer(3).integer(alg);
        w.integer(-1).integer(curve).integer(-2).bytes(x).integer(-3).bytes(y);
        if (further) w.integer(-4).bytes(x);
        return check_public_key(w.view());
    };
    CHECK(ec(-7, 1, false).ok());
    CHECK_FALSE(ec(-7, 1, true).ok());
    CHECK_FALSE(ec(-7, 2, false).ok());
    CHECK_FALSE(ec(-35, 1, false).ok());
    CHECK_FALSE(ec(-257, 1, false).ok());
    Bytes off_curve = point;
    off_curve.back() ^= 1;
    CHECK_FALSE(check_public_key(off_curve).ok());
    CHECK_FALSE(check_public_key({}).ok());
}

TEST_CASE("client data has at most 8 KiB") {
    const auto c = cases().front();
    Assertion assertion = assertion_of(c);
    assertion.client_data_json.resize(8192, ' ');
    CHECK(verify_assertion(assertion, expected_of(c)).error().code == Errc::integrity);
    assertion.client_data_json.resize(8193, ' ');
    CHECK(verify_assertion(assertion, expected_of(c)).error().code == Errc::out_of_range);
}

}  // namespace salus::crypto::webauthn
