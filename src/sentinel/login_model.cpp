#include "sentinel/login_model.hpp"

#include "sentinel/edge_sketch.hpp"

#include <algorithm>
#include <cmath>

namespace salus::sentinel {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::size_t cells = 4'096;
constexpr double half_life_ms = 20.0 * 60'000;
constexpr std::uint32_t good_enough_to_know = 4;
/// Score histogram: from −8 in steps of 1/16.
constexpr std::size_t histogram_bins = 640;
constexpr double histogram_low = -8;
constexpr double histogram_step = 1.0 / 16;
constexpr std::int64_t histogram_day_ms = 24 * hour_ms;
constexpr float histogram_kept = 0.87F;  ///< of a day ago: half of it after five days
constexpr std::size_t far_bin = 208;     ///< a score of 5
constexpr float doubted_share_max = 0.02F;
/// Half of the attackers copy what they can see of a person.
constexpr double copied = 0.5;

constexpr std::array<std::string_view, login_features> feature_names{
    "network", "provider", "country", "device", "browser", "system"};
constexpr std::array<std::string_view, 3> decision_names{"allow", "step-up", "deny"};

std::uint32_t value_of(const StreamEvent& event, std::size_t feature) {
    const std::array<std::uint32_t, login_features> values{
        event.network, event.asn, event.country, event.device, event.browser, event.os};
    return values[feature];
}

/// The coarser feature that holds this one.
constexpr std::array<std::size_t, login_features> parent{1, 2, 2, 5, 5, 5};

void cite(LoginJudged& out, std::string_view field, std::string text, double weight) {
    if (std::abs(weight) < 0.01) return;
    out.score += weight;
    out.reasons.push_back({std::string(field), std::move(text), weight});
}

std::uint32_t hour_of(std::int64_t time) {
    const std::int64_t day = 24 * hour_ms;
    return static_cast<std::uint32_t>(((time % day) + day) % day / hour_ms);
}

}  // namespace

std::string_view to_string(LoginDecision decision) noexcept {
    return decision_names[static_cast<std::size_t>(decision)];
}

float Habit::count_of(std::uint32_t value) const noexcept {
    for (const Slot& slot : slots)
        if (slot.value == value) return slot.count;
    return 0;
}

void Habit::learn(std::uint32_t value) noexcept {
    if (value == 0) return;
    Slot* chosen = &slots[0];
    for (Slot& slot : slots) {
        if (slot.value == value) {
            chosen = &slot;
            break;
        }
        if (slot.count < chosen->count) chosen = &slot;
    }
    if (chosen->value != value) {
        sum -= chosen->count;
        *chosen = {value, 0};
    }
    chosen->count += 1;
    sum += 1;
    if (sum < 200) return;
    for (Slot& slot : slots) slot.count /= 2;
    sum /= 2;
}

LoginModel::LoginModel(LoginOptions options)
    : options_(options), failures_(2 * cells), names_(2 * cells), histogram_(histogram_bins, 0.0F) {
    fresh_.fill(1);
    shown_.fill(20);
}

float LoginModel::bump(std::vector<Decaying>& table, std::uint64_t key, std::int64_t time,
                       float by) {
    const std::uint64_t hash = mix64(key);
    float least = 1e30F;
    for (std::size_t row = 0; row < 2; ++row) {
        Decaying& cell = table[row * cells + ((hash >> (row * 32U)) & 0xffffffffU) % cells];
        const double age = static_cast<double>(std::max<std::int64_t>(time - cell.time, 0));
        cell.count = cell.count * static_cast<float>(std::exp2(-age / half_life_ms)) + by;
        cell.time = std::max(cell.time, time);
        least = std::min(least, cell.count);
    }
    return least;
}

void LoginModel::score_features(const StreamEvent& event, const LoginState& user,
                                LoginJudged& out) const {
    for (std::size_t f = 0; f < login_features; ++f) {
        const std::uint32_t value = value_of(event, f);
        const Habit& habit = user.habits[f];
        if (value == 0 || habit.sum < 1) continue;
        const std::string name(feature_names[f]);
        const double count = habit.count_of(value);
        const double rate = fresh_[f] / shown_[f];
        if (count == 0) {
            // A new value below a new coarser one is no news of its own.
            const std::size_t above = parent[f];
            const std::uint32_t coarse = value_of(event, above);
            const bool follows = above != f && coarse != 0 && user.habits[above].sum >= 1 &&
                                 user.habits[above].count_of(coarse) == 0;
            const double weight = std::log(copied / std::clamp(rate, 5e-3, copied));
            cite(out, name, "This person has not signed in with this " + name + " before.",
                 follows ? weight / 2 : weight);
            continue;
        }
        const double share = (1 - rate) * (count + 0.5) / (habit.sum + 1);
        const double weight = std::log(copied + copied * rate / share) - std::log(1.0);
        cite(out, name,
             count < habit.sum / 5 ? "This person seldom uses this " + name + "."
                                   : "This person often uses this " + name + ".",
             std::clamp(weight, -0.7, 1.5));
    }
}

