#include "base/sim_env.hpp"
#include "crypto/hash.hpp"
#include "ledger/state_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace salus;
using namespace salus::ledger;

namespace {

using Model = std::map<Digest, Digest>;  // key hash to value hash

// The definition itself, over the pairs in [begin, end), which share their first `depth` bits.
Digest naive_root(Model::const_iterator begin, Model::const_iterator end, std::size_t depth) {
    if (begin == end) return {};
    if (std::next(begin) == end) return state_leaf_hash({begin->first, begin->second});
    auto middle = begin;
    while (middle != end && !state_bit(middle->first, depth)) ++middle;
    return state_inner_hash(naive_root(begin, middle, depth + 1),
                            naive_root(middle, end, depth + 1));
}

Digest naive_root(const Model& model) {
    return naive_root(model.begin(), model.end(), 0);
}

Bytes key_of(std::uint64_t n) {
    Bytes key = to_bytes("c/test/");
    append_be64(key, n);
    return key;
}

void apply(StateTree& tree, std::vector<StateChange> changes) {
    const auto update = tree.prepare(std::move(changes));
    REQUIRE(update.ok());
    tree.commit(*update);
}

// Keys whose hashes differ only in chosen bits: deep paths that random keys never make.
StateChange change_at(std::initializer_list<std::size_t> bits, std::uint8_t value) {
    Digest key;
    for (const std::size_t bit : bits)
        key.bytes[bit / 8] = static_cast<std::uint8_t>(key.bytes[bit / 8] | 0x80U >> bit % 8);
    Digest value_hash;
    value_hash.bytes.fill(value);
    return {key, value_hash};
}

}  // namespace

TEST_CASE("the state tree has the root of its definition after any changes") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        const std::uint64_t keys = 1 + random() % 300;
        StateTree tree = StateTree::in_memory();
        Model model;
        for (int block = 0; block < 30; ++block) {
            std::map<std::uint64_t, bool> chosen;
            for (std::uint64_t i = random() % 40; i > 0; --i)
                chosen[random() % keys] = random() % 3 != 0;
            std::vector<StateChange> changes;
            for (const auto& [n, put] : chosen) {
                const Bytes key = key_of(n);
                if (put) {
                    changes.push_back(StateChange::put(key, key_of(random())));
                    model[changes.back().key_hash] = *changes.back().value_hash;
                } else {
                    changes.push_back(StateChange::remove(key));
                    model.erase(changes.back().key_hash);
                }
            }
            std::shuffle(changes.begin(), changes.end(), random);
            apply(tree, std::move(changes));
            REQUIRE(tree.root() == naive_root(model));
            REQUIRE(tree.leaves() == model.size());
        }
    }
}

TEST_CASE("a root depends on the content, not on the way there") {
    std::vector<StateChange> all;
    for (std::uint64_t n = 0; n < 200; ++n)
        all.push_back(StateChange::put(key_of(n), key_of(n * n)));
    StateTree once = StateTree::in_memory();
    apply(once, all);
    StateTree singly = StateTree::in_memory();
    for (auto it = all.rbegin(); it != all.rend(); ++it) apply(singly, {*it});
    CHECK(once.root() == singly.root());

    std::vector<StateChange> more;
    for (std::uint64_t n = 200; n < 500; ++n) more.push_back(StateChange::put(key_of(n), {}));
    const Digest before = once.root();
    apply(once, more);
    CHECK(once.root() != before);
    for (StateChange& change : more) change.value_hash.reset();
    apply(once, more);
    CHECK(once.root() == before);
    for (StateChange& change : all) change.value_hash.reset();
    apply(once, all);
    CHECK(once.root() == Digest{});
    CHECK(once.leaves() == 0);
}

