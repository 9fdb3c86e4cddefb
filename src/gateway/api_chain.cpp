#include "base/cbor.hpp"
#include "gateway/api.hpp"
#include "gateway/doors.hpp"
#include "ledger/block.hpp"
#include "ledger/transaction.hpp"

#include <algorithm>

namespace salus::gateway {

namespace {

constexpr std::size_t blocks_max = 200;

/// How many witnesses have cosigned this log.
std::uint64_t cosigned_by(const chain::NodeStatus& status) {
    return static_cast<std::uint64_t>(
        std::count_if(status.witnesses.begin(), status.witnesses.end(),
                      [](const chain::WitnessStatus& one) { return one.log_size.has_value(); }));
}

json::Array cosignatures_json(const chain::NodeStatus& status) {
    json::Array out;
    for (const chain::WitnessStatus& one : status.witnesses) {
        out.push_back(json::Object{
            {"name", one.name},
            {"log_size", one.log_size ? json::Value(*one.log_size) : json::Value()},
            {"time", one.time ? json::Value(one.time->value) : json::Value()}});
    }
    return out;
}

Result<Response> status(House& house) {
    const chain::NodeStatus s = house.node.status();
    const auto organisation = SALUS_TRY(organisation_account(house));
    json::Object own{
        {"id", hex(house.node.organisation())},
        {"name", house.organisation_name()},
        {"account", organisation ? json::Value(hex(organisation->account)) : json::Value()},
        {"kem", organisation ? json::Value(to_base64url(organisation->kem)) : json::Value()}};
    json::Array members;
    for (const ledger::Member& m : s.members) {
        members.push_back(json::Object{{"id", hex(m.organisation)}, {"name", m.name}});
    }
    return Response::json(json::Object{{"chain_id", s.chain_id},
                                       {"genesis", hex(s.genesis)},
                                       {"engine", std::string(s.engine)},
                                       {"height", s.head.height.value},
                                       {"transactions", s.head.transactions},
                                       {"log_size", s.head.log_size},
                                       {"header_hash", hex(s.head.header_hash)},
                                       {"app_hash", hex(s.head.app_hash)},
                                       {"state_root", hex(s.head.state_root)},
                                       {"last_block_time", s.head.time.value},
                                       {"time", house.env.now().value},
                                       {"organisation", std::move(own)},
                                       {"members", std::move(members)},
                                       {"witnesses", cosigned_by(s)},
                                       {"cosignatures", cosignatures_json(s)},
                                       {"witness_alarm", s.witness_alarm.empty()
                                                             ? json::Value()
                                                             : json::Value(s.witness_alarm)},
                                       {"setup_needed", !house.setup_token().empty()},
                                       {"demo", house.config.demo}});
}

/// Every field of the header, so that a browser can hash it.
json::Object block_summary(const ledger::BlockPlace& place, const ledger::BlockHeader& header,
                           std::size_t transactions, std::size_t bytes) {
    return {{"height", place.height.value},
            {"time", header.time.value},
            {"header_hash", hex(place.header_hash)},
            {"previous", hex(header.previous)},
            {"transaction_root", hex(header.transaction_root)},
            {"result_root", hex(header.result_root)},
            {"log_root", hex(header.log_root)},
            {"log_from", place.log_begin},
            {"log_size", place.log_end},
            {"state_root", hex(header.state_root)},
            {"config_root", hex(header.config_root)},
            {"proposer", hex(header.proposer)},
            {"transactions", std::uint64_t{transactions}},
            {"bytes", std::uint64_t{bytes}}};
}

Result<Response> blocks(House& house, const Request& request) {
    const std::uint64_t count = SALUS_TRY(request.query_uint("count", 20, blocks_max));
    const std::uint64_t from = SALUS_TRY(request.query_uint("from", 0, UINT64_MAX));
    const auto places = from == 0 ? house.node.replica().newest_block_places(count)
                                  : house.node.replica().block_places({from}, count);
    json::Array out;
    for (const ledger::BlockPlace& place : places) {
        const ledger::Block block = SALUS_TRY(house.node.replica().block(place.height));
        const auto header = SALUS_TRY(ledger::decode_header(block.header));
        std::size_t bytes = block.header.size();
        for (const Bytes& t : block.transactions) bytes += t.size();
        out.push_back(block_summary(place, header, block.transactions.size(), bytes));
    }
    return Response::json(json::Object{{"blocks", std::move(out)}});
}

Result<json::Array> block_entries(const ledger::Block& block, const ledger::BlockHeader& header,
                                  const ledger::BlockPlace& place) {
    json::Array entries;
    entries.push_back(json::Object{{"position", place.log_begin}, {"link", hex(header.previous)}});
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto t = SALUS_TRY(ledger::decode_transaction(block.transactions[i]));
        const auto result = SALUS_TRY(ledger::decode_result(block.results[i]));
        entries.push_back(json::Object{{"position", place.log_begin + 1 + i},
                                       {"id", hex(t.id)},
                                       {"code", std::uint64_t{result.code}},
                                       {"account", hex(t.body.account)},
                                       {"contract", t.body.operations.front().contract},
                                       {"method", t.body.operations.front().method},
                                       {"operations", std::uint64_t{t.body.operations.size()}},
                                       {"size", std::uint64_t{block.transactions[i].size()}}});
    }
    return entries;
}

Result<Response> block(House& house, const Request& request) {
    const auto text = request.parameters.at(0);
    std::uint64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || number > UINT64_MAX / 100)
            return Error{Errc::malformed, "a block has a number"};
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    const auto place = SALUS_TRY(house.node.replica().block_place({number}));
    const ledger::Block found = SALUS_TRY(house.node.replica().block({number}));
    const auto header = SALUS_TRY(ledger::decode_header(found.header));
    return Response::json(
        json::Object{{"height", header.height.value},
                     {"time", header.time.value},
                     {"header_hash", hex(place.header_hash)},
                     {"previous", hex(header.previous)},
                     {"transaction_root", hex(header.transaction_root)},
                     {"result_root", hex(header.result_root)},
                     {"log_root", hex(header.log_root)},
                     {"log_from", place.log_begin},
                     {"log_size", header.log_size},
                     {"state_root", hex(header.state_root)},
                     {"config_root", hex(header.config_root)},
                     {"app_hash", hex(ledger::app_hash(header))},
                     {"proposer", hex(header.proposer)},
                     {"transactions", std::uint64_t{found.transactions.size()}},
                     {"checkpoint", as_text(found.checkpoint)},
                     {"entries", SALUS_TRY(block_entries(found, header, place))}});
}

