#include "crypto/kdf.hpp"
#include "crypto/totp.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto {

TEST_CASE("Argon2id answers its reference implementation") {
    for (const auto& c : vectors::cases("argon2/argon2id_p1.json")) {
        const Argon2Parameters parameters{static_cast<std::uint32_t>(c.number("m_kib")),
                                          static_cast<std::uint32_t>(c.number("t")), 1};
        const auto tag = argon2id(c.hex("password"), c.fixed<KdfSalt>("salt"), parameters,
                                  static_cast<std::size_t>(c.number("len")));
        REQUIRE(tag.ok());
        CHECK(to_hex(*tag) == c.text("tag"));
    }
}

TEST_CASE("Argon2id keeps its limits") {
    const KdfSalt salt{};
    const auto run = [&](Argon2Parameters parameters, std::size_t length) {
        return argon2id({}, salt, parameters, length);
    };
    CHECK(run({8, 1, 1}, 16).ok());
    CHECK(run({8, 1, 1}, 1024).ok());
    CHECK(run({7, 1, 1}, 16).error().code == Errc::out_of_range);
    CHECK(run({8, 0, 1}, 16).error().code == Errc::out_of_range);
    CHECK(run({8, 1, 0}, 16).error().code == Errc::out_of_range);
    CHECK(run({8, 1, 2}, 16).error().code == Errc::out_of_range);
    CHECK(run({8, 1, 1}, 15).error().code == Errc::out_of_range);
    CHECK(run({8, 1, 1}, 1025).error().code == Errc::out_of_range);
    CHECK(run({(1U << 21U) + 1, 1, 1}, 16).error().code == Errc::out_of_range);
    CHECK(run({8, (1U << 16U) + 1, 1}, 16).error().code == Errc::out_of_range);
    CHECK(argon2id(Bytes(4096), salt, {8, 1, 1}, 16).ok());
    CHECK(argon2id(Bytes(4097), salt, {8, 1, 1}, 16).error().code == Errc::out_of_range);
}

TEST_CASE("a client refuses password parameters below the floor whatever the server says") {
    CHECK(meets_floor({65536, 3, 1}, argon2_client_floor).ok());
    CHECK(meets_floor({65537, 4, 1}, argon2_client_floor).ok());
    CHECK(meets_floor({65535, 3, 1}, argon2_client_floor).error().code == Errc::denied);
    CHECK(meets_floor({65536, 2, 1}, argon2_client_floor).error().code == Errc::denied);
    CHECK(meets_floor({65536, 3, 2}, argon2_client_floor).error().code == Errc::denied);
    CHECK(meets_floor(argon2_server_floor, argon2_client_floor).error().code == Errc::denied);
}

TEST_CASE("one-time codes are those of RFC 6238") {
    for (const auto& c : vectors::cases("rfc6238/totp.json")) {
        const std::string name = c.text("algorithm");
        const auto hash = name == "sha1"     ? HashAlgorithm::sha1
                          : name == "sha512" ? HashAlgorithm::sha512
                                             : HashAlgorithm::sha256;
        const auto unix_s = static_cast<std::int64_t>(c.number("unix"));
        const Bytes secret = c.hex("secret");
        for (const std::uint32_t digits : {6U, 7U, 8U}) {
            const auto code = totp_code(secret, unix_s, {hash, digits, 30});
            REQUIRE(code.ok());
            CHECK(*code == c.text("code").substr(8 - digits));
        }
    }
}

TEST_CASE("a code is good in its step and the next one, and once") {
    const Bytes secret(20, 5);
    const std::int64_t start = 1'700'000'010;  // the first second of a step
    const std::string code = *totp_code(secret, start);
    const std::uint64_t step = static_cast<std::uint64_t>(start) / 30;
    CHECK(*accept_totp(secret, code, start, std::nullopt) == step);
    CHECK(*accept_totp(secret, code, start + 59, std::nullopt) == step);
    CHECK(accept_totp(secret, code, start + 60, std::nullopt).error().code == Errc::authentication);
    CHECK(accept_totp(secret, code, start - 1, std::nullopt).error().code == Errc::authentication);
    CHECK(*accept_totp(secret, code, start, step - 1) == step);
    CHECK(accept_totp(secret, code, start, step).error().code == Errc::authentication);
    CHECK(accept_totp(secret, code, start, step + 1).error().code == Errc::authentication);
    CHECK(accept_totp(secret, "", start, std::nullopt).error().code == Errc::authentication);
    CHECK(accept_totp(secret, code + "0", start, std::nullopt).error().code ==
          Errc::authentication);
}

TEST_CASE("one-time codes keep their limits") {
    const Bytes secret(20, 5);
    CHECK(totp_code(secret, 0).ok());
    CHECK(totp_code(secret, -1).error().code == Errc::out_of_range);
    CHECK(totp_code({}, 0).error().code == Errc::out_of_range);
    CHECK(totp_code(Bytes(256), 0).ok());
    CHECK(totp_code(Bytes(257), 0).error().code == Errc::out_of_range);
    CHECK(totp_code(secret, 0, {HashAlgorithm::sha1, 5, 30}).error().code == Errc::out_of_range);
    CHECK(totp_code(secret, 0, {HashAlgorithm::sha1, 9, 30}).error().code == Errc::out_of_range);
    CHECK(totp_code(secret, 0, {HashAlgorithm::sha1, 6, 0}).error().code == Errc::out_of_range);
    CHECK(totp_code(secret, 0, {HashAlgorithm::sha1, 6, 3600}).ok());
    CHECK(totp_code(secret, 0, {HashAlgorithm::sha1, 6, 3601}).error().code == Errc::out_of_range);
}

}  // namespace salus::crypto
