#include "dataset_offer.hpp"

#include "client/limits.hpp"

#include "signed_in.hpp"
#include <algorithm>
#include <limits>

namespace salus::command {
namespace {

/// The row's number in the body of a data-set record, or nothing: docs/formats/data-set-row.md.
std::optional<std::uint64_t> row_number(ByteView plaintext) {
    const Result<json::Value> body = json::parse(as_text(plaintext));
    if (!body.ok()) return std::nullopt;
    const auto type = json::need_text(*body, "type", 32);
    const auto row = json::need_uint(*body, "row");
    if (!type.ok() || *type != "row" || !row.ok()) return std::nullopt;
    return *row;
}

/// Rows lie in the order of their random ids, so they are opened until the wanted one is found.
Result<client::ListedRecord> find_row(client::Home& home, const ObjectId& collection,
                                      std::uint64_t row) {
    const std::vector<client::ListedRecord> all = SALUS_TRY(home.list(collection));
    for (std::size_t at = 0; at < all.size(); at += client::open_records_max) {
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(client::open_records_max, all.size() - at);
        const std::vector<client::ListedRecord> part(first,
                                                     first + static_cast<std::ptrdiff_t>(count));
        const client::Opened opened = SALUS_TRY(home.open_own(part));
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (row_number(opened.records[i].plaintext) == row) return part[i];
        }
    }
    return Error{Errc::not_found, "this data set has no such row; it may have been claimed"};
}

Result<client::ListedRecord> record_on_chain(client::Home& home, const ObjectId& id) {
    const client::RecordFacts facts = SALUS_TRY(home.api().record(id));
    client::ListedRecord out;
    out.record = id;
    out.collection = facts.collection;
    out.epoch = facts.epoch;
    out.author = facts.author;
    return out;
}

Result<client::Offered> offer(client::Home& home, const Args& args, const ObjectId& id,
                              std::uint64_t row) {
    const client::ListedRecord record =
        SALUS_TRY(args.has("row") ? find_row(home, id, row) : record_on_chain(home, id));
    return with_step_up(home, args, [&] { return home.offer(record); });
}

}  // namespace

int offer_row(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words,
        {.valued = account_flags({"row"}), .plain = {"json"}, .words_min = 1, .words_max = 1}));
    const ObjectId id = SALUS_OR_USAGE(client::id_from<ObjectId>(args.words().front()));
    const std::uint64_t row = SALUS_OR_USAGE(
        args.number("row", 1, 1, static_cast<std::uint64_t>(std::numeric_limits<int>::max())));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const client::Offered offered = SALUS_OR_FAIL(offer(home, args, id, row));
    const std::string code = crypto::write_code(offered.code);
    if (args.has("json")) {
        print_json(json::Value(json::Object{{"code", code},
                                            {"record", to_hex(offered.record.view())},
                                            {"receipt", to_json(offered.receipt)}}));
        return exit_done;
    }
    print(code);
    note(
        "Whoever enters this code takes the row over: you can open it no longer. It works once, "
        "and is shown this once.");
    return exit_done;
}

}  // namespace salus::command
