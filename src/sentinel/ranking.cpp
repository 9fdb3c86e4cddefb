#include "sentinel/ranking.hpp"

#include <algorithm>
#include <numeric>

namespace salus::sentinel {

std::optional<double> area_under_curve(std::span<const float> scores,
                                       const std::vector<bool>& labels) {
    std::vector<std::uint32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return scores[a] < scores[b]; });
    double positives = 0;
    double below = 0;  // unlabelled ones seen so far
    double won = 0;
    for (std::size_t i = 0; i < order.size();) {
        double tied_positives = 0;
        double tied_others = 0;
        const float score = scores[order[i]];
        for (; i < order.size() && scores[order[i]] == score; ++i)
            (labels[order[i]] ? tied_positives : tied_others) += 1;
        won += tied_positives * (below + tied_others / 2);
        positives += tied_positives;
        below += tied_others;
    }
    if (positives == 0 || below == 0) return std::nullopt;
    return won / (positives * below);
}

}  // namespace salus::sentinel
