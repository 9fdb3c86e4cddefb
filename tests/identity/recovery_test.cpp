#include "identity/door.hpp"

using namespace salus;
using namespace salus::identity;
using namespace salus::identity::test;

namespace {

constexpr std::uint8_t right_code = 70;

RecoveryBegun begin(House& house, const std::string& name, std::uint8_t key,
                    const std::string& code = "", const std::string& network = "203.0.113.0/24") {
    auto begun = house.login.recover({name, auth_key(key), code, network});
    REQUIRE(begun.ok());
    return std::move(*begun);
}
LoginAnswer try_code(House& house, const std::string& name, std::uint8_t key,
                     const std::string& code = "") {
    return begin(house, name, key, code).outcome.answer;
}

/// Password 11, recovery code 71.
NewFactors factors(House& house, bool second_factor) {
    NewFactors f;
    f.auth_key = auth_key(11);
    f.recovery_key = auth_key(71);
    f.slots = {{ObjectId{{8}}, "password", Bytes(60, 3), {}},
               {ObjectId{{9}}, "recovery", Bytes(60, 4), {}}};
    if (second_factor) {
        house.totp_secret = Bytes(20, 0x55);
        f.totp_secret = house.totp_secret;
        f.totp_code = house.code();
    }
    return f;
}

}  // namespace

