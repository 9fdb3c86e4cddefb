/// Manifests and chunks of a snapshot, as a stranger may bring them; and manifests of any values,
/// written and read back.

#include "ledger/snapshot.hpp"

#include "base/cbor.hpp"
#include "support/laws.hpp"

using namespace salus;
using namespace salus::ledger;

namespace {

std::vector<Digest> draw_digests(fuzz::Draw& draw, std::uint64_t limit) {
    std::vector<Digest> out;
    for (std::uint64_t left = draw.below(limit); left > 0; --left) {
        out.push_back(draw.fixed<Digest>());
    }
    return out;
}

/// decode(encode(x)) == x for every x that is encodable.
void values_come_back(fuzz::Draw draw) {
    SnapshotManifest manifest;
    manifest.genesis = to_bytes(draw.short_bytes());
    manifest.header = to_bytes(draw.short_bytes());
    manifest.edge = draw_digests(draw, 70);
    manifest.first_path = draw_digests(draw, 70);
    manifest.transactions = draw.number();
    manifest.keys = draw.number();
    manifest.chunks = draw_digests(draw, 5);
    const auto bytes = encode_manifest(manifest);
    if (bytes.ok()) SALUS_ASSERT(decode_manifest(*bytes).value() == manifest);
}

/// Pairs ascend and are written again to the byte.
void read_pairs(ByteView input) {
    const auto pairs = decode_chunk(input);
    if (!pairs.ok()) return;
    cbor::Writer again;
    for (std::size_t i = 0; i < pairs->size(); ++i) {
        const auto& [key, value] = (*pairs)[i];
        SALUS_ASSERT(i == 0 || to_bytes((*pairs)[i - 1].first) < to_bytes(key));
        again.bytes(key).bytes(value);
    }
    SALUS_ASSERT(again.view() == to_bytes(input));
}

/// What follows from a manifest is enough to go on behind it.
void go_on(const SnapshotBase& base) {
    SALUS_ASSERT(base.log.size() == base.header.log_size && base.header.log_size > 0);
    const auto nodes = known_nodes(base);
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        SALUS_ASSERT(nodes[i - 1].first < nodes[i].first);
    }
    // A store of a log that long is as long: only of a short one is it made here.
    if (base.header.log_size > 4'096) return;
    std::unique_ptr<NodeStore> store = memory_node_store();
    SALUS_ASSERT(seed_nodes(*store, base).ok());
    const auto log = LogTree::open(std::move(store));
    SALUS_ASSERT(log.ok() && log->size() == base.header.log_size);
    SALUS_ASSERT(log->root() == base.header.log_root);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_manifest(b); }, fuzz::must_encode(encode_manifest));
    if (const auto base = check_manifest(input); base.ok()) go_on(*base);
    read_pairs(input);
    values_come_back(fuzz::Draw(input));
    return 0;
}
