#include "learn/linkage.hpp"

#include "learn/describe.hpp"
#include "learn/limits.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>

namespace salus::learn {
namespace {

constexpr std::size_t leaf_rows = 16;

// Both tables as points: row-major, `width` coordinates each, divided by the true deviation.
struct Points {
    std::size_t width = 0;
    std::vector<double> truth;
    std::vector<double> released;
    std::vector<std::uint32_t> block;  // rows that agree in every category share a number
};

class Tree {
  public:
    Tree(const Points& points, std::vector<std::uint32_t> rows)
        : points_(points), rows_(std::move(rows)) {
        build(0, rows_.size());
        coordinates_.reserve(rows_.size() * points.width);
        for (const std::uint32_t row : rows_) {
            const double* from = points.truth.data() + row * points.width;
            coordinates_.insert(coordinates_.end(), from, from + points.width);
        }
    }

    // 1 / (rows as near as the true one) when none is nearer, else 0: what naming the nearest by
    // lot gains.
    double gain(std::uint32_t row) const {
        const double* probe = points_.released.data() + row * points_.width;
        const double* own = points_.truth.data() + row * points_.width;
        Search search{probe, distance(probe, own), 0, false};
        visit(0, search);
        return search.beaten || search.ties == 0 ? 0 : 1.0 / static_cast<double>(search.ties);
    }

  private:
    struct Node {
        std::size_t first, last;
        std::size_t left = 0, right = 0;  // 0: a leaf
        std::size_t axis = 0;
        double cut = 0;
    };
    struct Search {
        const double* probe;
        double radius;  // squared distance to the true row
        std::size_t ties;
        bool beaten;
    };

