#pragma once

#include "sentinel/access_model.hpp"
#include "sentinel/login_model.hpp"

#include <map>

namespace salus::sentinel {

struct ReplayOptions {
    std::int64_t train_until = INT64_MIN;  ///< ms; events after it are judged for alerts
    double budget = 0.01;                  ///< alerts per opening after train_until
};

struct ReplayAlert {
    std::uint64_t line = 0;
    double score = 0;
    double p_value = 1;
    std::vector<Cited> reasons;
};

/// What became of one event after train_until.
struct ReplayScore {
    std::uint64_t line = 0;
    float score = 0;
    bool explained = false;
    bool alerted = false;
    LoginDecision decision = LoginDecision::allow;
    StreamKind kind = StreamKind::access;
    std::uint32_t user = 0;
};

struct Replayed {
    std::vector<ReplayAlert> alerts;  ///< by score, highest first; floor(budget × openings) at most
    std::vector<ReplayAlert> stopped;  ///< sign-ins that were asked for more, or denied
    std::vector<ReplayScore> scores;   ///< in the order of time
    std::uint64_t events = 0;          ///< all that were scored
};

/// Scores a whole stream, learning as it goes. Alerts are the highest scores after train_until
/// that no reason that names the person explains.
Replayed replay(const Stream& stream, const ReplayOptions& options);

/// Scores of what went before, per role and site: how unusual is this score there?
class Calibration {
  public:
    void learn(std::uint32_t role, std::uint32_t site, double score);
    /// Share of earlier openings with at least this score: of the role at the site, of the role
    /// where those are fewer than 200, of all where these are.
    [[nodiscard]] double p_value(std::uint32_t role, std::uint32_t site, double score) const;

  private:
    static constexpr std::size_t steps = 400;
    struct Histogram {
        std::array<std::uint32_t, steps> counts{};
        std::uint64_t sum = 0;
    };
    static std::size_t step_of(double score);
    std::unordered_map<std::uint64_t, Histogram> of_;
};

/// Line → class, from `truth.ndjson`. Lines that say nothing are left out.
std::map<std::uint64_t, std::string> read_truth(std::string_view text);

/// Shares of what a replay found.
struct Found {
    std::optional<double> auc;
    std::optional<double> recall;        ///< illicit openings that raised an alert
    std::optional<double> recall_fifth;  ///< the same at a fifth of the budget
    std::optional<double> explained;     ///< harmless openings with a reason
    std::optional<double> bulk_within;   ///< patients until the slowest bulk user's first alert
    std::map<std::string, double> recall_of;   ///< by class
    std::map<std::string, double> blocked_of;  ///< "naive", "vpn", "targeted", other names
    std::optional<double> step_up;             ///< harmless sign-ins that were asked or denied
};
Found compare(const Replayed& replayed, const std::map<std::uint64_t, std::string>& truth);

}  // namespace salus::sentinel
