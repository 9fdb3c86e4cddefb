#include "learn/scoring.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace salus::learn {

double area_under_curve(std::span<const double> scores, std::span<const std::uint8_t> labels) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    double ranks = 0;
    double positives = 0;
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i + 1;
        while (end < order.size() && scores[order[end]] == scores[order[i]]) ++end;
        const double rank = static_cast<double>(i + end + 1) / 2;
        for (; i < end; ++i) {
            if (labels[order[i]] == 0) continue;
            ranks += rank;
            positives += 1;
        }
    }
    const double negatives = static_cast<double>(order.size()) - positives;
    if (positives == 0 || negatives == 0) return 0.5;
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

double accuracy_of(std::span<const double> probabilities, std::span<const std::uint8_t> labels) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        right += static_cast<std::size_t>((probabilities[i] >= 0.5) == (labels[i] != 0));
    }
    return static_cast<double>(right) / static_cast<double>(labels.size());
}

double brier_score(std::span<const double> probabilities, std::span<const std::uint8_t> labels) {
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const double off = probabilities[i] - labels[i];
        sum += off * off;
    }
    return sum / static_cast<double>(labels.size());
}

double calibration_error(std::span<const double> probabilities,
                         std::span<const std::uint8_t> labels) {
    constexpr std::size_t bins = 10;
    std::array<double, bins> excess{};
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const double place = std::clamp(probabilities[i] * bins, 0.0, bins - 1.0);
        excess[static_cast<std::size_t>(place)] += probabilities[i] - labels[i];
    }
    double sum = 0;
    for (const double one : excess) sum += std::abs(one);
    return sum / static_cast<double>(labels.size());
}

}  // namespace salus::learn