void LoginModel::score_hour(const StreamEvent& event, const LoginState& user,
                            LoginJudged& out) const {
    double sum = 0;
    for (const std::uint16_t n : user.hours) sum += n;
    if (sum < 10) return;
    const std::uint32_t hour = hour_of(event.time);
    const double near =
        user.hours[hour] + 0.5 * user.hours[(hour + 1) % 24] + 0.5 * user.hours[(hour + 23) % 24];
    const double ratio = (near / 2 + 0.5) / (sum + 12) * 24;
    cite(out, "hour",
         ratio < 0.5 ? "This person seldom signs in at this hour."
                     : "This person signs in at this hour.",
         std::clamp(-std::log(ratio) * 0.7, -0.7, 1.5));
}

void LoginModel::score_travel(const StreamEvent& event, const LoginState& user,
                              LoginJudged& out) const {
    if (user.last == 0 || event.country == 0 || user.country == 0) return;
    const std::int64_t gap = event.time - user.last;
    if (event.country == user.country || gap > 6 * hour_ms) return;
    cite(out, "travel",
         "The last sign-in was from another country, " + std::to_string(gap / 60'000) +
             " minutes ago.",
         gap < 2 * hour_ms ? 4 : 2);
}

void LoginModel::score_velocity(const StreamEvent& event, bool known_network, LoginJudged& out) {
    if (event.network == 0) return;
    const float failed = bump(failures_, event.network, event.time, event.refused ? 1.0F : 0.0F);
    const float tried = bump(names_, event.network, event.time, known_network ? 0.0F : 1.0F);
    if (failed >= 4 && !known_network)
        cite(out, "failures", "Many sign-ins from this network failed within the hour.",
             std::min(std::log(static_cast<double>(failed)), 4.0));
    if (tried >= 6 && !known_network)
        cite(out, "names", "This network tries many names that never used it.",
             std::min(std::log(static_cast<double>(tried) / 3), 3.0));
}

void LoginModel::learn(const StreamEvent& event, LoginState& user) {
    for (std::size_t f = 0; f < login_features; ++f) {
        const std::uint32_t value = value_of(event, f);
        if (value == 0) continue;
        if (user.good >= good_enough_to_know) {
            shown_[f] += 1;
            if (user.habits[f].count_of(value) == 0) fresh_[f] += 1;
            if (shown_[f] > 50'000) {
                shown_[f] /= 2;
                fresh_[f] /= 2;
            }
        }
        user.habits[f].learn(value);
    }
    auto& hour = user.hours[hour_of(event.time)];
    if (hour < 0xffff) ++hour;
    user.last = event.time;
    if (event.country != 0) user.country = event.country;
    ++user.good;
}

void LoginModel::learn_threshold(double score, std::int64_t time) {
    const double at = (score - histogram_low) / histogram_step;
    histogram_[static_cast<std::size_t>(
        std::clamp(at, 0.0, static_cast<double>(histogram_bins - 1)))] += 1;
    histogram_sum_ += 1;
    // By days and not by number: mornings and evenings, weekdays and weekends differ.
    if (time - histogram_day_ < histogram_day_ms) return;
    histogram_day_ = time;
    histogram_sum_ = 0;
    for (float& bin : histogram_) {
        bin *= histogram_kept;
        histogram_sum_ += bin;
    }
}

double LoginModel::threshold(double share) const {
    if (histogram_sum_ < 200) return 3;
    // Stolen passwords are among the good sign-ins and fill the far end. Half of what lies there is
    // taken to be theirs, or a wave of them would lift the threshold for those who come after.
    std::size_t bin = histogram_bins;
    float far = 0;
    while (bin > far_bin) far += histogram_[--bin];
    const float doubted = std::min(far / 2, histogram_sum_ * doubted_share_max);
    float left = (histogram_sum_ - doubted) * static_cast<float>(share) - (far - doubted);
    while (bin > 0 && left >= histogram_[bin - 1]) left -= histogram_[--bin];
    return histogram_low + static_cast<double>(bin) * histogram_step;
}

LoginJudged LoginModel::judge(const StreamEvent& event) {
    LoginJudged out;
    if (users_.size() >= options_.users_max && !users_.contains(event.user))
        users_.erase(users_.begin());
    LoginState& user = users_[event.user];
    const bool known = user.good >= good_enough_to_know;
    const bool known_network = user.habits[0].count_of(event.network) > 0 && event.network != 0;
    if (known) {
        score_features(event, user, out);
        score_hour(event, user, out);
    }
    const double habits = out.score;
    score_travel(event, user, out);
    score_velocity(event, known_network, out);
    // New habits alone are asked about; denial takes travel or a network that tries many names.
    const bool worse = out.score > habits;
    // A person's first sign-ins are judged by what many share alone.
    const double ask = known ? std::max(threshold(options_.step_up_share), -3.0) : 3.0;
    if (out.score >= ask) out.decision = LoginDecision::step_up;
    if (worse && out.score >= options_.deny_score) out.decision = LoginDecision::deny;
    std::stable_sort(out.reasons.begin(), out.reasons.end(),
                     [](const Cited& a, const Cited& b) { return a.weight > b.weight; });
    if (event.refused) return out;
    if (user.good >= 2 * good_enough_to_know) learn_threshold(out.score, event.time);
    // A denied sign-in must not become a habit; one with a second factor is the person.
    if (out.decision != LoginDecision::deny) learn(event, user);
    return out;
}

}  // namespace salus::sentinel