TEST_CASE("every key is provable, every absent key provably absent, in all shapes of the tree") {
    for (const std::uint64_t size : {0U, 1U, 2U, 3U, 17U, 400U}) {
        CAPTURE(size);
        StateTree tree = StateTree::in_memory();
        std::vector<StateChange> changes;
        for (std::uint64_t n = 0; n < size; ++n)
            changes.push_back(StateChange::put(key_of(n), key_of(n + 1)));
        apply(tree, std::move(changes));
        for (std::uint64_t n = 0; n < size + 50; ++n) {
            const auto proof = tree.prove(key_of(n));
            REQUIRE(proof.ok());
            const Bytes bytes = encode_state_proof(*proof);
            const bool present = n < size;
            CHECK((proof->kind == StateProofKind::present) == present);
            CHECK(verify_state(key_of(n), key_of(n + 1), bytes, tree.root()).ok() == present);
            CHECK(verify_state(key_of(n), std::nullopt, bytes, tree.root()).ok() == !present);
            CHECK_FALSE(verify_state(key_of(n), key_of(n + 2), bytes, tree.root()).ok());
            CHECK_FALSE(verify_state(key_of(n + 1), key_of(n + 1), bytes, tree.root()).ok());
        }
    }
}

TEST_CASE(
    "keys whose hashes share long prefixes lie deep and still have the root of the definition") {
    const std::vector<StateChange> deep = {
        change_at({}, 1),       change_at({255}, 2), change_at({254}, 3),
        change_at({252}, 4),    change_at({100}, 5), change_at({99, 255}, 6),
        change_at({0, 255}, 7), change_at({0}, 8),   change_at({127, 128}, 9)};
    StateTree tree = StateTree::in_memory();
    Model model;
    for (const StateChange& change : deep) {
        apply(tree, {change});
        model[change.key_hash] = *change.value_hash;
        REQUIRE(tree.root() == naive_root(model));
    }
    for (const StateChange& change : deep) {
        apply(tree, {{change.key_hash, std::nullopt}});
        model.erase(change.key_hash);
        REQUIRE(tree.root() == naive_root(model));
        REQUIRE(tree.leaves() == model.size());
    }
}

TEST_CASE("a tree in a key-value store opens again at its root, and proves from a snapshot") {
    const auto kv = store::memory_kv();
    Digest old_root;
    std::unique_ptr<store::KvReader> snapshot;
    {
        auto tree = StateTree::open(*kv);
        REQUIRE(tree.ok());
        CHECK(tree->root() == Digest{});
        for (std::uint64_t block = 0; block < 5; ++block) {
            std::vector<StateChange> changes;
            for (std::uint64_t n = 0; n < 50; ++n)
                changes.push_back(StateChange::put(key_of(block * 40 + n), key_of(block)));
            const auto update = tree->prepare(changes);
            REQUIRE(update.ok());
            store::WriteBatch batch;
            tree->stage(*update, batch);
            REQUIRE(kv->write(batch).ok());
            tree->commit(*update);
            if (block == 3) {
                old_root = tree->root();
                snapshot = kv->snapshot();
            }
        }
    }
    const auto again = StateTree::open(*kv);
    REQUIRE(again.ok());
    CHECK(again->leaves() == 210);
    const auto proof = again->prove(key_of(205));
    REQUIRE(proof.ok());
    CHECK(verify_state_present(key_of(205), key_of(4), *proof, again->root()).ok());
    const auto old = prove_state(*snapshot, key_of(205));
    REQUIRE(old.ok());
    CHECK(old->root == old_root);
    CHECK(verify_state_absent(key_of(205), old->proof, old_root).ok());
}

TEST_CASE("an update that is dropped leaves the tree as it was") {
    StateTree tree = StateTree::in_memory();
    apply(tree, {StateChange::put(key_of(1), {}), StateChange::put(key_of(2), {})});
    const Digest before = tree.root();
    {
        const auto dropped = tree.prepare({StateChange::put(key_of(3), {})});
        REQUIRE(dropped.ok());
        CHECK(dropped->root() != before);
        CHECK(dropped->leaves() == 3);
    }
    CHECK(tree.root() == before);
    apply(tree, {StateChange::remove(key_of(9))});
    CHECK(tree.root() == before);
}

