#include "learn/utility.hpp"

#include "learn/describe.hpp"
#include "learn/limits.hpp"
#include "learn/portable_math.hpp"
#include "learn/small_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace salus::learn {
namespace {

constexpr std::size_t one_hot_levels_max = 12;
constexpr int newton_steps = 12;
constexpr double ridge = 1.0;

using Pair = std::pair<const Column*, const Column*>;  // true, released

double value_or(const Column& column, std::size_t row, double otherwise) {
    const double number = column.numbers[row];
    return number == number ? number : otherwise;
}

double correlation(const Column& a, const Column& b, const std::vector<std::uint32_t>& rows) {
    double n = 0, sa = 0, sb = 0;
    for (const std::uint32_t row : rows) {
        if (!a.is_missing(row) && !b.is_missing(row)) {
            n += 1;
            sa += a.numbers[row];
            sb += b.numbers[row];
        }
    }
    if (n < 3) {
        return missing_number;
    }
    double aa = 0, bb = 0, ab = 0;
    for (const std::uint32_t row : rows) {
        if (!a.is_missing(row) && !b.is_missing(row)) {
            const double da = a.numbers[row] - sa / n;
            const double db = b.numbers[row] - sb / n;
            aa += da * da;
            bb += db * db;
            ab += da * db;
        }
    }
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : missing_number;
}

void compare_means(const std::vector<Pair>& pairs, Utility& result) {
    for (const auto& [before, after] : pairs) {
        const Moments a = moments(*before);
        const Moments b = moments(*after);
        if (a.present == 0) {
            continue;
        }
        const double after_mean = b.present == 0 ? 0 : b.mean;
        const double gap = std::fabs(after_mean - a.mean);
        const double shift = a.sd > 0 ? gap / a.sd : (gap > 0 ? 1 : 0);
        result.means.push_back({before->name, a.mean, after_mean, shift});
        result.mean_shift_max = std::max(result.mean_shift_max, shift);
    }
    result.means_exact = !result.means.empty() && result.mean_shift_max < 1e-9;
}

void compare_correlations(const std::vector<Pair>& pairs, const std::vector<std::uint32_t>& rows,
                          Utility& result) {
    const std::size_t count = std::min(pairs.size(), utility_columns_max);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const double before = correlation(*pairs[i].first, *pairs[j].first, rows);
            if (before != before) {
                continue;
            }
            const double after = correlation(*pairs[i].second, *pairs[j].second, rows);
            const double change = std::fabs((after == after ? after : 0) - before);
            result.has_correlations = true;
            result.correlation_shift_max = std::max(result.correlation_shift_max, change);
        }
    }
}

// Which rows are the ones to predict: the rarer half of a two-valued label, anything above the
// lowest value of a graded one, anything but the most frequent word of any other.
class Target {
  public:
    explicit Target(const Column& label) {
        if (label.codes.empty()) {
            const std::vector<double> sorted = sorted_present(label);
            const bool graded = distinct_count(label) <= 10;
            threshold_ = sorted.empty() ? 0 : (graded ? sorted.front() : quantile(sorted, 0.5));
            if (graded) {
                const auto next = std::upper_bound(sorted.begin(), sorted.end(), threshold_);
                threshold_ = next == sorted.end() ? threshold_ : (threshold_ + *next) / 2;
            }
        } else if (label.levels.size() > 2 && label.level_names.empty()) {
            std::vector<std::size_t> counts(label.levels.size(), 0);
            for (const std::uint32_t code : label.codes) {
                if (code != missing_code) {
                    ++counts[code];
                }
            }
            base_ = static_cast<std::uint32_t>(std::max_element(counts.begin(), counts.end()) -
                                               counts.begin());
        }
    }
    [[nodiscard]] bool positive(const Column& column, std::size_t row) const {
        return column.codes.empty() ? column.numbers[row] > threshold_ : column.codes[row] != base_;
    }

  private:
    double threshold_ = 0;
    std::uint32_t base_ = 0;
};

