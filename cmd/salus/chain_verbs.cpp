#include "ledger/block_store.hpp"
#include "ledger/genesis.hpp"

#include "command.hpp"
#include "connect.hpp"

/// `log`, `block` and `chain`: what anybody may ask of a node, or read from a stopped one's data.
namespace salus::command {
namespace {

constexpr std::uint64_t tail_max = 1'000;
const Shape reading{
    .valued = {"url", "data", "last"}, .plain = {"json"}, .words_min = 0, .words_max = 1};

Result<ledger::BlockStore> open_ledger(Env& env, const std::string& directory) {
    const std::string inside = directory + "/ledger";
    ledger::BlockStore::Options options;
    options.read_only = true;
    return ledger::BlockStore::open(env, env.exists(inside) ? inside : directory, options);
}

json::Value log_line(const ledger::Transaction& transaction, const ledger::BlockHeader& header,
                     std::uint64_t position, std::uint32_t code) {
    const ledger::Operation& first = transaction.body.operations.front();
    return json::Object{{"id", to_hex(transaction.id.view())},
                        {"position", position},
                        {"height", header.height.value},
                        {"time", header.time.value},
                        {"contract", first.contract},
                        {"method", first.method},
                        {"account", to_hex(transaction.body.account.view())},
                        {"code", std::uint64_t{code}}};
}

/// The newest `count` transactions of a ledger on disk, oldest first.
Result<std::vector<json::Value>> tail_of(ledger::BlockStore& store, std::size_t count) {
    std::vector<std::vector<json::Value>> blocks;  // newest first
    std::size_t found = 0;
    const auto& places = store.places();
    for (auto place = places.rbegin(); place != places.rend() && found < count; ++place) {
        const ledger::Block block = SALUS_TRY(store.block_at(*place));
        const ledger::BlockHeader header = SALUS_TRY(ledger::decode_header(block.header));
        std::vector<json::Value> lines;
        for (std::size_t i = 0; i < block.transactions.size(); ++i) {
            const auto transaction = SALUS_TRY(ledger::decode_transaction(block.transactions[i]));
            const auto result = SALUS_TRY(ledger::decode_result(block.results[i]));
            lines.push_back(log_line(transaction, header, place->log_begin + 1 + i, result.code));
        }
        found += lines.size();
        blocks.push_back(std::move(lines));
    }
    std::vector<json::Value> out;
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
        std::move(block->begin(), block->end(), std::back_inserter(out));
    }
    if (out.size() > count) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(count));
    return out;
}

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
    const ledger::BlockPlace place = SALUS_TRY(store.place_of(BlockHeight{height}));
    const ledger::Block block = SALUS_TRY(store.block_at(place));
    const ledger::BlockHeader header = SALUS_TRY(ledger::decode_header(block.header));
    return json::Value(json::Object{{"height", height},
                                    {"header_hash", to_hex(place.header_hash.view())},
                                    {"app_hash", to_hex(ledger::app_hash(header).view())},
                                    {"state_root", to_hex(header.state_root.view())},
                                    {"previous", to_hex(header.previous.view())},
                                    {"time", header.time.value},
                                    {"transactions", std::uint64_t{block.transactions.size()}}});
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
                                    {"transactions", status.transactions}});
}

}  // namespace

int run_log(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(words, reading));
    if (args.words() == Words{"tail"}) return log_tail(env, args);
    if (args.words() == Words{"keys"}) return log_keys(env, args);
    return wrong_use("log wants tail or keys");
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

int run_chain(Env&, const Words& words) {
    const Args args = SALUS_OR_USAGE(
        Args::parse(words, {.valued = {"url"}, .plain = {"json"}, .words_min = 1, .words_max = 1}));
    if (args.words() != Words{"status"}) return wrong_use("chain wants status");
    print_json(SALUS_OR_FAIL(chain_status(args)));
    return exit_done;
}

}  // namespace salus::command
