/// Receipts and bundles, and what lies in them. A bundle ends in the hash of all before it, so the
/// target also puts that hash there: otherwise nothing behind it would ever be reached.

#include "crypto/hash.hpp"
#include "ledger/consistency.hpp"
#include "ledger/receipt.hpp"
#include "ledger/receipt_sign.hpp"
#include "support/laws.hpp"

#include <string>

using namespace salus;
using namespace salus::ledger;

namespace {

/// Two keys that a verifier trusts; the members of tests/vectors/ledger-receipt are among them.
const std::vector<VerifierKey>& trust() {
    static const std::vector<VerifierKey> keys =
        parse_trust(
            "salus/test/00000000000000000000000000000000+2f48a837+"
            "Aa8Go+MpFxTk81bBnJsVzRlR7G5mYqp3vgdUfyiTgzQd\n"
            "salus/test/01010101010101010101010101010101+a17c734a+"
            "AS3wQSXwAVr7R86FOu+HcglP+UmMFMsbnhKXPCkn2g+m\n")
            .value();
    return keys;
}

void look(ByteView bytes) {
    fuzz::check_codec(
        bytes, [](ByteView b) { return decode_bundle(b); }, fuzz::must_encode(encode_bundle));
    const auto checked = check_bundle(bytes, trust());
    SALUS_ASSERT(!checked.ok() || decode_bundle(bytes).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    look(input);
    fuzz::check_codec(input, [](ByteView b) { return decode_receipt(b); }, encode_receipt);
    fuzz::check_codec(input, [](ByteView b) { return decode_absence(b); }, encode_absence);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_state_claims(b); },
        [](const std::vector<StateClaim>& claims) { return encode_state_claims(claims); });
    fuzz::check_codec(input, [](ByteView b) { return decode_consistency(b); }, encode_consistency);
    constexpr std::size_t hash_bytes = 34;  // 0x58 0x20 and 32 bytes
    if (size < hash_bytes) return 0;
    Bytes mended = to_bytes(input);
    const Digest hash = crypto::sha256(ByteView(mended).first(size - hash_bytes));
    std::copy(hash.bytes.begin(), hash.bytes.end(), mended.end() - 32);
    look(mended);
    return 0;
}
