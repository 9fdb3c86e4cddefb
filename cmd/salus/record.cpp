#include "signed_in.hpp"
#include <algorithm>

namespace salus::command {
namespace {

constexpr std::uint64_t record_file_bytes_max = std::uint64_t{16} << 20U;
constexpr std::uint64_t export_records_max = 100'000;

/// A note of words, or the JSON of a file as it is.
Result<std::string> body_of(Env& env, const Args& args, UnixMillis now) {
    if (const auto path = args.value("file")) {
        const Bytes bytes = SALUS_TRY(read_input(env, *path, record_file_bytes_max));
        const json::Value value = SALUS_TRY(json::parse(as_text(bytes), record_file_bytes_max));
        if (value.object() == nullptr) return Error{Errc::malformed, "a record is a JSON object"};
        return std::string(as_text(bytes));
    }
    const auto text = args.value("text");
    if (!text) return Error{Errc::malformed, "add wants --text WORDS or --file FILE.json"};
    return json::write(json::Object{{"type", "note"},
                                    {"title", args.value_or("title", "Note")},
                                    {"text", *text},
                                    {"date", client::iso_date(now)}});
}

/// Adds to somebody else's collection, whose owner made this account a writer.
int add_to(client::Home& home, const std::string& text, const std::string& body) {
    const ObjectId collection = SALUS_OR_USAGE(client::id_from<ObjectId>(text));
    const client::TxReceipt receipt = SALUS_OR_FAIL(home.write_to(collection, {body}));
    print_json(to_json(receipt));
    return exit_done;
}

int add(Env& env, const Args& args) {
    if (!args.has("text") && !args.has("file"))
        return wrong_use("add wants --text WORDS or --file FILE.json");
    if (args.has("to") && (args.has("category") || args.has("name")))
        return wrong_use("--to names the collection; --category and --name are for one's own");
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const std::string category = args.value_or("category", "notes");
    const std::string body = SALUS_OR_FAIL(body_of(env, args, home.now()));
    if (const auto to = args.value("to")) return add_to(home, *to, body);
    const client::TxReceipt receipt =
        SALUS_OR_FAIL(home.add_records({{category, args.value_or("name", category), body}}));
    print_json(to_json(receipt));
    return exit_done;
}

json::Value listed_json(const client::ListedRecord& record, const client::KnownCollection* known) {
    return json::Object{
        {"record", to_hex(record.record.view())},
        {"collection", to_hex(record.collection.view())},
        {"name", known == nullptr ? json::Value(nullptr) : json::Value(known->name)},
        {"category", known == nullptr ? json::Value(nullptr) : json::Value(known->category)},
        {"epoch", std::uint64_t{record.epoch}},
        {"size", record.size},
        {"height", record.height},
        {"time", record.time.value},
        {"status", record.status},
        {"tx", record.tx}};
}

Status print_list(const Args& args, client::Home& home) {
    const client::KeyList list = SALUS_TRY(home.key_list());
    if (args.has("written")) {
        for (const client::ListedRecord& record : SALUS_TRY(home.list_written())) {
            print_json(listed_json(record, list.find(record.collection)));
        }
        return done;
    }
    std::vector<ObjectId> wanted;
    if (const auto id = args.value("collection")) {
        wanted.push_back(SALUS_TRY(client::id_from<ObjectId>(*id)));
    } else {
        const json::Value answer = SALUS_TRY(home.api().get("/api/collections", home.name()));
        for (const json::Value& one : *SALUS_TRY(json::need_array(answer, "collections"))) {
            wanted.push_back(SALUS_TRY(client::need_id<ObjectId>(one, "collection")));
        }
    }
    for (const ObjectId& collection : wanted) {
        for (const client::ListedRecord& record : SALUS_TRY(home.list(collection))) {
            print_json(listed_json(record, list.find(collection)));
        }
    }
    return done;
}

int list(Env& env, const Args& args) {
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    SALUS_OR_FAIL(print_list(args, home));
    return exit_done;
}

Result<client::ListedRecord> listed_on_chain(client::Home& home, const ObjectId& id) {
    const client::RecordFacts facts = SALUS_TRY(home.api().record(id));
    client::ListedRecord out;
    out.record = id;
    out.collection = facts.collection;
    out.epoch = facts.epoch;
    out.author = facts.author;
    return out;
}

/// One's own record, one that the caller wrote for somebody, or one that a directive shares.
Result<client::Opened> open_one(client::Home& home, const Args& args, const ObjectId& id) {
    const client::ListedRecord record = SALUS_TRY(listed_on_chain(home, id));
    const auto directive = args.value("directive");
    if (!directive && record.author == home.keys().account &&
        SALUS_TRY(home.api().collection(record.collection)).owner != record.author)
        return home.open_written(record);
    if (!directive) return home.open_own({record});
    const ObjectId wanted = SALUS_TRY(client::id_from<ObjectId>(*directive));
    for (const client::SharedItem& item : SALUS_TRY(home.shared())) {
        if (item.directive == wanted)
            return home.open_shared(item, {record}, args.value_or("purpose", "TREAT"));
    }
    return Error{Errc::not_found, "nobody shares under this directive with you"};
}

int show(Env& env, const Args& args, const std::string& text) {
    const ObjectId id = SALUS_OR_USAGE(client::id_from<ObjectId>(text));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const client::Opened opened = SALUS_OR_FAIL(open_one(home, args, id));
    const Result<json::Value> body = json::parse(as_text(opened.records.front().plaintext));
    if (!args.has("json")) {
        print(as_text(opened.records.front().plaintext));
        return exit_done;
    }
    print_json(json::Value(json::Object{{"record", text},
                                        {"access_receipt", opened.sequence},
                                        {"body", body.ok() ? *body : json::Value(nullptr)}}));
    return exit_done;
}

/// Takes over the record that waits under a one-time code.
int claim(Env& env, const Args& args, const std::string& text) {
    const crypto::ClaimCode code = SALUS_OR_FAIL(crypto::read_claim_code(text));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const client::Claimed claimed = SALUS_OR_FAIL(home.claim(
        code, args.value_or("category", "data-set-rows"), args.value_or("name", "Data set rows")));
    const Result<json::Value> body = json::parse(as_text(claimed.plaintext));
    print_json(json::Value(json::Object{{"record", to_hex(claimed.record.view())},
                                        {"collection", to_hex(claimed.collection.view())},
                                        {"body", body.ok() ? *body : json::Value(nullptr)},
                                        {"receipt", to_json(claimed.receipt)}}));
    return exit_done;
}

/// Every live record in the clear, one JSON line each, into a file that only its owner may read.
Result<std::size_t> export_all(Env& env, client::Home& home, const std::string& path) {
    const client::KeyList known = SALUS_TRY(home.key_list());
    std::string out;
    std::size_t count = 0;
    for (const client::KnownCollection& collection : known.collections) {
        auto listed = home.list(collection.id);
        // Named in the list, and never in the log: the node died in between.
        if (!listed.ok() && listed.error().code == Errc::not_found) continue;
        std::vector<client::ListedRecord> records = SALUS_TRY(std::move(listed));
        std::erase_if(records, [](const auto& one) { return one.status != 1; });
        count += records.size();
        if (count > export_records_max)
            return Error{Errc::out_of_range, "more records than one export takes"};
        if (records.empty()) continue;
        const client::Opened opened = SALUS_TRY(home.open_own(records));
        for (const client::OpenedRecord& record : opened.records) {
            const json::Value body = SALUS_TRY(json::parse(as_text(record.plaintext)));
            out += json::write(json::Object{{"record", to_hex(record.record.view())},
                                            {"collection", collection.name},
                                            {"category", collection.category},
                                            {"body", body}});
            out += '\n';
        }
    }
    SALUS_TRY(write_file_atomically(env, path, as_bytes(out)));
    return count;
}

}  // namespace

int run_record(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(
        Args::parse(words, {.valued = account_flags({"category", "name", "title", "text", "file",
                                                     "collection", "directive", "purpose", "to"}),
                            .plain = {"json", "written"},
                            .words_min = 1,
                            .words_max = 2}));
    const std::string& verb = args.words().front();
    if (verb == "add" && args.words().size() == 1) return add(env, args);
    if (verb == "list" && args.words().size() == 1) return list(env, args);
    if (verb == "show" && args.words().size() == 2) return show(env, args, args.words().back());
    if (verb == "claim" && args.words().size() == 2) return claim(env, args, args.words().back());
    return wrong_use("record wants add, list, show RECORD or claim CODE");
}

int run_export(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = account_flags({}), .plain = {"json"}, .words_min = 1, .words_max = 1}));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const std::size_t count = SALUS_OR_FAIL(export_all(env, home, args.words().front()));
    print_json(json::Value(json::Object{{"records", std::uint64_t{count}}}));
    return exit_done;
}

}  // namespace salus::command
