#include "ledger/block_store.hpp"

#include "ledger/verify.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

const std::string directory = "/data/ledger";
const BlockStore::Options options{.index_path = "/data/index", .segment_bytes = 16'384};

BlockStore fresh(Env& env, const ChainBuilder& chain) {
    must(env.make_directories("/data"));
    return must(BlockStore::create(env, directory, genesis_entry_of(chain.genesis()), options));
}

}  // namespace

TEST_CASE("blocks are there again after the store was closed, with and without the index") {
    SimEnv env(1);
    ChainBuilder chain;
    std::vector<Block> blocks;
    {
        BlockStore store = fresh(env, chain);
        CHECK(store.height() == BlockHeight{0});
        CHECK(store.tip() == genesis_hash(must(encode_genesis(chain.genesis()))));
        for (std::size_t i = 0; i < 40; ++i) {
            blocks.push_back(chain.next(1 + i % 3));
            must(store.append(blocks.back()));
        }
    }
    for (const bool indexed : {true, false}) {
        BlockStore::Options again = options;
        if (!indexed) again.index_path.clear();
        BlockStore store = must(BlockStore::open(env, directory, again));
        CHECK(store.height() == BlockHeight{40});
        CHECK(store.places().size() == 40);
        CHECK(store.transactions() == chain.log().size() - 40);
        CHECK(store.genesis_entry() == genesis_entry_of(chain.genesis()));
        for (std::size_t i = 0; i < 40; ++i) {
            CHECK(must(store.block(BlockHeight{i + 1})) == blocks[i]);
        }
        for (std::uint64_t at = 0; at < chain.log().size(); ++at) {
            const BlockPlace place = must(store.place_of(LogPosition{at}));
            CHECK((place.log_begin <= at && at < place.log_end));
        }
        CHECK(code_of(store.place_of(LogPosition{chain.log().size()})) == Errc::not_found);
        CHECK(code_of(store.block(BlockHeight{41})) == Errc::not_found);
        std::size_t seen = 0;
        must(store.for_each(BlockHeight{31}, [&](const BlockPlace&, const Block& block) -> Status {
            CHECK(block == blocks[30 + seen++]);
            return done;
        }));
        CHECK(seen == 10);
    }
}

TEST_CASE("an index that was lost, cut or belongs elsewhere is built again") {
    SimEnv env(1);
    ChainBuilder chain;
    {
        BlockStore store = fresh(env, chain);
        for (std::size_t i = 0; i < 9; ++i) must(store.append(chain.next()));
    }
    const auto reopened = [&] {
        const BlockStore store = must(BlockStore::open(env, directory, options));
        return store.places().size();
    };
    must(env.flip_bit("/data/index", 64 * 4 + 3));
    CHECK(reopened() == 9);
    must(env.flip_bit("/data/index", 64 * 8 + 40));  // the newest block's hash
    CHECK(reopened() == 9);
    must(must(env.open("/data/index", OpenMode::read_write))->resize(64 * 3 + 17));
    CHECK(reopened() == 9);
    must(env.remove("/data/index"));
    CHECK(reopened() == 9);
}

TEST_CASE("a block that does not follow the last one cannot get in") {
    SimEnv env(1);
    ChainBuilder chain;
    BlockStore store = fresh(env, chain);
    const Block first = chain.next();
    const Block second = chain.next();
    CHECK(code_of(store.append(second)) == Errc::integrity);
    must(store.append(first));
    CHECK(code_of(store.append(first)) == Errc::integrity);
    Block bad = second;
    bad.transactions.push_back(bad.transactions[0]);
    bad.results.push_back(bad.results[0]);
    CHECK(code_of(store.append(bad)) == Errc::integrity);
    must(store.append(second));
    CHECK(code_of(BlockStore::create(env, directory, store.genesis_entry(), options)) ==
          Errc::already_exists);
}

TEST_CASE("opening an empty directory finds no genesis") {
    SimEnv env(1);
    must(env.make_directories(directory));
    CHECK(code_of(BlockStore::open(env, directory, options)) == Errc::not_found);
}

