#include "verify_data.hpp"

#include "ledger/signature_native.hpp"
#include "ledger/verify.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace salus::command {
namespace {

/// The checks of one block, spread over the cores.
Status check_on_all_cores(std::span<const ledger::SignatureCheck> checks) {
    constexpr std::size_t worth_a_thread = 64;
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t parts = std::clamp<std::size_t>(checks.size() / worth_a_thread, 1, cores);
    if (parts == 1) return ledger::check_signatures(checks);
    std::vector<Status> answers(parts, Status(done));
    std::vector<std::thread> threads;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t first = checks.size() * part / parts;
        const std::size_t last = checks.size() * (part + 1) / parts;
        threads.emplace_back([&answers, part, own = checks.subspan(first, last - first)] {
            answers[part] = ledger::check_signatures(own);
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (Status& answer : answers) SALUS_TRY(std::move(answer));
    return done;
}

}  // namespace

json::Value DataReport::to_json() const {
    json::Object out;
    out.emplace_back("ok", ok);
    out.emplace_back("height", height);
    out.emplace_back("transactions", transactions);
    out.emplace_back("torn_tail", torn_tail ? json::Value(*torn_tail) : json::Value(nullptr));
    if (ok) {
        out.emplace_back("first_bad", nullptr);
        return json::Value(std::move(out));
    }
    json::Object bad;
    bad.emplace_back("what", what);
    bad.emplace_back("file", file);
    bad.emplace_back("offset", offset);
    bad.emplace_back("height", bad_height ? json::Value(*bad_height) : json::Value(nullptr));
    out.emplace_back("first_bad", std::move(bad));
    return json::Value(std::move(out));
}

Result<DataReport> verify_data_directory(Env& env, const std::string& directory) {
    const std::string inside = directory + "/ledger";
    ledger::VerifyOptions options;
    options.signatures = check_on_all_cores;
    const ledger::LedgerReport found =
        SALUS_TRY(ledger::verify_ledger(env, env.exists(inside) ? inside : directory, options));
    DataReport report;
    report.ok = found.ok();
    report.height = found.height.value;
    report.transactions = found.transactions;
    report.torn_tail = found.torn_tail;
    if (found.first_bad) {
        report.what = found.first_bad->what;
        report.file = found.first_bad->file;
        report.offset = found.first_bad->offset;
        if (found.first_bad->height) report.bad_height = found.first_bad->height->value;
    }
    return report;
}

}  // namespace salus::command
