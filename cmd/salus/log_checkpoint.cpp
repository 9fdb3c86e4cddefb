#include "log_checkpoint.hpp"

#include "ledger/limits.hpp"
#include "ledger/receipt.hpp"

#include "command.hpp"
#include "connect.hpp"
#include <algorithm>

namespace salus::command {
namespace {

/// The proof that a receipt's checkpoint is the beginning of a newer one; empty when it is not
/// older.
Result<Bytes> proof_from_receipt(Env& env, const std::string& path, std::uint64_t newest,
                                 client::Api& api) {
    const Bytes bytes = SALUS_TRY(read_input(env, path, ledger::bundle_bytes_max));
    const ledger::Bundle bundle = SALUS_TRY(ledger::decode_bundle(bytes));
    const ledger::Note own = SALUS_TRY(ledger::parse_note(as_text(bundle.checkpoint)));
    if (own.checkpoint.log_size >= newest) return Bytes{};
    return api.get_bytes("/api/consistency?from=" + std::to_string(own.checkpoint.log_size) +
                         "&to=" + std::to_string(newest));
}

}  // namespace

int log_checkpoint(Env& env, const Args& args) {
    const auto out = args.value("out");
    if (!out) return wrong_use("log checkpoint wants --out FILE");
    client::Api api = SALUS_OR_FAIL(connect(args));
    auto cosigned = api.get_bytes("/api/checkpoint/cosigned");
    const bool witnessed = cosigned.ok();
    const Bytes text = witnessed ? *cosigned : SALUS_OR_FAIL(api.get_bytes("/api/checkpoint"));
    const ledger::Note newest = SALUS_OR_FAIL(ledger::parse_note(as_text(text)));
    Bytes proof;
    if (const auto receipt = args.value("receipt")) {
        proof = SALUS_OR_FAIL(proof_from_receipt(env, *receipt, newest.checkpoint.log_size, api));
    }
    SALUS_OR_FAIL(write_file_atomically(env, *out, text));
    if (!proof.empty()) SALUS_OR_FAIL(write_file_atomically(env, *out + ".consistency", proof));
    print_json(json::Value(json::Object{{"log_size", newest.checkpoint.log_size},
                                        {"height", newest.checkpoint.height.value},
                                        {"witnessed", witnessed},
                                        {"proof_bytes", std::uint64_t{proof.size()}}}));
    return exit_done;
}

Result<json::Value> witnesses_of(client::Api& api) {
    const json::Value status = SALUS_TRY(api.get("/api/status"));
    const json::Array* list = SALUS_TRY(json::need_array(status, "cosignatures"));
    const bool any = std::any_of(list->begin(), list->end(), [](const json::Value& one) {
        const json::Value* size = one.find("log_size");
        return size != nullptr && !size->is_null();
    });
    if (!any) note("no witness has cosigned this log: only its own node vouches for it");
    const json::Value* alarm = status.find("witness_alarm");
    if (alarm != nullptr && alarm->text() != nullptr) note("alarm: " + *alarm->text());
    return json::Value(*list);
}

}  // namespace salus::command
