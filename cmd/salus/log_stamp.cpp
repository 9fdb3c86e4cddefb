#include "log_stamp.hpp"

#include "crypto/hash.hpp"
#include "crypto/timestamp.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/limits.hpp"

#include "command.hpp"
#include "connect.hpp"

namespace salus::command {
namespace {

constexpr std::uint64_t response_bytes_max = 1U << 20U;
constexpr std::uint64_t authorities_bytes_max = 1U << 20U;

/// The stamp is over the whole file, signatures included.
Result<Digest> imprint_of(Env& env, const std::string& path) {
    const Bytes note = SALUS_TRY(read_input(env, path, ledger::note_bytes_max));
    SALUS_TRY(ledger::parse_note(as_text(note)));
    return crypto::sha256(note);
}

int check_response(Env& env, const Digest& imprint, const std::string& path,
                   const std::string& authorities) {
    const Bytes response = SALUS_OR_FAIL(read_input(env, path, response_bytes_max));
    const Bytes pem = SALUS_OR_FAIL(read_input(env, authorities, authorities_bytes_max));
    const auto time = crypto::check_timestamp(response, imprint, pem);
    if (!time) {
        print_json(json::Value(json::Object{{"ok", false}, {"error", time.error().detail}}));
        return fail(time.error());
    }
    note("stamped " + plain_time(*time));
    print_json(json::Value(json::Object{{"ok", true}, {"time", time->value}}));
    return exit_done;
}

}  // namespace

int log_stamp(Env& env, const Args& args) {
    const auto checkpoint = args.value("checkpoint");
    const auto request = args.value("request-out");
    const auto response = args.value("response");
    if (!checkpoint || request.has_value() == response.has_value()) {
        return wrong_use(
            "log stamp wants --checkpoint FILE, and --request-out FILE or --response "
            "FILE with --ca FILE");
    }
    if (response && !args.has("ca")) return wrong_use("--response wants --ca FILE");
    const Digest imprint = SALUS_OR_FAIL(imprint_of(env, *checkpoint));
    if (response) return check_response(env, imprint, *response, args.value_or("ca", ""));
    const Bytes bytes = SALUS_OR_FAIL(crypto::timestamp_request(imprint));
    SALUS_OR_FAIL(write_file_atomically(env, *request, bytes));
    print_json(json::Value(json::Object{{"imprint", to_hex(imprint.view())}}));
    return exit_done;
}

}  // namespace salus::command
