#include "chain/snapshot.hpp"

#include "chain/genesis_state.hpp"
#include "chain/node.hpp"
#include "chain/verify.hpp"
#include "chain/world.hpp"
#include "ledger/limits.hpp"
#include "ledger/receipt_sign.hpp"

#include <doctest/doctest.h>

#include <set>

/// docs/formats/snapshot.md: made, carried, refused, restored, gone on from.

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace {

NodeConfig config_at(const std::string& directory) {
    NodeConfig config;
    config.data_dir = directory;
    config.contracts = toy_contracts();
    config.chain_id = chain_id;
    config.in_memory_view = true;
    config.segment_bytes = 1U << 20U;
    config.engine.verify_threads = 1;
    return config;
}

std::unique_ptr<Node> open_at(Env& env, const std::string& directory) {
    auto node = Node::open(env, config_at(directory), toy_executor());
    INFO((node.ok() ? std::string() : node.error().detail));
    REQUIRE(node.ok());
    return std::move(*node);
}

/// A node with so many keys of `toy`, some to a transaction.
struct Origin {
    explicit Origin(std::uint64_t keys) {
        node = open_at(env, "/a");
        REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
        for (std::uint64_t key = 0; key < keys;) {
            std::vector<ledger::Operation> operations;
            for (; key < keys && operations.size() < 25; ++key) {
                operations.push_back(toy("set", key));
            }
            last = node->submit_and_wait(ada.sign(ada.body(operations))).value();
            REQUIRE(last.code == 0);
        }
    }
    SnapshotInfo snapshot() {
        auto made = node->replica().make_snapshot("/snapshots");
        INFO((made.ok() ? std::string() : made.error().detail));
        REQUIRE(made.ok());
        directory = snapshot_directory("/snapshots", made->height);
        return std::move(*made);
    }
    RestoreOptions options(const std::string& data_dir) {
        return {.snapshot = directory,
                .data_dir = data_dir,
                .checkpoint =
                    std::string(as_text(read_file(env, directory + "/checkpoint", 65'536).value())),
                .trusted = {ledger::parse_verifier_key(node->verifier_keys().at(0)).value()},
                .segment_bytes = 1U << 20U};
    }
    /// A restored node of the same organisation.
    std::unique_ptr<Node> restored(const std::string& data_dir) {
        const auto done = restore_data_dir(env, options(data_dir), *store::memory_kv());
        INFO((done.ok() ? std::string() : done.error().detail));
        REQUIRE(done.ok());
        const Bytes keys = read_file(env, "/a/keys/organisation", 1'024).value();
        REQUIRE(env.make_directories(data_dir + "/keys").ok());
        REQUIRE(write_file_atomically(env, data_dir + "/keys/organisation", keys).ok());
        return open_at(env, data_dir);
    }

    SimEnv env{1};
    Person ada{1};
    std::unique_ptr<Node> node;
    TransactionOutcome last;
    std::string directory;
};

Digest app_hash_of(const SnapshotInfo& info) {
    return ledger::app_hash(ledger::check_manifest(info.manifest).value().header);
}

std::vector<Bytes> chunks_of(Env& env, const std::string& directory, const SnapshotInfo& info) {
    std::vector<Bytes> chunks;
    for (std::uint32_t i = 0; i < info.chunks; ++i) {
        chunks.push_back(read_chunk(env, directory, i).value());
    }
    return chunks;
}

}  // namespace

TEST_CASE("a snapshot is the same bytes whoever makes it, and names all its chunks") {
    Origin origin(700);
    const SnapshotInfo info = origin.snapshot();
    CHECK(info.height == origin.node->status().head.height);
    CHECK(app_hash_of(info) == origin.node->status().head.app_hash);
    CHECK(origin.node->replica().make_snapshot("/snapshots").error().code == Errc::already_exists);
    const auto again = origin.node->replica().make_snapshot("/elsewhere").value();
    CHECK(again.manifest == info.manifest);
    CHECK(again.hash == info.hash);
    const auto listed = list_snapshots(origin.env, "/snapshots").value();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].hash == info.hash);
    CHECK(listed[0].chunks == info.chunks);
    // A restored node makes the same one, though it never saw a block.
    const auto node = origin.restored("/b");
    CHECK(node->replica().make_snapshot("/other").error().code == Errc::not_found);
    const Bytes next = origin.ada.set(9'999);
    REQUIRE(origin.node->submit_and_wait(next).value().code == 0);
    REQUIRE(node->submit_and_wait(next).value().code == 0);
    CHECK(node->replica().make_snapshot("/other").value().hash ==
          origin.node->replica().make_snapshot("/snapshots").value().hash);
    CHECK(list_snapshots(origin.env, "/snapshots").value().size() == 2);
    CHECK(list_snapshots(origin.env, "/none").value().empty());
}

TEST_CASE("an empty node that restores a snapshot has its app hash and goes on like the others") {
    for (const std::uint64_t keys : {1U, 700U, 10'500U}) {
        CAPTURE(keys);
        Origin origin(keys);
        const SnapshotInfo info = origin.snapshot();
        auto node = origin.restored("/b");
        CHECK(node->status().head == origin.node->status().head);
        CHECK(node->query("toy", "get", cbor_uint(keys - 1)).value().data == cbor_uint(keys - 1));
        CHECK(node->query("toy", "get", cbor_uint(keys)).value().data == absent);
        // What is older comes from a mirror.
        CHECK(node->outcome(origin.last.id).error().code == Errc::not_found);
        CHECK(node->replica().block(info.height).error().code == Errc::not_found);
        const std::uint64_t before = node->status().head.log_size;
        if (keys > 1) {
            const auto old = node->replica().consistency(before / 3, before);
            REQUIRE_FALSE(old.ok());
            CHECK(old.error().code == Errc::not_found);
        }
        // A nonce that was used before the snapshot stays used.
        Bytes next;
        for (int i = 0; i < 3; ++i) {
            next = origin.ada.set(20'000 + static_cast<std::uint64_t>(i));
            const auto here = node->submit_and_wait(next).value();
            CHECK(here == origin.node->submit_and_wait(next).value());
            CHECK(node->status().head == origin.node->status().head);
            const std::vector<ledger::VerifierKey> trust = {
                ledger::parse_verifier_key(node->verifier_keys().at(0)).value()};
            const auto claims =
                ledger::verify_bundle(node->replica().receipt(here.id, {}).value(), trust);
            REQUIRE(claims.ok());
            CHECK(claims->position == here.position);
        }
        CHECK(node->submit_and_wait(next).value() ==
              node->outcome(node->submit_and_wait(next).value().id).value());
        CHECK(node->replica().consistency(before, node->status().head.log_size).ok());
        // Its data verifies alone, and a kill loses nothing: the view is made from the snapshot.
        ToyExecutor executor;
        const auto report = verify_data_dir(origin.env, "/b", executor).value();
        INFO((report.first_bad ? report.first_bad->what : std::string()));
        CHECK(report.ok());
        CHECK(report.base == info.height);
        CHECK(report.height == node->status().head.height);
        const ViewHead head = node->status().head;
        node.reset();
        const auto after = origin.env.crash(7);
        const auto again = Node::open(*after, config_at("/b"), toy_executor());
        REQUIRE(again.ok());
        CHECK((*again)->status().head == head);
    }
}

TEST_CASE("chunks are applied in any order, each once, and none but those of the manifest") {
    Origin origin(300);
    // Large values, so that there are several chunks.
    for (std::uint64_t i = 0; i < 60; ++i) {
        cbor::Writer args;
        args.bytes(Bytes(60'000, static_cast<std::uint8_t>(i)));
        REQUIRE(
            origin.node
                ->submit_and_wait(origin.ada.sign(origin.ada.body(
                    {{.contract = "toy", .method = "keep", .args = args.take(), .payload = {}}})))
                .value()
                .code == 0);
    }
    const SnapshotInfo info = origin.snapshot();
    REQUIRE(info.chunks >= 3);
    const std::vector<Bytes> chunks = chunks_of(origin.env, origin.directory, info);
    for (const Bytes& chunk : chunks) CHECK(chunk.size() <= ledger::snapshot_chunk_bytes_max);
    const auto view = store::memory_kv();
    auto restore = SnapshotRestore::offer(*view, info.manifest, app_hash_of(info)).value();
    CHECK(restore.apply(info.chunks, chunks[0]).error().code == Errc::out_of_range);
    CHECK(restore.apply(1, chunks[0]).error().code == Errc::integrity);
    Bytes changed = chunks[1];
    changed[changed.size() / 2] ^= 1;
    CHECK(restore.apply(1, changed).error().code == Errc::integrity);
    CHECK(restore.apply(1, {}).error().code == Errc::integrity);
    for (std::uint32_t i = info.chunks; i > 1; --i) {
        REQUIRE(restore.apply(i - 1, chunks[i - 1]).ok());
        CHECK_FALSE(restore.complete());
        CHECK(restore.finish().error().code == Errc::integrity);
    }
    CHECK(restore.apply(1, chunks[1]).error().code == Errc::already_exists);
    REQUIRE(restore.apply(0, chunks[0]).ok());
    CHECK(restore.complete());
    REQUIRE(restore.finish().ok());
    CHECK(read_view_head(*view).value() == origin.node->status().head);
    CHECK(restore.genesis_entry().value() == origin.node->replica().genesis_entry());
}

TEST_CASE("a chunk has one megabyte, and a larger pair a chunk of its own") {
    const std::size_t most = ledger::snapshot_chunk_bytes_max;
    // A pair of a three-byte key: 1 + 3 for the key, 5 for the head of the value.
    constexpr std::size_t frame = 9;
    const auto chunks_of_two = [&](std::size_t second) {
        SimEnv env(1);
        const auto kv = store::memory_kv();
        store::WriteBatch batch;
        batch.put(store::Column::state, to_bytes("aaa"), Bytes(500'000, 1));
        batch.put(store::Column::state, to_bytes("bbb"), Bytes(second, 2));
        REQUIRE(kv->write(batch).ok());
        Machine machine;
        Person ada(1);
        const FinalizedBlock block = machine.run({ada.enrol()});
        ledger::SnapshotManifest manifest;
        manifest.genesis = toy_genesis().genesis;
        manifest.header = block.block.header;
        return write_snapshot(env, "/s", *kv, manifest).value().chunks;
    };
    const std::size_t room = most - (500'000 + frame) - frame;
    CHECK(chunks_of_two(room - 1) == 1);
    CHECK(chunks_of_two(room) == 1);
    CHECK(chunks_of_two(room + 1) == 2);
    CHECK(chunks_of_two(4'000'000) == 2);
    cbor::Writer alone;
    alone.bytes(to_bytes("aaa")).bytes(Bytes(most, 1));
    CHECK(ledger::decode_chunk(alone.view()).value().size() == 1);
    alone.bytes(to_bytes("bbb")).bytes(Bytes(1, 1));
    CHECK(ledger::decode_chunk(alone.view()).error().code == Errc::out_of_range);
    cbor::Writer falling;
    falling.bytes(to_bytes("b")).bytes({}).bytes(to_bytes("b")).bytes({});
    CHECK(ledger::decode_chunk(falling.view()).error().code == Errc::malformed);
    CHECK(ledger::decode_chunk(Bytes(ledger::snapshot_pair_bytes_max + 1)).error().code ==
          Errc::out_of_range);
}

TEST_CASE("a manifest of too many chunks, or of none, is refused") {
    Origin origin(1);
    auto manifest = ledger::decode_manifest(origin.snapshot().manifest).value();
    for (const std::size_t count : {ledger::snapshot_chunks_max - 1, ledger::snapshot_chunks_max}) {
        manifest.chunks.assign(count, Digest{});
        CHECK(ledger::decode_manifest(ledger::encode_manifest(manifest).value()).value() ==
              manifest);
    }
    manifest.chunks.assign(ledger::snapshot_chunks_max + 1, Digest{});
    CHECK(ledger::encode_manifest(manifest).error().code == Errc::out_of_range);
    manifest.chunks.clear();
    CHECK(ledger::encode_manifest(manifest).error().code == Errc::out_of_range);
}

TEST_CASE("no byte of a manifest can be changed, and nothing is written before it is trusted") {
    Origin origin(20);
    const SnapshotInfo info = origin.snapshot();
    const std::string path = origin.directory + "/manifest";
    RestoreOptions options = origin.options("/b");
    const auto refused = [&] {
        const auto restored = restore_data_dir(origin.env, options, *store::memory_kv());
        return restored.ok() ? std::optional<Errc>() : restored.error().code;
    };
    // All bytes but the counter of transactions, which proves nothing.
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < info.manifest.size(); ++at) {
        CAPTURE(at);
        REQUIRE(origin.env.flip_bit(path, at, 0).ok());
        const bool whole = !refused();
        accepted += whole ? 1U : 0U;
        REQUIRE(origin.env.flip_bit(path, at, 0).ok());
        if (whole) break;
    }
    CHECK(accepted <= 1);
    SimEnv other(3);
    Origin fresh(20);
    const SnapshotInfo mine = fresh.snapshot();
    RestoreOptions here = fresh.options("/c");
    here.trusted[0].key.bytes[0] ^= 1;
    CHECK(restore_data_dir(fresh.env, here, *store::memory_kv()).error().code ==
          Errc::authentication);
    here = fresh.options("/c");
    here.trusted.push_back(here.trusted[0]);
    here.trusted[1].key.bytes[0] ^= 1;
    CHECK(restore_data_dir(fresh.env, here, *store::memory_kv()).error().code ==
          Errc::authentication);
    CHECK_FALSE(fresh.env.exists("/c"));
    // Another height's checkpoint vouches for that height alone.
    REQUIRE(fresh.node->submit_and_wait(fresh.ada.set(77)).ok());
    here = fresh.options("/c");
    here.checkpoint = fresh.node->replica().checkpoint().value();
    CHECK(restore_data_dir(fresh.env, here, *store::memory_kv()).error().code == Errc::integrity);
    CHECK_FALSE(fresh.env.exists("/c"));
    CHECK(mine.chunks == 1);
}

TEST_CASE("a restore that ends early leaves no node, and is begun again") {
    Origin origin(50);
    origin.snapshot();
    std::uint64_t cut = 0;
    for (std::uint64_t at = 0;; ++at) {
        CAPTURE(at);
        const std::string data_dir = "/b";
        const auto world = origin.env.crash(at);
        world->fail_operation(at, 1'000'000);
        const auto first = restore_data_dir(*world, origin.options(data_dir), *store::memory_kv());
        const auto after = world->crash(at);
        const auto opened = Node::open(*after, config_at(data_dir), toy_executor());
        if (first.ok()) {
            CHECK_FALSE(opened.ok());  // without the keys of a member
            break;
        }
        ++cut;
        if (after->exists(data_dir + "/snapshot") &&
            !ledger::BlockStore::open(
                 *after, data_dir + "/ledger",
                 {.index_path = {}, .read_only = true, .segment_bytes = 1U << 20U})
                 .ok()) {
            REQUIRE_FALSE(opened.ok());
            CHECK(opened.error().code == Errc::denied);
            const auto again =
                restore_data_dir(*after, origin.options(data_dir), *store::memory_kv());
            INFO((again.ok() ? std::string() : again.error().detail));
            CHECK(again.ok());
        }
    }
    CHECK(cut > 10);
}

TEST_CASE("the checked data of a restored node includes the snapshot it began with") {
    Origin origin(30);
    origin.snapshot();
    auto node = origin.restored("/b");
    REQUIRE(node->submit_and_wait(origin.ada.set(5)).ok());
    node.reset();
    ToyExecutor executor;
    REQUIRE(verify_data_dir(origin.env, "/b", executor).value().ok());
    for (const std::string file : {"/b/snapshot/chunk-00000", "/b/snapshot/manifest"}) {
        REQUIRE(origin.env.flip_bit(file, 40, 2).ok());
        const auto report = verify_data_dir(origin.env, "/b", executor).value();
        CHECK_FALSE(report.ok());
        REQUIRE(origin.env.flip_bit(file, 40, 2).ok());
    }
    // The log tree is an index: it may go, and a damaged edge of it is made again.
    CHECK(Node::open(origin.env, config_at("/b"), toy_executor()).ok());
}
