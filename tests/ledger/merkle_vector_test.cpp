#include "ledger/merkle.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

/// The reference leaves of the Certificate Transparency implementations.
const std::vector<std::string> reference_leaves = {"",
                                                   "00",
                                                   "10",
                                                   "2021",
                                                   "3031",
                                                   "40414243",
                                                   "5051525354555657",
                                                   "606162636465666768696a6b6c6d6e6f"};
/// Roots of the first 0 … 8 of them.
const std::vector<std::string> reference_roots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::string hash_of(const std::vector<Digest>& hashes) {
    Bytes all;
    for (const Digest& hash : hashes) append(all, hash.view());
    return to_hex(crypto::sha256(all).view());
}

}  // namespace

TEST_CASE("roots are those of the Certificate Transparency reference leaves") {
    std::vector<Bytes> leaves;
    CHECK(to_hex(merkle_empty_root().view()) == reference_roots[0]);
    for (std::size_t i = 0; i < reference_leaves.size(); ++i) {
        leaves.push_back(must(from_hex(reference_leaves[i])));
        CHECK(to_hex(merkle_root_of(leaves).view()) == reference_roots[i + 1]);
    }
}

TEST_CASE("roots and all proofs up to 130 leaves are those of the Go checksum database") {
    const json::Value file = vector_file("ledger-tlog/tlog.json");
    LogTree tree = must(LogTree::open(memory_node_store()));
    for (const json::Value& size : *must(json::need_array(file, "sizes"))) {
        const std::uint64_t n = must(json::need_uint(size, "size"));
        must(tree.append(merkle_leaf(to_bytes("leaf " + std::to_string(n - 1)))));
        CHECK(to_hex(tree.root().view()) == must(json::need_text(size, "root")));
        std::vector<Digest> inclusion;
        std::vector<Digest> consistency;
        for (std::uint64_t i = 0; i < n; ++i) {
            const auto path = must(tree.inclusion(i, n));
            inclusion.insert(inclusion.end(), path.begin(), path.end());
            const auto old = must(tree.consistency(i + 1, n));
            consistency.insert(consistency.end(), old.begin(), old.end());
        }
        CHECK(hash_of(inclusion) == must(json::need_text(size, "inclusion_sha256")));
        CHECK(hash_of(consistency) == must(json::need_text(size, "consistency_sha256")));
    }
}