TEST_CASE("the checkpoint file never goes back and must be of this log") {
    SimEnv env(1);
    ChainBuilder chain;
    BlockStore store = fresh(env, chain);
    CHECK(code_of(store.read_checkpoint()) == Errc::not_found);
    const Block first = chain.next();
    must(store.append(first));
    CHECK(must(store.read_checkpoint()).checkpoint.height == BlockHeight{1});
    const Block second = chain.next();
    must(store.append(second));
    CHECK(must(store.read_checkpoint()).checkpoint.height == BlockHeight{1});
    must(store.flush_checkpoint());
    CHECK(must(store.read_checkpoint()).checkpoint.height == BlockHeight{2});
    CHECK(code_of(store.write_checkpoint(as_text(first.checkpoint))) == Errc::integrity);
    env.advance_ms(1000);
    must(store.append(chain.next()));
    CHECK(must(store.read_checkpoint()).checkpoint.height == BlockHeight{3});

    Genesis other = genesis_of();
    other.chain_id = "other";
    CHECK(code_of(store.write_checkpoint(as_text(ChainBuilder(other).next().checkpoint))) ==
          Errc::integrity);
    const Block ahead = chain.next();
    CHECK(code_of(store.write_checkpoint(as_text(ahead.checkpoint))) == Errc::integrity);
}

TEST_CASE("no second block is written before the log has its checkpoint file") {
    const std::string path = directory + "/checkpoint";
    // Everything behind the first block's own write and sync fails.
    SimEnv env(1);
    ChainBuilder chain;
    BlockStore store = fresh(env, chain);
    env.fail_operation(2, 1'000);
    must(store.append(chain.next()));
    CHECK(store.height() == BlockHeight{1});
    const Block second = chain.next();
    CHECK(code_of(store.append(second)) == Errc::unavailable);
    env.heal();
    CHECK_FALSE(env.exists(path));
    CHECK(store.height() == BlockHeight{1});
    CHECK(must(verify_ledger(env, directory)).ok());
    must(store.append(second));
    CHECK(env.exists(path));
    CHECK(must(verify_ledger(env, directory)).ok());
    must(env.remove(path));
    const auto bad = must(verify_ledger(env, directory)).first_bad;
    REQUIRE(bad);
    CHECK(bad->file == "checkpoint");
    CHECK(bad->what.find("missing") != std::string::npos);
}

TEST_CASE("what was appended survives a crash at any moment, and nothing else does") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SimEnv env(seed);
        ChainBuilder chain;
        BlockStore store = fresh(env, chain);
        for (std::size_t i = 0; i < 5; ++i) must(store.append(chain.next()));
        env.fail_operation(seed % 7, 1);
        const Block block = chain.next();
        const bool appended = store.append(block).ok();
        const std::unique_ptr<SimEnv> after = env.crash(seed);
        const BlockStore again = must(BlockStore::open(*after, directory, options));
        CHECK(again.places().size() >= (appended ? 6U : 5U));
        CHECK(again.places().size() <= 6U);
    }
}

TEST_CASE("a log shorter than its checkpoint is refused") {
    SimEnv env(1);
    ChainBuilder chain;
    std::uint64_t before = 0;
    {
        BlockStore store = fresh(env, chain);
        must(store.append(chain.next()));
        before = store.places().back().at.offset;
        must(store.append(chain.next()));
        must(store.flush_checkpoint());
    }
    const std::string segment = directory + "/" + store::segment_name(0);
    const auto file = must(env.open(segment, OpenMode::read_write));
    must(file->resize(before + 40));
    CHECK(code_of(BlockStore::open(env, directory, options)) == Errc::integrity);
}

TEST_CASE("a disk that fails during an append leaves the block whole or away, and says which") {
    for (std::uint64_t skip = 0; skip < 12; ++skip) {
        SimEnv env(7);
        ChainBuilder chain;
        BlockStore store = fresh(env, chain);
        must(store.append(chain.next()));
        env.advance_ms(2000);  // so that this append also writes the checkpoint
        env.fail_operation(skip, 1);
        const bool appended = store.append(chain.next()).ok();
        env.heal();
        CHECK(store.height() == BlockHeight{appended ? 2U : 1U});
        if (!appended) continue;  // whether it became durable is for the next opening to tell
        const BlockStore again = must(BlockStore::open(env, directory, options));
        CHECK(again.height() == BlockHeight{2});
        CHECK(must(again.read_checkpoint()).checkpoint.height == BlockHeight{2});
    }
}
