#include "crypto/fixed_env.hpp"
#include "crypto/shamir.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto {
namespace {

std::vector<Bytes> example_shares() {
    const auto c = vectors::file("salus/shamir-share.json");
    std::vector<Bytes> out;
    for (const json::Value& share : *c.value().find("shares")->array()) {
        out.push_back(*from_hex(*share.text()));
    }
    return out;
}

}  // namespace

TEST_CASE("the split of the worked example comes out byte for byte") {
    const auto c = vectors::file("salus/shamir-share.json");
    FixedEnv env({c.hex("coefficient"), c.hex("set")});
    const auto shares = split_secret(env, c.hex("secret"), 2, 3);
    REQUIRE(shares.ok());
    CHECK(*shares == example_shares());
    const auto info = read_share(shares->at(2));
    CHECK(info->index == 3);
    CHECK(info->threshold == 2);
    CHECK(to_hex(info->set.view()) == c.text("set"));
}

TEST_CASE("any two of three guardians give the secret back, in any order") {
    const Bytes secret = vectors::file("salus/shamir-share.json").hex("secret");
    const auto s = example_shares();
    for (const auto& pick : {std::vector{s[0], s[1]}, std::vector{s[2], s[0]},
                             std::vector{s[1], s[2]}, std::vector{s[2], s[1], s[0]}}) {
        CHECK(*combine_shares(pick) == secret);
    }
    for (const Bytes& one : s) {
        CHECK(combine_shares(std::vector<Bytes>{one}).error().code == Errc::not_found);
    }
    CHECK(combine_shares({}).error().code == Errc::malformed);
    CHECK(combine_shares(std::vector{s[0], s[0]}).error().code == Errc::malformed);
}

TEST_CASE("a secret comes back from every t of n shares") {
    for (const auto& [t, n] : {std::pair{2, 2}, {3, 5}, {5, 7}, {7, 7}, {2, 255}}) {
        Bytes secret(33);
        machine_env().random(secret);
        auto shares = split_secret(machine_env(), secret, static_cast<std::uint8_t>(t),
                                   static_cast<std::uint8_t>(n));
        REQUIRE(shares.ok());
        const auto size = static_cast<std::ptrdiff_t>(t);
        for (std::ptrdiff_t from = 0; from + size <= n; from += 1 + n / 9) {
            const std::vector<Bytes> pick(shares->begin() + from, shares->begin() + from + size);
            CHECK(*combine_shares(pick) == secret);
        }
        CHECK(*combine_shares(*shares) == secret);
    }
}

TEST_CASE("fewer shares than the threshold fit every secret alike") {
    // With one share of two, each candidate secret is reached by exactly one other share: here the
    // one for 0xff…ff.
    const auto share = SharePoint{1, Bytes(4, 0x5a)};
    const Bytes candidate(4, 0xff);
    const SharePoint zero_line{2, [&] {
                                   // y(2) of the line through (0, candidate) and (1, share).
                                   Bytes y(4);
                                   for (std::size_t i = 0; i < 4; ++i) {
                                       const unsigned slope = candidate[i] ^ share.y[i];
                                       const unsigned twice =
                                           (slope << 1U) ^ ((slope & 0x80U) != 0 ? 0x11bU : 0U);
                                       y[i] = static_cast<std::uint8_t>(candidate[i] ^ twice);
                                   }
                                   return y;
                               }()};
    CHECK(*interpolate_at_zero(std::vector{share, zero_line}) == candidate);
}

TEST_CASE("a mistyped share is named, a share of another split refused, a forged one noticed") {
    const auto s = example_shares();
    for (std::size_t bit = 0; bit < s[0].size() * 8; ++bit) {
        Bytes bent = s[0];
        bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK_FALSE(read_share(bent).ok());
    }
    const auto other = split_secret(machine_env(), Bytes(32, 1), 2, 3);
    CHECK(combine_shares(std::vector{s[0], other->at(1)}).error().code == Errc::denied);

    FixedEnv env({Bytes(32, 9), vectors::file("salus/shamir-share.json").hex("set")});
    const auto forged = split_secret(env, Bytes(32, 1), 2, 3);
    CHECK(combine_shares(std::vector{s[0], s[1], forged->at(2)}).error().code == Errc::integrity);
}

TEST_CASE("splits keep their limits") {
    Env& env = machine_env();
    const Bytes secret(32, 1);
    CHECK(split_secret(env, secret, 1, 3).error().code == Errc::out_of_range);
    CHECK(split_secret(env, secret, 2, 1).error().code == Errc::out_of_range);
    CHECK(split_secret(env, secret, 2, 2).ok());
    CHECK(split_secret(env, {}, 2, 3).error().code == Errc::out_of_range);
    CHECK(split_secret(env, Bytes(1), 2, 3).ok());
    CHECK(split_secret(env, Bytes(1024), 2, 3).ok());
    CHECK(split_secret(env, Bytes(1025), 2, 3).error().code == Errc::out_of_range);
    CHECK(interpolate_at_zero(std::vector{SharePoint{0, Bytes(1)}}).error().code ==
          Errc::malformed);
    CHECK(interpolate_at_zero(std::vector{SharePoint{1, Bytes(1)}, SharePoint{2, Bytes(2)}})
              .error()
              .code == Errc::malformed);
}

}  // namespace salus::crypto
