#include "cometbft/consortium.hpp"
#include "contracts/shipped.hpp"

#include "command.hpp"
#include "connect.hpp"
#include "disk_ledger.hpp"
#include "log_checkpoint.hpp"
#include "log_stamp.hpp"
#include <filesystem>

/// `log`, `block` and `chain`: what anybody may ask of a node, or read from a stopped one's data.
namespace salus::command {
namespace {

constexpr std::uint64_t tail_max = 1'000;
const Shape reading{.valued = {"url", "data", "last", "out", "receipt", "checkpoint", "request-out",
                               "response", "ca"},
                    .plain = {"json"},
                    .words_min = 0,
                    .words_max = 1};

Result<std::vector<json::Value>> tail_from_node(const Args& args, std::size_t count) {
    client::Api api = SALUS_TRY(connect(args));
    const json::Value answer = SALUS_TRY(api.get("/api/log?last=" + std::to_string(count)));
    return *SALUS_TRY(json::need_array(answer, "entries"));
}

int log_tail(Env& env, const Args& args) {
    const std::uint64_t count = SALUS_OR_USAGE(args.number("last", 20, 1, tail_max));
    std::vector<json::Value> lines;
    if (const auto directory = args.value("data")) {
        ledger::BlockStore store = SALUS_OR_FAIL(open_ledger(env, *directory));
        lines = SALUS_OR_FAIL(tail_of(store, count));
    } else {
        lines = SALUS_OR_FAIL(tail_from_node(args, count));
    }
    for (const json::Value& line : lines) print_json(line);
    return exit_done;
}

int log_keys(Env& env, const Args& args) {
    std::vector<std::string> keys;
    if (const auto directory = args.value("data")) {
        const ledger::BlockStore store = SALUS_OR_FAIL(open_ledger(env, *directory));
        for (const ledger::Member& member : store.genesis().config.members) {
            keys.push_back(ledger::write_verifier_key(ledger::member_key(
                store.genesis().chain_id, member.organisation, member.signing_key)));
        }
    } else {
        client::Api api = SALUS_OR_FAIL(connect(args));
        keys = SALUS_OR_FAIL(api.verifier_keys());
    }
    if (!args.has("json")) {
        for (const std::string& key : keys) print(key);
        return exit_done;
    }
    json::Array list(keys.begin(), keys.end());
    print_json(json::Value(json::Object{{"keys", std::move(list)}}));
    return exit_done;
}

Result<json::Value> block_from_disk(Env& env, const std::string& directory, std::uint64_t height) {
    ledger::BlockStore store = SALUS_TRY(open_ledger(env, directory));
    return block_of(store, height);
}

Result<json::Value> status_from_disk(Env& env, const std::string& directory) {
    ledger::BlockStore store = SALUS_TRY(open_ledger(env, directory));
    return status_of(store);
}

Result<json::Value> block_from_node(const Args& args, std::uint64_t height) {
    client::Api api = SALUS_TRY(connect(args));
    const json::Value block = SALUS_TRY(api.get("/api/block/" + std::to_string(height)));
    json::Object out;
    for (const std::string_view key :
         {"height", "header_hash", "app_hash", "state_root", "previous", "time"}) {
        const json::Value* value = block.find(key);
        if (value == nullptr)
            return Error{Errc::malformed, "the node's block lacks " + std::string(key)};
        out.emplace_back(key, *value);
    }
    // The first entry of a block is its link to the one before.
    const json::Array* entries = SALUS_TRY(json::need_array(block, "entries"));
    out.emplace_back("transactions", std::uint64_t{entries->empty() ? 0 : entries->size() - 1});
    return json::Value(std::move(out));
}

Result<json::Value> chain_status(const Args& args) {
    client::Api api = SALUS_TRY(connect(args));
    const client::NodeStatus status = SALUS_TRY(api.status());
    const std::uint64_t members = status.members;
    return json::Value(json::Object{{"engine", status.engine},
                                    {"height", status.height},
                                    {"app_hash", status.app_hash},
                                    {"members", members},
                                    {"quorum", 2 * members / 3 + 1},
                                    {"last_block_time", status.last_block_time.value},
                                    {"chain_id", status.chain_id},
                                    {"header_hash", status.header_hash},
                                    {"transactions", status.transactions},
                                    {"witnesses", SALUS_TRY(witnesses_of(api))}});
}

}  // namespace

int run_log(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(words, reading));
    if (args.words() == Words{"tail"}) return log_tail(env, args);
    if (args.words() == Words{"keys"}) return log_keys(env, args);
    if (args.words() == Words{"checkpoint"}) return log_checkpoint(env, args);
    if (args.words() == Words{"stamp"}) return log_stamp(env, args);
    return wrong_use("log wants tail, keys, checkpoint or stamp");
}

int run_block(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = {"url", "data"}, .plain = {"json"}, .words_min = 2, .words_max = 2}));
    const std::string& number = args.words().back();
    const bool digits = !number.empty() && number.size() < 19 &&
                        number.find_first_not_of("0123456789") == std::string::npos;
    if (args.words().front() != "show" || !digits) return wrong_use("block wants: show N");
    const std::uint64_t height = std::stoull(number);
    const auto directory = args.value("data");
    print_json(SALUS_OR_FAIL(directory ? block_from_disk(env, *directory, height)
                                       : block_from_node(args, height)));
    return exit_done;
}

/// A consortium of N members on this machine.
int chain_init(Env& env, const Args& args) {
    const auto out = args.value("out");
    if (!out) return wrong_use("chain init wants --out DIR");
    cometbft::LocalConsortium options;
    options.members = static_cast<std::size_t>(
        SALUS_OR_USAGE(args.number("local", 4, 1, cometbft::local_members_max)));
    options.port = static_cast<std::uint16_t>(SALUS_OR_USAGE(args.number("port", 8080, 1, 65'000)));
    options.directory = std::filesystem::absolute(std::string(*out)).lexically_normal().string();
    if (const auto web = args.value("web")) {
        options.web_dir = std::filesystem::absolute(std::string(*web)).lexically_normal().string();
    }
    options.demo = args.has("demo");
    for (const contracts::ShippedContract& contract : contracts::shipped_contracts()) {
        options.contracts.push_back({std::string(contract.name), to_bytes(contract.module)});
    }
    SALUS_OR_FAIL(cometbft::write_local_consortium(env, options));
    json::Array members;
    for (std::size_t i = 0; i < options.members; ++i) {
        members.push_back(options.directory + "/node" + std::to_string(i) + "/salusd.json");
    }
    print_json(json::Value(json::Object{{"members", std::move(members)}}));
    return exit_done;
}

int run_chain(Env& env, const Words& words) {
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = {"url", "data", "local", "out", "port", "web"},
                                           .plain = {"json", "demo"},
                                           .words_min = 1,
                                           .words_max = 1}));
    if (args.words() == Words{"init"}) return chain_init(env, args);
    if (args.words() != Words{"status"}) return wrong_use("chain wants status or init");
    const auto directory = args.value("data");
    print_json(SALUS_OR_FAIL(directory ? status_from_disk(env, *directory) : chain_status(args)));
    return exit_done;
}

}  // namespace salus::command
