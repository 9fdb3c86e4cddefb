#include "federated/study.hpp"

#include "federated/lifted_solve.hpp"
#include "federated/secure_sum.hpp"
#include "learn/dp_account.hpp"
#include "learn/dp_sampler.hpp"
#include "learn/logistic.hpp"
#include "learn/scoring.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace salus::federated {
namespace {

/// Rows are clipped to this length before they are scaled to 1.
constexpr double row_length = 2;
/// A number's public range becomes ±2: a person lies within about ±1 of its middle.
constexpr double range_width = 4;

learn::RowsView rows_of(const std::vector<double>& cells, std::size_t columns) {
    return {cells, columns};
}

struct TrainingRows {
    std::vector<double> cells;
    std::vector<std::uint8_t> labels;
};

TrainingRows training_rows(const Site& site, std::size_t columns) {
    TrainingRows out;
    for (std::size_t r = 0; r < site.labels.size(); ++r) {
        if (site.trains[r] != 1) continue;
        const auto at = site.cells.begin() + static_cast<std::ptrdiff_t>(r * columns);
        out.cells.insert(out.cells.end(), at, at + static_cast<std::ptrdiff_t>(columns));
        out.labels.push_back(site.labels[r]);
    }
    return out;
}

/// Σ over rows of (y − p) x and of p (1 − p) x xᵀ, whose off-diagonal entries are weighed by √2:
/// then its length is that of the whole matrix. Rows hold their intercepts themselves.
std::vector<double> site_sums(const TrainingRows& rows, std::span<const double> weights) {
    const std::size_t size = weights.size();
    std::vector<double> with_zero(weights.begin(), weights.end());
    with_zero.push_back(0);  // the common intercept that this model does without
    const learn::LogisticSums sums =
        learn::logistic_sums(rows_of(rows.cells, size), rows.labels, with_zero);
    std::vector<double> out(sums.gradient.begin(),
                            sums.gradient.begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t i = 0, at = 0; i < size; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            const double factor = i == j ? 1 : std::numbers::sqrt2;
            out.push_back(sums.curvature[at++] * factor);
        }
    }
    return out;
}

/// One person's largest share of the sums at weights 0: ½ of the gradient, ¼ of the curvature, and
/// what rounding to fixed point may move.
double sensitivity_of(std::size_t numbers) {
    return std::sqrt(0.25 + 0.0625) + std::sqrt(static_cast<double>(numbers)) / fixed_steps;
}

/// Least deviation, for sensitivity 1, that keeps (epsilon, delta).
double deviation_for(double epsilon, double delta) {
    double low = 0.01;
    double high = 1e6;
    for (int round = 0; round < 200 && high - low > 1e-9 * high; ++round) {
        const double middle = std::sqrt(low * high);
        (learn::gaussian_delta(1 / middle, epsilon) > delta ? low : high) = middle;
    }
    return high * (1 + 1e-5);
}

/// Discrete Gaussian shares of a deviation given in steps of the fixed point.
Result<std::vector<std::uint64_t>> noise_share(std::size_t length, double steps,
                                               const learn::Seed& seed) {
    const auto whole = static_cast<std::uint64_t>(std::ceil(steps));
    const auto law = SALUS_TRY(learn::DiscreteGaussian::create({whole, 1}));
    learn::RandomStream random(seed, "noise share");
    std::vector<std::uint64_t> out(length);
    for (std::uint64_t& one : out) one = static_cast<std::uint64_t>(law.draw(random));
    return out;
}

/// Each site's sums, noised by its share and masked, joined: in one process, through the same
/// objects that hospitals far apart would use.
class Joiner {
  public:
    Joiner(Env& env, const std::vector<TrainingRows>& sites, learn::RandomStream& random)
        : env_(env), sites_(sites), random_(random) {}

