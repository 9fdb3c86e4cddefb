#include "stage_rows.hpp"

#include "base/json.hpp"

namespace salus::command {
namespace {

json::Value columns_of(const learn::Table& table) {
    json::Array out;
    for (const learn::Column& column : table.columns) {
        json::Object one{{"name", column.name},
                         {"kind", std::string(learn::to_string(column.kind))}};
        if (!column.unit.empty()) one.emplace_back("unit", column.unit);
        out.push_back(json::Value(std::move(one)));
    }
    return json::Value(std::move(out));
}

/// As the portal writes it, so that its list of data sets names a release for what it is.
json::Value release_note(const learn::ReleaseOptions& release) {
    return json::Object{{"label", std::string(learn::masking_label)},
                        {"noise", std::string(learn::to_string(release.noise))},
                        {"scale", release.scale}};
}

}  // namespace

Result<StoredRows> store_stage(Env& env, client::Home& home, const learn::Studio& studio,
                               learn::Stage stage, const std::string& name,
                               const std::string& title, const learn::ReleaseOptions& release) {
    const learn::Table* const table = SALUS_TRY(studio.table(stage));
    const std::string header = SALUS_TRY(studio.dataset_record(stage));
    RowSource rows;
    rows.count = table->rows + 1;
    rows.read = [&](std::size_t from, std::size_t count) -> Result<std::vector<std::string>> {
        std::vector<std::string> out;
        if (from == 0) out.push_back(header);
        const std::size_t first = from == 0 ? 0 : from - 1;
        std::vector<std::string> more =
            SALUS_TRY(studio.rows_for_sealing(stage, first, count - out.size()));
        std::move(more.begin(), more.end(), std::back_inserter(out));
        return out;
    };
    RowStoreOptions options;
    options.title = title;
    options.collection.name = name;
    options.collection.category = "data-set";
    options.collection.is_data_set = true;
    options.collection.columns = columns_of(*table);
    if (stage == learn::Stage::released) options.collection.release = release_note(release);
    return store_rows(env, home, rows, std::move(options));
}

}  // namespace salus::command
