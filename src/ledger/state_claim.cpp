#include "ledger/state_claim.hpp"

#include "ledger/limits.hpp"

#include <algorithm>

namespace salus::ledger {

void write_state_claims(cbor::Writer& out, std::span<const StateClaim> claims) {
    out.array(claims.size());
    for (const StateClaim& claim : claims) {
        out.array(3).bytes(claim.key);
        if (claim.value) {
            out.bytes(*claim.value);
        } else {
            out.null();
        }
        out.bytes(claim.proof);
    }
}

Result<std::vector<StateClaim>> read_state_claims(cbor::Reader& in) {
    const std::size_t count = SALUS_TRY(in.array());
    if (count == 0 || count > state_claims_max) {
        return Error{Errc::out_of_range, "a list of state claims has 1 to 1,024"};
    }
    std::vector<StateClaim> claims;
    for (std::size_t i = 0; i < count; ++i) {
        SALUS_TRY(in.array_of(3));
        StateClaim claim;
        claim.key = to_bytes(SALUS_TRY(in.bytes_max(state_key_bytes_max)));
        if (in.null_next()) {
            SALUS_TRY(in.null());
        } else {
            claim.value = to_bytes(SALUS_TRY(in.bytes_max(state_value_bytes_max)));
        }
        claim.proof = to_bytes(SALUS_TRY(in.bytes_max(state_proof_bytes_max)));
        // One order, and no key twice: one list has one encoding and one meaning.
        if (!claims.empty() && !(claims.back().key < claim.key)) {
            return Error{Errc::malformed, "the keys of state claims ascend"};
        }
        claims.push_back(std::move(claim));
    }
    return claims;
}

Bytes encode_state_claims(std::span<const StateClaim> claims) {
    cbor::Writer out;
    write_state_claims(out, claims);
    return out.take();
}

Result<std::vector<StateClaim>> decode_state_claims(ByteView bytes) {
    cbor::Reader in(bytes);
    auto claims = SALUS_TRY(read_state_claims(in));
    SALUS_TRY(in.end());
    return claims;
}

Status check_state_claims(std::span<const StateClaim> claims, const Digest& root) {
    for (const StateClaim& claim : claims) {
        const auto value = claim.value ? std::optional<ByteView>(*claim.value) : std::nullopt;
        SALUS_TRY(verify_state(claim.key, value, claim.proof, root));
    }
    return done;
}

const StateClaim* find_claim(std::span<const StateClaim> claims, ByteView key) {
    const auto found = std::find_if(claims.begin(), claims.end(), [&](const StateClaim& claim) {
        return std::equal(claim.key.begin(), claim.key.end(), key.begin(), key.end());
    });
    return found == claims.end() ? nullptr : &*found;
}

Bytes contract_key(std::string_view contract, std::string_view kind,
                   std::initializer_list<ByteView> ids) {
    Bytes key = to_bytes("c/");
    append(key, as_bytes(contract));
    key.push_back('/');
    append(key, as_bytes(kind));
    key.push_back('/');
    for (const ByteView id : ids) append(key, id);
    return key;
}

}  // namespace salus::ledger