TEST_CASE("a recovery code takes the place of a lost password and device") {
    House house;
    const UserAccount before = house.join("maria", "patient", true);
    const RecoveryBegun begun = begin(house, "Maria", right_code);
    REQUIRE(begun.outcome.answer == LoginAnswer::welcome);
    CHECK(begun.outcome.account == before.id);
    CHECK(begun.slot.blob == before.slots[1].blob);
    CHECK(begun.needs_second_factor);

    // Nothing has changed yet but the notice.
    CHECK(house.accounts.by_id(before.id)->notices.back().kind == "recovery-begun");
    house.later(60'000);
    CHECK(house.try_in("maria", 7, house.code()) == LoginAnswer::welcome);

    house.later(60'000);
    REQUIRE(house.login.finish_recovery(begun.token, factors(house, true)).ok());
    house.later(60'000);
    CHECK(house.try_in("maria", 7, house.code()) == LoginAnswer::refused);
    CHECK(house.try_in("maria", 11, house.code()) == LoginAnswer::welcome);
    const UserAccount after = *house.accounts.by_id(before.id);
    CHECK(after.slots.size() == 2);
    CHECK(after.slots[0].blob == Bytes(60, 3));
    CHECK(after.notices.back().kind == "recovered");
    CHECK(after.keyring == before.keyring);
}

TEST_CASE("a recovery code is spent by the recovery it ends in, and the new one works") {
    House house;
    house.join("maria", "patient", false);
    const RecoveryBegun begun = begin(house, "maria", right_code);
    REQUIRE(house.login.finish_recovery(begun.token, factors(house, false)).ok());
    CHECK(try_code(house, "maria", right_code) == LoginAnswer::refused);
    CHECK(try_code(house, "maria", 71) == LoginAnswer::welcome);
}

TEST_CASE("of two recoveries with one code the first to end wins, and a token works once") {
    House house;
    house.join("maria", "patient", false);
    const RecoveryBegun first = begin(house, "maria", right_code);
    const RecoveryBegun second = begin(house, "maria", right_code);
    // Only the newest stays open.
    CHECK(house.login.finish_recovery(first.token, factors(house, false)).error().code ==
          Errc::authentication);
    CHECK(house.login.finish_recovery(second.token, factors(house, false)).ok());
    CHECK(house.login.finish_recovery(second.token, factors(house, false)).error().code ==
          Errc::authentication);
}

TEST_CASE("a recovery is over after a quarter of an hour, or when the code is replaced") {
    House house;
    const UserAccount account = house.join("maria", "patient", false);
    const RecoveryBegun slow = begin(house, "maria", right_code);
    house.later(recovery_ms - 1);
    NewFactors wrong = factors(house, false);
    wrong.slots.pop_back();
    CHECK(house.login.finish_recovery(slow.token, wrong).error().code == Errc::out_of_range);
    house.later(1);
    CHECK(house.login.finish_recovery(slow.token, factors(house, false)).error().code ==
          Errc::authentication);

    const RecoveryBegun replaced = begin(house, "maria", right_code);
    Login::Change change;
    change.add = {{ObjectId{{6}}, "recovery", Bytes(60, 6), {}}};
    change.recovery_key = auth_key(72);
    REQUIRE(house.login.change(account.id, change).ok());
    CHECK(house.login.finish_recovery(replaced.token, factors(house, false)).error().code ==
          Errc::authentication);
    CHECK(try_code(house, "maria", right_code) == LoginAnswer::refused);
    CHECK(try_code(house, "maria", 72) == LoginAnswer::welcome);
}

TEST_CASE("an unknown name, an account without a code and a wrong code are refused alike") {
    House house;
    const UserAccount account = house.join("maria", "patient", false);
    CHECK(try_code(house, "nobody", right_code) == LoginAnswer::refused);
    CHECK(try_code(house, "no body!", right_code) == LoginAnswer::refused);
    CHECK(try_code(house, "maria", 1) == LoginAnswer::refused);
    REQUIRE(house.accounts
                .update(account.id,
                        [](UserAccount& a) -> Status {
                            a.recovery_tag.clear();
                            return done;
                        })
                .ok());
    CHECK(try_code(house, "maria", right_code) == LoginAnswer::refused);
    CHECK(house.accounts.by_id(account.id)->notices.empty());
}

TEST_CASE("wrong recovery codes make their network wait, and neither login nor others") {
    House house;
    house.join("maria", "patient", false);
    for (int i = 0; i < 5; ++i) CHECK(try_code(house, "maria", 1) == LoginAnswer::refused);
    CHECK(try_code(house, "maria", right_code) == LoginAnswer::wait);
    CHECK(house.try_in("maria", 7) == LoginAnswer::welcome);
    CHECK(begin(house, "maria", right_code, "", "198.51.100.0/24").outcome.answer ==
          LoginAnswer::welcome);
    house.later(1'000);
    CHECK(try_code(house, "maria", right_code) == LoginAnswer::welcome);
}

TEST_CASE("staff show their second factor with the recovery code, or an officer readmits them") {
    House house;
    const UserAccount doc = house.join("doc", "staff", true);
    house.later(60'000);
    CHECK(try_code(house, "doc", 1, house.code()) == LoginAnswer::refused);
    CHECK(try_code(house, "doc", right_code) == LoginAnswer::second_factor);
    CHECK(try_code(house, "doc", right_code, "000000") == LoginAnswer::second_factor);
    CHECK(try_code(house, "doc", right_code, house.code()) == LoginAnswer::welcome);

    REQUIRE(house.login.readmit(doc.id).ok());
    house.later(readmission_ms - 1);
    CHECK(try_code(house, "doc", right_code) == LoginAnswer::welcome);
    house.later(1);
    CHECK(try_code(house, "doc", right_code) == LoginAnswer::second_factor);

    // One readmission, one recovery.
    REQUIRE(house.login.readmit(doc.id).ok());
    const RecoveryBegun begun = begin(house, "doc", right_code);
    REQUIRE(house.login.finish_recovery(begun.token, factors(house, true)).ok());
    CHECK(try_code(house, "doc", 71) == LoginAnswer::second_factor);
}

TEST_CASE("an account that had a second factor comes back with a new one only") {
    House house;
    house.join("maria", "patient", true);
    const RecoveryBegun begun = begin(house, "maria", right_code);
    CHECK(house.login.finish_recovery(begun.token, factors(house, false)).error().code ==
          Errc::denied);
    NewFactors wrong = factors(house, true);
    wrong.totp_code = "000000";
    CHECK(house.login.finish_recovery(begun.token, wrong).error().code == Errc::authentication);
    wrong = factors(house, true);
    wrong.totp_secret.resize(19);
    CHECK(house.login.finish_recovery(begun.token, wrong).error().code == Errc::out_of_range);
    // A slip costs nothing: the recovery is still open.
    CHECK(house.login.finish_recovery(begun.token, factors(house, true)).ok());
}

TEST_CASE("a patient who declined a second factor may come back with one") {
    House house;
    house.join("maria", "patient", false);
    const RecoveryBegun begun = begin(house, "maria", right_code);
    CHECK_FALSE(begun.needs_second_factor);
    REQUIRE(house.login.finish_recovery(begun.token, factors(house, true)).ok());
    CHECK(house.try_in("maria", 11) == LoginAnswer::second_factor);
}

TEST_CASE("a patient is not readmitted by an officer") {
    House house;
    const UserAccount maria = house.join("maria", "patient", true);
    CHECK(house.login.readmit(maria.id).error().code == Errc::denied);
    CHECK(house.login.readmit(AccountId{}).error().code == Errc::not_found);
}

TEST_CASE("a new recovery code takes the place of the old one, and brings its key and its slot") {
    House house;
    const UserAccount maria = house.join("maria", "patient", false);
    Login::Change change;
    change.add = {{ObjectId{{6}}, "recovery", Bytes(60, 6), {}}};
    CHECK(house.login.change(maria.id, change).error().code == Errc::malformed);
    change.recovery_key = auth_key(72);
    house.later(5'000);
    REQUIRE(house.login.change(maria.id, change).ok());
    const UserAccount after = *house.accounts.by_id(maria.id);
    REQUIRE(after.slots.size() == 2);
    CHECK(after.slots[1].blob == Bytes(60, 6));
    CHECK(after.slots[1].created == house.env.now());
    CHECK(after.notices.back().kind == "recovery-code");
    CHECK(house.try_in("maria", 7) == LoginAnswer::welcome);

    Login::Change bare;
    bare.recovery_key = auth_key(73);
    CHECK(house.login.change(maria.id, bare).error().code == Errc::malformed);
}

TEST_CASE("a way to unlock is of a known type, and there is one password") {
    House house;
    const UserAccount maria = house.join("maria", "patient", false);
    Login::Change change;
    change.add = {{ObjectId{{6}}, "guess", Bytes(60, 6), {}}};
    CHECK(house.login.change(maria.id, change).error().code == Errc::malformed);
    change.add[0].type = "demo";
    CHECK(house.login.change(maria.id, change).error().code == Errc::malformed);
    change.add[0].type = "password";
    CHECK(house.login.change(maria.id, change).error().code == Errc::malformed);
    for (const std::size_t size : {slot_bytes_max - 1, slot_bytes_max, slot_bytes_max + 1}) {
        change.add = {{ObjectId{{7}}, "passkey", Bytes(size, 6), {}}};
        CHECK(house.login.change(maria.id, change).ok() == (size <= slot_bytes_max));
    }
    // Four slots so far.
    change.add.clear();
    for (std::uint8_t i = 0; i < 4; ++i)
        change.add.push_back({ObjectId{{i}}, "passkey", Bytes(60, 6), {}});
    CHECK(house.login.change(maria.id, change).ok());
    change.add.resize(1);
    CHECK(house.login.change(maria.id, change).error().code == Errc::out_of_range);
}

TEST_CASE("an account keeps its newest notices") {
    UserAccount account;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(notices_max) - 1; ++i)
        add_notice(account, {i}, "password");
    CHECK(account.notices.size() == notices_max - 1);
    add_notice(account, {100}, "password");
    CHECK(account.notices.size() == notices_max);
    CHECK(account.notices.front().time == UnixMillis{0});
    add_notice(account, {101}, "recovered");
    CHECK(account.notices.size() == notices_max);
    CHECK(account.notices.front().time == UnixMillis{1});
    CHECK(account.notices.back().kind == "recovered");
}

TEST_CASE("taken names at sign-up make their network wait, and nobody else") {
    House house;
    const std::string network = "203.0.113.0/24";
    for (int i = 0; i < 4; ++i) house.login.sign_up_met_taken_name(network);
    CHECK(house.login.sign_up_allowed_at(network) <= house.env.now());
    house.login.sign_up_met_taken_name(network);
    CHECK(house.login.sign_up_allowed_at(network) > house.env.now());
    CHECK(house.login.sign_up_allowed_at("198.51.100.0/24") <= house.env.now());
    house.later(Throttle::forget_ms);
    house.login.sign_up_met_taken_name(network);
    CHECK(house.login.sign_up_allowed_at(network) <= house.env.now());
}
