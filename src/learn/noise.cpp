#include "learn/noise.hpp"

#include "learn/covariance.hpp"
#include "learn/describe.hpp"
#include "learn/limits.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace salus::learn {
namespace {

constexpr double scale_max = 10;
constexpr double units_max =
    0x1p50;  // a cell in units is an exact double, a column's sum an exact Int128
constexpr int decimals_max = 15;
__extension__ using Int128 = __int128;

double spread_of(const Column& column) {
    return moments(column).sd;
}

// Fewest decimals in which noise of this deviation still shows; whole numbers get one at least.
int release_decimals(const Column& column, double noise_sd) {
    if (column.kind == Kind::date) {
        return 0;
    }
    int decimals = column.decimals;
    if (column.decimals == 0) {
        decimals = 1;
    }
    while (decimals < decimals_max && 1 / power_of_ten(decimals) > noise_sd / 4) {
        ++decimals;
    }
    // Decimals far below the noise carry nothing but noise.
    while (decimals > 1 && 1 / power_of_ten(decimals - 1) < noise_sd / 1000) {
        --decimals;
    }
    return decimals;
}

// Decimals that hold every present cell exactly: the column's own, and six more where a mean was
// filled in.
int exact_decimals(const Column& column, int at_least) {
    const bool any_filled = std::any_of(column.filled.begin(), column.filled.end(),
                                        [](std::uint8_t f) { return f != 0; });
    const int own = any_filled && column.kind != Kind::date ? column.decimals + 6 : column.decimals;
    return std::min(std::max(own, at_least), decimals_max);
}

// Large values leave room for fewer decimals.
int fitting_decimals(const Moments& m, int wanted) {
    const double largest = std::max({std::fabs(m.min), std::fabs(m.max), 1.0});
    int decimals = wanted;
    while (decimals > 0 && largest * power_of_ten(decimals) > units_max / 64) {
        --decimals;
    }
    return decimals;
}

// A number as whole units of 10^-decimals.
std::int64_t to_units(double value, int decimals) {
    const double scaled = std::clamp(value * power_of_ten(decimals), -units_max, units_max);
    return static_cast<std::int64_t>(std::nearbyint(scaled));
}

double from_units(std::int64_t units, int decimals) {
    return static_cast<double>(units) / power_of_ten(decimals);
}

std::string decimal_text(Int128 units, int decimals) {
    const bool negative = units < 0;
    std::string digits;
    for (Int128 left = negative ? -units : units; left != 0; left /= 10) {
        digits += static_cast<char>('0' + static_cast<int>(left % 10));
    }
    while (digits.size() <= static_cast<std::size_t>(decimals)) {
        digits += '0';
    }
    std::reverse(digits.begin(), digits.end());
    if (decimals > 0) {
        digits.insert(digits.size() - static_cast<std::size_t>(decimals), 1, '.');
        while (digits.back() == '0') {
            digits.pop_back();
        }
        if (digits.back() == '.') {
            digits.pop_back();
        }
    }
    return negative ? "-" + digits : digits;
}

Int128 sum_units(const Column& column, int decimals) {
    Int128 sum = 0;
    for (const double number : column.numbers) {
        sum += number == number ? to_units(number, decimals) : 0;
    }
    return sum;
}

std::string exact_sum(const Column& column, int decimals) {
    const int fitting = fitting_decimals(moments(column), decimals);
    return decimal_text(sum_units(column, fitting), fitting);
}

std::vector<std::size_t> present_rows(const Column& column) {
    std::vector<std::size_t> rows;
    rows.reserve(column.numbers.size());
    for (std::size_t row = 0; row < column.numbers.size(); ++row) {
        if (!column.is_missing(row)) {
            rows.push_back(row);
        }
    }
    return rows;
}

// The grids of a release: cells are printed in `coarse` decimals; sums are kept in `fine` ones.
struct Grid {
    int coarse = 0, fine = 0;
    [[nodiscard]] std::int64_t ratio() const {
        return static_cast<std::int64_t>(power_of_ten(fine - coarse));
    }
};

// Makes the sum of `units` (coarse) equal to `wanted` (fine): the excess is spread evenly over the
// rows, and what is smaller than a coarse unit goes to one cell.
void settle_sum(std::vector<std::int64_t>& units, Int128 wanted, const Grid& grid,
                const std::vector<std::size_t>& rows, RandomStream& random, Column& column) {
    Int128 total = 0;
    for (const std::int64_t u : units) {
        total += u;
    }
    const Int128 excess = total * grid.ratio() - wanted;
    const auto count = static_cast<Int128>(units.size());
    const Int128 whole = excess / grid.ratio();
    const auto rest = static_cast<std::int64_t>(excess - whole * grid.ratio());
    const auto share = static_cast<std::int64_t>(whole / count);
    auto odd = static_cast<std::int64_t>(whole - static_cast<Int128>(share) * count);
    const std::int64_t step = odd < 0 ? -1 : 1;
    // Every row gives its share; `odd` of them, chosen by lot, one unit more.
    std::vector<std::uint32_t> chosen =
        random.sample(static_cast<std::size_t>(odd * step), units.size());
    for (std::int64_t& u : units) {
        u -= share;
    }
    for (const std::uint32_t i : chosen) {
        units[i] -= step;
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
        column.numbers[rows[i]] = from_units(units[i], grid.coarse);
    }
    if (rest != 0) {
        const auto at = static_cast<std::size_t>(random.below(units.size()));
        column.numbers[rows[at]] = from_units(units[at] * grid.ratio() - rest, grid.fine);
    }
}

// Adds `noise` (one entry per row) to the present cells of a column.
void add_noise(Column& column, const std::vector<double>& noise, bool zero_sum, double noise_sd,
               RandomStream& random, ColumnOutcome& outcome) {
    const std::vector<std::size_t> rows = present_rows(column);
    if (rows.empty()) {
        return;
    }
    const Moments m = moments(column);
    Grid grid;
    grid.coarse = fitting_decimals(m, release_decimals(column, noise_sd));
    grid.fine = fitting_decimals(m, exact_decimals(column, grid.coarse));
    const Int128 wanted = sum_units(column, grid.fine);
    std::vector<std::int64_t> units(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        units[i] = to_units(column.numbers[rows[i]] + noise[rows[i]], grid.coarse);
    }
    outcome.decimals = grid.coarse;
    outcome.cells = rows.size();
    outcome.sum_before = decimal_text(wanted, grid.fine);
    if (zero_sum) {
        settle_sum(units, wanted, grid, rows, random, column);
    } else {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            column.numbers[rows[i]] = from_units(units[i], grid.coarse);
        }
    }
    outcome.sum_after = decimal_text(sum_units(column, grid.fine), grid.fine);
    column.kind = column.kind == Kind::date || grid.coarse == 0 ? column.kind : Kind::number;
    column.decimals = grid.coarse;
    column.filled = {};
}

