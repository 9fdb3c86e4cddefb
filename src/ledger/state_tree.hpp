#pragma once

#include "ledger/state_proof.hpp"
#include "store/kv.hpp"

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

/// The compact sparse Merkle tree over all state (rules: state_proof.hpp), kept in pages of four
/// levels. A page is stored under its path, so a new version replaces the old one and nothing has
/// to be pruned.
namespace salus::ledger {

/// A place in the tree: nothing, the only leaf of its subtree, or the hash of two or more.
struct StateNode {
    enum class Kind : std::uint8_t { empty = 0, leaf = 1, inner = 2 };
    Kind kind = Kind::empty;
    StateLeaf leaf;  ///< kind leaf
    Digest inner;    ///< kind inner
    [[nodiscard]] Digest hash() const;
    bool operator==(const StateNode&) const = default;
};

/// What becomes of a key.
struct StateChange {
    Digest key_hash;
    std::optional<Digest> value_hash;  ///< nothing: removed
    /// Hashes both.
    static StateChange put(ByteView key, ByteView value);
    static StateChange remove(ByteView key);
};

/// Where pages lie, by path. Errors of `get`: unavailable, integrity.
class StatePages {
  public:
    virtual ~StatePages() = default;
    virtual Result<std::optional<Bytes>> get(ByteView path) const = 0;
};

/// A root that was computed but not committed, and the pages that differ.
class StateTreeUpdate {
  public:
    StateTreeUpdate() = default;
    [[nodiscard]] Digest root() const { return node_.hash(); }
    [[nodiscard]] std::uint64_t leaves() const noexcept { return leaves_; }

  private:
    friend class StateTree;
    friend class StateTreeWriter;  // state_tree.cpp
    StateNode node_;
    std::uint64_t leaves_ = 0;
    /// Root it was computed from.
    Digest base_;
    std::vector<std::pair<Bytes, std::optional<Bytes>>> pages_;  ///< by path, each once
};

/// Replica line: the same changes in any order and any grouping give the same root.
/// Cost: about 15 hashes a change at a million keys; a proof reads one page for each 4 bits of
/// depth. Threads: one at a time. Limits: 2^63 keys.
class StateTree {
  public:
    /// In `Column::tree` of this Kv, which must outlive it. Reads one value: nothing is hashed
    /// again.
    /// Errors: integrity — the root marker is damaged; unavailable.
    static Result<StateTree> open(store::Kv& kv);
    /// For tests and checks: pages in memory, about 200 bytes a key.
    static StateTree in_memory();

    /// 32 zero bytes when empty.
    [[nodiscard]] Digest root() const { return node_.hash(); }
    [[nodiscard]] std::uint64_t leaves() const noexcept { return leaves_; }

    /// The root after these changes (each key once, in any order; removing an absent key is
    /// nothing). Persists nothing.
    /// Errors: integrity — a page is damaged or gone; unavailable.
    Result<StateTreeUpdate> prepare(std::vector<StateChange> changes) const;
    /// The same from keys and values; no value removes the key.
    Result<StateTreeUpdate> prepare(
        std::span<const std::pair<ByteView, std::optional<ByteView>>> changes) const;

    /// Two steps, so that pages and root go into one batch with the state they speak of:
    ///
    ///     prepare ──▶ update ──stage──▶ batch ──Kv::write──▶ commit: at the new root
    ///                   │ dropped
    ///                   ▼
    ///            nothing has changed
    ///
    /// The update must come from the present root. A tree in memory needs no `stage`.
    void stage(const StateTreeUpdate& update, store::WriteBatch& batch) const;
    void commit(const StateTreeUpdate& update);

    /// At the present root. Errors: integrity, unavailable.
    Result<StateProof> prove(ByteView key) const;

  private:
    class MemoryPages;
    StateTree(std::unique_ptr<StatePages> pages, MemoryPages* memory);
    std::unique_ptr<StatePages> pages_;
    MemoryPages* memory_ = nullptr;  ///< `pages_`, which keep some or all in memory
    StateNode node_;
    std::uint64_t leaves_ = 0;
};

/// The same from a snapshot, whatever the tree does meanwhile; `root` receives the root it leads
/// to.
struct ProofAtRoot {
    StateProof proof;
    Digest root;
};
Result<ProofAtRoot> prove_state(const store::KvReader& snapshot, ByteView key);

}  // namespace salus::ledger