Result<Response> transaction(House& house, const Request& request) {
    const auto id = SALUS_TRY(id_from_hex<Digest>(request.parameters.at(0)));
    const chain::StoredTransaction stored = SALUS_TRY(house.node.replica().transaction(id));
    const auto t = SALUS_TRY(ledger::decode_transaction(stored.envelope));
    const auto result = SALUS_TRY(ledger::decode_result(stored.result));
    json::Array operations;
    for (std::size_t i = 0; i < t.body.operations.size(); ++i) {
        const ledger::Operation& op = t.body.operations[i];
        json::Value payload;
        if (op.payload)
            payload =
                json::Object{{"digest", hex(op.payload->digest)}, {"size", op.payload->size_bytes}};
        operations.push_back(json::Object{{"contract", op.contract},
                                          {"method", op.method},
                                          {"code", std::uint64_t{result.operations[i].code}},
                                          {"payload", std::move(payload)}});
    }
    return Response::json(json::Object{{"id", hex(id)},
                                       {"position", stored.place.position.value},
                                       {"height", stored.place.height.value},
                                       {"time", stored.header.time.value},
                                       {"code", std::uint64_t{result.code}},
                                       {"account", hex(t.body.account)},
                                       {"kid", hex(t.kid)},
                                       {"size", std::uint64_t{stored.envelope.size()}},
                                       {"valid_until", t.body.valid_until.value},
                                       {"operations", std::move(operations)},
                                       {"header_hash", hex(stored.header_hash)},
                                       {"previous", hex(stored.header.previous)}});
}

Result<Response> receipt(House& house, const Request& request) {
    const auto id = SALUS_TRY(id_from_hex<Digest>(request.parameters.at(0)));
    std::optional<std::size_t> operation;
    if (request.query_value("operation").ok()) {
        operation = SALUS_TRY(request.query_uint("operation", 0, ledger::operations_max - 1));
    }
    return Response::bytes(SALUS_TRY(house.node.receipt(id, operation)),
                           "application/octet-stream");
}

