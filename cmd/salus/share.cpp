#include "signed_in.hpp"
#include <algorithm>

namespace salus::command {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

/// Whoever is a laboratory and nothing else there adds results and does not read.
struct Found {
    client::Grantee grantee;
    bool is_laboratory = false;
    bool treats = false;
};

bool has_role(const json::Value& person, std::string_view role) {
    const json::Value* roles = person.find("roles");
    if (roles == nullptr || roles->array() == nullptr) return false;
    return std::any_of(roles->array()->begin(), roles->array()->end(), [&](const json::Value& one) {
        return one.text() != nullptr && *one.text() == role;
    });
}

/// A person by account id or by part of a name; `organisation` is the home's own.
Result<Found> find_grantee(client::Home& home, const std::string& word) {
    if (word == "organisation") {
        const client::NodeStatus status = SALUS_TRY(home.api().status());
        if (!status.organisation.account)
            return Error{Errc::not_found, "the organisation has no key yet"};
        return Found{
            {*status.organisation.account, status.organisation.name, status.organisation.id}};
    }
    const json::Value answer = SALUS_TRY(home.api().get("/api/directory?q=", home.name()));
    std::vector<Found> found;
    for (const json::Value& person : *SALUS_TRY(json::need_array(answer, "people"))) {
        const std::string name = SALUS_TRY(json::need_text(person, "display_name"));
        const AccountId account = SALUS_TRY(client::need_id<AccountId>(person, "account"));
        if (SALUS_TRY(json::need_text(person, "kind", 32)) != "staff") continue;
        if (to_hex(account.view()) == word || name.find(word) != std::string::npos) {
            found.push_back({{account, name, std::nullopt},
                             has_role(person, "laboratory"),
                             has_role(person, "clinician")});
        }
    }
    if (found.size() == 1) return found.front();
    return Error{Errc::not_found, found.empty()
                                      ? "the directory knows no such person"
                                      : "several people have this name; give the account id"};
}

Result<std::vector<ObjectId>> chosen_collections(client::Home& home, const Args& args) {
    const client::KeyList list = SALUS_TRY(home.key_list());
    std::vector<ObjectId> out;
    for (const std::string& id : args.values("collection")) {
        out.push_back(SALUS_TRY(client::id_from<ObjectId>(id)));
    }
    for (const std::string& category : args.values("category")) {
        const std::size_t before = out.size();
        for (const client::KnownCollection& one : list.collections) {
            if (one.category == category) out.push_back(one.id);
        }
        // A laboratory may add to what does not exist yet: the grant makes it.
        if (out.size() == before && !args.has("laboratory"))
            return Error{Errc::not_found, "you have no collection of this category"};
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// Categories to which a laboratory is to add and of which there is no collection.
Result<std::vector<client::NewCollection>> missing_collections(client::Home& home,
                                                               const Args& args) {
    const client::KeyList list = SALUS_TRY(home.key_list());
    std::vector<client::NewCollection> out;
    for (const std::string& category : args.values("category")) {
        if (list.find_category(category) == nullptr)
            out.push_back({category, args.value_or("name", category)});
    }
    return out;
}

/// A record of one's own, as the node lists it.
Result<client::ListedRecord> own_record(client::Home& home, const std::string& id) {
    const ObjectId record = SALUS_TRY(client::id_from<ObjectId>(id));
    const client::RecordFacts facts = SALUS_TRY(home.api().record(record));
    for (client::ListedRecord& one : SALUS_TRY(home.list(facts.collection))) {
        if (one.record == record) return std::move(one);
    }
    return Error{Errc::not_found, "you have no such record"};
}

Result<client::Granted> grant(client::Home& home, const Args& args, std::uint64_t days) {
    const Found found = SALUS_TRY(find_grantee(home, args.words().front()));
    client::GrantOptions options;
    options.may_add = args.has("laboratory");
    if (options.may_add && !found.is_laboratory)
        return Error{Errc::denied, "this account is no laboratory; leave --laboratory out"};
    if (!options.may_add && found.is_laboratory && !found.treats)
        return Error{Errc::denied, "a laboratory adds and does not read: say --laboratory"};
    options.collections = SALUS_TRY(chosen_collections(home, args));
    if (options.may_add) options.begin = SALUS_TRY(missing_collections(home, args));
    if (args.has("record"))
        options.record = SALUS_TRY(own_record(home, args.value_or("record", "")));
    options.purpose = args.value_or("purpose", "TREAT");
    options.from = home.now();
    options.until = UnixMillis{options.from.value + static_cast<std::int64_t>(days) * day_ms};
    return with_step_up(home, args, [&] { return home.grant(found.grantee, options); });
}

}  // namespace

int run_grant(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words,
        {.valued = account_flags({"collection", "category", "record", "purpose", "days", "name"}),
         .plain = {"json", "laboratory"},
         .words_min = 1,
         .words_max = 1}));
    const bool collections = args.has("collection") || args.has("category");
    if (collections == args.has("record")) {
        return wrong_use("grant wants --collection ID or --category NAME, or one --record ID");
    }
    const std::uint64_t days = SALUS_OR_USAGE(args.number("days", 30, 1, 3'650));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const client::Granted granted = SALUS_OR_FAIL(grant(home, args, days));
    print_json(json::Value(json::Object{{"directive", to_hex(granted.directive.view())},
                                        {"sentence", granted.sentence},
                                        {"receipt", to_json(granted.receipt)}}));
    return exit_done;
}

int run_revoke(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = account_flags({}), .plain = {"json"}, .words_min = 1, .words_max = 1}));
    const ObjectId directive = SALUS_OR_USAGE(client::id_from<ObjectId>(args.words().front()));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const client::TxReceipt receipt =
        SALUS_OR_FAIL(with_step_up(home, args, [&] { return home.revoke(directive); }));
    print_json(json::Value(
        json::Object{{"directive", args.words().front()}, {"receipt", to_json(receipt)}}));
    return exit_done;
}

int run_feed(Env& env, const Words& words) {
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = account_flags({"last"}), .plain = {"json"}}));
    const std::uint64_t count = SALUS_OR_USAGE(args.number("last", 50, 1, 1'000));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    for (const json::Value& opening : SALUS_OR_FAIL(home.feed(count))) print_json(opening);
    return exit_done;
}

}  // namespace salus::command
