#pragma once

#include "ledger/merkle.hpp"

#include <memory>

namespace salus::ledger {

/// An append-only array of hashes: every full node of a tree in the order in which it becomes full
/// (a leaf, then the parents it completes), 64 bytes a leaf. Node (level, index) therefore has one
/// place for ever, and a tree of n leaves uses exactly the first 2n − popcount(n) places. Threads:
/// one at a time.
class NodeStore {
  public:
    virtual ~NodeStore() = default;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
    /// Errors: out_of_range — at ≥ size; unavailable.
    virtual Result<Digest> read(std::uint64_t at) = 0;
    virtual Status append(std::span<const Digest> nodes) = 0;
    virtual Status truncate(std::uint64_t size) = 0;
};

/// In memory, in chunks of 1 MiB (no reallocation copies the tree).
std::unique_ptr<NodeStore> memory_node_store();

/// Where node (level, index) lies in a NodeStore.
std::uint64_t node_place(unsigned level, std::uint64_t index) noexcept;
/// Places that a tree of `leaves` leaves uses.
std::uint64_t nodes_of(std::uint64_t leaves) noexcept;

/// The transaction log's tree with every full node at hand: roots and proofs at any size in O(log
/// n) reads and hashes (10 M leaves: ~25 reads). Threads: one at a time.
class LogTree {
  public:
    /// Continues a store that holds a whole number of leaves.
    /// Errors: integrity — the store's size is not that of a tree.
    static Result<LogTree> open(std::unique_ptr<NodeStore> store);

    [[nodiscard]] std::uint64_t size() const noexcept { return frontier_.size(); }
    [[nodiscard]] const Frontier& frontier() const noexcept { return frontier_; }
    [[nodiscard]] Digest root() const { return frontier_.root(); }

    Status append(const Digest& leaf_hash);
    /// Back to an earlier size (a block that was not committed). Errors: out_of_range — larger than
    /// now.
    Status truncate(std::uint64_t size);

    /// Errors of all: out_of_range — size 0 or > size(), index ≥ size, old_size 0 or > new_size;
    /// not_found — older than the snapshot that this log begins with; unavailable.
    Result<Digest> leaf(std::uint64_t index);
    /// Root of the full subtree of 2^level leaves with this number: what C2SP tiles are cut from.
    Result<Digest> node(unsigned level, std::uint64_t index);
    Result<Digest> root_at(std::uint64_t size);
    Result<std::vector<Digest>> inclusion(std::uint64_t index, std::uint64_t size);
    Result<std::vector<Digest>> consistency(std::uint64_t old_size, std::uint64_t new_size);

  private:
    LogTree(std::unique_ptr<NodeStore> store, Frontier frontier)
        : store_(std::move(store)), frontier_(std::move(frontier)) {}
    Result<Digest> range_root(std::uint64_t from, std::uint64_t to);
    std::unique_ptr<NodeStore> store_;
    Frontier frontier_;
};

}  // namespace salus::ledger
