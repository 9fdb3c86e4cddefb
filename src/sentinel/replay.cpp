#include "sentinel/replay.hpp"

#include <algorithm>
#include <cmath>

namespace salus::sentinel {

namespace {

constexpr double step_width = 0.2;
constexpr double lowest = -30;
constexpr std::uint64_t enough = 200;

std::uint64_t group(std::uint32_t role, std::uint32_t site) {
    return std::uint64_t{role} << 32U | site;
}

constexpr std::uint32_t any = UINT32_MAX;

struct Later {
    bool operator()(const ReplayAlert& a, const ReplayAlert& b) const {
        return a.score != b.score ? a.score > b.score : a.line < b.line;
    }
};

std::size_t allowed(const Stream& stream, const ReplayOptions& options) {
    std::size_t openings = 0;
    for (const StreamEvent& event : stream.events)
        if (event.kind == StreamKind::access && event.time > options.train_until) ++openings;
    const double most = options.budget * static_cast<double>(openings);
    // 0.29 × 100 is 28.999… in binary; a budget written by a person means 29.
    return static_cast<std::size_t>(std::floor(most + 1e-9));
}

}  // namespace

std::size_t Calibration::step_of(double score) {
    const double at = (score - lowest) / step_width;
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(steps - 1)));
}

void Calibration::learn(std::uint32_t role, std::uint32_t site, double score) {
    const std::size_t step = step_of(score);
    for (const std::uint64_t key : {group(role, site), group(role, any), group(any, any)}) {
        Histogram& histogram = of_[key];
        ++histogram.counts[step];
        ++histogram.sum;
    }
}

double Calibration::p_value(std::uint32_t role, std::uint32_t site, double score) const {
    for (const std::uint64_t key : {group(role, site), group(role, any), group(any, any)}) {
        const auto found = of_.find(key);
        if (found == of_.end() || (found->second.sum < enough && key != group(any, any))) continue;
        std::uint64_t above = 0;
        for (std::size_t step = step_of(score); step < steps; ++step)
            above += found->second.counts[step];
        return static_cast<double>(above + 1) / static_cast<double>(found->second.sum + 1);
    }
    return 1;
}

Replayed replay(const Stream& stream, const ReplayOptions& options) {
    ReasonBook book;
    for (const Reason& reason : stream.reasons) book.add(reason);
    AccessModel accesses(book);
    LoginModel logins;
    Calibration calibration;
    Replayed out;
    const std::size_t most = allowed(stream, options);
    out.scores.reserve(stream.events.size());
    for (const StreamEvent& event : stream.events) {
        const bool counts = event.time > options.train_until;
        ReplayScore score{event.line,           0,          false,     false,
                          LoginDecision::allow, event.kind, event.user};
        ++out.events;
        if (event.kind == StreamKind::login) {
            LoginJudged judged = logins.judge(event);
            score.score = static_cast<float>(judged.score);
            score.decision = judged.decision;
            if (counts && judged.decision != LoginDecision::allow)
                out.stopped.push_back({event.line, judged.score, 1, std::move(judged.reasons)});
        } else {
            const Judged judged = accesses.judge(event);
            score.score = static_cast<float>(judged.score);
            score.explained = judged.relation.explained != Explained::no;
            const bool open = counts && judged.score > 0 && most > 0 &&
                              judged.relation.explained != Explained::person;
            if (open && (out.alerts.size() < most || judged.score > out.alerts.front().score)) {
                if (out.alerts.size() == most) {
                    std::pop_heap(out.alerts.begin(), out.alerts.end(), Later{});
                    out.alerts.pop_back();
                }
                out.alerts.push_back({event.line, judged.score,
                                      calibration.p_value(judged.role, judged.site, judged.score),
                                      AccessModel::reasons(judged)});
                std::push_heap(out.alerts.begin(), out.alerts.end(), Later{});
            }
            calibration.learn(judged.role, judged.site, judged.score);
        }
        if (counts) out.scores.push_back(score);
    }
    std::sort_heap(out.alerts.begin(), out.alerts.end(), Later{});
    std::vector<std::uint64_t> lines;
    for (const ReplayAlert& alert : out.alerts) lines.push_back(alert.line);
    std::sort(lines.begin(), lines.end());
    for (ReplayScore& score : out.scores)
        score.alerted = score.kind == StreamKind::access &&
                        std::binary_search(lines.begin(), lines.end(), score.line);
    return out;
}

}  // namespace salus::sentinel
