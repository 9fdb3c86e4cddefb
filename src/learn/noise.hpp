#pragma once

#include "base/result.hpp"
#include "learn/random_stream.hpp"
#include "learn/table.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A release that is not the rows themselves. These operators mask; none of them is differentially
/// private, and the label that says so travels with the release.
namespace salus::learn {

inline constexpr std::string_view masking_label = "masking, not differentially private";

/// random: each cell + N(0, (scale × spread)²). zero_sum: the same, and the column's sum and mean
/// survive exactly. zero_out: `scale` of the cells are suppressed (numbers become 0, everything
/// else missing). none: as it is.
enum class Noise : std::uint8_t { none, random, zero_sum, zero_out };
std::string_view to_string(Noise noise) noexcept;
/// Errors: malformed — not `none`, `random`, `zero_sum` or `zero_out`.
Result<Noise> noise_from(std::string_view word);

struct ColumnNoise {
    std::string column;
    Noise noise = Noise::none;
    double scale = 0;
};

struct ReleaseOptions {
    Noise noise = Noise::zero_sum;
    double scale = 0.7;  ///< share of each column's deviation, 0 to 10; zero_out: 0 to 1
    std::vector<ColumnNoise> columns{};           ///< exceptions by column name
    std::vector<std::string> suppress_columns{};  ///< left out of the release
    std::vector<std::pair<std::size_t, std::string>> suppress_cells{};  ///< (row from 0, column)
    bool keep_identifiers = false;  ///< false: identifier and text columns are left out
    bool keep_covariance = false;   ///< zero_sum only: covariances survive too, to rounding
    Seed seed{};
};

struct ColumnOutcome {
    std::string column;
    Noise noise = Noise::none;
    double scale = 0;
    int decimals =
        0;  ///< released numbers have this many at most, but for one cell where a sum needs it
    std::size_t cells = 0;  ///< changed or suppressed
    bool left_out = false;
    std::string sum_before, sum_after;  ///< exact decimal sums; equal under zero_sum
};

struct ReleaseReport {
    std::string label{masking_label};
    std::vector<ColumnOutcome> columns;
    std::vector<std::string> notes;
};

struct Release {
    Table table;
    ReleaseReport report;
};

/// Noise acts on number, integer and date columns (a date moves by whole days); an encoded category
/// and a label keep their values unless `columns` names them. The same table, options and seed give
/// the same release on every machine. Errors: out_of_range — a scale or row outside its bounds;
/// not_found — a column that is not there.
Result<Release> release(const Table& table, const ReleaseOptions& options);

}  // namespace salus::learn
