#pragma once

#include "sentinel/access_terms.hpp"
#include "sentinel/stream.hpp"

#include <unordered_map>

namespace salus::sentinel {

/// Features of a sign-in that a person has habits in, coarse behind fine where one holds the other.
enum class LoginFeature : std::uint8_t { network, asn, country, device, browser, os };
inline constexpr std::size_t login_features = 6;

/// A person's last values of a feature, with decaying counts.
struct Habit {
    struct Slot {
        std::uint32_t value = 0;
        float count = 0;
    };
    std::array<Slot, 6> slots{};
    float sum = 0;

    [[nodiscard]] float count_of(std::uint32_t value) const noexcept;
    void learn(std::uint32_t value) noexcept;
};

struct LoginState {
    std::array<Habit, login_features> habits{};
    std::array<std::uint16_t, 24> hours{};
    std::int64_t last = 0;  ///< last good sign-in
    std::uint32_t country = 0;
    std::uint32_t good = 0;
};
static_assert(sizeof(LoginState) <= 1024);

enum class LoginDecision : std::uint8_t { allow, step_up, deny };
std::string_view to_string(LoginDecision decision) noexcept;

struct LoginJudged {
    double score = 0;
    LoginDecision decision = LoginDecision::allow;
    std::vector<Cited> reasons;  ///< weights add up to the score
};

struct LoginOptions {
    double step_up_share = 0.042;  ///< of the usual sign-ins
    double deny_score = 12;
    std::size_t users_max = 1'000'000;
};

/// Risk of a sign-in: a likelihood ratio over network, provider, country, device, browser, system
/// and hour, with smoothing from fine to coarse; two countries within hours; names tried and
/// failures of one network (sketches of constant size).
///
/// The thresholds follow the scores of good sign-ins, so that the share asked for a second factor
/// holds whatever a place's habits are. Threads: one at a time; time comes with the events.
/// Source: Freeman et al., "Who Are You? A Statistical Approach to Measuring User Authenticity"
/// (NDSS 2016); smoothing and velocity terms are ours.
class LoginModel {
  public:
    explicit LoginModel(LoginOptions options = {});
    /// Judges, then learns what was allowed and succeeded.
    LoginJudged judge(const StreamEvent& event);

  private:
    /// An exponentially forgotten count in a cell.
    struct Decaying {
        float count = 0;
        std::int64_t time = 0;
    };
    float bump(std::vector<Decaying>& cells, std::uint64_t key, std::int64_t time, float by);
    void score_features(const StreamEvent& event, const LoginState& user, LoginJudged& out) const;
    void score_hour(const StreamEvent& event, const LoginState& user, LoginJudged& out) const;
    void score_travel(const StreamEvent& event, const LoginState& user, LoginJudged& out) const;
    void score_velocity(const StreamEvent& event, bool known_network, LoginJudged& out);
    void learn(const StreamEvent& event, LoginState& user);
    void learn_threshold(double score, std::int64_t time);
    [[nodiscard]] double threshold(double share) const;

    LoginOptions options_;
    std::unordered_map<std::uint32_t, LoginState> users_;
    std::array<double, login_features> fresh_{};  ///< how often a known person shows a new value
    std::array<double, login_features> shown_{};
    std::vector<Decaying> failures_;  ///< by network
    std::vector<Decaying> names_;     ///< names tried from networks that did not know them
    std::vector<float> histogram_;    ///< scores of good sign-ins
    float histogram_sum_ = 0;
    std::int64_t histogram_day_ = 0;
};

}  // namespace salus::sentinel
