#include "ledger/state_tree.hpp"

#include "crypto/hash.hpp"
#include "ledger/state_page.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_map>

namespace salus::ledger {
namespace {

constexpr std::uint8_t key_page = 'p';
constexpr std::uint8_t key_root = 'r';
constexpr std::size_t root_bytes = 1 + 64 + 8;

Bytes page_key(ByteView path) {
    Bytes key(1 + path.size(), key_page);
    std::copy(path.begin(), path.end(), key.begin() + 1);
    return key;
}

class KvPages final : public StatePages {
  public:
    explicit KvPages(const store::KvReader& kv) : kv_(kv) {}
    Result<std::optional<Bytes>> get(ByteView path) const override {
        return kv_.get(store::Column::tree, page_key(path));
    }

  private:
    const store::KvReader& kv_;
};

// kind, leaf or inner hash (the rest zero), number of leaves.
Bytes encode_root(const StateNode& node, std::uint64_t leaves) {
    Bytes out = {static_cast<std::uint8_t>(node.kind)};
    if (node.kind == StateNode::Kind::leaf) {
        append(out, node.leaf.key_hash.view());
        append(out, node.leaf.value_hash.view());
    } else {
        append(out, node.inner.view());
        append(out, Digest{}.view());
    }
    append_be64(out, leaves);
    return out;
}

Result<std::pair<StateNode, std::uint64_t>> read_root(const store::KvReader& kv) {
    const auto bytes = SALUS_TRY(kv.get(store::Column::tree, Bytes{key_root}));
    if (!bytes) return std::pair{StateNode{}, std::uint64_t{0}};
    if (bytes->size() != root_bytes || bytes->front() > 2)
        return Error{Errc::integrity, "the root of the state tree is damaged"};
    StateNode node;
    node.kind = static_cast<StateNode::Kind>(bytes->front());
    const ByteView view = *bytes;
    if (node.kind == StateNode::Kind::leaf) {
        node.leaf = {SALUS_TRY(Digest::from(view.subspan(1, 32))),
                     SALUS_TRY(Digest::from(view.subspan(33, 32)))};
    } else {
        node.inner = SALUS_TRY(Digest::from(view.subspan(1, 32)));
    }
    return std::pair{node, read_be64(&view[65])};
}

}  // namespace

StateChange StateChange::put(ByteView key, ByteView value) {
    return {crypto::sha256(key), crypto::sha256(value)};
}
StateChange StateChange::remove(ByteView key) {
    return {crypto::sha256(key), std::nullopt};
}

/// Pages that hear of each commit. The kinds below are templates over it because only members of
/// StateTree may name it.
class StateTree::MemoryPages : public StatePages {
  public:
    virtual void set(const Bytes& path, const std::optional<Bytes>& page) = 0;
};

namespace {

/// Pages by path. Looked up only, never walked: its order cannot reach a root.
template <class Base>
class AllPages final : public Base {
  public:
    Result<std::optional<Bytes>> get(ByteView path) const override {
        const auto found = pages_.find(std::string(as_text(path)));
        if (found == pages_.end()) return std::optional<Bytes>{};
        return std::optional<Bytes>{found->second};
    }
    void set(const Bytes& path, const std::optional<Bytes>& page) override {
        if (page) {
            pages_.insert_or_assign(std::string(as_text(path)), *page);
        } else {
            pages_.erase(std::string(as_text(path)));
        }
    }

  private:
    std::unordered_map<std::string, Bytes> pages_;
};

/// Pages in a Kv, those near the root kept in memory as they were last committed: every block
/// changes them, and at most 4,369 of them (4.2 MB) are most of what it reads. A commit
/// alone changes what is kept, so that reading stays possible from several threads.
template <class Base>
class TopPages final : public Base {
  public:
    explicit TopPages(const store::KvReader& kv) : stored_(kv) {}
    Result<std::optional<Bytes>> get(ByteView path) const override {
        if (path[0] < kept_depths) {
            const auto& level = kept_[path[0]];
            const std::size_t at = place(path);
            if (at < level.size() && !level[at].empty()) return std::optional<Bytes>{level[at]};
        }
        return stored_.get(path);
    }
    void set(const Bytes& path, const std::optional<Bytes>& page) override {
        if (path[0] >= kept_depths) return;
        auto& level = kept_[path[0]];
        if (level.empty()) level.resize(std::size_t{1} << (4U * path[0]));
        level[place(path)] = page.value_or(Bytes{});
    }

  private:
    static constexpr std::size_t kept_depths = 4;

    /// The nibbles of the path as a number.
    static std::size_t place(ByteView path) {
        std::size_t number = 0;
        for (const std::uint8_t byte : path.subspan(1)) number = number << 8U | byte;
        return path[0] % 2 == 0 ? number : number >> 4U;
    }

    KvPages stored_;
    std::array<std::vector<Bytes>, kept_depths> kept_;
};

}  // namespace

/// Computes an update depth first, so only the pages of one path are in memory as such.
class StateTreeWriter {
  public:
    StateTreeWriter(const StatePages& pages, StateTreeUpdate& update)
        : pages_(pages), update_(update) {}

    // The node that takes the place of `current` in depth `depth`; the changes are sorted.
    Result<StateNode> apply(const StateNode& current, std::span<const StateChange> changes,
                            std::size_t depth) {
        if (changes.empty()) return current;
        if (current.kind != StateNode::Kind::inner) return grow(current, changes, depth);
        StatePage page = SALUS_TRY(load_state_page(pages_, changes.front().key_hash, depth));
        return fill(page, true, changes, depth);
    }

