#include "ledger/verify.hpp"

#include "ledger/block_store.hpp"
#include "ledger/witness.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

const std::string directory = "/data/ledger";
const std::string segment = directory + "/" + store::segment_name(0);
constexpr std::size_t blocks = 5;

/// A closed ledger of a few small blocks.
struct World {
    explicit World(std::uint32_t segment_bytes = 16'384) {
        must(env.make_directories("/data"));
        BlockStore store =
            must(BlockStore::create(env, directory, genesis_entry_of(chain.genesis()),
                                    {.index_path = "", .segment_bytes = segment_bytes}));
        for (std::size_t i = 0; i < blocks; ++i) must(store.append(chain.next(1)));
        must(store.flush_checkpoint());
        places = store.places();
    }
    LedgerReport report(const VerifyOptions& options = {}) {
        return must(verify_ledger(env, directory, options));
    }
    Bytes read(const std::string& path) { return must(read_file(env, path, 1U << 24U)); }
    void write(const std::string& path, const Bytes& bytes) {
        const auto file = must(env.open(path, OpenMode::create));
        must(file->resize(0));
        must(file->write_at(0, bytes));
    }
    SimEnv env{1};
    ChainBuilder chain;
    std::vector<BlockPlace> places;
};

std::size_t end_of_data(const Bytes& bytes) {
    std::size_t end = bytes.size();
    while (end > 0 && bytes[end - 1] == 0) --end;
    return end;
}

}  // namespace

TEST_CASE("an untouched ledger is good, and its figures are those of the chain") {
    World world;
    const LedgerReport report = world.report();
    CHECK(report.ok());
    CHECK(report.height == BlockHeight{blocks});
    CHECK(report.transactions == blocks);
    CHECK(report.log_size == 2 * blocks);
    CHECK(report.log_root == world.chain.log().root());
    CHECK_FALSE(report.torn_tail.has_value());
    CHECK(report.chain_id == "test");
}

TEST_CASE("a ledger of many segments is good") {
    World world(4096);
    CHECK(world.report().ok());
    CHECK(world.env.exists(directory + "/" + store::segment_name(1)));
}

TEST_CASE("any flipped bit of segment or checkpoint is found, with its place") {
    World world;
    for (const std::string& path : {segment, directory + "/checkpoint"}) {
        const std::size_t size = world.read(path).size();
        const std::size_t data = end_of_data(world.read(path));
        for (std::size_t at = 0; at < size; at += at < data ? 19 : 997) {
            must(world.env.flip_bit(path, at, at % 8));
            const LedgerReport report = world.report();
            if (at < data) {
                CHECK_FALSE(report.ok());
                if (!report.ok()) CHECK_FALSE(report.first_bad->file.empty());
            } else {
                // Unused space behind the last block: what a crash may have left there.
                CHECK((!report.ok() || report.torn_tail.has_value()));
            }
            must(world.env.flip_bit(path, at, at % 8));
        }
    }
    CHECK(world.report().ok());
}

