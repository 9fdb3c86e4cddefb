#pragma once

#include "crypto/vectors.hpp"

/// The laws and vectors of crypto/hash.hpp, run against the native and the portable backend: the
/// including file includes the backend first and names it as `backend`.
namespace salus {

inline backend::HashAlgorithm algorithm_named(const std::string& name) {
    if (name == "sha1") return backend::HashAlgorithm::sha1;
    return name == "sha512" ? backend::HashAlgorithm::sha512 : backend::HashAlgorithm::sha256;
}

TEST_CASE("NIST's short messages have their published SHA-256 and SHA-512") {
    for (const auto& c : vectors::cases("nist-sha/sha256.json")) {
        CHECK(to_hex(backend::sha256(c.hex("msg")).view()) == c.text("md"));
    }
    for (const auto& c : vectors::cases("nist-sha/sha512.json")) {
        CHECK(to_hex(backend::sha512(c.hex("msg")).view()) == c.text("md"));
    }
}

TEST_CASE("a message fed in pieces hashes like the whole, whatever the pieces") {
    Bytes message;
    for (std::size_t i = 0; i < 300; ++i) message.push_back(static_cast<std::uint8_t>(i * 7));
    backend::Sha256 hasher;
    for (std::size_t size = 0; size <= message.size(); ++size) {
        const ByteView whole = ByteView(message).first(size);
        const Digest expected = backend::sha256(whole);
        for (const std::size_t cut : {std::size_t{0}, size / 3, size / 2, size}) {
            hasher.update(whole.first(cut)).update(whole.subspan(cut));
            CHECK(hasher.finish() == expected);
            CHECK(backend::sha256({whole.first(cut), whole.subspan(cut)}) == expected);
        }
    }
}

TEST_CASE("a million letters a have the SHA-256 that FIPS 180 prints") {
    const Bytes chunk(1000, 'a');
    backend::Sha256 hasher;
    for (int i = 0; i < 1000; ++i) hasher.update(chunk);
    CHECK(to_hex(hasher.finish().view()) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("HMAC answers RFC 2202, RFC 4231 and Wycheproof") {
    for (const std::string name : {"sha1", "sha256", "sha512"}) {
        const auto hash = algorithm_named(name);
        for (const auto& c : vectors::cases("rfc4231/" + name + ".json")) {
            CHECK(to_hex(backend::hmac(hash, c.hex("key"), c.hex("msg"))) == c.text("mac"));
        }
        for (const auto& c : vectors::cases("wycheproof/hmac_" + name + ".json")) {
            Bytes mac = backend::hmac(hash, c.hex("key"), c.hex("msg"));
            const Bytes tag = c.hex("tag");
            REQUIRE(tag.size() <= mac.size());
            mac.resize(tag.size());
            CHECK((mac == tag) == c.flag("ok"));
        }
    }
    const Bytes key(20, 0x0b);
    CHECK(to_bytes(backend::hmac_sha256(key, as_bytes("Hi There")).view()) ==
          backend::hmac(backend::HashAlgorithm::sha256, key, as_bytes("Hi There")));
}

TEST_CASE("HKDF answers RFC 5869 and Wycheproof") {
    for (const auto& c : vectors::cases("rfc5869/sha256.json")) {
        const auto sha256 = backend::HashAlgorithm::sha256;
        CHECK(backend::hkdf_extract(sha256, c.hex("salt"), c.hex("ikm")) == c.hex("prk"));
        const auto okm =
            backend::hkdf(sha256, c.hex("ikm"), c.hex("salt"), c.hex("info"), c.number("len"));
        REQUIRE(okm.ok());
        CHECK(*okm == c.hex("okm"));
    }
    for (const std::string name : {"sha256", "sha512"}) {
        for (const auto& c : vectors::cases("wycheproof/hkdf_" + name + ".json")) {
            const auto okm = backend::hkdf(algorithm_named(name), c.hex("ikm"), c.hex("salt"),
                                           c.hex("info"), c.number("len"));
            CHECK(okm.ok() == c.flag("ok"));
            if (okm.ok()) CHECK(*okm == c.hex("okm"));
        }
    }
}

TEST_CASE("HKDF yields 255 hashes and not a byte more") {
    const Bytes prk(32, 1);
    for (const auto& [hash, bytes] : {std::pair{backend::HashAlgorithm::sha256, 255U * 32U},
                                      std::pair{backend::HashAlgorithm::sha512, 255U * 64U}}) {
        CHECK(backend::hkdf_expand(hash, prk, {}, bytes - 1)->size() == bytes - 1);
        CHECK(backend::hkdf_expand(hash, prk, {}, bytes)->size() == bytes);
        CHECK(backend::hkdf_expand(hash, prk, {}, bytes + 1).error().code == Errc::out_of_range);
    }
}

}  // namespace salus
