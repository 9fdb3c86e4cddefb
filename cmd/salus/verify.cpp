#include "chain/verify.hpp"

#include "ledger/checkpoint_sign.hpp"
#include "ledger/consistency_sign.hpp"
#include "ledger/limits.hpp"
#include "ledger/receipt_sign.hpp"

#include "absence.hpp"
#include "command.hpp"
#include "verify_data.hpp"

namespace salus::command {
namespace {

constexpr std::uint64_t trust_bytes_max = 1U << 20U;

/// What `salus log checkpoint` writes beside a checkpoint: docs/formats/receipt.md.
constexpr std::string_view consistency_suffix = ".consistency";
constexpr std::uint64_t consistency_bytes_max = 8'192;

/// The proof that leads from the bundle's own checkpoint to a larger one from elsewhere: the file
/// of --consistency, or the one beside the checkpoint. Equal sizes need none.
Result<std::vector<Digest>> read_consistency(Env& env, const Args& args, ByteView bundle,
                                             const ledger::Note& later,
                                             std::span<const ledger::VerifierKey> trust) {
    const ledger::Bundle parts = SALUS_TRY(ledger::decode_bundle(bundle));
    const ledger::Note own = SALUS_TRY(ledger::parse_note(as_text(parts.checkpoint)));
    const ledger::TreeHead older = ledger::head_of(own.checkpoint);
    const ledger::TreeHead newer = ledger::head_of(later.checkpoint);
    if (newer.size <= older.size) return std::vector<Digest>{};
    const std::string beside = args.value_or("checkpoint", "") + std::string(consistency_suffix);
    const auto named = args.value("consistency");
    if (!named && !env.exists(beside)) {
        return Error{Errc::not_found,
                     "the checkpoint is larger than the receipt's and no proof of consistency is "
                     "there: give --consistency FILE"};
    }
    const Bytes receipt = SALUS_TRY(read_input(env, named.value_or(beside), consistency_bytes_max));
    return ledger::verify_consistency_receipt(receipt, older, newer, trust);
}

Result<ledger::BundleClaims> check_receipt(Env& env, const Args& args) {
    const Bytes keys = SALUS_TRY(read_input(env, args.value_or("trust", ""), trust_bytes_max));
    const auto trust = SALUS_TRY(ledger::parse_trust(as_text(keys)));
    const Bytes bundle =
        SALUS_TRY(read_input(env, args.value_or("receipt", ""), ledger::bundle_bytes_max));
    const auto path = args.value("checkpoint");
    if (!path) return ledger::verify_bundle(bundle, trust);
    const Bytes checkpoint = SALUS_TRY(read_input(env, *path, ledger::note_bytes_max));
    const ledger::Note later = SALUS_TRY(ledger::parse_note(as_text(checkpoint)));
    const auto consistency = SALUS_TRY(read_consistency(env, args, bundle, later, trust));
    return ledger::verify_bundle(bundle, trust,
                                 {.checkpoint = as_text(checkpoint), .consistency = consistency});
}

int verify_receipt(Env& env, const Args& args) {
    const Result<ledger::BundleClaims> claims = check_receipt(env, args);
    json::Object out;
    out.emplace_back("ok", claims.ok());
    if (!claims.ok()) {
        out.emplace_back("error", claims.error().detail);
        print_json(json::Value(std::move(out)));
        return fail(claims.error());
    }
    if (ledger::is_about_state(claims->kind)) {
        out.emplace_back("height", claims->height.value);
        out.emplace_back("log_size", claims->log_size);
        if (claims->absence) {
            out.emplace_back("absence", absence_json(*claims->absence));
        } else {
            out.emplace_back("state", state_json(claims->state));
        }
        print_json(json::Value(std::move(out)));
        return claims->absence ? say_absence(*claims->absence) : exit_done;
    }
    out.emplace_back("position", claims->position.value);
    out.emplace_back("id", to_hex(claims->id.view()));
    out.emplace_back("height", claims->height.value);
    out.emplace_back("time", claims->time.value);
    out.emplace_back("code", std::uint64_t{claims->code});
    print_json(json::Value(std::move(out)));
    return exit_done;
}

/// The checkpoint of --checkpoint, signed by those of --trust when that is given.
Result<std::optional<ledger::Note>> outside_checkpoint(Env& env, const Args& args) {
    const auto path = args.value("checkpoint");
    if (!path) return std::optional<ledger::Note>{};
    const Bytes bytes = SALUS_TRY(read_input(env, *path, ledger::note_bytes_max));
    ledger::Note note = SALUS_TRY(ledger::parse_note(as_text(bytes)));
    if (const auto trust = args.value("trust")) {
        const Bytes keys = SALUS_TRY(read_input(env, *trust, trust_bytes_max));
        SALUS_TRY(ledger::check_quorum(note, SALUS_TRY(ledger::parse_trust(as_text(keys)))));
    }
    return std::optional(std::move(note));
}

int verify_data(Env& env, const Args& args) {
    const auto outside = SALUS_OR_FAIL(outside_checkpoint(env, args));
    const ledger::LedgerReport report =
        SALUS_OR_FAIL(verify_data_directory(env, *args.value("data"), outside));
    print_json(chain::report_json(report));
    if (report.ok()) return exit_done;
    note("salus: the chain does not verify: " + report.first_bad->what + " [integrity]");
    return exit_no;
}

}  // namespace

int run_verify(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words,
        {.valued = {"data", "receipt", "trust", "checkpoint", "consistency"}, .plain = {"json"}}));
    if (args.has("data") == args.has("receipt")) {
        return wrong_use("verify takes --data DIR, or --receipt FILE with --trust FILE");
    }
    if (args.has("data")) return verify_data(env, args);
    if (!args.has("trust")) return wrong_use("--receipt wants --trust FILE");
    return verify_receipt(env, args);
}

}  // namespace salus::command
