#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace salus::sentinel {

/// Area under the ROC curve: how often a labelled one scores above an unlabelled one, ties half.
/// Absent when one of the two kinds is missing. Cost: one sort.
std::optional<double> area_under_curve(std::span<const float> scores,
                                       const std::vector<bool>& labels);

}  // namespace salus::sentinel
