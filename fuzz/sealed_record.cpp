/// Everything sealed: bodies, wraps, slots, shares. The first byte chooses: open any bytes under a
/// known key, or seal the input and change what comes out, which must then be refused.

#include "crypto/sealed_record.hpp"

#include "base/sim_env.hpp"
#include "crypto/blob.hpp"
#include "crypto/chunked.hpp"
#include "crypto/shamir.hpp"
#include "crypto/slot.hpp"
#include "crypto/wrap.hpp"
#include "crypto/x25519.hpp"
#include "support/laws.hpp"

using namespace salus;
using namespace salus::crypto;

namespace {

const ByteView context = as_bytes("context");

Secret<32> known_key() {
    Secret<32> key;
    std::fill(key.reveal_mutable().begin(), key.reveal_mutable().end(), std::uint8_t{0x41});
    return key;
}

/// The known key was never used on these bytes, so nothing opens.
void open_anything(ByteView input) {
    const Secret<32> key = known_key();
    SALUS_ASSERT(!open_body(key, context, input).ok());
    SALUS_ASSERT(!chunked::open(key, context, input).ok());
    SALUS_ASSERT(!chunked::open_range(key, context, input, 5, 100).ok());
    X25519PrivateKey mine;
    std::fill(mine.reveal_mutable().begin(), mine.reveal_mutable().end(), std::uint8_t{0x42});
    for (const BlobKind kind : {BlobKind::wrapped_collection_key, BlobKind::wrapped_data_key,
                                BlobKind::wrapped_share, BlobKind::wrapped_card}) {
        SALUS_ASSERT(!unwrap(kind, input, mine, {}).ok());
        (void)wrap_digest(kind, input).ok();
    }
    SALUS_ASSERT(!open_record(input, input, mine, {}).ok());
    KeyEncryptionKey kek;
    std::fill(kek.reveal_mutable().begin(), kek.reveal_mutable().end(), std::uint8_t{0x43});
    SALUS_ASSERT(!open_slot(kek, {}, input).ok());
    if (const auto head = read_slot_head(input); head.ok()) {
        SALUS_ASSERT((head->type == SlotType::password) == head->kdf.has_value());
    }
    if (const auto share = read_share(input); share.ok()) {
        SALUS_ASSERT(share->threshold >= 2 && share->index >= 1);
        const Bytes one = to_bytes(input);
        const Bytes twice[] = {one, one};
        SALUS_ASSERT(!combine_shares(twice).ok());
    }
}

void change(Bytes& bytes, fuzz::Draw& draw) {
    switch (draw.below(3)) {
        case 0:
            bytes[draw.number(2) % bytes.size()] ^= static_cast<std::uint8_t>(1U << draw.below(8));
            break;
        case 1:
            bytes.resize(draw.number(2) % bytes.size());
            break;
        default:
            bytes.push_back(draw.byte());
            break;
    }
}

void seal_and_change(fuzz::Draw draw) {
    SimEnv env(draw.number());
    const Secret<32> key = known_key();
    fuzz::Draw deeds(draw.bytes(8));
    const Bytes plaintext = to_bytes(draw.rest());
    Bytes body = seal_body(env, key, context, plaintext).value();
    SALUS_ASSERT(open_body(key, context, body).value() == plaintext);
    Bytes message = chunked::seal(env, key, context, plaintext);
    const std::uint64_t from = plaintext.empty() ? 0 : deeds.number(2) % plaintext.size();
    const Bytes range =
        chunked::open_range(key, context, message, from, plaintext.size() - from).value();
    SALUS_ASSERT(std::equal(range.begin(), range.end(),
                            plaintext.begin() + static_cast<std::ptrdiff_t>(from),
                            plaintext.end()));
    change(body, deeds);
    SALUS_ASSERT(!open_body(key, context, body).ok());
    change(message, deeds);
    SALUS_ASSERT(!chunked::open(key, context, message).ok());
    if (plaintext.empty() || plaintext.size() > 1'024) return;
    auto shares = split_secret(env, plaintext, 2, 3).value();
    const Bytes good[] = {shares[0], shares[2]};
    SALUS_ASSERT(combine_shares(good).value() == plaintext);
    change(shares[0], deeds);
    SALUS_ASSERT(!combine_shares(shares).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Draw draw({data, size});
    if (draw.coin()) {
        seal_and_change(draw);
    } else {
        open_anything(draw.rest());
    }
    return 0;
}
