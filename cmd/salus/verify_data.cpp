#include "verify_data.hpp"

#include "base/scratch_env.hpp"
#include "chain/node_keys.hpp"
#include "chain/verify.hpp"
#include "chain/vm_executor.hpp"
#include "contracts/shipped.hpp"
#include "crypto/hash.hpp"
#include "store/blobs.hpp"
#include "vault/access_log.hpp"
#include "vault/chain_index.hpp"

#include <algorithm>
#include <map>
#include <thread>

namespace salus::command {
namespace {

/// What each node anchored, in the order of the chain.
using AnchorsOfNodes = std::map<AccountId, std::vector<vault::Anchor>>;

Status note_anchors(const ledger::CheckedBlock& block, AnchorsOfNodes& anchors) {
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const ledger::Transaction& transaction = block.transactions[i];
        const auto& operations = transaction.body.operations;
        for (std::size_t n = 0; n < operations.size(); ++n) {
            if (block.results[i].operations[n].code != 0) continue;
            auto anchor = SALUS_TRY(vault::anchor_made_by(operations[n]));
            if (!anchor) continue;
            anchor->transaction = transaction.id;
            anchor->height = block.header.height;
            anchors[transaction.body.account].push_back(*anchor);
        }
    }
    return done;
}

/// The custodian's side of a data directory, opened on a scratch copy of what must be mended.
class Vault {
  public:
    static Result<Vault> open(ScratchEnv& scratch, const std::string& directory) {
        Vault vault;
        vault.index_ = store::memory_kv();
        if (scratch.exists(directory + "/blobs")) {
            vault.blobs_ =
                SALUS_TRY(store::open_local_blobs(scratch, directory + "/blobs", *vault.index_));
        }
        if (scratch.exists(directory + "/access")) {
            vault.receipts_ =
                SALUS_TRY(vault::AccessLog::open(scratch, directory + "/access", *vault.index_));
        }
        return vault;
    }

    /// An erased body is no fault; a changed one is.
    [[nodiscard]] Status check(const ledger::DetachedPayload& payload) const {
        if (!blobs_) return done;
        const auto body = blobs_->get(payload.digest);
        if (!body.ok())
            return body.error().code == Errc::not_found ? Status(done) : Status(body.error());
        if (body->size() != payload.size_bytes || crypto::sha256(*body) != payload.digest) {
            return Error{Errc::integrity,
                         "a sealed body in the vault is not the one the log names"};
        }
        return done;
    }

    /// Every anchor against the receipts, and the labels beside them, from the first on.
    [[nodiscard]] std::optional<ledger::FirstBad> check(
        const std::vector<vault::Anchor>& anchors) const {
        if (!receipts_) return std::nullopt;
        for (const vault::Anchor& anchor : anchors) {
            const Status fits = receipts_->check_anchor(anchor);
            if (!fits.ok())
                return ledger::FirstBad{fits.error().detail, "vault/access", 0, anchor.height};
        }
        return std::nullopt;
    }

  private:
    std::unique_ptr<store::Kv> index_;
    std::unique_ptr<store::Blobs> blobs_;
    std::unique_ptr<vault::AccessLog> receipts_;
};

/// Whose receipts lie in this directory: its key says so; in a copy without keys, a chain on which
/// one node anchored leaves no doubt.
std::optional<AccountId> node_of(Env& env, const std::string& directory,
                                 const AnchorsOfNodes& anchors) {
    const auto keys = chain::read_node_keys(env, directory + "/keys/organisation");
    if (keys.ok()) return keys->node_account;
    if (anchors.size() != 1) return std::nullopt;
    return anchors.begin()->first;
}

}  // namespace

Result<ledger::LedgerReport> verify_data_directory(Env& env, const std::string& directory,
                                                   const std::optional<ledger::Note>& outside) {
    ScratchEnv scratch(env);
    const auto vault = Vault::open(scratch, directory + "/vault");
    contracts::ContractVm::Options vm;
    vm.shipped = contracts::shipped_contracts();
    chain::VmExecutor executor(vm);
    AnchorsOfNodes anchors;
    chain::VerifyDataOptions options;
    options.outside = outside;
    options.signature_threads = std::max(1U, std::thread::hardware_concurrency());
    if (vault.ok()) {
        options.payload = [&](const ledger::DetachedPayload& payload) {
            return vault->check(payload);
        };
        options.on_block = [&](const ledger::CheckedBlock& block) {
            return note_anchors(block, anchors);
        };
    }
    ledger::LedgerReport report =
        SALUS_TRY(chain::verify_data_dir(env, directory, executor, options));
    if (report.first_bad) return report;
    if (!vault.ok()) {
        report.first_bad = ledger::FirstBad{vault.error().detail, "vault", 0, {}};
    } else if (const auto node = node_of(env, directory, anchors)) {
        report.first_bad = vault->check(anchors[*node]);
    }
    return report;
}

}  // namespace salus::command
