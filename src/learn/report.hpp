#pragma once

#include "learn/studio.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Studio verbs in words, so that the command line, the browser and the tests share one spelling of
/// options and one shape of results.
namespace salus::learn {

/// JSON objects, one per result; `load` holds rows, columns [{name, kind, missing, distinct, …}],
/// duplicate_rows and warnings (sentences).
std::string to_json(const LoadResult& result);
std::string to_json(const std::vector<ColumnSummary>& result);  ///< {"columns": […]}
std::string to_json(const Chart& result);
std::string to_json(const Page& result);
std::string to_json(const ProcessReport& result);
std::string to_json(const ReleaseResult& result);
std::string to_json(const Error& error);  ///< {"error": {"code", "detail"}}

/// Options as words, in order; a key may repeat.
///   load     name · missing MARK… · column NAME… · delimiter C · rows_max N · dictionary CSV ·
///            demo_rows N and demo_seed N (instead of a file)
///   describe stage · bins N         chart stage · column NAME
///   page     stage · from N · count N        rows   the same        dataset, csv   stage
///   process  drop_duplicates 0|1 · encode 0|1 · fill HOW · fill:NAME HOW
///   release  noise KIND · scale X · noise:NAME KIND · scale:NAME X · suppress_column NAME… ·
///            suppress_cell:NAME ROW (from 1)… · keep_identifiers 0|1 · keep_covariance 0|1 · seed
///            64 HEX DIGITS
///   role     column NAME · role ROLE
/// `stage` is loaded, prepared or released; without it, the newest.
using Words = std::vector<std::pair<std::string, std::string>>;

Result<LoadOptions> load_options(const Words& words);
Result<ProcessOptions> process_options(const Words& words);
Result<ReleaseOptions> release_options(const Words& words);

/// Runs one verb on a studio and returns its JSON; `rows` gives {"from", "records": [texts]}, `csv`
/// {"csv": text}. `body` is the file of `load`; `progress` is called while it is read.
/// Errors: malformed — unknown verb, option or value; those of the verb.
Result<std::string> run_verb(
    Studio& studio, std::string_view verb, const Words& words, ByteView body = {},
    const std::function<bool(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace salus::learn
