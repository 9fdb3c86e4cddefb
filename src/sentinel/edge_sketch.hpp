#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace salus::sentinel {

/// Mixes 64 bits well enough for sketches; no protection against someone who chooses keys.
std::uint64_t mix64(std::uint64_t x) noexcept;

struct EdgeSketchOptions {
    std::uint32_t columns = 512;   ///< cells of one row; 2 rows of 3 sketches, 16 bytes each
    float decay = 0.9F;            ///< what a tick leaves of the tick before
    float quarantine = 1'000;      ///< a score from here on is not learnt as usual
    float unseen_per_tick = 0.5F;  ///< rate expected of an edge that has no past
};

/// How much more often than before one edge, its source or its target appears right now.
///
/// Count-min sketches of the current tick (decaying) and of the whole past, compared by chi-square
/// against a constant rate; what scored high is kept out of the past, so that a long attack does
/// not become usual. A cell is brought to the present when it is touched, so a tick costs nothing.
///
/// Cost:    constant memory (49 KB by default); six cells an event.
/// Threads: one at a time.
/// Source:  Bhatia et al., MIDAS (AAAI 2020) and MIDAS-F (TKDD 2022): edge, source and target
///          scores, relations and filtering. The lazy merge and the rate of unseen edges are ours.
class EdgeSketch {
  public:
    explicit EdgeSketch(const EdgeSketchOptions& options = {});

    /// Scores one edge and then counts it. Ticks start at 1; an earlier tick than the newest counts
    /// as the newest. Larger is more unusual; 0 is at most usual.
    float score(std::uint64_t source, std::uint64_t target, std::uint32_t tick) noexcept;

  private:
    struct Cell {
        float current = 0;
        float total = 0;
        float score = 0;
        std::uint32_t tick = 0;
    };
    using Table = std::vector<Cell>;
    float count(Table& table, std::uint64_t hash) noexcept;
    void settle(Cell& cell) const noexcept;

    EdgeSketchOptions options_;
    std::uint32_t now_ = 1;
    std::vector<float> decayed_;  ///< decay to the power of n
    Table edges_;
    Table sources_;
    Table targets_;
};

}  // namespace salus::sentinel