TEST_CASE("a log cut at any byte is shorter than its checkpoint and bad") {
    World world;
    const Bytes whole = world.read(segment);
    const std::size_t end = end_of_data(whole);
    for (std::size_t cut = 0; cut < end; cut += 23) {
        world.write(segment,
                    Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
        const LedgerReport report = world.report();
        CHECK_FALSE(report.ok());
    }
}

TEST_CASE("a tail torn behind the checkpoint is reported, not bad") {
    World world;
    const Block more = world.chain.next(1);
    const Bytes checkpoint = world.read(directory + "/checkpoint");
    {
        // A block that reached the log while its checkpoint did not reach the file.
        BlockStore store = must(BlockStore::open(world.env, directory, {}));
        must(store.append(more));
    }
    world.write(directory + "/checkpoint", checkpoint);
    const Bytes whole = world.read(segment);
    const std::size_t end = end_of_data(whole);
    const std::size_t last = world.places.back().at.offset;
    std::size_t torn = 0;
    for (std::size_t cut = last + 1; cut < end; ++cut) {
        world.write(segment,
                    Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
        const LedgerReport report = world.report();
        if (report.ok() && report.torn_tail) ++torn;
        if (report.ok()) CHECK(report.height == BlockHeight{blocks});
    }
    CHECK(torn > 500);
    world.write(segment, whole);
    CHECK(world.report().height == BlockHeight{blocks + 1});
}

TEST_CASE("a checkpoint of another block, of nobody, or none at all is bad") {
    World world;
    const std::string path = directory + "/checkpoint";
    const Bytes good = world.read(path);
    ChainBuilder other;
    for (std::size_t i = 0; i < blocks; ++i) other.next(2);
    world.write(path, to_bytes(seal_checkpoint(checkpoint_of("test", other.header(), Digest{}),
                                               member_key_name("test", ObjectId{}),
                                               key_of(member_key_seed))));
    CHECK(world.report().first_bad->what.find("shorter") != std::string::npos);
    world.write(path, to_bytes("nonsense"));
    CHECK(world.report().first_bad->file == "checkpoint");
    must(world.env.remove(path));
    CHECK(world.report().first_bad->what.find("missing") != std::string::npos);
    world.write(path, good);
    world.write(directory + "/stranger", to_bytes("x"));
    CHECK(world.report().first_bad->file == "stranger");
}

TEST_CASE("swapped blocks and a zero page are found") {
    World world;
    const Bytes good = world.read(segment);
    const std::size_t second = world.places[1].at.offset;
    const std::size_t third = world.places[2].at.offset;
    const std::size_t fourth = world.places[3].at.offset;
    REQUIRE(third - second == fourth - third);
    Bytes swapped = good;
    std::swap_ranges(swapped.begin() + static_cast<std::ptrdiff_t>(second),
                     swapped.begin() + static_cast<std::ptrdiff_t>(third),
                     swapped.begin() + static_cast<std::ptrdiff_t>(third));
    world.write(segment, swapped);
    CHECK_FALSE(world.report().ok());
    Bytes zeroed = good;
    std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(second), 512, std::uint8_t{0});
    world.write(segment, zeroed);
    CHECK_FALSE(world.report().ok());
}

namespace {

/// A ledger written by a cheat: every check sum fits, the blocks are whatever `blocks` says.
LedgerReport report_of(const Genesis& genesis, const std::vector<Block>& list) {
    SimEnv env(3);
    must(env.make_directories(directory));
    store::SegmentLog log =
        must(store::SegmentLog::open(env, directory, {.segment_bytes = 65'536}));
    const GenesisEntry entry = genesis_entry_of(genesis);
    const std::array<store::NewEntry, 2> first = {{{1, entry.genesis}, {2, entry.codes[0]}}};
    must(log.append(first, genesis_hash(entry.genesis)));
    for (const Block& block : list) {
        const Bytes bytes = must(encode_block(block));
        const std::array<store::NewEntry, 1> batch = {{{3, bytes}}};
        must(log.append(batch, Digest{}));
    }
    if (!list.empty()) {
        must(write_file_atomically(env, directory + "/checkpoint", list.back().checkpoint));
    }
    return must(verify_ledger(env, directory));
}

}  // namespace

TEST_CASE("what a cheat rewrites with fitting check sums is named with its height") {
    ChainBuilder chain;
    std::vector<Block> list;
    for (int i = 0; i < 3; ++i) list.push_back(chain.next(2));
    CHECK(report_of(chain.genesis(), list).ok());

    std::vector<Block> bad = list;
    std::swap(bad[1], bad[2]);
    CHECK(report_of(chain.genesis(), bad).first_bad->height == BlockHeight{3});
    bad = list;
    bad[1].transactions[0].back() ^= 1;
    CHECK(report_of(chain.genesis(), bad).first_bad->height == BlockHeight{2});
    bad = list;
    bad.erase(bad.begin() + 1);
    CHECK(report_of(chain.genesis(), bad).first_bad->height == BlockHeight{3});
    bad = list;
    bad[2].checkpoint = bad[1].checkpoint;
    CHECK(report_of(chain.genesis(), bad).first_bad->height == BlockHeight{3});
    bad = list;
    bad.pop_back();
    CHECK(report_of(chain.genesis(), bad).ok());  // without a later checkpoint nobody can tell
    CHECK(report_of(genesis_of(2), list).first_bad->height == BlockHeight{1});
}

TEST_CASE("a caller's own check is asked for every block and reported as the block's") {
    World world;
    std::uint64_t seen = 0;
    VerifyOptions options;
    options.on_block = [&](const CheckedBlock& block) -> Status {
        ++seen;
        if (block.header.height == BlockHeight{4}) {
            return Error{Errc::integrity, "the state root is another"};
        }
        return done;
    };
    const LedgerReport report = world.report(options);
    CHECK(seen == 4);
    CHECK(report.first_bad->height == BlockHeight{4});
    CHECK(report.first_bad->what == "the state root is another");
    CHECK(report.height == BlockHeight{3});

    options = {};
    std::size_t checks = 0;
    options.signatures = [&](std::span<const SignatureCheck> list) -> Status {
        checks += list.size();
        return done;
    };
    CHECK(world.report(options).ok());
    CHECK(checks == 2 * blocks);
}

TEST_CASE("an absent directory is an error, an empty one a bad ledger") {
    SimEnv env(1);
    CHECK(code_of(verify_ledger(env, "/nowhere")) == Errc::not_found);
    must(env.make_directories(directory));
    CHECK_FALSE(must(verify_ledger(env, directory)).ok());
}

namespace {

/// The third block's checkpoint with a witness's cosignature, as the node keeps it.
KeyedNote cosigned_by_a_witness(World& world) {
    BlockStore store = must(BlockStore::open(world.env, directory, {}));
    const Block block = must(store.block(BlockHeight{3}));
    Note note = must(parse_note(as_text(block.checkpoint)));
    const std::array<NoteSignature, 1> line = {
        cosign_checkpoint(note.text, "witness", key_of(0x33), 1'767'225'600)};
    const VerifierKey key{"witness", NoteAlgorithm::cosignature_v1,
                          crypto::public_key(key_of(0x33))};
    return {{key}, with_signatures(std::move(note), line)};
}

}  // namespace

TEST_CASE("every bit of a cosigned checkpoint is checked, also of a witness nobody else knows") {
    World world;
    const std::string path = directory + "/" + std::string(cosigned_file_name);
    world.write(path, to_bytes(write_keyed_note(cosigned_by_a_witness(world))));
    CHECK(world.report().ok());
    const std::size_t size = world.read(path).size();
    for (std::size_t at = 0; at < size; ++at) {
        must(world.env.flip_bit(path, at, at % 8));
        const LedgerReport report = world.report();
        CHECK_FALSE(report.ok());
        if (!report.ok()) CHECK(report.first_bad->file == "cosigned");
        must(world.env.flip_bit(path, at, at % 8));
    }
}

TEST_CASE("a cosigned checkpoint holds exactly the cosignatures of the witnesses it names") {
    World world;
    const std::string path = directory + "/" + std::string(cosigned_file_name);
    KeyedNote more = cosigned_by_a_witness(world);
    more.note->signatures.push_back(more.note->signatures.back());
    more.note->signatures.back().name = "stranger";
    world.write(path, to_bytes(write_keyed_note(more)));
    CHECK(world.report().first_bad->file == "cosigned");
    KeyedNote fewer = cosigned_by_a_witness(world);
    fewer.note->signatures.pop_back();
    world.write(path, to_bytes(write_keyed_note(fewer)));
    CHECK(world.report().first_bad->file == "cosigned");
    fewer.note.reset();
    world.write(path, to_bytes(write_keyed_note(fewer)));
    CHECK(world.report().first_bad->file == "cosigned");
}

TEST_CASE("data that are older than a checkpoint from outside, or forked from it, are bad") {
    World world;
    const auto compared = [&](const Note& note) {
        VerifyOptions options;
        options.outside = note;
        return world.report(options);
    };
    CHECK(compared(*cosigned_by_a_witness(world).note).ok());
    const Block next = world.chain.next(1);
    const LedgerReport older = compared(must(parse_note(as_text(next.checkpoint))));
    CHECK(older.first_bad->what.find("shorter than the checkpoint from outside") !=
          std::string::npos);
    ChainBuilder other;
    other.next(1);
    const Block forked = other.next(1, 2);
    const LedgerReport report = compared(must(parse_note(as_text(forked.checkpoint))));
    CHECK_FALSE(report.ok());
    CHECK(report.first_bad->what.find("not that of its block") != std::string::npos);
}
