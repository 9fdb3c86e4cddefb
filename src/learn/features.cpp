#include "learn/features.hpp"

#include <algorithm>

namespace salus::learn {
namespace {

Status label_numbers(const Column& column, Features& into) {
    const auto [low, high] = std::minmax_element(column.numbers.begin(), column.numbers.end());
    // 0, 1, 2, … counts degrees of what is there; 1 and 2, or -1 and 1, are two names.
    const bool above_zero = *low >= 0 && *low < 1;
    const bool two = std::all_of(column.numbers.begin(), column.numbers.end(),
                                 [&](double one) { return one == *low || one == *high; });
    if (!above_zero && !two) {
        return Error{Errc::malformed, "the label has more than two values and none is 0"};
    }
    const double bound = above_zero ? 0 : *low;
    into.positive = "above " + number_text(bound);
    for (const double one : column.numbers) into.labels.push_back(one > bound ? 1 : 0);
    return done;
}

Status label_words(const Column& column, Features& into) {
    std::vector<std::string> words;
    for (const std::uint32_t code : column.codes) {
        const std::string& word = column.levels[code];
        if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
        if (words.size() > 2) return Error{Errc::malformed, "the label has more than two values"};
    }
    into.positive = *std::max_element(words.begin(), words.end());
    for (const std::uint32_t code : column.codes) {
        into.labels.push_back(column.levels[code] == into.positive ? 1 : 0);
    }
    return done;
}

Status read_labels(const Column& column, Features& into) {
    if (missing_count(column) > 0) return Error{Errc::malformed, "a row has no label"};
    if (column.codes.empty()) {
        SALUS_TRY(label_numbers(column, into));
    } else {
        SALUS_TRY(label_words(column, into));
    }
    const auto positives = std::count(into.labels.begin(), into.labels.end(), 1);
    if (positives == 0 || positives == static_cast<std::ptrdiff_t>(into.labels.size())) {
        return Error{Errc::malformed, "the label is the same in every row"};
    }
    return done;
}

/// One column of a model: a number, or whether a category has this level.
struct Source {
    const Column* column;
    std::uint32_t level;
};

double cell_of(const Source& source, std::size_t row) noexcept {
    const Column& column = *source.column;
    if (column.codes.empty()) return column.numbers[row];
    if (column.codes[row] == missing_code) return missing_number;
    return column.codes[row] == source.level ? 1 : 0;
}

}  // namespace

Result<Features> features_of(const Table& table, std::string_view label) {
    const std::size_t target = table.find(label);
    if (target == table.columns.size()) {
        return Error{Errc::not_found, "the table has no column of the label's name"};
    }
    Features out;
    SALUS_TRY(read_labels(table.columns[target], out));
    std::vector<Source> sources;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const Column& column = table.columns[c];
        if (c == target || column.kind == Kind::identifier || column.kind == Kind::text) continue;
        if (column.codes.empty()) {
            sources.push_back({&column, 0});
            out.names.push_back(column.name);
            continue;
        }
        const std::size_t first = column.levels.size() == 2 ? 1 : 0;
        for (std::size_t level = first; level < column.levels.size(); ++level) {
            sources.push_back({&column, static_cast<std::uint32_t>(level)});
            out.names.push_back(column.name + "=" + column.levels[level]);
        }
    }
    if (sources.empty()) return Error{Errc::malformed, "the table has no column to learn from"};
    out.cells.reserve(table.rows * sources.size());
    for (std::size_t row = 0; row < table.rows; ++row) {
        for (const Source& source : sources) out.cells.push_back(cell_of(source, row));
    }
    return out;
}

}  // namespace salus::learn