TEST_CASE("a tree that shrinks leaves no page behind") {
    const auto kv = store::memory_kv();
    auto tree = StateTree::open(*kv);
    REQUIRE(tree.ok());
    std::vector<StateChange> changes;
    for (std::uint64_t n = 0; n < 500; ++n) changes.push_back(StateChange::put(key_of(n), {}));
    const auto step = [&] {
        const auto update = tree->prepare(changes);
        REQUIRE(update.ok());
        store::WriteBatch batch;
        tree->stage(*update, batch);
        REQUIRE(kv->write(batch).ok());
        tree->commit(*update);
    };
    step();
    for (StateChange& change : changes) change.value_hash.reset();
    changes.pop_back();
    step();
    CHECK(tree->leaves() == 1);
    CHECK(tree->root() == state_leaf_hash({crypto::sha256(key_of(499)), crypto::sha256({})}));
    std::size_t left = 0;
    for (auto it = kv->scan(store::Column::tree, {}); it->valid(); it->next()) ++left;
    CHECK(left == 1);  // the root marker
}

TEST_CASE("a tree that stays open and one opened for every step hold the same pages") {
    const auto kept = store::memory_kv();
    const auto fresh = store::memory_kv();
    auto steady = StateTree::open(*kept);
    REQUIRE(steady.ok());
    for (std::uint64_t round = 0; round < 40; ++round) {
        // Grows for a while, then empties again, so that pages come and go at every depth.
        std::vector<StateChange> changes;
        for (std::uint64_t i = 0; i < 150; ++i) {
            const std::uint64_t number = (round * 97 + i * 31) % 3'000;
            if (std::any_of(changes.begin(), changes.end(), [&](const StateChange& change) {
                    return change.key_hash == crypto::sha256(key_of(number));
                }))
                continue;
            const bool keep = round < 20 && number % 7 != round % 7;
            changes.push_back(keep ? StateChange::put(key_of(number), key_of(round))
                                   : StateChange::remove(key_of(number)));
        }
        auto restless = StateTree::open(*fresh);
        REQUIRE(restless.ok());
        for (auto [tree, kv] : {std::pair{&*steady, kept.get()}, {&*restless, fresh.get()}}) {
            const auto update = tree->prepare(changes);
            REQUIRE(update.ok());
            store::WriteBatch batch;
            tree->stage(*update, batch);
            REQUIRE(kv->write(batch).ok());
            tree->commit(*update);
        }
        CHECK(steady->root() == restless->root());
        CHECK(steady->leaves() == restless->leaves());
    }
    auto a = kept->scan(store::Column::tree, {});
    auto b = fresh->scan(store::Column::tree, {});
    for (; a->valid() && b->valid(); a->next(), b->next()) {
        CHECK(to_bytes(a->key()) == to_bytes(b->key()));
        CHECK(to_bytes(a->value()) == to_bytes(b->value()));
    }
    CHECK(a->valid() == b->valid());
}

TEST_CASE("a damaged or missing page is found, not built upon") {
    const auto kv = store::memory_kv();
    auto tree = StateTree::open(*kv);
    REQUIRE(tree.ok());
    const auto update =
        tree->prepare({StateChange::put(key_of(1), {}), StateChange::put(key_of(2), {})});
    store::WriteBatch batch;
    tree->stage(*update, batch);
    tree->commit(*update);
    REQUIRE(kv->write(batch).ok());
    const Bytes page_key = {'p', 0};
    Bytes page = **kv->get(store::Column::tree, page_key);
    const auto code_with = [&](const std::optional<Bytes>& bytes) {
        store::WriteBatch change;
        bytes ? change.put(store::Column::tree, page_key, *bytes)
              : change.del(store::Column::tree, page_key);
        REQUIRE(kv->write(change).ok());
        // Opened again: a tree keeps the pages near its root that it wrote itself.
        const auto again = StateTree::open(*kv);
        REQUIRE(again.ok());
        const auto next = again->prepare({StateChange::put(key_of(3), {})});
        CHECK(again->prove(key_of(1)).ok() == next.ok());
        return next.ok() ? Errc{} : next.error().code;
    };
    CHECK(code_with(page) == Errc{});
    CHECK(code_with(std::nullopt) == Errc::integrity);
    CHECK(code_with(Bytes{}) == Errc::integrity);
    CHECK(code_with(Bytes(page.begin(), page.end() - 1)) == Errc::integrity);
    page.push_back(0);
    CHECK(code_with(page) == Errc::integrity);
}