  private:
    // Where at most one leaf was: what is left of it and of the changes.
    Result<StateNode> grow(const StateNode& current, std::span<const StateChange> changes,
                           std::size_t depth) {
        std::vector<StateChange> alive;
        alive.reserve(changes.size() + 1);
        bool replaced = current.kind != StateNode::Kind::leaf;
        for (const StateChange& change : changes) {
            if (!replaced && current.leaf.key_hash <= change.key_hash) {
                if (current.leaf.key_hash < change.key_hash)
                    alive.push_back({current.leaf.key_hash, current.leaf.value_hash});
                replaced = true;
            }
            if (change.value_hash) alive.push_back(change);
        }
        if (!replaced) alive.push_back({current.leaf.key_hash, current.leaf.value_hash});
        if (current.kind == StateNode::Kind::leaf) --update_.leaves_;
        return build(alive, depth);
    }

    Result<StateNode> build(std::span<const StateChange> alive, std::size_t depth) {
        if (alive.empty()) return StateNode{};
        if (alive.size() > 1) {
            StatePage page;
            return fill(page, false, alive, depth);
        }
        ++update_.leaves_;
        return StateNode{
            StateNode::Kind::leaf, {alive.front().key_hash, *alive.front().value_hash}, {}};
    }

    Result<StateNode> fill(StatePage& page, bool existed, std::span<const StateChange> changes,
                           std::size_t depth) {
        for (std::size_t from = 0; from < changes.size();) {
            const std::size_t slot = page_slot(changes[from].key_hash, depth);
            std::size_t to = from + 1;
            while (to < changes.size() && page_slot(changes[to].key_hash, depth) == slot) ++to;
            const auto part = changes.subspan(from, to - from);
            page.set_slot(slot, SALUS_TRY(apply(page.slot(slot), part, depth + 1)));
            from = to;
        }
        const StateNode node = page.settle();
        Bytes path = page_path(changes.front().key_hash, depth);
        // A subtree with one leaf is that leaf, and lies in the page above.
        if (node.kind == StateNode::Kind::inner) {
            update_.pages_.emplace_back(std::move(path), page.encode());
        } else if (existed) {
            update_.pages_.emplace_back(std::move(path), std::nullopt);
        }
        return node;
    }

    const StatePages& pages_;
    StateTreeUpdate& update_;
};

StateTree::StateTree(std::unique_ptr<StatePages> pages, MemoryPages* memory)
    : pages_(std::move(pages)), memory_(memory) {}

Result<StateTree> StateTree::open(store::Kv& kv) {
    auto pages = std::make_unique<TopPages<MemoryPages>>(kv);
    MemoryPages* const top = pages.get();
    StateTree tree(std::move(pages), top);
    std::tie(tree.node_, tree.leaves_) = SALUS_TRY(read_root(kv));
    return tree;
}

StateTree StateTree::in_memory() {
    auto pages = std::make_unique<AllPages<MemoryPages>>();
    MemoryPages* const memory = pages.get();
    return {std::move(pages), memory};
}

Result<StateTreeUpdate> StateTree::prepare(std::vector<StateChange> changes) const {
    std::sort(changes.begin(), changes.end(),
              [](const StateChange& a, const StateChange& b) { return a.key_hash < b.key_hash; });
    for (std::size_t i = 1; i < changes.size(); ++i)
        SALUS_ASSERT(changes[i - 1].key_hash != changes[i].key_hash);
    StateTreeUpdate update;
    update.base_ = root();
    update.leaves_ = leaves_;
    StateTreeWriter writer(*pages_, update);
    update.node_ = SALUS_TRY(writer.apply(node_, changes, 0));
    return update;
}

Result<StateTreeUpdate> StateTree::prepare(
    std::span<const std::pair<ByteView, std::optional<ByteView>>> changes) const {
    std::vector<StateChange> hashed;
    hashed.reserve(changes.size());
    for (const auto& [key, value] : changes)
        hashed.push_back(value ? StateChange::put(key, *value) : StateChange::remove(key));
    return prepare(std::move(hashed));
}

void StateTree::stage(const StateTreeUpdate& update, store::WriteBatch& batch) const {
    SALUS_ASSERT(update.base_ == root());
    // Depth by depth, which is the order of the keys: a database takes sorted batches faster.
    std::vector<std::vector<std::size_t>> depths(page_depth_max);
    for (std::size_t i = 0; i < update.pages_.size(); ++i)
        depths[update.pages_[i].first[0]].push_back(i);
    for (const auto& depth : depths) {
        for (const std::size_t i : depth) {
            const auto& [path, page] = update.pages_[i];
            if (page) {
                batch.put(store::Column::tree, page_key(path), *page);
            } else {
                batch.del(store::Column::tree, page_key(path));
            }
        }
    }
    batch.put(store::Column::tree, Bytes{key_root}, encode_root(update.node_, update.leaves_));
}

void StateTree::commit(const StateTreeUpdate& update) {
    SALUS_ASSERT(update.base_ == root());
    if (memory_ != nullptr) {
        for (const auto& [path, page] : update.pages_) memory_->set(path, page);
    }
    node_ = update.node_;
    leaves_ = update.leaves_;
}

Result<StateProof> StateTree::prove(ByteView key) const {
    return prove_from(*pages_, node_, crypto::sha256(key));
}

Result<ProofAtRoot> prove_state(const store::KvReader& snapshot, ByteView key) {
    const StateNode root = SALUS_TRY(read_root(snapshot)).first;
    const KvPages pages(snapshot);
    return ProofAtRoot{SALUS_TRY(prove_from(pages, root, crypto::sha256(key))), root.hash()};
}

}  // namespace salus::ledger
