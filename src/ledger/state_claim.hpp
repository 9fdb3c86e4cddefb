#pragma once

#include "base/cbor.hpp"
#include "ledger/state_proof.hpp"

#include <optional>
#include <span>
#include <vector>

/// What a state bundle says of some keys, each with its proof: docs/formats/receipt.md, kind 4.
namespace salus::ledger {

struct StateClaim {
    Bytes key;
    std::optional<Bytes> value;  ///< nothing: the key is absent
    Bytes proof;                 ///< docs/formats/state-proof.md
    bool operator==(const StateClaim&) const = default;
};

void write_state_claims(cbor::Writer& out, std::span<const StateClaim> claims);
/// Errors: malformed — also keys that do not ascend; out_of_range — none, or too many.
Result<std::vector<StateClaim>> read_state_claims(cbor::Reader& in);

/// The list as a bundle's subject.
Bytes encode_state_claims(std::span<const StateClaim> claims);
Result<std::vector<StateClaim>> decode_state_claims(ByteView bytes);

/// Whether each holds under `root`. Errors: malformed, out_of_range, integrity.
Status check_state_claims(std::span<const StateClaim> claims, const Digest& root);

/// The claim about a key; nothing when none is there.
const StateClaim* find_claim(std::span<const StateClaim> claims, ByteView key);

/// Contract C's key K lies under `c/` C `/` K.
Bytes contract_key(std::string_view contract, std::string_view kind,
                   std::initializer_list<ByteView> ids);

}  // namespace salus::ledger
