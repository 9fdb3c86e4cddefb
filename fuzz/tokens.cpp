/// Signed tokens, keys in JSON, passkey assertions and their keys: bytes that come from browsers
/// and authenticators. Nothing that was not signed is taken for signed.

#include "base/json.hpp"
#include "crypto/jws.hpp"
#include "crypto/webauthn.hpp"
#include "support/laws.hpp"

using namespace salus;
using namespace salus::crypto;

namespace {

constexpr JwsAlgorithm every_algorithm[] = {JwsAlgorithm::es256, JwsAlgorithm::es384,
                                            JwsAlgorithm::eddsa, JwsAlgorithm::rs256,
                                            JwsAlgorithm::rs384, JwsAlgorithm::hs256};

void token(std::string_view text) {
    static const JwsKey key = JwsKey::from_secret(Bytes(32, 0x44)).value();
    SALUS_ASSERT(!verify_jws(text, key, every_algorithm).ok());
    (void)jws_algorithm(text).ok();
}

void key(std::string_view text) {
    const auto parsed = json::parse(text);
    if (!parsed.ok()) return;
    const auto made = JwsKey::from_jwk(*parsed);
    if (!made.ok()) return;
    for (const JwsAlgorithm algorithm : every_algorithm) {
        SALUS_ASSERT(!made->verifies(algorithm, as_bytes("message"), Bytes(64, 1)));
    }
}

void assertion(fuzz::Draw draw) {
    webauthn::Expected expected{.rp_id = "salus.example",
                                .origin = "https://salus.example",
                                .challenge = Bytes(32, 7),
                                .public_key = to_bytes(draw.short_bytes()),
                                .require_uv = draw.coin()};
    const webauthn::Assertion given{.authenticator_data = to_bytes(draw.short_bytes()),
                                    .client_data_json = to_bytes(draw.short_bytes()),
                                    .signature = to_bytes(draw.rest())};
    (void)webauthn::verify_assertion(given, expected).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    token(as_text(input));
    key(as_text(input));
    (void)webauthn::check_public_key(input).ok();
    assertion(fuzz::Draw(input));
    return 0;
}
