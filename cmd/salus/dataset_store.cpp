#include "dataset_store.hpp"

#include "row_store.hpp"
#include "signed_in.hpp"
#include "stage_rows.hpp"
#include "table_input.hpp"

namespace salus::command {
namespace {

json::Value to_json(const StoredRows& stored, const char* what) {
    return json::Object{{"copy", what},
                        {"collection", to_hex(stored.collection.view())},
                        {"rows", std::uint64_t{stored.rows - 1}},
                        {"envelopes", std::uint64_t{stored.envelopes}},
                        {"seconds", stored.seconds},
                        {"height", stored.first.height},
                        {"tx", stored.first.id}};
}

}  // namespace

int store_dataset(Env& env, const Words& words) {
    std::vector<std::string_view> valued = table_flags({"noise", "scale"});
    for (const std::string_view flag : account_flags({})) valued.push_back(flag);
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = valued,
                                           .plain = {"json", "demo", "unprocessed", "release"},
                                           .words_min = 0,
                                           .words_max = 1}));
    if (args.words().empty() != args.has("demo"))
        return wrong_use("name one FILE, or --demo for demo rows");
    std::optional<std::string> file;
    if (!args.words().empty()) file = args.words().front();
    learn::Studio studio;
    const learn::LoadResult loaded = SALUS_OR_FAIL(load_table(env, args, studio, file));
    for (const learn::Warning& warning : loaded.warnings) note("warning: " + warning.text);
    if (!args.has("unprocessed")) SALUS_OR_FAIL(studio.process());

    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const StoredRows care =
        SALUS_OR_FAIL(store_stage(env, home, studio, studio.newest(), loaded.name, "sealing"));
    print_json(to_json(care, "care"));
    if (!args.has("release")) return exit_done;
    learn::Words noise;
    for (const std::string_view flag : {"noise", "scale"}) {
        if (const auto value = args.value(flag)) noise.emplace_back(flag, *value);
    }
    noise.emplace_back("seed", to_hex(random_seed(env)));
    const learn::ReleaseOptions options = SALUS_OR_USAGE(learn::release_options(noise));
    SALUS_OR_FAIL(studio.release(options));
    const StoredRows released =
        SALUS_OR_FAIL(store_stage(env, home, studio, learn::Stage::released,
                                  loaded.name + " (noised release)", "sealing", options));
    print_json(to_json(released, "release"));
    return exit_done;
}

}  // namespace salus::command
