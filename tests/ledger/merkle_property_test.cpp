#include "ledger/log_tree_file.hpp"
#include "ledger/merkle.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

std::vector<Digest> leaves_of(std::size_t count) {
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(merkle_leaf(args_of(i)));
    return leaves;
}

/// RFC 9162 §2.1.1 word for word.
Digest naive_root(std::span<const Digest> leaves) {
    if (leaves.empty()) return merkle_empty_root();
    if (leaves.size() == 1) return leaves[0];
    std::size_t split = 1;
    while (split * 2 < leaves.size()) split *= 2;
    return merkle_node(naive_root(leaves.first(split)), naive_root(leaves.subspan(split)));
}

constexpr std::size_t size_max = 130;

}  // namespace

TEST_CASE("the frontier and the log tree have the root of the definition at every size") {
    const std::vector<Digest> leaves = leaves_of(size_max);
    Frontier frontier;
    LogTree tree = must(LogTree::open(memory_node_store()));
    for (std::size_t n = 1; n <= size_max; ++n) {
        frontier.append(leaves[n - 1]);
        must(tree.append(leaves[n - 1]));
        const Digest root = naive_root(std::span(leaves).first(n));
        CHECK(frontier.root() == root);
        CHECK(tree.root() == root);
        CHECK(tree.frontier() == frontier);
        CHECK(must(Frontier::from(n, frontier.hashes())) == frontier);
        CHECK(merkle_root(std::span(leaves).first(n)) == root);
    }
    for (std::size_t n = 1; n <= size_max; ++n) {
        CHECK(must(tree.root_at(n)) == naive_root(std::span(leaves).first(n)));
    }
}

TEST_CASE(
    "every inclusion proof verifies, is that of the definition, and no bit of it may change") {
    const std::vector<Digest> leaves = leaves_of(size_max);
    LogTree tree = must(LogTree::open(memory_node_store()));
    for (const Digest& leaf : leaves) must(tree.append(leaf));
    for (std::size_t n = 1; n <= size_max; ++n) {
        const Digest root = must(tree.root_at(n));
        for (std::size_t i = 0; i < n; ++i) {
            std::vector<Digest> path = must(tree.inclusion(i, n));
            REQUIRE(verify_inclusion(leaves[i], i, n, path, root).ok());
            if (n > 20 && n % 13 != 0) continue;
            CHECK(path == must(merkle_inclusion(std::span(leaves).first(n), i)));
            for (std::size_t node = 0; node < path.size(); ++node) {
                path[node].bytes[(i + node) % 32] ^= static_cast<std::uint8_t>(1U << (i % 8));
                CHECK(code_of(verify_inclusion(leaves[i], i, n, path, root)) == Errc::integrity);
                path[node].bytes[(i + node) % 32] ^= static_cast<std::uint8_t>(1U << (i % 8));
            }
            path.push_back(root);
            CHECK(code_of(verify_inclusion(leaves[i], i, n, path, root)) == Errc::integrity);
            path.pop_back();
            if (!path.empty()) {
                path.pop_back();
                CHECK(code_of(verify_inclusion(leaves[i], i, n, path, root)) == Errc::integrity);
            }
        }
    }
}

TEST_CASE("every consistency proof verifies, is that of the definition, and no bit may change") {
    const std::vector<Digest> leaves = leaves_of(size_max);
    LogTree tree = must(LogTree::open(memory_node_store()));
    for (const Digest& leaf : leaves) must(tree.append(leaf));
    for (std::size_t n = 1; n <= size_max; ++n) {
        const Digest root = must(tree.root_at(n));
        for (std::size_t m = 1; m <= n; ++m) {
            const Digest old_root = must(tree.root_at(m));
            std::vector<Digest> path = must(tree.consistency(m, n));
            REQUIRE(verify_consistency(m, n, path, old_root, root).ok());
            if (n > 20 && n % 13 != 0) continue;
            CHECK(path == must(merkle_consistency(std::span(leaves).first(n), m)));
            for (std::size_t node = 0; node < path.size(); ++node) {
                path[node].bytes[m % 32] ^= 1;
                CHECK(code_of(verify_consistency(m, n, path, old_root, root)) == Errc::integrity);
                path[node].bytes[m % 32] ^= 1;
            }
            path.push_back(root);
            CHECK_FALSE(verify_consistency(m, n, path, old_root, root).ok());
            if (m != n) {
                CHECK_FALSE(
                    verify_consistency(m, n, must(tree.consistency(m, n)), root, root).ok());
            }
        }
    }
}