    /// `noise`: deviation of the whole sum; any `threshold` sites' shares make it up.
    Result<std::vector<double>> join(std::span<const double> weights, double noise) {
        const auto n = static_cast<std::uint8_t>(sites_.size());
        SumShape shape{.clients = n,
                       .threshold = static_cast<std::uint8_t>(n / 2 + 1),
                       .length = weights.size() + weights.size() * (weights.size() + 1) / 2,
                       .round = ++round_};
        SumServer server = SALUS_TRY(SumServer::create(shape));
        std::vector<SumClient> clients;
        for (unsigned i = 1; i <= n; ++i) {
            clients.push_back(
                SALUS_TRY(SumClient::create(env_, static_cast<ClientIndex>(i), shape)));
            SALUS_TRY(server.register_key(clients.back().index(), clients.back().public_key()));
        }
        std::vector<std::map<ClientIndex, Bytes>> sealed;
        for (SumClient& one : clients) sealed.push_back(SALUS_TRY(one.meet(env_, server.keys())));
        for (std::size_t from = 0; from < sealed.size(); ++from) {
            for (const auto& [to, share] : sealed[from]) {
                SALUS_TRY(clients[to - 1U].take(clients[from].index(), share));
            }
        }
        const double share = noise / std::sqrt(static_cast<double>(shape.threshold));
        for (std::size_t i = 0; i < clients.size(); ++i) {
            const auto part = SALUS_TRY(part_of(sites_[i], weights, share));
            SALUS_TRY(server.add(clients[i].index(), SALUS_TRY(clients[i].masked(part))));
        }
        std::map<ClientIndex, Revealed> revealed;
        for (SumClient& one : clients) {
            revealed[one.index()] = SALUS_TRY(one.reveal(server.present()));
        }
        std::vector<double> out;
        for (const std::uint64_t one : SALUS_TRY(server.total(revealed))) {
            out.push_back(from_fixed(one));
        }
        return out;
    }

  private:
    Result<std::vector<std::uint64_t>> part_of(const TrainingRows& rows,
                                               std::span<const double> weights, double share) {
        std::vector<std::uint64_t> out;
        for (const double one : site_sums(rows, weights)) out.push_back(SALUS_TRY(to_fixed(one)));
        if (share > 0) {
            const auto noise = SALUS_TRY(
                noise_share(out.size(), share * fixed_steps, learn::seed_from(random_.next())));
            for (std::size_t i = 0; i < out.size(); ++i) out[i] += noise[i];
        }
        return out;
    }

    Env& env_;
    const std::vector<TrainingRows>& sites_;
    learn::RandomStream& random_;
    std::uint64_t round_ = 0;
};

/// Newton's step on joined sums.
std::vector<double> step(const std::vector<double>& sums, std::vector<double> weights,
                         double ridge) {
    const std::size_t size = weights.size();
    std::vector<double> curvature(size * size);
    std::vector<double> slope(size);
    for (std::size_t i = 0, at = size; i < size; ++i) {
        slope[i] = sums[i] - ridge * weights[i];
        for (std::size_t j = 0; j <= i; ++j, ++at) {
            const double entry = sums[at] / (i == j ? 1 : std::numbers::sqrt2);
            curvature[i * size + j] = curvature[j * size + i] = entry;
        }
    }
    const std::vector<double> change = lifted_solve(std::move(curvature), slope, ridge);
    for (std::size_t i = 0; i < size; ++i) weights[i] += change[i];
    return weights;
}

Status score(const std::vector<Site>& sites, StudyResult& result) {
    std::vector<double> logits;
    std::vector<std::uint8_t> labels;
    std::size_t right = 0;
    const std::size_t columns = result.weights.size();
    for (const Site& site : sites) {
        std::size_t site_right = 0;
        std::size_t site_rows = 0;
        for (std::size_t r = 0; r < site.labels.size(); ++r) {
            if (site.trains[r] != 0) continue;
            double logit = 0;
            for (std::size_t c = 0; c < columns; ++c) {
                logit += site.cells[r * columns + c] * result.weights[c];
            }
            logits.push_back(logit);
            labels.push_back(site.labels[r]);
            ++site_rows;
            if ((logit > 0) == (site.labels[r] != 0)) ++site_right;
        }
        if (site_rows == 0) return Error{Errc::malformed, "a site has no test row"};
        right += site_right;
        result.site_accuracy.push_back(static_cast<double>(site_right) /
                                       static_cast<double>(site_rows));
    }
    result.pooled_accuracy = static_cast<double>(right) / static_cast<double>(labels.size());
    result.auc = learn::area_under_curve(logits, labels);
    return done;
}

/// A category's level in a cell that may hold it as a number: "3" and "3.0" are the same.
bool is_level(std::string_view cell, std::string_view level) {
    learn::ParsedNumber a;
    learn::ParsedNumber b;
    if (learn::parse_number(cell, a) && learn::parse_number(level, b)) return a.value == b.value;
    return cell == level;
}