    double distance(const double* a, const double* b) const noexcept {
        double sum = 0;
        for (std::size_t i = 0; i < points_.width; ++i) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    double coordinate(std::uint32_t row, std::size_t axis) const noexcept {
        return points_.truth[row * points_.width + axis];
    }

    std::size_t widest_axis(std::size_t first, std::size_t last, double& extent) const noexcept {
        std::size_t best = 0;
        extent = 0;
        for (std::size_t axis = 0; axis < points_.width; ++axis) {
            double low = coordinate(rows_[first], axis);
            double high = low;
            // A few hundred rows tell the widest axis well enough.
            const std::size_t stride = 1 + (last - first) / 512;
            for (std::size_t i = first; i < last; i += stride) {
                low = std::min(low, coordinate(rows_[i], axis));
                high = std::max(high, coordinate(rows_[i], axis));
            }
            if (high - low > extent) {
                extent = high - low;
                best = axis;
            }
        }
        return best;
    }

    std::size_t build(std::size_t first, std::size_t last) {
        const std::size_t index = nodes_.size();
        nodes_.push_back({first, last});
        double extent = 0;
        if (last - first <= leaf_rows) {
            return index;
        }
        const std::size_t axis = widest_axis(first, last, extent);
        if (extent == 0) {
            return index;
        }
        const std::size_t middle = first + (last - first) / 2;
        const auto at = [&](std::size_t i) {
            return rows_.begin() + static_cast<std::ptrdiff_t>(i);
        };
        std::nth_element(at(first), at(middle), at(last), [&](std::uint32_t a, std::uint32_t b) {
            const double x = coordinate(a, axis);
            const double y = coordinate(b, axis);
            return x < y || (x == y && a < b);
        });
        const double cut = coordinate(rows_[middle], axis);
        const std::size_t left = build(first, middle);
        const std::size_t right = build(middle, last);
        nodes_[index].left = left;
        nodes_[index].right = right;
        nodes_[index].axis = axis;
        nodes_[index].cut = cut;
        return index;
    }

    void visit(std::size_t index, Search& search) const {
        const Node& node = nodes_[index];
        if (node.left == 0) {
            for (std::size_t i = node.first; i < node.last && !search.beaten; ++i) {
                const double d = distance(search.probe, coordinates_.data() + i * points_.width);
                search.beaten = d < search.radius;
                search.ties += d == search.radius ? 1U : 0U;
            }
            return;
        }
        const double offset = search.probe[node.axis] - node.cut;
        visit(offset < 0 ? node.left : node.right, search);
        if (!search.beaten && offset * offset <= search.radius) {
            visit(offset < 0 ? node.right : node.left, search);
        }
    }

    const Points& points_;
    std::vector<std::uint32_t> rows_;
    std::vector<double> coordinates_;  // of rows_, in their order
    std::vector<Node> nodes_;
};

// A released gap, and a true one, stand at the column's mean: the attacker has no better guess.
void add_numbers(const Column& truth, const Column& released, std::size_t at, Points& points) {
    const Moments m = moments(truth);
    const double scale = m.sd > 0 ? 1 / m.sd : 0;
    for (std::size_t row = 0; row < truth.numbers.size(); ++row) {
        const double a = truth.numbers[row];
        const double b = released.numbers[row];
        points.truth[row * points.width + at] = a == a ? (a - m.mean) * scale : 0;
        points.released[row * points.width + at] = b == b ? (b - m.mean) * scale : 0;
    }
}

bool released_as_it_is(const Column& truth, const Column& released) {
    return truth.codes == released.codes && truth.numbers.size() == released.numbers.size() &&
           std::equal(truth.numbers.begin(), truth.numbers.end(), released.numbers.begin(),
                      [](double a, double b) { return a == b || (a != a && b != b); });
}

// A word, or a number that stands for a word.
bool is_worded(const Column& column) {
    return !column.codes.empty() || !column.levels.empty();
}

void refine_blocks(const Column& column, std::vector<std::uint32_t>& block) {
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> seen;
    for (std::size_t row = 0; row < block.size(); ++row) {
        const bool missing = column.is_missing(row);
        const std::uint64_t code =
            !column.codes.empty()
                ? column.codes[row]
                : (missing ? missing_code : static_cast<std::uint64_t>(column.numbers[row]));
        const auto next = static_cast<std::uint32_t>(seen.size());
        block[row] = seen.try_emplace({block[row], code}, next).first->second;
    }
}

Points make_points(const Table& truth, const Table& released, Linkage& result) {
    std::vector<std::pair<const Column*, const Column*>> numbers;
    Points points;
    points.block.assign(truth.rows, 0);
    for (const Column& column : released.columns) {
        const std::size_t index = truth.find(column.name);
        if (index == truth.columns.size()) {
            continue;
        }
        const Column& source = truth.columns[index];
        if (is_worded(source)) {
            if (released_as_it_is(source, column)) {
                refine_blocks(source, points.block);
                result.categories.push_back(column.name);
            }
        } else {
            numbers.emplace_back(&source, &column);
            result.numbers.push_back(column.name);
        }
    }
    points.width = numbers.size();
    points.truth.resize(truth.rows * points.width);
    points.released.resize(truth.rows * points.width);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        add_numbers(*numbers[i].first, *numbers[i].second, i, points);
    }
    return points;
}

}  // namespace

Linkage linkage(const Table& truth, const Table& released, const Seed& seed) {
    Linkage result;
    result.rows = released.rows;
    if (truth.rows != released.rows || truth.rows == 0) {
        result.note = "the release has other rows than the data set";
        return result;
    }
    const Points points = make_points(truth, released, result);
    std::vector<std::vector<std::uint32_t>> members;
    for (std::uint32_t row = 0; row < truth.rows; ++row) {
        if (points.block[row] >= members.size()) {
            members.resize(points.block[row] + 1);
        }
        members[points.block[row]].push_back(row);
    }
    RandomStream random(seed, "linkage");
    const std::vector<std::uint32_t> probes = random.sample(linkage_probe_rows_max, truth.rows);
    std::vector<std::unique_ptr<Tree>> trees(members.size());
    double gained = 0;
    for (const std::uint32_t row : probes) {
        std::unique_ptr<Tree>& tree = trees[points.block[row]];
        if (tree == nullptr) {
            tree = std::make_unique<Tree>(points, members[points.block[row]]);
        }
        gained += tree->gain(row);
    }
    result.looked_at = probes.size();
    result.sampled = probes.size() < truth.rows;
    result.share = gained / static_cast<double>(probes.size());
    result.rows_linked =
        static_cast<std::size_t>(std::nearbyint(result.share * static_cast<double>(truth.rows)));
    result.note = result.sampled ? "measured on " + grouped(probes.size()) + " rows drawn by seed"
                                 : "measured on every row";
    return result;
}

}  // namespace salus::learn
