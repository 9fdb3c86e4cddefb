#pragma once

#include "base/sim_env.hpp"
#include "crypto/totp.hpp"
#include "identity/login.hpp"

#include <doctest/doctest.h>

/// A door with its accounts in memory, and a clock that a test moves.
namespace salus::identity::test {

inline AuthKey auth_key(std::uint8_t byte) {
    AuthKey key;
    for (auto& b : key.reveal_mutable()) b = byte;
    return key;
}

struct House {
    SimEnv env{1};
    std::unique_ptr<store::Kv> kv = store::memory_kv();
    AccountStore accounts{*kv};
    Login login{env, accounts, crypto::random_key<ServerSecret>(env)};
    Bytes totp_secret = Bytes(20, 0x31);

    SignUp sign_up(const std::string& name, const std::string& kind, bool second_factor) {
        SignUp s;
        env.random(s.account.id.bytes);
        s.account.name = name;
        s.account.display_name = "Some One";
        s.account.kind = kind;
        s.account.label_key = Bytes(32, 1);
        s.account.slots = {{ObjectId{}, "password", Bytes(60, 1)},
                           {ObjectId{{1}}, "recovery", Bytes(60, 2)}};
        s.auth_key = auth_key(7);
        s.recovery_key = auth_key(70);
        if (second_factor) {
            s.totp_secret = totp_secret;
            s.totp_code = code();
        }
        return s;
    }
    UserAccount join(const std::string& name, const std::string& kind, bool second_factor) {
        auto account = login.prepare(sign_up(name, kind, second_factor));
        REQUIRE(account.ok());
        REQUIRE(accounts.create(*account).ok());
        return *account;
    }
    std::string code() { return *crypto::totp_code(totp_secret, env.now().value / 1'000); }
    void later(std::int64_t ms) { env.advance_ms(ms); }
    LoginAnswer try_in(const std::string& name, std::uint8_t key, const std::string& c = "",
                       const std::string& network = "203.0.113.0/24") {
        const auto outcome = login.log_in({name, auth_key(key), c, network});
        REQUIRE(outcome.ok());
        return outcome->answer;
    }
};

}  // namespace salus::identity::test
