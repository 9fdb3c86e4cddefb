#include "chain/verify.hpp"

#include "chain/snapshot.hpp"
#include "ledger/signature_native.hpp"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace salus::chain {

namespace {

/// Fewer are not worth a thread.
constexpr std::size_t checks_per_thread_min = 8;

/// The chain executed once more, in memory.
class Reexecution {
  public:
    Reexecution(ContractExecutor& executor, const VerifyDataOptions& options)
        : executor_(executor), options_(options) {}

    Status begin(const ledger::GenesisEntry& entry) {
        log_ = std::make_unique<ledger::LogTree>(
            SALUS_TRY(ledger::LogTree::open(ledger::memory_node_store())));
        machine_ = SALUS_TRY(StateMachine::open(
            entry, {.kv = kv_.get(), .log = log_.get(), .executor = &executor_}));
        return done;
    }

    /// The state that a log begins with, from the files that the node keeps of it.
    Status begin_at(Env& env, const std::string& snapshot, const ledger::GenesisEntry& entry,
                    const ledger::SnapshotBase& base) {
        machine_.reset();
        kv_ = store::memory_kv();
        SALUS_TRY(restore_view(env, snapshot, *kv_, ledger::app_hash(base.header)));
        std::unique_ptr<ledger::NodeStore> nodes = ledger::memory_node_store();
        SALUS_TRY(ledger::seed_nodes(*nodes, base));
        log_ =
            std::make_unique<ledger::LogTree>(SALUS_TRY(ledger::LogTree::open(std::move(nodes))));
        machine_ = SALUS_TRY(StateMachine::open(
            entry, {.kv = kv_.get(), .log = log_.get(), .executor = &executor_}));
        return done;
    }

    Status block(const ledger::CheckedBlock& checked) {
        std::vector<PreparedTransaction> transactions;
        transactions.reserve(checked.transactions.size());
        for (std::size_t i = 0; i < checked.transactions.size(); ++i) {
            if (checked.transactions[i].body.chain_id != machine_->genesis().chain_id) {
                return Error{Errc::integrity, "a transaction of another chain"};
            }
            transactions.push_back({.envelope = checked.block.transactions[i],
                                    .transaction = checked.transactions[i],
                                    .code = 0});
        }
        const FinalizedBlock again =
            SALUS_TRY(machine_->finalize_block({.height = checked.header.height,
                                                .time = checked.header.time,
                                                .proposer = checked.header.proposer},
                                               transactions));
        SALUS_TRY(compare(checked, again));
        SALUS_TRY(machine_->commit());
        SALUS_TRY(check_payloads(checked));
        return options_.on_block ? options_.on_block(checked) : Status(done);
    }

    Status end() {
        if (machine_ == nullptr || !options_.at_end) {
            return done;
        }
        return options_.at_end(*machine_);
    }

  private:
    static Status compare(const ledger::CheckedBlock& checked, const FinalizedBlock& again) {
        const auto differs = [](std::string_view what) {
            return Error{Errc::integrity,
                         "executed again, the block has another " + std::string(what)};
        };
        if (!again.has_block || again.header.transaction_root != checked.header.transaction_root) {
            return differs("set of transactions");
        }
        if (again.header.result_root != checked.header.result_root) {
            return differs("result root");
        }
        if (again.header.state_root != checked.header.state_root) {
            return differs("state root");
        }
        if (again.header.config_root != checked.header.config_root) {
            return differs("config root");
        }
        if (again.header_hash != checked.header_hash) {
            return differs("header");
        }
        return done;
    }

    Status check_payloads(const ledger::CheckedBlock& checked) {
        if (!options_.payload) {
            return done;
        }
        for (std::size_t i = 0; i < checked.transactions.size(); ++i) {
            const auto& operations = checked.transactions[i].body.operations;
            for (std::size_t at = 0; at < operations.size(); ++at) {
                const bool stands = checked.results[i].operations[at].code == 0;
                if (stands && operations[at].payload) {
                    SALUS_TRY(options_.payload(*operations[at].payload));
                }
            }
        }
        return done;
    }

    ContractExecutor& executor_;
    const VerifyDataOptions& options_;
    std::unique_ptr<store::Kv> kv_ = store::memory_kv();
    std::unique_ptr<ledger::LogTree> log_;
    std::unique_ptr<StateMachine> machine_;
};

}  // namespace

Status check_signatures_parallel(std::span<const ledger::SignatureCheck> checks, unsigned threads) {
    const std::size_t parts =
        std::clamp<std::size_t>(checks.size() / checks_per_thread_min, 1, std::max(1U, threads));
    if (parts == 1) {
        return ledger::check_signatures(checks);
    }
    std::vector<Status> outcomes(parts, Status(done));
    std::vector<std::thread> workers;
    const std::size_t each = (checks.size() + parts - 1) / parts;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t from = std::min(part * each, checks.size());
        const auto mine = checks.subspan(from, std::min(each, checks.size() - from));
        workers.emplace_back(
            [&outcome = outcomes[part], mine] { outcome = ledger::check_signatures(mine); });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    for (const Status& outcome : outcomes) {
        SALUS_TRY(Status(outcome));
    }
    return done;
}

Result<ledger::LedgerReport> verify_data_dir(Env& env, const std::string& data_dir,
                                             ContractExecutor& executor,
                                             const VerifyDataOptions& options) {
    Reexecution again(executor, options);
    ledger::VerifyOptions checks;
    checks.outside = options.outside;
    checks.signatures = [&](std::span<const ledger::SignatureCheck> signatures) {
        return check_signatures_parallel(signatures, options.signature_threads);
    };
    ledger::GenesisEntry genesis;
    checks.on_genesis = [&](const ledger::Genesis&, const ledger::GenesisEntry& entry) {
        genesis = entry;
        return again.begin(entry);
    };
    checks.on_base = [&](const ledger::SnapshotBase& base) {
        return again.begin_at(env, data_dir + "/" + std::string(own_snapshot_name), genesis, base);
    };
    checks.on_block = [&](const ledger::CheckedBlock& block) { return again.block(block); };
    ledger::LedgerReport report =
        SALUS_TRY(ledger::verify_ledger(env, data_dir + "/ledger", checks));
    if (report.ok()) {
        if (const Status ended = again.end(); !ended) {
            report.first_bad = ledger::FirstBad{
                .what = ended.error().detail, .file = {}, .offset = 0, .height = report.height};
        }
    }
    return report;
}

json::Value report_json(const ledger::LedgerReport& report) {
    json::Value first_bad(nullptr);
    if (report.first_bad) {
        const ledger::FirstBad& bad = *report.first_bad;
        first_bad = json::Value(json::Object{
            {"what", bad.what},
            {"file", bad.file},
            {"offset", bad.offset},
            {"height", bad.height ? json::Value(bad.height->value) : json::Value(nullptr)}});
    }
    return json::Value(json::Object{
        {"ok", report.ok()},
        {"height", report.height.value},
        {"transactions", report.transactions},
        {"torn_tail", report.torn_tail ? json::Value(*report.torn_tail) : json::Value(nullptr)},
        {"first_bad", std::move(first_bad)}});
}

}  // namespace salus::chain
