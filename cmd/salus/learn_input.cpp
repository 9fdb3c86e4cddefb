#include "learn_input.hpp"

#include "learn/csv.hpp"

#include "command.hpp"

namespace salus::command {

Result<LearnTable> read_learn_table(Env& env, const Args& args) {
    const auto path = args.value("csv");
    const auto label = args.value("label");
    if (!path || !label) return Error{Errc::malformed, "name --csv FILE and --label COLUMN"};
    const Bytes bytes = SALUS_TRY(read_input(env, *path, learn::file_bytes_max));
    const learn::CsvResult csv = SALUS_TRY(learn::read_csv(bytes));
    for (const learn::Warning& warning : csv.warnings) note("warning: " + warning.text);
    LearnTable out;
    out.features = SALUS_TRY(learn::features_of(csv.table, *label));
    out.duplicate_rows = csv.duplicate_rows;
    return out;
}

}  // namespace salus::command
