/// What a client reads: manifests, consents, keyrings, lists of keys, answers of a node, codes
/// that people type.

#include "client/claiming.hpp"
#include "client/consent_ir.hpp"
#include "client/http_client.hpp"
#include "client/key_list.hpp"
#include "client/keyring_file.hpp"
#include "client/sealing.hpp"
#include "crypto/account_keys.hpp"
#include "support/laws.hpp"

using namespace salus;
using namespace salus::client;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_manifest(b); },
        [](const Manifest& manifest) { return encode(manifest); });
    fuzz::check_codec(
        input, [](ByteView b) { return decode_ir(b); },
        fuzz::must_encode([](const ConsentIr& ir) { return encode(ir); }));
    fuzz::check_codec(
        input, [](ByteView b) { return decode_keyring(b); },
        [](const KeyringFile& keyring) { return encode(keyring); });
    (void)decode_released(input).ok();
    if (const auto list = read_key_list(as_text(input)); list.ok()) {
        const std::string text = write_key_list(*list);
        const auto again = read_key_list(text);
        SALUS_ASSERT(again.ok() && write_key_list(*again) == text);
    }
    (void)Address::parse(as_text(input)).ok();
    (void)crypto::read_recovery_code(as_text(input)).ok();
    (void)crypto::read_claim_code(as_text(input)).ok();
    return 0;
}
