#include "sentinel/edge_sketch.hpp"

#include <algorithm>

namespace salus::sentinel {

namespace {

/// Powers beyond this are taken as zero: 0.9^256 is below 2e-12.
constexpr std::size_t powers = 256;

}  // namespace

std::uint64_t mix64(std::uint64_t x) noexcept {
    x ^= x >> 30U;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27U;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
}

EdgeSketch::EdgeSketch(const EdgeSketchOptions& options)
    : options_(options),
      decayed_(powers, 0.0F),
      edges_(std::size_t{2} * options.columns),
      sources_(std::size_t{2} * options.columns),
      targets_(std::size_t{2} * options.columns) {
    float power = 1;
    for (float& one : decayed_) {
        one = power;
        power *= options.decay;
    }
}

/// What n ticks without this cell would have done. Usual: each tick moved the decayed count into
/// the past. Quarantined: the past kept its rate instead.
void EdgeSketch::settle(Cell& cell) const noexcept {
    if (cell.tick == now_) return;
    const std::uint32_t ticks = now_ - cell.tick;
    const float left = ticks < powers ? decayed_[ticks] : 0.0F;
    if (cell.score < options_.quarantine) {
        cell.total += cell.current * (1 - left) / (1 - options_.decay);
    } else {
        cell.total *= static_cast<float>(now_) / static_cast<float>(std::max(cell.tick, 1U));
    }
    cell.current *= left;
    cell.tick = now_;
}

float EdgeSketch::count(Table& table, std::uint64_t hash) noexcept {
    const std::uint64_t columns = options_.columns;
    Cell& a = table[((hash & 0xffffffffU) * columns) >> 32U];
    Cell& b = table[columns + (((hash >> 32U) * columns) >> 32U)];
    settle(a);
    settle(b);
    a.current += 1;
    b.current += 1;
    const float t = static_cast<float>(now_);
    const float current = std::min(a.current, b.current);
    float total = std::min(a.total, b.total);
    if (total == 0) total = options_.unseen_per_tick * t;
    const float excess = current + total - current * t;
    // Rarer than usual is no burst.
    const float score = now_ > 1 && excess < 0 ? excess * excess / (total * (t - 1)) : 0.0F;
    a.score = score;
    b.score = score;
    return score;
}

float EdgeSketch::score(std::uint64_t source, std::uint64_t target, std::uint32_t tick) noexcept {
    now_ = std::max(now_, tick);
    const float edge = count(edges_, mix64(source * 0x9e3779b97f4a7c15ULL + target));
    const float from = count(sources_, mix64(source));
    const float to = count(targets_, mix64(target ^ 0x5851f42d4c957f2dULL));
    return std::max({edge, from, to});
}

}  // namespace salus::sentinel