double encode_cell(const std::string& cell, const Feature& feature) {
    if (cell.empty()) return 0;
    if (!feature.is_number) {
        const bool is = is_level(cell, feature.level);
        if (feature.is_pair) return is ? 0.5 : -0.5;
        return is ? 1 : 0;
    }
    learn::ParsedNumber number;
    if (!learn::parse_number(cell, number)) return 0;
    const double inside = std::clamp(number.value, feature.low, feature.high);
    return range_width * ((inside - feature.low) / (feature.high - feature.low) - 0.5);
}

}  // namespace

Result<std::vector<Feature>> features_of(const learn::Dictionary& dictionary,
                                         std::string_view label) {
    std::vector<Feature> out;
    for (const learn::DictionaryEntry& entry : dictionary.entries) {
        if (entry.column == label) continue;
        if (entry.kind == learn::Kind::number || entry.kind == learn::Kind::integer) {
            if (!(entry.high > entry.low)) {
                return Error{Errc::malformed, "a number of the dictionary has no public range"};
            }
            out.push_back({entry.column, true, entry.low, entry.high, "", false});
        } else if (entry.kind == learn::Kind::category) {
            if (entry.levels.size() < 2) {
                return Error{Errc::malformed, "a category of the dictionary has no levels"};
            }
            const bool pair = entry.levels.size() == 2;
            for (std::size_t i = pair ? 1 : 0; i < entry.levels.size(); ++i) {
                out.push_back({entry.column, false, 0, 0, entry.levels[i], pair});
            }
        }
    }
    if (out.empty()) return Error{Errc::malformed, "the dictionary names nothing to learn from"};
    return out;
}

Result<std::vector<double>> encode(const learn::Table& table, const std::vector<Feature>& features,
                                   std::size_t site, std::size_t sites) {
    std::vector<std::size_t> columns;
    for (const Feature& feature : features) {
        columns.push_back(table.find(feature.column));
        if (columns.back() == table.columns.size()) {
            return Error{Errc::not_found, "a site's table lacks a column of the dictionary"};
        }
    }
    std::vector<double> out;
    for (std::size_t r = 0; r < table.rows; ++r) {
        const std::size_t start = out.size();
        double squares = 1;  // the site's intercept
        for (std::size_t f = 0; f < features.size(); ++f) {
            out.push_back(encode_cell(learn::cell_text(table.columns[columns[f]], r), features[f]));
            squares += out.back() * out.back();
        }
        for (std::size_t s = 0; s < sites; ++s) out.push_back(s == site ? 1 : 0);
        const double length = std::max(std::sqrt(squares), row_length) * (1 + 1e-12);
        for (std::size_t i = start; i < out.size(); ++i) out[i] /= length;
    }
    return out;
}

Result<StudyResult> run_study(Env& env, const std::vector<Site>& sites,
                              const StudyOptions& options) {
    if (sites.size() < 3 || sites.size() > clients_max) {
        return Error{Errc::out_of_range, "a study has 3 to 255 sites"};
    }
    const bool exact = std::isinf(options.epsilon) && options.epsilon > 0;
    if (!exact && !(options.epsilon > 0.001 && options.epsilon <= 100 &&
                    options.delta >= learn::dp_delta_min && options.delta < 0.1)) {
        return Error{Errc::out_of_range, "epsilon is 0.001 to 100 or inf, delta 1e-18 to 0.1"};
    }
    std::size_t columns = 0;
    for (const Site& site : sites) {
        if (!site.labels.empty()) columns = site.cells.size() / site.labels.size();
    }
    std::vector<TrainingRows> rows;
    for (const Site& site : sites) rows.push_back(training_rows(site, columns));
    learn::RandomStream random(learn::seed_from(options.seed), "federated study");
    Joiner joiner(env, rows, random);
    StudyResult result;
    result.weights.assign(columns, 0.0);
    const std::size_t numbers = columns + columns * (columns + 1) / 2;
    const double deviation = exact ? 0 : deviation_for(options.epsilon, options.delta);
    const std::size_t rounds = exact ? options.rounds_exact : 1;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto sums =
            SALUS_TRY(joiner.join(result.weights, deviation * sensitivity_of(numbers)));
        result.weights = step(sums, result.weights, exact ? options.ridge_exact : options.ridge);
    }
    if (exact) {
        result.epsilon_spent = options.epsilon;
    } else {
        const learn::Mechanism mechanism{.scale = deviation};
        result.epsilon_spent = SALUS_TRY(learn::account_epsilon(mechanism, 1, options.delta)).pld;
    }
    SALUS_TRY(score(sites, result));
    return result;
}

}  // namespace salus::federated
