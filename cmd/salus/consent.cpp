#include "consent/case.hpp"
#include "consent/dates.hpp"
#include "consent/diff.hpp"
#include "consent/fhir_consent.hpp"
#include "consent/sentences.hpp"

#include "command.hpp"

namespace salus::command {
namespace {

constexpr std::uint64_t file_bytes_max = std::uint64_t{16} << 20U;

/// The consents of a file: one, a list of them, or a Bundle.
Result<std::vector<json::Value>> consents_in(const json::Value& file) {
    if (const json::Array* list = file.array()) return *list;
    const json::Value* entries = file.find("entry");
    if (entries == nullptr || entries->array() == nullptr) return std::vector<json::Value>{file};
    std::vector<json::Value> out;
    for (const json::Value& entry : *entries->array()) {
        const json::Value* resource = entry.find("resource");
        if (resource == nullptr) continue;
        const json::Value* type = resource->find("resourceType");
        if (type != nullptr && type->text() != nullptr && *type->text() == "Consent")
            out.push_back(*resource);
    }
    return out;
}

/// What a file's consents say. One that cannot be read is an error: nothing is told of half of it.
Result<std::vector<consent::Directive>> directives_in(Env& env, const std::string& path) {
    const Bytes bytes = SALUS_TRY(read_input(env, path, file_bytes_max));
    const json::Value file = SALUS_TRY(json::parse(as_text(bytes)));
    std::vector<consent::Directive> out;
    for (const json::Value& one : SALUS_TRY(consents_in(file))) {
        auto directive = SALUS_TRY(consent::read_consent(one));
        if (directive && !directive->nodes.empty()) out.push_back(std::move(*directive));
    }
    return out;
}

std::string as_it_is(const std::string& reference) {
    return reference;
}

int run_diff(Env& env, const Args& args, const Words& files) {
    std::int64_t now = env.now().value;
    if (const auto at = args.value("at")) now = SALUS_OR_FAIL(consent::moments_of(*at)).first;
    const auto before = SALUS_OR_FAIL(directives_in(env, files[0]));
    const auto after = SALUS_OR_FAIL(directives_in(env, files[1]));
    const consent::Difference found = SALUS_OR_FAIL(consent::diff(before, after, now));
    json::Array allows;
    json::Array blocks;
    for (const consent::Change& change : found.changes) {
        (change.allows ? allows : blocks).emplace_back(consent::change_words(change));
        if (!args.has("json")) print(consent::change_words(change));
    }
    if (args.has("json")) {
        json::Object out;
        out.emplace_back("allows", std::move(allows));
        out.emplace_back("blocks", std::move(blocks));
        out.emplace_back("kinds", std::uint64_t{found.kinds});
        print_json(std::move(out));
    } else if (found.changes.empty()) {
        print("nothing is allowed or blocked that was not before");
    }
    return exit_done;
}

int run_say(Env& env, const Words& files) {
    for (const consent::Directive& directive : SALUS_OR_FAIL(directives_in(env, files[0])))
        print(consent::text_of(directive, as_it_is));
    return exit_done;
}

}  // namespace

int run_consent(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(
        Args::parse(words, {.valued = {"at"}, .plain = {"json"}, .words_min = 2, .words_max = 3}));
    const Words& rest = args.words();
    if (rest.size() == 3 && rest[0] == "diff") return run_diff(env, args, {rest[1], rest[2]});
    if (rest.size() == 2 && rest[0] == "say") return run_say(env, {rest[1]});
    return wrong_use("consent diff BEFORE.json AFTER.json, or consent say CONSENT.json");
}

}  // namespace salus::command