std::vector<double> draw_noise(std::size_t rows, double sd, RandomStream& random) {
    std::vector<double> noise(rows);
    for (double& n : noise) {
        n = sd * random.gaussian();
    }
    return noise;
}

void suppress_cell(Column& column, std::size_t row) {
    if (!column.codes.empty()) {
        column.codes[row] = missing_code;
    } else {
        const bool nothing = column.kind == Kind::date || !column.levels.empty();
        column.numbers[row] = nothing ? missing_number : 0;
    }
}

void zero_out(Column& column, double share, std::size_t rows, RandomStream& random,
              ColumnOutcome& outcome) {
    const auto wanted = static_cast<std::size_t>(std::nearbyint(share * static_cast<double>(rows)));
    for (const std::uint32_t row : random.sample(wanted, rows)) {
        suppress_cell(column, row);
        ++outcome.cells;
    }
}

// What happens to a column, after the exceptions.
ColumnNoise plan_for(const Column& column, const ReleaseOptions& options) {
    for (const ColumnNoise& exception : options.columns) {
        if (exception.column == column.name) {
            return exception;
        }
    }
    ColumnNoise plan{column.name, options.noise, options.scale};
    const bool additive = plan.noise == Noise::random || plan.noise == Noise::zero_sum;
    const bool worded = !column.codes.empty() || !column.levels.empty();
    if (plan.noise == Noise::none || (additive && (worded || column.role == Role::label))) {
        plan.noise = Noise::none;
        plan.scale = 0;
    }
    return plan;
}

bool leaves_out(const Column& column, const ReleaseOptions& options) {
    const bool named = std::find(options.suppress_columns.begin(), options.suppress_columns.end(),
                                 column.name) != options.suppress_columns.end();
    const bool identifies = column.kind == Kind::identifier || column.kind == Kind::text ||
                            column.role == Role::identifier;
    return named || (identifies && !options.keep_identifiers);
}

// Per column, the noise that keeps covariances; empty where a column draws its own.
std::vector<std::vector<double>> joint_noise_for(const Table& table,
                                                 const ReleaseOptions& options) {
    std::vector<std::vector<double>> noise(table.columns.size());
    if (!options.keep_covariance) {
        return noise;
    }
    std::vector<std::size_t> together;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        const ColumnNoise plan = plan_for(column, options);
        if (plan.noise == Noise::zero_sum && plan.scale == options.scale && column.codes.empty() &&
            missing_count(column) == 0 && !leaves_out(column, options) &&
            together.size() < utility_columns_max) {
            together.push_back(i);
        }
    }
    std::vector<std::vector<double>> drawn =
        covariance_keeping_noise(table, together, options.scale, options.seed);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        noise[together[i]] = std::move(drawn[i]);
    }
    return noise;
}

