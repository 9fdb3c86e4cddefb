#include "identity/door.hpp"
#include "identity/sessions.hpp"

using namespace salus;
using namespace salus::identity;
using namespace salus::identity::test;

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
    // A stronger one would tell, through prelogin, that the name exists.
    SignUp other = house.sign_up("maria", "patient", false);
    other.account.kdf.memory_kib = 65'537;
    CHECK(house.login.prepare(std::move(other)).error().code == Errc::out_of_range);
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
