#include "models/design.hpp"

#include <algorithm>
#include <cmath>

namespace salus::models {
namespace {

/// A column with as many different values as this, or fewer, may be names in the form of numbers.
constexpr std::size_t levels_max = 5;

std::vector<double> present_cells(const learn::RowsView& rows, std::size_t column) {
    std::vector<double> out;
    for (std::size_t r = 0; r < rows.rows(); ++r) {
        const double cell = rows.cells[r * rows.columns + column];
        if (cell == cell) out.push_back(cell);
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

double Design::raw(const Part& part, double cell) const noexcept {
    const bool present = cell == cell;
    switch (part.what) {
        case What::missing:
            return present ? 0 : 1;
        case What::equals:
            return present && cell == part.level ? 1 : 0;
        case What::value:
            break;
    }
    return present ? cell : medians_[part.column];
}

Design Design::learn_from(const learn::RowsView& rows, bool wide) {
    Design out;
    for (std::size_t c = 0; c < rows.columns; ++c) {
        std::vector<double> cells = present_cells(rows, c);
        out.medians_.push_back(cells.empty() ? 0 : cells[cells.size() / 2]);
        const std::size_t gaps = rows.rows() - cells.size();
        out.parts_.push_back({c, What::value, 0, 0, 1});
        if (!wide) continue;
        if (gaps * 50 >= rows.rows()) out.parts_.push_back({c, What::missing, 0, 0, 1});
        cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
        if (cells.size() < 3 || cells.size() > levels_max) continue;
        for (const double level : cells) out.parts_.push_back({c, What::equals, level, 0, 1});
    }
    if (!wide) return out;
    const auto count = static_cast<double>(rows.rows());
    for (Part& part : out.parts_) {
        double sum = 0;
        double squares = 0;
        for (std::size_t r = 0; r < rows.rows(); ++r) {
            sum += out.raw(part, rows.cells[r * rows.columns + part.column]);
        }
        part.mean = sum / count;
        for (std::size_t r = 0; r < rows.rows(); ++r) {
            const double away =
                out.raw(part, rows.cells[r * rows.columns + part.column]) - part.mean;
            squares += away * away;
        }
        const double deviation = std::sqrt(squares / count);
        part.scale = deviation > 1e-12 ? 1 / deviation : 0;
    }
    return out;
}

std::vector<double> Design::apply(const learn::RowsView& rows) const {
    std::vector<double> out;
    out.reserve(rows.rows() * parts_.size());
    for (std::size_t r = 0; r < rows.rows(); ++r) {
        for (const Part& part : parts_) {
            const double cell = rows.cells[r * rows.columns + part.column];
            out.push_back((raw(part, cell) - part.mean) * part.scale);
        }
    }
    return out;
}

}  // namespace salus::models
