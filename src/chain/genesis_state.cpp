#include "chain/genesis_state.hpp"

#include "base/cbor.hpp"
#include "chain/limits.hpp"
#include "crypto/hash.hpp"

namespace salus::chain {

Bytes code_key(const Digest& code_hash) {
    Bytes key = to_bytes("g/code/");
    append(key, code_hash.view());
    return key;
}

Bytes contract_key(std::string_view contract) {
    Bytes key = to_bytes("g/contract/");
    append(key, as_bytes(contract));
    return key;
}

Bytes encode_active_contract(const ActiveContract& contract) {
    cbor::Writer writer;
    writer.array(2).bytes(contract.code_hash.view()).uint(contract.activated.value);
    return writer.take();
}

Result<ActiveContract> decode_active_contract(ByteView bytes) {
    cbor::Reader reader(bytes);
    SALUS_TRY(reader.array_of(2));
    ActiveContract contract;
    contract.code_hash = SALUS_TRY(reader.fixed<Digest>());
    contract.activated = BlockHeight{SALUS_TRY(reader.uint())};
    SALUS_TRY(reader.end());
    return contract;
}

Bytes initial_args(std::string_view contract, const ledger::Genesis& genesis) {
    cbor::Writer writer;
    if (contract != "registry") {
        writer.null();
        return writer.take();
    }
    // docs/contracts/registry.md `init`: {1: [[organisation, signing key, node account,
    // name_hash]]}.
    writer.map(1).uint(1).array(genesis.config.members.size());
    for (const ledger::Member& member : genesis.config.members) {
        writer.array(4)
            .bytes(member.organisation.view())
            .bytes(member.signing_key.view())
            .bytes(member.node_account.view())
            .bytes(crypto::sha256(as_bytes(member.name)).view());
    }
    return writer.take();
}

Status write_genesis_state(const ledger::GenesisEntry& entry, const ledger::Genesis& genesis,
                           ContractExecutor& executor, Overlay& state) {
    const auto& contracts = genesis.config.contracts;
    for (const Bytes& code : entry.codes) {
        state.put(code_key(crypto::sha256(code)), code);
    }
    for (const ledger::ContractCode& contract : contracts) {
        state.put(
            contract_key(contract.contract),
            encode_active_contract({.code_hash = contract.code_hash, .activated = BlockHeight{0}}));
    }
    for (const ledger::ContractCode& contract : contracts) {
        const Bytes args = initial_args(contract.contract, genesis);
        const ExecResult result = executor.initialise({.contract = contract.contract,
                                                       .method = "init",
                                                       .args = args,
                                                       .payload = std::nullopt,
                                                       .caller = {},
                                                       .transaction = {},
                                                       .height = BlockHeight{0},
                                                       .time = genesis.time,
                                                       .gas_max = transaction_gas_max},
                                                      state);
        if (result.code != 0) {
            return Error{Errc::malformed, "init of contract " + contract.contract +
                                              " ended with code " + std::to_string(result.code)};
        }
    }
    state.settle();
    return done;
}

}  // namespace salus::chain
