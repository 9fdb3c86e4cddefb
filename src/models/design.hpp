#pragma once

#include "learn/rows_view.hpp"

#include <vector>

namespace salus::models {

/// How a table's columns become a model's: gaps filled with the median and marked, columns of few
/// whole numbers spread into one of 0 and 1 per value, all scaled to mean 0 and deviation 1. Learnt
/// from training rows alone.
class Design {
  public:
    /// `wide`: with marks, spread columns and scale; else the filled columns only.
    static Design learn_from(const learn::RowsView& rows, bool wide);
    [[nodiscard]] std::vector<double> apply(const learn::RowsView& rows) const;
    [[nodiscard]] std::size_t columns() const noexcept { return parts_.size(); }

  private:
    enum class What { value, missing, equals };
    struct Part {
        std::size_t column;
        What what;
        double level;
        double mean, scale;
    };
    [[nodiscard]] double raw(const Part& part, double cell) const noexcept;
    std::vector<Part> parts_;
    std::vector<double> medians_;
};

}  // namespace salus::models
