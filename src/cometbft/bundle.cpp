#include "cometbft/bundle.hpp"

#include "base/cbor.hpp"
#include "cometbft/limits.hpp"
#include "ledger/limits.hpp"

namespace salus::cometbft {

namespace {

/// A map of one pair; an envelope begins with a tag or an array, never with a map.
constexpr std::uint8_t first_byte = 0xA1;
constexpr std::uint64_t envelopes_key = 1;

}  // namespace

Result<std::vector<Bytes>> unbundle(ByteView engine_transaction) {
    std::vector<Bytes> out;
    if (engine_transaction.empty() || engine_transaction[0] != first_byte) {
        out.push_back(to_bytes(engine_transaction));
        return out;
    }
    cbor::Reader reader(engine_transaction);
    SALUS_TRY(reader.map_of(1));
    SALUS_TRY(reader.key(envelopes_key));
    const std::size_t count = SALUS_TRY(reader.array());
    if (count < 2) return Error{Errc::malformed, "a bundle holds two envelopes or more"};
    if (count > bundle_envelopes_max) {
        return Error{Errc::out_of_range, "a bundle holds too many envelopes"};
    }
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(to_bytes(SALUS_TRY(reader.bytes_max(ledger::transaction_bytes_max))));
    }
    SALUS_TRY(reader.end());
    return out;
}

Bytes bundle(std::span<const Bytes> envelopes) {
    if (envelopes.size() == 1) return envelopes.front();
    cbor::Writer out;
    out.map(1).uint(envelopes_key).array(envelopes.size());
    for (const Bytes& one : envelopes) out.bytes(one);
    return out.take();
}

}  // namespace salus::cometbft
