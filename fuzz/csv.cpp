/// Tables of text: what is read is written and read again as the same table; dictionaries of data.

#include "learn/csv.hpp"

#include "learn/dictionary.hpp"
#include "support/laws.hpp"

using namespace salus;
using namespace salus::learn;

namespace {

void read_and_write(ByteView bytes, const CsvOptions& options) {
    const auto result = read_csv(bytes, options);
    if (!result.ok()) {
        SALUS_ASSERT(!result.error().detail.empty());
        return;
    }
    const Table& table = result->table;
    SALUS_ASSERT(table.rows > 0 && !table.columns.empty());
    for (const Column& column : table.columns) {
        SALUS_ASSERT(
            (column.codes.empty() ? column.numbers : std::vector<double>(table.rows)).size() ==
            table.rows);
        for (const std::uint32_t code : column.codes) {
            SALUS_ASSERT(code == missing_code || code < column.levels.size());
        }
    }
    const std::string text = write_csv(table);
    // Written text names its columns, so the reader need not find out about a header.
    const auto again = read_csv(as_bytes(text), {.delimiter = ','});
    SALUS_ASSERT(again.ok());
    SALUS_ASSERT(again->table.columns.size() == table.columns.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    read_and_write(input, {});
    fuzz::Draw draw(input);
    CsvOptions options;
    options.rows_max = 1 + draw.below(8);
    options.missing = {std::string(draw.short_text())};
    for (std::uint64_t left = draw.below(4); left > 0; --left) {
        options.columns.emplace_back(draw.short_text());
    }
    options.delimiter = static_cast<char>(",;\t|\0"[draw.below(5)]);
    const auto result = read_csv(draw.rest(), options);
    SALUS_ASSERT(!result.ok() || result->table.rows <= options.rows_max);
    (void)parse_dictionary(input).ok();
    return 0;
}
