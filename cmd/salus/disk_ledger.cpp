#include "disk_ledger.hpp"

#include <algorithm>

namespace salus::command {
namespace {

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

json::Value transaction_json(const ledger::Transaction& transaction,
                             const ledger::TransactionResult& result,
                             const ledger::BlockHeader& header, const ledger::BlockPlace& place,
                             std::uint64_t position) {
    json::Array operations;
    for (std::size_t i = 0; i < transaction.body.operations.size(); ++i) {
        const ledger::Operation& one = transaction.body.operations[i];
        json::Value payload;
        if (one.payload) {
            payload = json::Object{{"digest", to_hex(one.payload->digest.view())},
                                   {"size", one.payload->size_bytes}};
        }
        operations.push_back(json::Object{{"contract", one.contract},
                                          {"method", one.method},
                                          {"code", std::uint64_t{result.operations[i].code}},
                                          {"payload", std::move(payload)}});
    }
    return json::Object{{"id", to_hex(transaction.id.view())},
                        {"position", position},
                        {"height", header.height.value},
                        {"time", header.time.value},
                        {"code", std::uint64_t{result.code}},
                        {"account", to_hex(transaction.body.account.view())},
                        {"kid", to_hex(transaction.kid.view())},
                        {"valid_until", transaction.body.valid_until.value},
                        {"operations", std::move(operations)},
                        {"header_hash", to_hex(place.header_hash.view())},
                        {"previous", to_hex(header.previous.view())}};
}

/// One block with its transactions decoded.
struct OpenBlock {
    ledger::BlockHeader header;
    std::vector<ledger::Transaction> transactions;
    std::vector<ledger::TransactionResult> results;
};
Result<OpenBlock> open_block(ledger::BlockStore& store, const ledger::BlockPlace& place) {
    const ledger::Block block = SALUS_TRY(store.block_at(place));
    OpenBlock out;
    out.header = SALUS_TRY(ledger::decode_header(block.header));
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        out.transactions.push_back(SALUS_TRY(ledger::decode_transaction(block.transactions[i])));
        out.results.push_back(SALUS_TRY(ledger::decode_result(block.results[i])));
    }
    return out;
}

}  // namespace

Result<ledger::BlockStore> open_ledger(Env& env, const std::string& directory) {
    const std::string inside = directory + "/ledger";
    ledger::BlockStore::Options options;
    options.read_only = true;
    return ledger::BlockStore::open(env, env.exists(inside) ? inside : directory, options);
}

Result<std::vector<json::Value>> tail_of(ledger::BlockStore& store, std::size_t count) {
    std::vector<json::Value> newest_first;
    const auto& places = store.places();
    for (auto place = places.rbegin(); place != places.rend() && newest_first.size() < count;
         ++place) {
        const OpenBlock block = SALUS_TRY(open_block(store, *place));
        for (std::size_t i = block.transactions.size(); i > 0 && newest_first.size() < count; --i) {
            newest_first.push_back(log_line(block.transactions[i - 1], block.header,
                                            place->log_begin + i, block.results[i - 1].code));
        }
    }
    std::reverse(newest_first.begin(), newest_first.end());
    return newest_first;
}

Result<json::Value> transaction_of(ledger::BlockStore& store, const Digest& id) {
    const auto& places = store.places();
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
        const OpenBlock block = SALUS_TRY(open_block(store, *place));
        for (std::size_t i = 0; i < block.transactions.size(); ++i) {
            if (block.transactions[i].id != id) continue;
            return transaction_json(block.transactions[i], block.results[i], block.header, *place,
                                    place->log_begin + 1 + i);
        }
    }
    return Error{Errc::not_found, "the log holds no such transaction"};
}

Result<json::Value> block_of(ledger::BlockStore& store, std::uint64_t height) {
    const ledger::BlockPlace place = SALUS_TRY(store.place_of(BlockHeight{height}));
    const OpenBlock block = SALUS_TRY(open_block(store, place));
    return json::Value(json::Object{{"height", height},
                                    {"header_hash", to_hex(place.header_hash.view())},
                                    {"app_hash", to_hex(ledger::app_hash(block.header).view())},
                                    {"state_root", to_hex(block.header.state_root.view())},
                                    {"previous", to_hex(block.header.previous.view())},
                                    {"time", block.header.time.value},
                                    {"transactions", std::uint64_t{block.transactions.size()}}});
}

Result<json::Value> status_of(ledger::BlockStore& store) {
    const std::uint64_t members = store.genesis().config.members.size();
    const bool votes = store.genesis().config.members.front().validator_key.has_value();
    const auto& last = store.last_header();
    return json::Value(json::Object{
        {"engine", votes ? "cometbft" : "embedded"},
        {"height", store.height().value},
        {"app_hash", last ? json::Value(to_hex(ledger::app_hash(*last).view())) : json::Value()},
        {"members", members},
        {"quorum", 2 * members / 3 + 1},
        {"last_block_time", (last ? last->time : store.genesis().time).value},
        {"chain_id", store.genesis().chain_id},
        {"header_hash", to_hex(store.tip().view())},
        {"transactions", store.transactions()}});
}

}  // namespace salus::command
