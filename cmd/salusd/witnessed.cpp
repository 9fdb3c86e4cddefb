#include "witnessed.hpp"

#include "base/log.hpp"
#include "client/api.hpp"
#include "ledger/limits.hpp"

namespace salus {

namespace {

constexpr std::int64_t witness_timeout_ms = 3'000;

Result<Bytes> ask_witness(const std::string& url) {
    client::Address address = SALUS_TRY(client::Address::parse(url));
    client::Api api(client::HttpClient(std::move(address), witness_timeout_ms));
    return api.get_bytes("/checkpoint");
}

}  // namespace

Status compare_with_witnesses(Env& env, const DaemonConfig& config, const chain::Node& node) {
    if (!config.witnessed_checkpoint.empty()) {
        const Bytes note =
            SALUS_TRY(read_file(env, config.witnessed_checkpoint, ledger::note_bytes_max));
        SALUS_TRY(node.cosignatures().compare(as_text(note)));
    }
    for (const std::string& url : config.witness_urls) {
        const Result<Bytes> note = ask_witness(url);
        if (!note) {
            log::warn("witness-not-asked", {{"url", url}, {"reason", note.error().detail}});
            continue;
        }
        const Status same = node.cosignatures().compare(as_text(*note));
        if (same || same.error().code == Errc::integrity) {
            SALUS_TRY(Status(same));
        } else {
            log::warn("witness-not-asked", {{"url", url}, {"reason", same.error().detail}});
        }
    }
    return done;
}

}  // namespace salus
