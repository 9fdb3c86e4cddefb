#include "identity/login.hpp"

#include "base/sim_env.hpp"
#include "crypto/totp.hpp"
#include "identity/sessions.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::identity;

namespace {

AuthKey auth_key(std::uint8_t byte) {
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

}  // namespace

TEST_CASE("a patient who declined a second factor signs in with the password alone") {
    House house;
    house.join("maria", "patient", false);
    CHECK(house.try_in("maria", 7) == LoginAnswer::welcome);
    CHECK(house.try_in("Maria", 7) == LoginAnswer::welcome);
    CHECK(house.try_in("maria", 8) == LoginAnswer::refused);
}

TEST_CASE("staff cannot decline the second factor") {
    House house;
    CHECK(house.login.prepare(house.sign_up("doc", "staff", false)).error().code == Errc::denied);
}

TEST_CASE("the second factor is asked for only after a right password") {
    House house;
    house.join("doc", "staff", true);
    house.later(60'000);
    CHECK(house.try_in("doc", 8, house.code()) == LoginAnswer::refused);
    CHECK(house.try_in("doc", 7) == LoginAnswer::second_factor);
    CHECK(house.try_in("doc", 7, house.code()) == LoginAnswer::welcome);
}

TEST_CASE("a code has one winner") {
    House house;
    house.join("doc", "staff", true);
    house.later(60'000);
    const std::string code = house.code();
    CHECK(house.try_in("doc", 7, code) == LoginAnswer::welcome);
    CHECK(house.try_in("doc", 7, code) == LoginAnswer::second_factor);
}

TEST_CASE("an unknown name is refused as a wrong password is, and keeps its made-up salt") {
    House house;
    house.join("maria", "patient", false);
    CHECK(house.try_in("nobody", 7) == LoginAnswer::refused);
    CHECK(house.login.prelogin("nobody") == house.login.prelogin("NOBODY"));
    CHECK_FALSE(house.login.prelogin("nobody") == house.login.prelogin("somebody"));
}

TEST_CASE("the fifth failure makes the same network wait and leaves the owner's alone") {
    House house;
    house.join("maria", "patient", false);
    for (int i = 0; i < 5; ++i) CHECK(house.try_in("maria", 9) == LoginAnswer::refused);
    CHECK(house.try_in("maria", 7) == LoginAnswer::wait);
    CHECK(house.try_in("maria", 7, "", "198.51.100.0/24") == LoginAnswer::welcome);
    house.later(1'000);
    CHECK(house.try_in("maria", 7) == LoginAnswer::welcome);
}

TEST_CASE("a taken name is refused whatever its case") {
    House house;
    house.join("maria", "patient", false);
    auto second = house.login.prepare(house.sign_up("MARIA", "patient", false));
    REQUIRE(second.ok());
    CHECK(house.accounts.create(*second).error().code == Errc::already_exists);
}

TEST_CASE("a stretch below the floor is refused whatever the client says") {
    House house;
    SignUp weak = house.sign_up("maria", "patient", false);
    weak.account.kdf.memory_kib = 65'535;
    CHECK_FALSE(house.login.prepare(std::move(weak)).ok());
}

TEST_CASE("a password change puts the new slot in and the old one out in one step") {
    House house;
    const UserAccount account = house.join("maria", "patient", false);
    Login::Change change;
    change.remove = {account.slots[0].id};
    change.add = {{ObjectId{{9}}, "password", Bytes(60, 3)}};
    change.kdf = KdfParameters{};
    change.auth_key = auth_key(11);
    CHECK(house.login.change(account.id, change).ok());
    CHECK(house.try_in("maria", 7) == LoginAnswer::refused);
    CHECK(house.try_in("maria", 11) == LoginAnswer::welcome);
    Login::Change last;
    last.remove = {ObjectId{{9}}};
    CHECK(house.login.change(account.id, last).error().code == Errc::out_of_range);
}

TEST_CASE("an account reads back as it was written") {
    House house;
    const UserAccount account = house.join("doc", "staff", true);
    const Bytes bytes = encode(account);
    CHECK(encode(*decode_user_account(bytes)) == bytes);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        CHECK_FALSE(decode_user_account(ByteView(bytes).first(cut)).ok());
    }
}

TEST_CASE("an invitation is used once and not after its date") {
    House house;
    InvitationStore invitations{*house.kv};
    Invitation invitation;
    invitation.code_hash.bytes[0] = 5;
    invitation.role = "clinician";
    invitation.offer_ends = {2'000};
    REQUIRE(invitations.put(invitation).ok());
    CHECK(invitations.find(invitation.code_hash, {2'000}).error().code == Errc::not_found);
    CHECK(invitations.take(invitation.code_hash, {1'999}).ok());
    CHECK(invitations.take(invitation.code_hash, {1'999}).error().code == Errc::not_found);
}

TEST_CASE("a session ends by idleness, by its absolute limit, and when it is killed") {
    House house;
    auto sessions = Sessions::open(house.env, *house.kv);
    REQUIRE(sessions.ok());
    UserAccount staff;
    staff.kind = "staff";
    const auto token = (*sessions)->start(staff, "browser");
    REQUIRE(token.ok());
    house.later(staff_idle_ms - 1);
    CHECK((*sessions)->use(*token).ok());
    house.later(staff_idle_ms);
    CHECK((*sessions)->use(*token).error().code == Errc::authentication);

    const auto busy = (*sessions)->start(staff, "browser");
    for (std::int64_t t = 0; t + minute_ms * 10 < staff_session_ms; t += minute_ms * 10) {
        house.later(minute_ms * 10);
        REQUIRE((*sessions)->use(*busy).ok());
    }
    house.later(minute_ms * 10);
    CHECK_FALSE((*sessions)->use(*busy).ok());
}

TEST_CASE("a session survives a restart and a foreign token opens nothing") {
    House house;
    UserAccount patient;
    patient.kind = "patient";
    SessionToken token;
    {
        auto sessions = Sessions::open(house.env, *house.kv);
        token = *(*sessions)->start(patient, "browser");
    }
    auto sessions = Sessions::open(house.env, *house.kv);
    CHECK((*sessions)->use(token).ok());
    token.bytes[0] ^= 1;
    CHECK_FALSE((*sessions)->use(token).ok());
}

TEST_CASE("network prefixes join the addresses of one network") {
    CHECK(network_prefix("203.0.113.7") == "203.0.113.0/24");
    CHECK(network_prefix("2001:db8:1:2::3") == "2001:db8:1::/48");
}