Result<Response> log_lines(House& house, const Request& request) {
    const std::uint64_t last = SALUS_TRY(request.query_uint("last", 100, 1'000));
    json::Array entries;
    for (const chain::LogListing& line : SALUS_TRY(house.node.newest_entries(last))) {
        entries.push_back(json::Object{{"position", line.position.value},
                                       {"id", hex(line.id)},
                                       {"height", line.height.value},
                                       {"time", line.time.value},
                                       {"contract", line.contract},
                                       {"method", line.method},
                                       {"account", hex(line.account)},
                                       {"code", std::uint64_t{line.code}}});
    }
    return Response::json(json::Object{{"entries", std::move(entries)}});
}

Result<Response> keys(House& house) {
    json::Array out;
    for (const std::string& key : house.node.verifier_keys()) out.push_back(key);
    return Response::json(json::Object{{"keys", std::move(out)}});
}

void submit(House& house, Request& request, Reply reply) {
    const auto shared = std::make_shared<Reply>(std::move(reply));
    const Status taken = house.node.submit(
        std::move(request.body), [shared](const Result<chain::TransactionOutcome>& outcome) {
            if (!outcome.ok()) {
                (*shared)(outcome.error());
            } else if (!outcome->in_log()) {
                (*shared)(refusal_of(outcome->code),
                          "transaction-code-" + std::to_string(outcome->code));
            } else {
                (*shared)(Response::json(outcome_json(*outcome)));
            }
        });
    if (!taken.ok()) (*shared)(taken.error());
}

Result<Response> query(House& house, const Request& request) {
    const std::string contract = SALUS_TRY(request.query_value("contract"));
    const std::string method = SALUS_TRY(request.query_value("method"));
    const Bytes args = SALUS_TRY(from_base64url(SALUS_TRY(request.query_value("args"))));
    SALUS_TRY(cbor::check(args));
    auto answer = SALUS_TRY(house.node.query(contract, method, args));
    if (answer.code != 0) return refusal_of(answer.code);
    Response response = Response::cbor(std::move(answer.data));
    response.headers.emplace_back("Salus-Height", std::to_string(answer.height.value));
    return response;
}

Result<Response> metrics(House& house) {
    const chain::NodeStatus s = house.node.status();
    std::string out;
    const auto line = [&out](std::string_view name, std::string_view type, std::string_view help,
                             std::uint64_t value) {
        out += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " +
               std::string(name) + " " + std::string(type) + "\n" + std::string(name) + " " +
               std::to_string(value) + "\n";
    };
    line("salus_block_height", "gauge", "Height of the newest block.", s.head.height.value);
    line("salus_transactions_total", "counter", "Transactions in the log.", s.head.transactions);
    line("salus_log_size", "gauge", "Entries in the log, links included.", s.head.log_size);
    line("salus_queue_transactions", "gauge", "Transactions that wait for a block.", s.queued);
    line("salus_access_receipts_total", "counter", "Access receipts written.",
         house.access_log->next_sequence() - 1);
    line("salus_blob_bytes", "gauge", "Bytes of ciphertext stored.",
         SALUS_TRY(house.blobs->total_bytes()));
    return Response::text(out, "text/plain; version=0.0.4");
}

}  // namespace

void add_chain_api(Router& router, House& house) {
    add_log_api(router, house);
    add_absence_api(router, house);
    const Doors doors(router, house, false);
    doors.quick("GET", "/healthz", "Whether the node serves",
                [](House&, const Request&) -> Result<Response> { return Response::text("ok\n"); });
    doors.quick("GET", "/metrics", "Prometheus metrics",
                [](House& h, const Request&) { return metrics(h); });
    doors.quick("GET", "/api/status", "Chain, organisation and set-up state",
                [](House& h, const Request&) { return status(h); });
    doors.quick("GET", "/api/log/keys", "Verifier keys",
                [](House& h, const Request&) { return keys(h); });
    doors.quick("GET", "/api/blocks", "Blocks, ascending", blocks);
    doors.quick("GET", "/api/block/{number}", "One block and its entries", block);
    doors.quick("GET", "/api/tx/{id}", "One transaction", transaction);
    doors.quick("GET", "/api/tx/{id}/receipt", "Receipt bundle", receipt);
    doors.quick("GET", "/api/log", "Newest log entries, oldest first", log_lines);
    doors.quick("GET", "/api/query", "A contract's read-only answer", query);
    router.add(
        {"POST", "/api/tx", "Submits one transaction; answered when durable",
         [&house](Request& request, Reply reply) { submit(house, request, std::move(reply)); }});
}

}  // namespace salus::gateway
