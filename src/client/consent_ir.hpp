#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "client/account.hpp"

#include <string>
#include <vector>

namespace salus::client {

enum class ScopeKind : std::uint8_t {
    everything = 0,
    collections = 1,
    records = 2,
    categories = 3
};

/// What a directive covers: ids of collections or records, or labels of categories.
struct ConsentScope {
    ScopeKind kind = ScopeKind::everything;
    std::vector<ObjectId> ids;
    bool operator==(const ConsentScope&) const = default;
};

/// Consent IR, version 1: what a patient signs and the consent contract reads.
/// docs/contracts/consent.md.
struct ConsentIr {
    bool permit = true;
    std::vector<Label> actors;
    ConsentScope scope;
    std::vector<std::string> purposes;
    std::vector<std::string> actions;
    UnixMillis from;
    UnixMillis until;
    bool operator==(const ConsentIr&) const = default;
};

/// Ids and labels are written ascending, each once, so that one meaning has one encoding.
/// Errors: out_of_range — a list is empty or above its limit; ends before it begins.
Result<Bytes> encode(const ConsentIr& ir);
/// Errors: malformed, out_of_range.
Result<ConsentIr> decode_ir(ByteView bytes);

}  // namespace salus::client