// Features of a row: an intercept, numbers over their true deviation, categories as one coordinate
// per level but the first.
class Features {
  public:
    Features(const Table& truth, const Table& released, std::string_view label) {
        for (const Column& column : released.columns) {
            const std::size_t index = truth.find(column.name);
            const bool usable = index < truth.columns.size() && column.name != label &&
                                width_ < utility_columns_max;
            if (!usable) {
                continue;
            }
            const Column& source = truth.columns[index];
            const bool category = !source.codes.empty();
            if (category &&
                (source.levels.size() > one_hot_levels_max || source.levels.size() < 2)) {
                continue;
            }
            if (source.codes.empty() != column.codes.empty()) {
                continue;
            }
            const Moments m = category ? Moments{} : moments(source);
            parts_.push_back({&source, &column, category, m.mean, m.sd > 0 ? 1 / m.sd : 0});
            width_ += category ? source.levels.size() - 1 : 1;
        }
    }
    [[nodiscard]] std::size_t width() const noexcept { return width_; }
    [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }

    void fill(std::size_t row, bool from_release, std::vector<double>& into) const {
        into.assign(width_, 0.0);
        into[0] = 1;
        std::size_t at = 1;
        for (const Part& part : parts_) {
            const Column& column = from_release ? *part.released : *part.truth;
            if (part.category) {
                const std::uint32_t code = column.codes[row];
                if (code != missing_code && code > 0 && code < part.truth->levels.size()) {
                    into[at + code - 1] = 1;
                }
                at += part.truth->levels.size() - 1;
            } else {
                into[at++] = (value_or(column, row, part.mean) - part.mean) * part.scale;
            }
        }
    }

  private:
    struct Part {
        const Column* truth;
        const Column* released;
        bool category;
        double mean, scale;
    };
    std::vector<Part> parts_;
    std::size_t width_ = 1;
};

double dot(const std::vector<double>& a, const std::vector<double>& b) noexcept {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Logistic regression by Newton steps with a small ridge; few columns, so plain loops do.
std::optional<std::vector<double>> fit(const Features& features, const Target& target,
                                       const Column& label, bool from_release,
                                       const std::vector<std::uint32_t>& rows) {
    const std::size_t k = features.width();
    std::vector<double> weights(k, 0.0);
    std::vector<double> x;
    for (int step = 0; step < newton_steps; ++step) {
        SquareMatrix hessian(k);
        std::vector<double> gradient(k, 0.0);
        for (const std::uint32_t row : rows) {
            features.fill(row, from_release, x);
            const double p = 1 / (1 + portable_exp(-dot(weights, x)));
            const double error = (target.positive(label, row) ? 1.0 : 0.0) - p;
            const double weight = p * (1 - p);
            for (std::size_t i = 0; i < k; ++i) {
                gradient[i] += error * x[i];
                const double scaled = weight * x[i];
                for (std::size_t j = 0; j <= i && scaled != 0; ++j) {
                    hessian.at(i, j) += scaled * x[j];
                }
            }
        }
        for (std::size_t i = 0; i < k; ++i) {
            hessian.at(i, i) += i == 0 ? 1e-6 : ridge;
            gradient[i] -= i == 0 ? 0 : ridge * weights[i];
        }
        if (!hessian.factorise()) {
            return std::nullopt;
        }
        hessian.solve(gradient);
        double moved = 0;
        for (std::size_t i = 0; i < k; ++i) {
            weights[i] += gradient[i];
            moved = std::max(moved, std::fabs(gradient[i]));
        }
        if (moved < 1e-6) {
            break;
        }
    }
    return weights;
}

double test_auc(const Features& features, const std::vector<double>& weights, const Target& target,
                const Column& label, const std::vector<std::uint32_t>& rows) {
    std::vector<double> scores;
    std::vector<std::uint8_t> positive;
    std::vector<double> x;
    for (const std::uint32_t row : rows) {
        features.fill(row, false, x);
        scores.push_back(dot(weights, x));
        positive.push_back(target.positive(label, row) ? 1 : 0);
    }
    return auc(scores, positive);
}

void compare_prediction(const Table& truth, const Table& released, std::string_view label,
                        const std::vector<std::uint32_t>& rows, const Seed& seed, Utility& result) {
    const std::size_t before = truth.find(label);
    const std::size_t after = released.find(label);
    if (before == truth.columns.size() || after == released.columns.size()) {
        return;
    }
    const Column& true_label = truth.columns[before];
    const Column& released_label = released.columns[after];
    const Features features(truth, released, label);
    if (features.empty() || true_label.codes.empty() != released_label.codes.empty()) {
        return;
    }
    const Target target(true_label);
    RandomStream random(seed, "utility halves");
    std::vector<std::uint32_t> train;
    std::vector<std::uint32_t> test;
    for (const std::uint32_t row : rows) {
        if (true_label.is_missing(row)) {
            continue;
        }
        ((random.next() & 1) == 0 ? train : test).push_back(row);
    }
    const auto on_truth = fit(features, target, true_label, false, train);
    const auto on_release = fit(features, target, released_label, true, train);
    if (!on_truth || !on_release) {
        return;
    }
    result.auc_before = test_auc(features, *on_truth, target, true_label, test);
    result.auc_after = test_auc(features, *on_release, target, true_label, test);
    result.has_auc = result.auc_before == result.auc_before;
    result.label = label;
}

std::string decimals2(double value) {
    std::string text = number_text(round_to(value, 2));
    const std::size_t point = text.find('.');
    return point == std::string::npos
               ? text
               : text + std::string(point + 3 > text.size() ? point + 3 - text.size() : 0, '0');
}

double held(double value) {
    return std::clamp(value, 0.0, 1.0);
}

void conclude(Utility& result) {
    double kept = held(1 - result.mean_shift_max);
    result.sentence = result.means_exact
                          ? "means exact"
                          : "means within " + decimals2(result.mean_shift_max) + " of the spread";
    if (result.has_correlations) {
        kept *= held(1 - 2 * result.correlation_shift_max);
        result.sentence += ", correlations within " + decimals2(result.correlation_shift_max);
    }
    if (result.has_auc) {
        const double gain = result.auc_before - 0.5;
        kept *= gain > 0.05 ? held((result.auc_after - 0.5) / gain) : 1;
        result.sentence +=
            ", AUC " + decimals2(result.auc_after) + " instead of " + decimals2(result.auc_before);
    }
    result.percent = round_to(100 * kept, 1);
}

}  // namespace

