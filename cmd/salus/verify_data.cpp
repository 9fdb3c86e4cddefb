#include "verify_data.hpp"

#include "base/scratch_env.hpp"
#include "chain/verify.hpp"
#include "chain/vm_executor.hpp"
#include "contracts/shipped.hpp"
#include "crypto/hash.hpp"
#include "store/blobs.hpp"
#include "vault/access_log.hpp"

#include <algorithm>
#include <thread>

namespace salus::command {
namespace {

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

  private:
    std::unique_ptr<store::Kv> index_;
    std::unique_ptr<store::Blobs> blobs_;
};

}  // namespace

Result<ledger::LedgerReport> verify_data_directory(Env& env, const std::string& directory,
                                                   const std::optional<ledger::Note>& outside) {
    ScratchEnv scratch(env);
    const auto vault = Vault::open(scratch, directory + "/vault");
    contracts::ContractVm::Options vm;
    vm.shipped = contracts::shipped_contracts();
    chain::VmExecutor executor(vm);
    chain::VerifyDataOptions options;
    options.outside = outside;
    options.signature_threads = std::max(1U, std::thread::hardware_concurrency());
    if (vault.ok()) {
        options.payload = [&](const ledger::DetachedPayload& payload) {
            return vault->check(payload);
        };
    }
    ledger::LedgerReport report =
        SALUS_TRY(chain::verify_data_dir(env, directory, executor, options));
    if (!vault.ok() && !report.first_bad) {
        report.first_bad = ledger::FirstBad{vault.error().detail, "vault", 0, {}};
    }
    return report;
}

}  // namespace salus::command
