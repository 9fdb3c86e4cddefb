#include "chain/snapshot.hpp"

#include "chain/node.hpp"
#include "chain/vm_executor.hpp"
#include "contracts/shipped.hpp"

#include "command.hpp"
#include <utility>

/// `snapshot`: state at one height, made from a stopped node and restored into an empty directory.
namespace salus::command {
namespace {

constexpr std::uint64_t trust_bytes_max = 1U << 20U;

json::Value to_json(const chain::SnapshotInfo& info) {
    return json::Object{{"height", info.height.value},
                        {"format", std::uint64_t{info.format}},
                        {"chunks", std::uint64_t{info.chunks}},
                        {"hash", to_hex(info.hash.view())}};
}

std::string offered(const std::string& data) {
    return data + "/" + std::string(chain::snapshots_name);
}

/// Opens the node as a start would: its lock keeps a running one out, its view catches up.
Result<chain::SnapshotInfo> make_snapshot(Env& env, const std::string& data,
                                          const std::string& out) {
    if (!env.exists(data + "/ledger")) return Error{Errc::not_found, "no ledger in " + data};
    contracts::ContractVm::Options vm;
    vm.shipped = contracts::shipped_contracts();
    chain::NodeConfig config;
    config.data_dir = data;
    const auto node =
        SALUS_TRY(chain::Node::open(env, config, std::make_unique<chain::VmExecutor>(vm)));
    chain::SnapshotInfo info = SALUS_TRY(node->replica().make_snapshot(out));
    SALUS_TRY(node->close());
    return info;
}

int create(Env& env, const Args& args) {
    const auto data = args.value("data");
    if (!data) return wrong_use("snapshot create wants --data DIR");
    const std::string out = args.value_or("out", offered(*data));
    print_json(to_json(SALUS_OR_FAIL(make_snapshot(env, *data, out))));
    return exit_done;
}

int list(Env& env, const Args& args) {
    const auto data = args.value("data");
    if (!data) return wrong_use("snapshot list wants --data DIR");
    for (const chain::SnapshotInfo& info :
         SALUS_OR_FAIL(chain::list_snapshots(env, args.value_or("out", offered(*data))))) {
        print_json(to_json(info));
    }
    return exit_done;
}

Result<chain::SnapshotInfo> restore_from(Env& env, const std::string& from, const std::string& data,
                                         const std::string& trust, const std::string& checkpoint) {
    chain::RestoreOptions options;
    options.snapshot = from;
    options.data_dir = data;
    const Bytes keys = SALUS_TRY(read_file(env, trust, trust_bytes_max));
    options.trusted = SALUS_TRY(ledger::parse_trust(as_text(keys)));
    const Bytes note = SALUS_TRY(read_file(env, checkpoint, ledger::note_bytes_max));
    options.checkpoint = as_text(note);
    SALUS_TRY(env.make_directories(data));
    // A node that starts meanwhile would take the directory for an empty one.
    const auto lock = SALUS_TRY(chain::DirectoryLock::take(data + "/lock"));
    const auto view = SALUS_TRY(chain::open_rocks_view(env, data + "/view", false));
    chain::SnapshotInfo info = SALUS_TRY(chain::restore_data_dir(env, options, *view));
    SALUS_TRY(view->close());
    return info;
}

int restore(Env& env, const Args& args) {
    const auto from = args.value("from");
    const auto data = args.value("data");
    const auto trust = args.value("trust");
    if (!from || !data || !trust)
        return wrong_use("snapshot restore wants --from SNAPSHOT --data DIR --trust FILE");
    const std::string checkpoint =
        args.value_or("checkpoint", *from + "/" + std::string(chain::snapshot_note_name));
    print_json(to_json(SALUS_OR_FAIL(restore_from(env, *from, *data, *trust, checkpoint))));
    return exit_done;
}

}  // namespace

int run_snapshot(Env& env, const Words& words) {
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = {"data", "out", "from", "trust", "checkpoint"},
                                           .plain = {"json"},
                                           .words_min = 1,
                                           .words_max = 1}));
    if (args.words() == Words{"create"}) return create(env, args);
    if (args.words() == Words{"list"}) return list(env, args);
    if (args.words() == Words{"restore"}) return restore(env, args);
    return wrong_use("snapshot wants create, list or restore");
}

}  // namespace salus::command
