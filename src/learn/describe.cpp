#include "learn/describe.hpp"

#include <algorithm>
#include <cmath>

namespace salus::learn {
namespace {

constexpr std::size_t levels_listed_max = 20;

std::vector<LevelCount> count_levels(const Column& column) {
    std::vector<LevelCount> counts(column.levels.size());
    for (const std::uint32_t code : column.codes) {
        if (code != missing_code) {
            ++counts[code].count;
        }
    }
    for (std::size_t level = 0; level < counts.size(); ++level) {
        counts[level].text = level_word(column, level);
    }
    std::stable_sort(counts.begin(), counts.end(),
                     [](const LevelCount& a, const LevelCount& b) { return a.count > b.count; });
    while (!counts.empty() && (counts.size() > levels_listed_max || counts.back().count == 0)) {
        counts.pop_back();
    }
    return counts;
}

}  // namespace

Moments moments(const Column& column) noexcept {
    Moments m;
    double sum = 0;
    for (const double number : column.numbers) {
        if (number == number) {
            sum += number;
            m.min = m.present == 0 ? number : std::min(m.min, number);
            m.max = m.present == 0 ? number : std::max(m.max, number);
            ++m.present;
        }
    }
    if (m.present == 0) {
        return m;
    }
    const auto count = static_cast<double>(m.present);
    m.mean = sum / count;
    double squares = 0;
    for (const double number : column.numbers) {
        if (number == number) {
            squares += (number - m.mean) * (number - m.mean);
        }
    }
    m.sd = std::sqrt(squares / count);
    return m;
}

std::vector<double> sorted_present(const Column& column) {
    std::vector<double> sorted;
    sorted.reserve(column.numbers.size());
    std::copy_if(column.numbers.begin(), column.numbers.end(), std::back_inserter(sorted),
                 [](double number) { return number == number; });
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

double quantile(const std::vector<double>& sorted, double share) noexcept {
    const double position = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    const double weight = position - static_cast<double>(below);
    return sorted[below] + weight * (sorted[above] - sorted[below]);
}

double round_step(double low, double high, std::size_t bins) noexcept {
    const double wanted = (high - low) / static_cast<double>(std::max<std::size_t>(bins, 1));
    if (!(wanted > 0) || !std::isfinite(wanted)) {
        return 1;
    }
    // Powers by multiplication, not pow(): the same on every machine.
    double power = 1;
    while (power > wanted) {
        power /= 10;
    }
    while (power * 10 <= wanted) {
        power *= 10;
    }
    for (const double times : {1.0, 2.0, 5.0}) {
        if (times * power >= wanted * 0.999999) {
            return times * power;
        }
    }
    return 10 * power;
}

std::vector<Bin> histogram_of(const std::vector<double>& sorted, std::size_t bins) {
    std::vector<Bin> out;
    if (sorted.empty()) {
        return out;
    }
    const std::size_t wanted = std::clamp<std::size_t>(bins, 1, histogram_bins_max);
    const double step = round_step(sorted.front(), sorted.back(), wanted);
    const double first = std::floor(sorted.front() / step);
    const double last = std::floor(sorted.back() / step);
    const auto count =
        static_cast<std::size_t>(std::clamp(last - first + 1, 1.0, 2.0 * histogram_bins_max));
    for (std::size_t i = 0; i < count; ++i) {
        const double at = first + static_cast<double>(i);
        // A step below one is written as a quotient, so that 0.3 is 3/10 and not 3 × 0.1.
        const double inverse = std::nearbyint(1 / step);
        const bool below_one = step < 1 && inverse > 0;
        out.push_back({below_one ? at / inverse : at * step,
                       below_one ? (at + 1) / inverse : (at + 1) * step, 0});
    }
    std::size_t bin = 0;
    for (const double number : sorted) {
        while (bin + 1 < out.size() && number >= out[bin].high) {
            ++bin;
        }
        ++out[bin].count;
    }
    return out;
}

ColumnSummary describe_column(const Column& column, std::size_t bins) {
    ColumnSummary summary;
    summary.name = column.name;
    summary.label = column.label;
    summary.unit = column.unit;
    summary.kind = column.kind;
    summary.role = column.role;
    summary.missing = missing_count(column);
    summary.distinct = distinct_count(column);
    summary.filled = static_cast<std::size_t>(
        std::count_if(column.filled.begin(), column.filled.end(), [](auto f) { return f != 0; }));
    summary.numeric = column.codes.empty();
    summary.present = std::max(column.numbers.size(), column.codes.size()) - summary.missing;
    if (!summary.numeric) {
        if (column.kind == Kind::category) {
            summary.levels = count_levels(column);
        }
        return summary;
    }
    if (summary.present == 0) {
        return summary;
    }
    const Moments m = moments(column);
    const std::vector<double> sorted = sorted_present(column);
    summary.min = m.min;
    summary.max = m.max;
    summary.mean = m.mean;
    summary.sd = m.sd;
    summary.q1 = quantile(sorted, 0.25);
    summary.median = quantile(sorted, 0.5);
    summary.q3 = quantile(sorted, 0.75);
    summary.histogram = histogram_of(sorted, bins);
    return summary;
}

std::vector<ColumnSummary> describe(const Table& table, std::size_t bins) {
    std::vector<ColumnSummary> all;
    all.reserve(table.columns.size());
    for (const Column& column : table.columns) {
        all.push_back(describe_column(column, bins));
    }
    return all;
}

}  // namespace salus::learn
