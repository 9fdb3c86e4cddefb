#include "ledger/genesis.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/limits.hpp"

#include <limits>
#include <set>

namespace salus::ledger {
namespace {

Error limit(const std::string& what) {
    return Error{Errc::out_of_range, "genesis: " + what};
}
Error wrong(const std::string& what) {
    return Error{Errc::malformed, "genesis: " + what};
}

Status check_text(std::string_view text, std::size_t bytes_max, const char* what) {
    if (text.empty() || text.size() > bytes_max) {
        return limit(std::string(what) + " of " + std::to_string(text.size()) + " bytes");
    }
    if (!is_utf8(as_bytes(text))) return wrong(std::string(what) + " is not UTF-8");
    return done;
}

Status check_members(const std::vector<Member>& members) {
    if (members.empty() || members.size() > members_max) {
        return limit(std::to_string(members.size()) + " members");
    }
    std::set<ObjectId> organisations;
    std::set<PublicKey> keys;
    std::set<AccountId> accounts;
    for (const Member& member : members) {
        SALUS_TRY(check_text(member.name, member_name_bytes_max, "member name"));
        if (!organisations.insert(member.organisation).second) {
            return wrong("two members of one organisation");
        }
        if (!keys.insert(member.signing_key).second) return wrong("two members with one key");
        // A key votes or seals, never both, and never for two.
        if (member.validator_key && !keys.insert(*member.validator_key).second) {
            return wrong("two members with one key");
        }
        if (!accounts.insert(member.node_account).second) {
            return wrong("two members with one node account");
        }
    }
    return done;
}

Status check_contracts(const std::vector<ContractCode>& contracts) {
    if (contracts.size() > contracts_max) {
        return limit(std::to_string(contracts.size()) + " contracts");
    }
    std::set<std::string_view> names;
    for (const ContractCode& contract : contracts) {
        SALUS_TRY(check_text(contract.contract, contract_name_bytes_max, "contract name"));
        if (!names.insert(contract.contract).second) return wrong("two contracts of one name");
    }
    return done;
}

Status check_config(const Config& config) {
    SALUS_TRY(check_members(config.members));
    SALUS_TRY(check_contracts(config.contracts));
    if (config.parameters.size() > parameters_max) {
        return limit(std::to_string(config.parameters.size()) + " parameters");
    }
    for (const auto& [name, value] : config.parameters) {
        SALUS_TRY(check_text(name, parameter_name_bytes_max, "parameter name"));
    }
    return done;
}

Status check_head(const Genesis& genesis) {
    if (!is_chain_id(genesis.chain_id)) return wrong("the chain id is not [a-z0-9.-]{1,64}");
    if (genesis.time.value < 0) return wrong("time before 1970");
    return done;
}

void write_members(cbor::Writer& out, const std::vector<Member>& members) {
    out.array(members.size());
    for (const Member& member : members) {
        out.array(member.validator_key ? 5 : 4);
        out.bytes(member.organisation.view()).text(member.name);
        out.bytes(member.signing_key.view()).bytes(member.node_account.view());
        if (member.validator_key) out.bytes(member.validator_key->view());
    }
}

void write_contracts(cbor::Writer& out, const std::vector<ContractCode>& contracts) {
    out.array(contracts.size());
    for (const ContractCode& contract : contracts) {
        out.array(2).text(contract.contract).bytes(contract.code_hash.view());
    }
}

void write_parameters(cbor::Writer& out, const Parameters& parameters) {
    out.map(parameters.size());
    for (const auto& [name, value] : parameters) out.text(name).uint(value);
}

Result<std::vector<Member>> read_members(cbor::Reader& in) {
    const std::size_t count = SALUS_TRY(in.array());
    if (count > members_max) return limit(std::to_string(count) + " members");
    std::vector<Member> members(count);
    for (Member& member : members) {
        const std::size_t fields = SALUS_TRY(in.array());
        if (fields != 4 && fields != 5) return wrong("a member has four or five fields");
        member.organisation = SALUS_TRY(in.fixed<ObjectId>());
        member.name = SALUS_TRY(in.text());
        member.signing_key = SALUS_TRY(in.fixed<PublicKey>());
        member.node_account = SALUS_TRY(in.fixed<AccountId>());
        if (fields == 5) member.validator_key = SALUS_TRY(in.fixed<PublicKey>());
    }
    return members;
}

Result<std::vector<ContractCode>> read_contracts(cbor::Reader& in) {
    const std::size_t count = SALUS_TRY(in.array());
    if (count > contracts_max) return limit(std::to_string(count) + " contracts");
    std::vector<ContractCode> contracts(count);
    for (ContractCode& contract : contracts) {
        SALUS_TRY(in.array_of(2));
        contract.contract = SALUS_TRY(in.text());
        contract.code_hash = SALUS_TRY(in.fixed<Digest>());
    }
    return contracts;
}

/// The reader has checked that the keys ascend, so the map's own order is the order read.
Result<Parameters> read_parameters(cbor::Reader& in) {
    const std::size_t count = SALUS_TRY(in.map());
    if (count > parameters_max) return limit(std::to_string(count) + " parameters");
    Parameters parameters;
    for (std::size_t i = 0; i < count; ++i) {
        std::string name{SALUS_TRY(in.text())};
        const std::uint64_t value = SALUS_TRY(in.uint());
        parameters.emplace_hint(parameters.end(), std::move(name), value);
    }
    return parameters;
}

}  // namespace

Result<Bytes> encode_genesis(const Genesis& genesis) {
    SALUS_TRY(check_head(genesis));
    SALUS_TRY(check_config(genesis.config));
    cbor::Writer out;
    out.map(6).uint(1).uint(1).uint(2).text(genesis.chain_id);
    out.uint(3).uint(static_cast<std::uint64_t>(genesis.time.value));
    out.uint(4);
    write_members(out, genesis.config.members);
    out.uint(5);
    write_contracts(out, genesis.config.contracts);
    out.uint(6);
    write_parameters(out, genesis.config.parameters);
    return out.take();
}

Result<Genesis> decode_genesis(ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.map_of(6));
    SALUS_TRY(in.key(1));
    if (SALUS_TRY(in.uint()) != 1) return wrong("unknown version");
    Genesis genesis;
    SALUS_TRY(in.key(2));
    genesis.chain_id = SALUS_TRY(in.text());
    SALUS_TRY(in.key(3));
    constexpr auto time_max = std::numeric_limits<std::int64_t>::max();
    genesis.time.value = static_cast<std::int64_t>(SALUS_TRY(in.uint_max(time_max)));
    SALUS_TRY(check_head(genesis));
    SALUS_TRY(in.key(4));
    genesis.config.members = SALUS_TRY(read_members(in));
    SALUS_TRY(in.key(5));
    genesis.config.contracts = SALUS_TRY(read_contracts(in));
    SALUS_TRY(in.key(6));
    genesis.config.parameters = SALUS_TRY(read_parameters(in));
    SALUS_TRY(in.end());
    SALUS_TRY(check_config(genesis.config));
    return genesis;
}

Digest genesis_hash(ByteView encoded) {
    return crypto::sha256(encoded);
}

Digest config_root(const Config& config) {
    SALUS_ASSERT(check_config(config).ok());
    cbor::Writer out;
    out.array(3);
    write_members(out, config.members);
    write_contracts(out, config.contracts);
    write_parameters(out, config.parameters);
    return crypto::sha256(out.view());
}

bool is_chain_id(std::string_view text) noexcept {
    if (text.empty() || text.size() > chain_id_bytes_max) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
}

Status check_codes(const Genesis& genesis, const std::vector<Bytes>& codes) {
    const std::vector<ContractCode>& contracts = genesis.config.contracts;
    if (codes.size() != contracts.size()) {
        return Error{Errc::integrity, "genesis: " + std::to_string(codes.size()) + " codes for " +
                                          std::to_string(contracts.size()) + " contracts"};
    }
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i].empty() || codes[i].size() > code_bytes_max) {
            return limit("code of " + std::to_string(codes[i].size()) + " bytes");
        }
        if (crypto::sha256(codes[i]) != contracts[i].code_hash) {
            return Error{Errc::integrity,
                         "genesis: the code of " + contracts[i].contract + " has another hash"};
        }
    }
    return done;
}

}  // namespace salus::ledger