TEST_CASE("proofs about an empty tree, or a position outside it, are refused") {
    const Digest any = merkle_empty_root();
    CHECK(code_of(verify_inclusion(any, 0, 0, {}, any)) == Errc::out_of_range);
    CHECK(code_of(verify_inclusion(any, 1, 1, {}, any)) == Errc::out_of_range);
    CHECK(code_of(verify_consistency(0, 0, {}, any, any)) == Errc::out_of_range);
    CHECK(code_of(verify_consistency(0, 1, {}, any, any)) == Errc::out_of_range);
    CHECK(code_of(verify_consistency(2, 1, {}, any, any)) == Errc::out_of_range);
    CHECK(verify_inclusion(any, 0, 1, {}, any).ok());
    CHECK(verify_consistency(1, 1, {}, any, any).ok());
    LogTree tree = must(LogTree::open(memory_node_store()));
    CHECK(code_of(tree.root_at(0)) == Errc::out_of_range);
    CHECK(code_of(tree.inclusion(0, 0)) == Errc::out_of_range);
    must(tree.append(any));
    CHECK(code_of(tree.inclusion(0, 2)) == Errc::out_of_range);
    CHECK(code_of(tree.consistency(0, 1)) == Errc::out_of_range);
    CHECK(code_of(Frontier::from(3, {any})) == Errc::malformed);
}

TEST_CASE("a log tree goes back to any earlier size and on from there") {
    const std::vector<Digest> leaves = leaves_of(40);
    for (std::size_t back = 0; back <= 40; ++back) {
        LogTree tree = must(LogTree::open(memory_node_store()));
        for (const Digest& leaf : leaves) must(tree.append(leaf));
        must(tree.truncate(back));
        CHECK(tree.size() == back);
        CHECK(tree.root() == naive_root(std::span(leaves).first(back)));
        for (std::size_t i = back; i < 40; ++i) must(tree.append(leaves[i]));
        CHECK(tree.root() == naive_root(leaves));
    }
}

TEST_CASE("a log tree in a file is there again after it was closed") {
    SimEnv env(1);
    must(env.make_directories("/data"));
    const std::vector<Digest> leaves = leaves_of(70);
    for (std::size_t n = 0; n < leaves.size(); ++n) {
        LogTree tree = must(LogTree::open(must(file_node_store(env, "/data/tree"))));
        REQUIRE(tree.size() == n);
        must(tree.append(leaves[n]));
        CHECK(tree.root() == naive_root(std::span(leaves).first(n + 1)));
        CHECK(verify_inclusion(leaves[n / 2], n / 2, n + 1, must(tree.inclusion(n / 2, n + 1)),
                               tree.root())
                  .ok());
    }
    LogTree tree = must(LogTree::open(must(file_node_store(env, "/data/tree"))));
    must(tree.truncate(33));
    CHECK(tree.root() == naive_root(std::span(leaves).first(33)));
}

TEST_CASE("nodes lie where the number of nodes before them says") {
    std::uint64_t place = 0;
    for (std::uint64_t leaf = 0; leaf < 64; ++leaf) {
        CHECK(node_place(0, leaf) == place);
        ++place;
        for (unsigned level = 1; ((leaf + 1) >> level << level) == leaf + 1; ++level) {
            CHECK(node_place(level, leaf >> level) == place);
            ++place;
        }
        CHECK(nodes_of(leaf + 1) == place);
    }
}

TEST_CASE("every full node is the root of its leaves, and no other node can be had") {
    const std::vector<Digest> leaves = leaves_of(77);
    LogTree tree = must(LogTree::open(memory_node_store()));
    for (const Digest& leaf : leaves) must(tree.append(leaf));
    for (unsigned level = 0; level < 8; ++level) {
        const std::uint64_t width = std::uint64_t{1} << level;
        for (std::uint64_t i = 0; i < 77 / width; ++i) {
            CHECK(must(tree.node(level, i)) ==
                  naive_root(std::span(leaves).subspan(i * width, width)));
        }
        CHECK(code_of(tree.node(level, 77 / width)) == Errc::out_of_range);
    }
    CHECK(code_of(tree.node(64, 0)) == Errc::out_of_range);
}
