#include "sentinel/ranking.hpp"
#include "sentinel/replay.hpp"

#include <algorithm>
#include <charconv>

namespace salus::sentinel {

namespace {

struct Share {
    double hits = 0;
    double all = 0;
    void count(bool hit) {
        all += 1;
        hits += hit ? 1 : 0;
    }
    [[nodiscard]] std::optional<double> value() const {
        return all == 0 ? std::nullopt : std::optional(hits / all);
    }
};

std::string login_class(std::string_view name) {
    for (const std::string_view known : {"naive", "vpn", "targeted"})
        if (name.find(known) != std::string_view::npos) return std::string(known);
    return std::string(name);
}

/// Openings of each bulk user until the first alert; the slowest.
std::optional<double> slowest_bulk(const Replayed& replayed,
                                   const std::map<std::uint64_t, std::string>& truth) {
    std::map<std::uint32_t, std::pair<double, bool>> users;
    for (const ReplayScore& score : replayed.scores) {
        const auto found = truth.find(score.line);
        if (found == truth.end() || found->second.find("bulk") == std::string::npos) continue;
        auto& [openings, flagged] = users[score.user];
        if (flagged) continue;
        openings += 1;
        flagged = score.alerted;
    }
    std::optional<double> slowest;
    for (const auto& [user, one] : users) slowest = std::max(slowest.value_or(0), one.first);
    return slowest;
}

}  // namespace

std::map<std::uint64_t, std::string> read_truth(std::string_view text) {
    std::map<std::uint64_t, std::string> out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const auto line = json::parse(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.ok()) continue;
        const auto event = json::need_uint(*line, "event");
        const auto name = json::need_text(*line, "class");
        if (event.ok()) out[*event] = name.ok() ? *name : "illicit";
    }
    return out;
}

Found compare(const Replayed& replayed, const std::map<std::uint64_t, std::string>& truth) {
    Found out;
    std::vector<float> scores;
    std::vector<bool> labels;
    Share recall;
    Share fifth;
    Share explained;
    Share step_up;
    std::map<std::string, Share> of_class;
    std::map<std::string, Share> blocked;
    const std::size_t few = replayed.alerts.size() / 5;
    const double high = few == 0 ? 1e30 : replayed.alerts[few - 1].score;
    for (const ReplayScore& score : replayed.scores) {
        const auto found = truth.find(score.line);
        const bool illicit = found != truth.end();
        if (score.kind == StreamKind::login) {
            const bool stopped = score.decision != LoginDecision::allow;
            if (illicit)
                blocked[login_class(found->second)].count(stopped);
            else
                step_up.count(stopped);
            continue;
        }
        scores.push_back(score.score);
        labels.push_back(illicit);
        if (!illicit) {
            explained.count(score.explained);
            continue;
        }
        recall.count(score.alerted);
        fifth.count(score.alerted && static_cast<double>(score.score) >= high);
        of_class[found->second].count(score.alerted);
    }
    out.auc = area_under_curve(scores, labels);
    out.recall = recall.value();
    out.recall_fifth = fifth.value();
    out.explained = explained.value();
    out.step_up = step_up.value();
    out.bulk_within = slowest_bulk(replayed, truth);
    for (const auto& [name, share] : of_class) out.recall_of[name] = *share.value();
    for (const auto& [name, share] : blocked) out.blocked_of[name] = *share.value();
    return out;
}

}  // namespace salus::sentinel
