#pragma once

#include "base/strong.hpp"
#include "ledger/signature.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace salus::ledger {

struct Member {
    ObjectId organisation;
    std::string name;
    PublicKey signing_key;
    AccountId node_account;
    std::optional<PublicKey> validator_key{};  ///< of a member that votes in a CometBFT engine
    bool operator==(const Member&) const = default;
};

struct ContractCode {
    std::string contract;
    Digest code_hash;
    bool operator==(const ContractCode&) const = default;
};

/// Canonical CBOR order of text keys: short before long, then by byte.
struct CanonicalTextLess {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};
using Parameters = std::map<std::string, std::uint64_t, CanonicalTextLess>;

/// Who the members are, which code runs, with which numbers: what the config root covers.
struct Config {
    std::vector<Member> members;          ///< 1 to members_max
    std::vector<ContractCode> contracts;  ///< ≤ contracts_max
    Parameters parameters;
    bool operator==(const Config&) const = default;
};

struct Genesis {
    std::string chain_id;
    UnixMillis time;
    Config config;
    bool operator==(const Genesis&) const = default;
};

/// Errors: out_of_range — a limit of limits.hpp; malformed — a name that is not UTF-8, two members
/// or contracts with one id, name or key, a negative time, a chain id outside [a-z0-9.-] (it is
/// part of a note's key name).
Result<Bytes> encode_genesis(const Genesis& genesis);
Result<Genesis> decode_genesis(ByteView bytes);
/// SHA-256 of the encoded genesis: `previous` of the first header.
Digest genesis_hash(ByteView encoded);

/// SHA-256 of CBOR [members, contracts, parameters]. The config must satisfy the limits
/// (SALUS_ASSERT).
Digest config_root(const Config& config);

/// [a-z0-9.-]{1,64}, as chain ids are.
bool is_chain_id(std::string_view text) noexcept;

/// What a chain starts from: the genesis and the modules its contracts name, in that order.
struct GenesisEntry {
    Bytes genesis;
    std::vector<Bytes> codes;
    bool operator==(const GenesisEntry&) const = default;
};
/// Each code has the hash that the genesis names. Errors: out_of_range — one is empty or above
/// code_bytes_max; integrity — a hash or the number differs.
Status check_codes(const Genesis& genesis, const std::vector<Bytes>& codes);

}  // namespace salus::ledger
