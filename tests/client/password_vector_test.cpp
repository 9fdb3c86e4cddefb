#include "client/account.hpp"
#include "client/limits.hpp"
#include "crypto/vectors.hpp"

using namespace salus;
using namespace salus::client;

namespace {

std::string text_of(const vectors::Case& c, std::string_view field) {
    return std::string(as_text(c.hex(field)));
}

}  // namespace

TEST_CASE("one password gives one key, however a keyboard or program spells it") {
    const vectors::Case file = vectors::file("salus/key-slot.json");
    const vectors::Case spellings = file.at("spellings");
    const crypto::KdfSalt salt = file.at("password").fixed<crypto::KdfSalt>("salt");
    for (const char* const field : {"composed", "decomposed", "nfkc"}) {
        const auto plain = PlainPassword::parse(text_of(spellings, field));
        REQUIRE(plain.ok());
        CHECK(to_hex(plain->reveal()) == spellings.text("nfkc"));
        const auto keys = crypto::password_keys(plain->reveal(), salt, crypto::argon2_client_floor);
        CHECK(to_hex(keys->auth.reveal()) == spellings.text("auth_key"));
    }
}

TEST_CASE("a slot opens by another spelling of its password") {
    const vectors::Case spellings = vectors::file("salus/key-slot.json").at("spellings");
    SignUpOptions options;
    options.name = "maria";
    const auto account = make_account(machine_env(), ObjectId{{7}}, text_of(spellings, "composed"),
                                      std::move(options));
    REQUIRE(account.ok());
    CHECK(open_password_slot(account->slots[0].blob, account->keys.account,
                             text_of(spellings, "decomposed"))
              .ok());
}

TEST_CASE("a password has at least eight characters, fifteen when it stands alone") {
    CHECK_FALSE(check_password("1234567", true).ok());
    CHECK(check_password("12345678", true).ok());
    CHECK_FALSE(check_password("12345678901234", false).ok());
    CHECK(check_password("123456789012345", false).ok());
    CHECK(check_password(std::string(1'024, 'a'), true).ok());
    CHECK_FALSE(check_password(std::string(1'025, 'a'), true).ok());
}

TEST_CASE("a password's characters are those of its normal form") {
    // Four characters of which each ligature of three letters makes three.
    CHECK(check_password("\xEF\xAC\x83\xEF\xAC\x83xx", true).ok());
    // An accent typed apart counts with its letter.
    CHECK_FALSE(check_password("e\xCC\x81"
                               "123456",
                               true)
                    .ok());
}

TEST_CASE("a password is at most 1,024 bytes in its normal form too") {
    // One character of three bytes whose form has 33.
    const std::string long_form = "\xEF\xB7\xBA";
    const auto padded = [&](std::size_t size) { return long_form + std::string(size - 33, 'a'); };
    CHECK(check_password(padded(password_bytes_max - 1), true).ok());
    CHECK(check_password(padded(password_bytes_max), true).ok());
    CHECK(check_password(padded(password_bytes_max + 1), true).error().code == Errc::denied);
}

TEST_CASE("what is no text, or no character yet, is refused") {
    CHECK(check_password("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", true).error().code == Errc::malformed);
    // U+0378 is not assigned: a later Unicode may give it another form.
    CHECK(check_password("12345678\xCD\xB8", true).error().code == Errc::malformed);
    CHECK(check_password("", true).error().code == Errc::denied);
}
