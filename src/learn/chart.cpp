#include "learn/chart.hpp"

#include "learn/describe.hpp"
#include "learn/infer.hpp"

#include <algorithm>
#include <cmath>

namespace salus::learn {
namespace {

constexpr std::size_t bins_wanted = 10;

std::string lower_case(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

bool says_nothing(std::string_view word) {
    const std::string lower = lower_case(word);
    return lower == "not stated" || lower == "unknown" || lower == "not specified" ||
           lower == "undisclosed" || lower == "missing";
}

std::string percent(double share) {
    return number_text(round_to(100 * share, 1)) + " %";
}

// The word for people of a gender, in the plural.
std::string gender_plural(std::string_view word) {
    const std::string lower = lower_case(word);
    if (lower == "female" || lower == "f" || lower == "woman" || lower == "women") {
        return "women";
    }
    if (lower == "male" || lower == "m" || lower == "man" || lower == "men") {
        return "men";
    }
    return {};
}

std::string gender_title(const Bar& first, const Bar& second) {
    const std::string more = gender_plural(first.label);
    const std::string fewer = gender_plural(second.label);
    if (more.empty() || fewer.empty()) {
        return {};
    }
    const auto a = static_cast<double>(first.count);
    const auto b = static_cast<double>(second.count);
    const double lead = (a - b) / (a + b);
    if (lead < 0.005) {
        return "As many women as men";
    }
    if (lead < 0.1) {
        return "Slightly more " + more + " than " + fewer;
    }
    return (lead < 0.5 ? "More " : "Far more ") + more + " than " + fewer;
}

std::string category_title(const Column& column, const Chart& chart) {
    std::vector<const Bar*> stated;
    for (const Bar& bar : chart.bars) {
        if (!bar.not_stated && bar.count > 0) {
            stated.push_back(&bar);
        }
    }
    const std::string title{column.title()};
    if (stated.empty()) {
        return title + ": no value is stated";
    }
    if (stated.size() == 1) {
        return title + ": " + stated[0]->label + " throughout";
    }
    if (stated.size() == 2 && is_gender_name(column.name)) {
        if (std::string said = gender_title(*stated[0], *stated[1]); !said.empty()) {
            return said;
        }
    }
    const auto most = *std::max_element(stated.begin(), stated.end(),
                                        [](auto* a, auto* b) { return a->count < b->count; });
    return title + ": " + most->label + " is most common, " + percent(most->share);
}

void add_bar(Chart& chart, std::string label, std::size_t count, bool not_stated) {
    const double share =
        chart.rows == 0 ? 0 : static_cast<double>(count) / static_cast<double>(chart.rows);
    chart.bars.push_back({std::move(label), count, share, not_stated});
}

// Words that mean "nobody said" and missing cells become one last bar.
void category_bars(const Column& column, std::vector<LevelCount> counts, std::size_t missing,
                   Chart& chart) {
    std::size_t not_stated = missing;
    std::string word = "Not stated";
    std::vector<LevelCount> stated;
    for (LevelCount& level : counts) {
        if (says_nothing(level.text)) {
            not_stated += level.count;
            word = level.text;
        } else if (level.count > 0) {
            stated.push_back(std::move(level));
        }
    }
    const bool ordered = column.codes.empty();
    if (!ordered) {
        std::stable_sort(
            stated.begin(), stated.end(),
            [](const LevelCount& a, const LevelCount& b) { return a.count > b.count; });
    }
    std::size_t other = 0;
    for (std::size_t i = 0; i < stated.size(); ++i) {
        const bool drawn = i + 1 < chart_bars_max || stated.size() <= chart_bars_max;
        if (drawn) {
            add_bar(chart, stated[i].text, stated[i].count, false);
        } else {
            other += stated[i].count;
        }
    }
    if (other > 0) {
        add_bar(chart, "Other (" + grouped(stated.size() - chart_bars_max + 1) + " values)", other,
                false);
    }
    if (not_stated > 0) {
        add_bar(chart, word, not_stated, true);
    }
    chart.title = category_title(column, chart);
}

// Numbers fall into ranges of a round width.
void add_ranges(const std::vector<double>& sorted, Chart& chart) {
    for (const Bin& bin : histogram_of(sorted, bins_wanted)) {
        add_bar(chart, number_text(bin.low) + " to " + number_text(bin.high), bin.count, false);
    }
}

// Dates fall into days, months, years or decades: the finest of them that needs no more than 24
// bars.
void add_periods(const std::vector<double>& sorted, Chart& chart) {
    constexpr std::size_t periods_max = 24;
    const auto period = [&](double day, std::size_t kept) {
        std::string text = date_text(day).substr(0, kept);
        return kept == 3 ? text + "0s" : text;
    };
    std::size_t kept = 3;
    for (const std::size_t finer : {4U, 7U, 10U}) {
        std::size_t periods = 0;
        std::string last;
        for (const double day : sorted) {
            std::string text = period(day, finer);
            periods += text != last ? 1U : 0U;
            last = std::move(text);
        }
        if (periods > periods_max) {
            break;
        }
        kept = finer;
    }
    for (const double day : sorted) {
        const std::string text = period(day, kept);
        if (chart.bars.empty() || chart.bars.back().label != text) {
            add_bar(chart, text, 0, false);
        }
        ++chart.bars.back().count;
    }
    for (Bar& bar : chart.bars) {
        bar.share = static_cast<double>(bar.count) / static_cast<double>(chart.rows);
    }
}

void number_bars(const Column& column, std::size_t missing, Chart& chart) {
    const std::vector<double> sorted = sorted_present(column);
    chart.binned = true;
    if (column.kind == Kind::date) {
        add_periods(sorted, chart);
    } else {
        add_ranges(sorted, chart);
    }
    const std::string title{column.title()};
    if (sorted.empty()) {
        chart.title = title + ": no value is stated";
    } else {
        const auto fullest =
            std::max_element(chart.bars.begin(), chart.bars.end(),
                             [](const Bar& a, const Bar& b) { return a.count < b.count; });
        chart.title = title + ": " + fullest->label +
                      (column.unit.empty() ? "" : " " + column.unit) + " is most common, " +
                      percent(fullest->share);
    }
    if (missing > 0) {
        add_bar(chart, "Not stated", missing, true);
    }
}

// A whole number with a handful of values (0/1, a grade) is drawn value by value.
bool few_values(const Column& column) {
    return column.kind == Kind::integer && distinct_count(column) <= chart_bars_max;
}

std::vector<LevelCount> counted_values(const Column& column) {
    std::vector<LevelCount> counts;
    double last = missing_number;
    for (const double number : sorted_present(column)) {
        if (number != last) {
            const bool worded = number >= 0 && number < static_cast<double>(column.levels.size());
            counts.push_back(
                {worded ? std::string{level_word(column, static_cast<std::size_t>(number))}
                        : number_text(number),
                 0});
            last = number;
        }
        ++counts.back().count;
    }
    return counts;
}

std::vector<LevelCount> counted_levels(const Column& column) {
    std::vector<LevelCount> counts(column.levels.size());
    for (std::size_t level = 0; level < counts.size(); ++level) {
        counts[level].text = level_word(column, level);
    }
    for (const std::uint32_t code : column.codes) {
        if (code != missing_code) {
            ++counts[code].count;
        }
    }
    return counts;
}

}  // namespace

Result<Chart> chart_by(const Table& table, std::string_view name) {
    const std::size_t index = table.find(name);
    if (index == table.columns.size()) {
        return Error{Errc::not_found, "the data set has no such column"};
    }
    const Column& column = table.columns[index];
    Chart chart;
    chart.column = column.name;
    chart.label = column.title();
    chart.unit = column.unit;
    chart.rows = table.rows;
    const std::size_t missing = missing_count(column);
    if (!column.codes.empty()) {
        category_bars(column, counted_levels(column), missing, chart);
    } else if (few_values(column)) {
        category_bars(column, counted_values(column), missing, chart);
    } else {
        number_bars(column, missing, chart);
    }
    return chart;
}

Result<Chart> default_chart(const Table& table) {
    if (table.columns.empty()) {
        return Error{Errc::not_found, "the data set has no column"};
    }
    const auto first = [&](auto&& wanted) {
        return static_cast<std::size_t>(
            std::find_if(table.columns.begin(), table.columns.end(), wanted) -
            table.columns.begin());
    };
    const auto drawable = [](const Column& c) { return c.kind == Kind::category || few_values(c); };
    std::size_t chosen =
        first([&](const Column& c) { return is_gender_name(c.name) && drawable(c); });
    std::string note;
    if (chosen == table.columns.size()) {
        chosen = first([](const Column& c) { return c.kind == Kind::category; });
        note = "no gender column; this is the first category";
    }
    if (chosen == table.columns.size()) {
        chosen = first([](const Column& c) { return c.codes.empty(); });
        note = "no gender column and no category; this is the first column of numbers";
    }
    if (chosen == table.columns.size()) {
        chosen = 0;
        note = "no gender column, category or numbers; this is the first column";
    }
    Chart chart = SALUS_TRY(chart_by(table, table.columns[chosen].name));
    chart.note = note;
    return chart;
}

}  // namespace salus::learn
