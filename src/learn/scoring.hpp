#pragma once

#include <cstdint>
#include <span>

/// How well scores and probabilities fit what was the case.
namespace salus::learn {

/// Chance that a row with the label scores above one without; ties count one half. 0.5 when a class
/// is empty.
double area_under_curve(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// Share of rows on the right side of .5.
double accuracy_of(std::span<const double> probabilities, std::span<const std::uint8_t> labels);

/// Mean squared difference between probability and outcome.
double brier_score(std::span<const double> probabilities, std::span<const std::uint8_t> labels);

/// Expected calibration error: over ten equal bins of probability, the mean difference between the
/// bin's probability and its share of labels, weighted by rows.
double calibration_error(std::span<const double> probabilities,
                         std::span<const std::uint8_t> labels);

}  // namespace salus::learn