double auc(const std::vector<double>& scores, const std::vector<std::uint8_t>& positive) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return scores[a] < scores[b] || (scores[a] == scores[b] && a < b);
    });
    double positives = 0;
    double rank_sum = 0;
    for (std::size_t at = 0; at < order.size();) {
        std::size_t end = at;
        double in_run = 0;
        while (end < order.size() && scores[order[end]] == scores[order[at]]) {
            in_run += positive[order[end]] != 0 ? 1 : 0;
            ++end;
        }
        rank_sum += in_run * (static_cast<double>(at + 1 + end) / 2);
        positives += in_run;
        at = end;
    }
    const double negatives = static_cast<double>(scores.size()) - positives;
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

Utility utility(const Table& truth, const Table& released, const Seed& seed,
                std::string_view label) {
    Utility result;
    if (truth.rows != released.rows || truth.rows == 0) {
        result.sentence = "the release has other rows than the data set";
        return result;
    }
    std::vector<Pair> pairs;
    std::string_view predicted = label;
    for (const Column& column : released.columns) {
        const std::size_t index = truth.find(column.name);
        if (index < truth.columns.size() && column.codes.empty()) {
            pairs.emplace_back(&truth.columns[index], &column);
        }
        if (predicted.empty() && column.role == Role::label) {
            predicted = column.name;
        }
    }
    RandomStream random(seed, "utility");
    const std::vector<std::uint32_t> rows = random.sample(utility_rows_max, truth.rows);
    result.sampled = rows.size() < truth.rows;
    compare_means(pairs, result);
    compare_correlations(pairs, rows, result);
    if (!predicted.empty()) {
        compare_prediction(truth, released, predicted, rows, seed, result);
    }
    conclude(result);
    return result;
}

}  // namespace salus::learn
