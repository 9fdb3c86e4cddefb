#include "ledger/log_tree.hpp"

#include <bit>
#include <cstring>

namespace salus::ledger {
namespace {

class MemoryNodeStore final : public NodeStore {
  public:
    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

    Result<Digest> read(std::uint64_t at) override {
        if (at >= size_) return Error{Errc::out_of_range, "log tree: node beyond the end"};
        return (*chunks_[at / chunk_nodes])[at % chunk_nodes];
    }

    Status append(std::span<const Digest> nodes) override {
        for (const Digest& node : nodes) {
            if (size_ == chunks_.size() * chunk_nodes) chunks_.push_back(std::make_unique<Chunk>());
            (*chunks_[size_ / chunk_nodes])[size_ % chunk_nodes] = node;
            ++size_;
        }
        return done;
    }

    Status truncate(std::uint64_t size) override {
        if (size > size_) return Error{Errc::out_of_range, "log tree: truncate beyond the end"};
        size_ = size;
        chunks_.resize(static_cast<std::size_t>((size + chunk_nodes - 1) / chunk_nodes));
        return done;
    }

  private:
    static constexpr std::size_t chunk_nodes = 32'768;
    using Chunk = std::array<Digest, chunk_nodes>;
    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::uint64_t size_ = 0;
};

Error out_of_range(const char* what, std::uint64_t value) {
    return Error{Errc::out_of_range,
                 std::string("log tree: ") + what + " " + std::to_string(value)};
}

/// The number of leaves whose tree has exactly this many nodes, if there is one.
Result<std::uint64_t> leaves_of(std::uint64_t nodes) {
    // nodes_of grows by at least one a leaf and never exceeds twice the leaves.
    std::uint64_t low = nodes / 2;
    std::uint64_t high = nodes + 1;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (nodes_of(middle) < nodes) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (nodes_of(low) != nodes) {
        return Error{Errc::integrity, "log tree: no tree has " + std::to_string(nodes) + " nodes"};
    }
    return low;
}

/// No hash is zero: such a node is one that a log which begins with a snapshot never had.
Result<Digest> read_node(NodeStore& store, std::uint64_t place) {
    const Digest node = SALUS_TRY(store.read(place));
    if (node.is_zero()) {
        return Error{Errc::not_found,
                     "this log begins with a snapshot: ask a mirror for what is older"};
    }
    return node;
}

Result<Frontier> read_frontier(NodeStore& store, std::uint64_t leaves) {
    std::vector<Digest> hashes;
    std::uint64_t from = 0;
    while (from < leaves) {
        const std::uint64_t width = std::bit_floor(leaves - from);
        const auto level = static_cast<unsigned>(std::countr_zero(width));
        hashes.push_back(SALUS_TRY(read_node(store, node_place(level, from >> level))));
        from += width;
    }
    return Frontier::from(leaves, std::move(hashes));
}

}  // namespace

std::unique_ptr<NodeStore> memory_node_store() {
    return std::make_unique<MemoryNodeStore>();
}

std::uint64_t nodes_of(std::uint64_t leaves) noexcept {
    return 2 * leaves - static_cast<std::uint64_t>(std::popcount(leaves));
}

std::uint64_t node_place(unsigned level, std::uint64_t index) noexcept {
    // The node is complete when its last leaf is there; it follows that leaf by `level` places.
    return nodes_of(((index + 1) << level) - 1) + level;
}

Result<LogTree> LogTree::open(std::unique_ptr<NodeStore> store) {
    const std::uint64_t leaves = SALUS_TRY(leaves_of(store->size()));
    Frontier frontier = SALUS_TRY(read_frontier(*store, leaves));
    return LogTree(std::move(store), std::move(frontier));
}

Status LogTree::append(const Digest& leaf_hash) {
    std::array<Digest, 65> nodes;
    std::size_t count = 0;
    nodes[count++] = leaf_hash;
    const std::vector<Digest>& edge = frontier_.hashes();
    std::size_t left = edge.size();
    for (std::uint64_t rest = frontier_.size(); (rest & 1U) != 0; rest >>= 1U) {
        nodes[count] = merkle_node(edge[--left], nodes[count - 1]);
        ++count;
    }
    SALUS_TRY(store_->append(std::span(nodes).first(count)));
    frontier_.append_full(nodes[count - 1], count - 1);
    return done;
}

Status LogTree::truncate(std::uint64_t size) {
    if (size > this->size()) return out_of_range("truncate to", size);
    Frontier frontier = SALUS_TRY(read_frontier(*store_, size));
    SALUS_TRY(store_->truncate(nodes_of(size)));
    frontier_ = std::move(frontier);
    return done;
}

Result<Digest> LogTree::leaf(std::uint64_t index) {
    if (index >= size()) return out_of_range("no leaf at", index);
    return read_node(*store_, node_place(0, index));
}

Result<Digest> LogTree::node(unsigned level, std::uint64_t index) {
    if (level > 63 || index >= size() >> level) return out_of_range("no full node", index);
    return read_node(*store_, node_place(level, index));
}

/// Root over leaves [from, to), where `from` is a multiple of a power of two that covers the range.
Result<Digest> LogTree::range_root(std::uint64_t from, std::uint64_t to) {
    const std::uint64_t width = to - from;
    if (std::has_single_bit(width)) {
        const auto level = static_cast<unsigned>(std::countr_zero(width));
        return read_node(*store_, node_place(level, from >> level));
    }
    const std::uint64_t middle = from + std::bit_floor(width - 1);
    const Digest left = SALUS_TRY(range_root(from, middle));
    return merkle_node(left, SALUS_TRY(range_root(middle, to)));
}

Result<Digest> LogTree::root_at(std::uint64_t size) {
    if (size == 0 || size > this->size()) return out_of_range("no root at size", size);
    return range_root(0, size);
}

Result<std::vector<Digest>> LogTree::inclusion(std::uint64_t index, std::uint64_t size) {
    if (size == 0 || size > this->size()) return out_of_range("no proof at size", size);
    if (index >= size) return out_of_range("no leaf at", index);
    std::vector<Digest> path;
    std::uint64_t from = 0;
    std::uint64_t to = size;
    while (to - from > 1) {
        const std::uint64_t middle = from + std::bit_floor(to - from - 1);
        if (index < middle) {
            path.push_back(SALUS_TRY(range_root(middle, to)));
            to = middle;
        } else {
            path.push_back(SALUS_TRY(range_root(from, middle)));
            from = middle;
        }
    }
    std::reverse(path.begin(), path.end());
    return path;
}

Result<std::vector<Digest>> LogTree::consistency(std::uint64_t old_size, std::uint64_t new_size) {
    if (new_size == 0 || new_size > size()) return out_of_range("no proof at size", new_size);
    if (old_size == 0 || old_size > new_size) return out_of_range("no proof from size", old_size);
    std::vector<Digest> path;
    std::uint64_t from = 0;
    std::uint64_t to = new_size;
    while (old_size != to) {
        const std::uint64_t middle = from + std::bit_floor(to - from - 1);
        if (old_size <= middle) {
            path.push_back(SALUS_TRY(range_root(middle, to)));
            to = middle;
        } else {
            path.push_back(SALUS_TRY(range_root(from, middle)));
            from = middle;
        }
    }
    // RFC 9162 §2.1.4.1: the old root itself is known to the verifier and left out.
    if (from != 0) path.push_back(SALUS_TRY(range_root(from, to)));
    std::reverse(path.begin(), path.end());
    return path;
}

}  // namespace salus::ledger
