#include "ledger_world.hpp"

#include "base/cbor.hpp"
#include "chain/vm_executor.hpp"
#include "ledger/transaction_sign.hpp"

#include <cstdio>
#include <cstdlib>

namespace salus::bench {

void need(bool condition, std::string_view what) {
    if (!condition) {
        std::fprintf(stderr, "bench: %.*s\n", static_cast<int>(what.size()), what.data());
        std::exit(3);
    }
}

std::unique_ptr<chain::Node> open_ledger(const std::string& data_dir) {
    chain::NodeConfig config;
    config.data_dir = data_dir;
    const auto shipped = contracts::shipped_contracts();
    for (const contracts::ShippedContract& contract : shipped) {
        config.contracts.push_back(
            {.name = std::string(contract.name), .module = to_bytes(contract.module)});
    }
    return need(chain::Node::open(machine_env(), config,
                                  std::make_unique<chain::VmExecutor>(
                                      contracts::ContractVm::Options{.shipped = shipped})),
                "the node does not open");
}

Patient::Patient(Env& environment)
    : env_(environment),
      account_(random_bytes<AccountId>(environment)),
      key_(crypto::random_key<crypto::SigningKey>(environment)) {}

Bytes Patient::sign(const std::string& chain_id, std::vector<ledger::Operation> operations) {
    const ledger::TransactionBody body{.chain_id = chain_id,
                                       .account = account_,
                                       .nonce = random_bytes<ledger::Nonce>(env_),
                                       .valid_until = UnixMillis{env_.now().value + 500'000},
                                       .operations = std::move(operations),
                                       .all_or_nothing = false};
    return need(ledger::sign_transaction(body, key_), "a transaction cannot be signed");
}

Bytes Patient::enrol(const std::string& chain_id) {
    cbor::Writer args;
    const auto public_key = crypto::public_key(key_);
    args.map(4).uint(1).text("patient");
    args.uint(2).bytes(public_key.view()).uint(3).bytes(public_key.view()).uint(4).null();
    return sign(chain_id,
                {{.contract = "registry", .method = "enrol", .args = args.take(), .payload = {}}});
}

ledger::Operation Patient::consent_operation(std::size_t names) {
    // docs/contracts/consent.md: permit actors to read everything for treatment, for a year.
    const auto now = static_cast<std::uint64_t>(env_.now().value);
    const auto digest = random_bytes<Digest>(env_);
    cbor::Writer ir;
    ir.map(8).uint(1).uint(1).uint(2).uint(1).uint(3).array(names);
    for (; names > 0; --names) ir.bytes(random_bytes<ObjectId>(env_).view());
    ir.uint(4).array(1).uint(0).uint(5).array(1).text("TREAT").uint(6).array(1).text("access");
    ir.uint(7).uint(now).uint(8).uint(now + 31'536'000'000U);
    cbor::Writer args;
    args.map(5).uint(1).bytes(random_bytes<ObjectId>(env_).view()).uint(2).bytes(ir.view());
    args.uint(3).bytes(digest.view()).uint(4).bytes(digest.view()).uint(5).null();
    return {.contract = "consent", .method = "put", .args = args.take(), .payload = {}};
}

Bytes Patient::consent(const std::string& chain_id) {
    return sign(chain_id, {consent_operation()});
}

}  // namespace salus::bench