Status check_options(const Table& table, const ReleaseOptions& options) {
    const auto bad_scale = [](Noise noise, double scale) {
        return !(scale >= 0 && scale <= (noise == Noise::zero_out ? 1 : scale_max));
    };
    bool wrong = bad_scale(options.noise, options.scale);
    bool unknown = false;
    for (const ColumnNoise& exception : options.columns) {
        wrong = wrong || bad_scale(exception.noise, exception.scale);
        unknown = unknown || !table.has(exception.column);
    }
    for (const std::string& name : options.suppress_columns) {
        unknown = unknown || !table.has(name);
    }
    for (const auto& [row, name] : options.suppress_cells) {
        wrong = wrong || row >= table.rows;
        unknown = unknown || !table.has(name);
    }
    if (wrong) {
        return Error{
            Errc::out_of_range,
            "noise is 0 to 10 times the spread, zeroing 0 to 1 of the cells, rows lie in the "
            "table"};
    }
    if (unknown) {
        return Error{Errc::not_found, "a column of the release is not in the data set"};
    }
    return done;
}

void add_notes(const Release& made, ReleaseReport& report) {
    const auto left_out = std::count_if(report.columns.begin(), report.columns.end(),
                                        [](const ColumnOutcome& c) { return c.left_out; });
    if (left_out > 0) {
        report.notes.push_back(std::to_string(left_out) +
                               (left_out == 1
                                    ? " column that may name a person or was chosen is left out"
                                    : " columns that may name a person or were chosen are left "
                                      "out"));
    }
    for (const Column& column : made.table.columns) {
        if (column.role != Role::quasi_identifier) {
            continue;
        }
        const auto outcome =
            std::find_if(report.columns.begin(), report.columns.end(),
                         [&](const ColumnOutcome& c) { return c.column == column.name; });
        if (outcome != report.columns.end() && outcome->noise == Noise::none) {
            report.notes.push_back("column " + column.name +
                                   " helps to find a person and is released as it is");
        }
    }
}

}  // namespace

std::string_view to_string(Noise noise) noexcept {
    switch (noise) {
        case Noise::none:
            return "none";
        case Noise::random:
            return "random";
        case Noise::zero_sum:
            return "zero_sum";
        case Noise::zero_out:
            return "zero_out";
    }
    return "none";
}

Result<Noise> noise_from(std::string_view word) {
    for (const Noise noise : {Noise::none, Noise::random, Noise::zero_sum, Noise::zero_out}) {
        if (to_string(noise) == word) {
            return noise;
        }
    }
    return Error{Errc::malformed, "noise is none, random, zero_sum or zero_out"};
}

Result<Release> release(const Table& table, const ReleaseOptions& options) {
    SALUS_TRY(check_options(table, options));
    Release made;
    made.table.rows = table.rows;
    const std::vector<std::vector<double>> joint = joint_noise_for(table, options);
    for (std::size_t index = 0; index < table.columns.size(); ++index) {
        const Column& source = table.columns[index];
        ColumnOutcome outcome;
        outcome.column = source.name;
        outcome.left_out = leaves_out(source, options);
        if (outcome.left_out) {
            made.report.columns.push_back(std::move(outcome));
            continue;
        }
        Column column = source;
        const ColumnNoise plan = plan_for(source, options);
        outcome.noise = plan.noise;
        outcome.scale = plan.scale;
        outcome.decimals = column.decimals;
        RandomStream random(options.seed, "noise/" + source.name);
        const bool additive = plan.noise == Noise::random || plan.noise == Noise::zero_sum;
        if (plan.noise == Noise::zero_out) {
            zero_out(column, plan.scale, table.rows, random, outcome);
        } else if (additive && column.codes.empty() && plan.scale > 0) {
            const double sd = plan.scale * spread_of(column);
            add_noise(column,
                      joint[index].empty() ? draw_noise(table.rows, sd, random) : joint[index],
                      plan.noise == Noise::zero_sum, sd, random, outcome);
        }
        for (const auto& [row, name] : options.suppress_cells) {
            if (name == column.name) {
                suppress_cell(column, row);
                ++outcome.cells;
            }
        }
        if (column.codes.empty() && outcome.sum_before.empty()) {
            outcome.sum_before = exact_sum(source, exact_decimals(source, source.decimals));
            outcome.sum_after = exact_sum(column, exact_decimals(source, source.decimals));
        }
        made.report.columns.push_back(std::move(outcome));
        made.table.columns.push_back(std::move(column));
    }
    add_notes(made, made.report);
    return made;
}

}  // namespace salus::learn
