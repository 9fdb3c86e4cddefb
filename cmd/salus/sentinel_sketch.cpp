#include "sentinel/edge_list.hpp"
#include "sentinel/edge_sketch.hpp"
#include "sentinel/ranking.hpp"

#include "sentinel.hpp"
#include <array>
#include <charconv>

namespace salus::command {
namespace {

constexpr std::uint64_t file_bytes_max = std::uint64_t{8} << 30U;

struct Scored {
    std::vector<float> scores;
    double ns_per_event = 0;
};

Scored score_all(Env& env, const sentinel::EdgeList& list) {
    const std::vector<std::uint32_t> ticks = sentinel::ticks_of(list);
    Scored out;
    out.scores.assign(list.edges.size(), 0.0F);
    sentinel::EdgeSketch sketch;
    const std::int64_t start = env.steady_ns();
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const sentinel::Edge& edge = list.edges[i];
        out.scores[i] = sketch.score(edge.source, edge.target, ticks[i]);
    }
    if (!ticks.empty())
        out.ns_per_event =
            static_cast<double>(env.steady_ns() - start) / static_cast<double>(ticks.size());
    return out;
}

Bytes lines_of(const std::vector<float>& scores) {
    Bytes out;
    out.reserve(scores.size() * 10);
    for (const float score : scores) {
        std::array<char, 32> text{};
        const auto end = std::to_chars(text.data(), text.data() + text.size(), score).ptr;
        append(out, as_bytes({text.data(), static_cast<std::size_t>(end - text.data())}));
        out.push_back('\n');
    }
    return out;
}

}  // namespace

int sentinel_sketch(Env& env, const Words& words) {
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = {"edges", "scores"}, .plain = {"json"}}));
    const auto path = args.value("edges");
    if (!path) return wrong_use("sketch wants --edges FILE");
    const Bytes bytes = SALUS_OR_FAIL(read_input(env, *path, file_bytes_max));
    const auto list = SALUS_OR_FAIL(sentinel::read_edges(as_text(bytes)));
    const Scored scored = score_all(env, list);
    if (const auto to = args.value("scores")) {
        SALUS_OR_FAIL(write_file_atomically(env, *to, lines_of(scored.scores)));
    }
    std::vector<bool> labels;
    for (const sentinel::Edge& edge : list.edges) labels.push_back(edge.label);
    const auto auc = sentinel::area_under_curve(scored.scores, labels);
    if (list.lines_left_out > 0)
        note("salus: " + std::to_string(list.lines_left_out) + " lines are no edge: left out");
    print_json(json::Object{{"auc", auc ? json::Value(*auc) : json::Value()},
                            {"events", static_cast<std::uint64_t>(list.edges.size())},
                            {"ns_per_event", scored.ns_per_event},
                            {"lines_left_out", list.lines_left_out}});
    return exit_done;
}

}  // namespace salus::command
