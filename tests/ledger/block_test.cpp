#include "ledger/block_check.hpp"
#include "ledger/signature_native.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

BlockChecker checker_of(const Genesis& genesis) {
    return {genesis.chain_id, genesis_hash(must(encode_genesis(genesis)))};
}

TransactionResult result_of(std::size_t operations) {
    TransactionResult result;
    result.operations.assign(operations, OperationResult{0, 1, to_bytes("data")});
    return result;
}

}  // namespace

TEST_CASE("a block must name the hash of its parent") {
    ChainBuilder chain;
    const BlockHeader parent = must(decode_header(chain.next().header));
    BlockHeader child = must(decode_header(chain.next().header));
    CHECK(check_link(parent, child).ok());

    child.previous.bytes[0] ^= 1;
    CHECK(code_of(check_link(parent, child)) == Errc::integrity);
    child.previous.bytes[0] ^= 1;
    child.height = parent.height;
    CHECK(code_of(check_link(parent, child)) == Errc::integrity);
    child.height.value += 100;  // heights may skip
    CHECK(check_link(parent, child).ok());
    child.time.value = parent.time.value - 1;
    CHECK(code_of(check_link(parent, child)) == Errc::integrity);
    child.time = parent.time;
    child.log_size = parent.log_size + 1;
    CHECK(code_of(check_link(parent, child)) == Errc::integrity);
}

TEST_CASE("the app hash covers log, state and config and nothing else") {
    ChainBuilder chain;
    const BlockHeader header = must(decode_header(chain.next().header));
    const Digest hash = app_hash(header);
    BlockHeader other = header;
    other.proposer.bytes[0] ^= 1;
    other.time.value += 1;
    CHECK(app_hash(other) == hash);
    other = header;
    other.log_size += 1;
    CHECK(app_hash(other) != hash);
    other = header;
    other.state_root.bytes[0] ^= 1;
    CHECK(app_hash(other) != hash);
    other = header;
    other.config_root.bytes[0] ^= 1;
    CHECK(app_hash(other) != hash);
}

TEST_CASE("log lines are a link or a transaction") {
    const LogEntry entry{filled<Digest>(1), filled<Digest>(2), BlockHeight{3}, UnixMillis{4}, 103,
                         filled<Digest>(5)};
    CHECK(std::get<LogEntry>(must(decode_log_line(encode_log_entry(entry)))) == entry);
    const Bytes link = encode_log_link(filled<Digest>(9));
    CHECK(std::get<LogLink>(must(decode_log_line(link))).previous == filled<Digest>(9));
    LogEntry refused = entry;
    refused.code = code::replayed;  // never in the log
    CHECK(code_of(decode_log_line(encode_log_entry(refused))) == Errc::malformed);
}

TEST_CASE("a result's code is its first operation code that is not 0") {
    TransactionResult result = result_of(3);
    CHECK(must(decode_result(must(encode_result(result)))) == result);
    result.operations[1].code = 103;
    CHECK(code_of(encode_result(result)) == Errc::malformed);
    result.code = 103;
    CHECK(must(decode_result(must(encode_result(result)))) == result);
    result.operations[0].code = code::replayed;
    result.code = code::replayed;
    CHECK(code_of(encode_result(result)) == Errc::malformed);
}

TEST_CASE("results keep their limits") {
    CHECK(code_of(encode_result(result_of(0))) == Errc::out_of_range);
    CHECK(encode_result(result_of(1'000)).ok());
    CHECK(code_of(encode_result(result_of(1'001))) == Errc::out_of_range);
    TransactionResult result = result_of(1);
    result.operations[0].data.assign(result_data_bytes_max, 1);
    CHECK(encode_result(result).ok());
    result.operations[0].data.push_back(1);
    CHECK(code_of(encode_result(result)) == Errc::out_of_range);
    result = result_of(1);
    result.events = {{0, "c", "t", {}}};
    CHECK(encode_result(result).ok());
    result.events[0].operation = 1;
    CHECK(code_of(encode_result(result)) == Errc::malformed);
    result.events.assign(result_events_max, {0, "c", "t", {}});
    CHECK(encode_result(result).ok());
    result.events.push_back({0, "c", "t", {}});
    CHECK(code_of(encode_result(result)) == Errc::out_of_range);
}

TEST_CASE("a block has at least one transaction, and one result for each") {
    ChainBuilder chain;
    Block block = chain.next();
    CHECK(must(decode_block(must(encode_block(block)))) == block);
    Block empty = block;
    empty.transactions.clear();
    empty.results.clear();
    CHECK(code_of(encode_block(empty)) == Errc::malformed);
    block.results.pop_back();
    CHECK(code_of(encode_block(block)) == Errc::malformed);
}

TEST_CASE("the checker follows a chain and refuses what does not belong to it") {
    ChainBuilder chain;
    const std::vector<Member>& members = chain.genesis().config.members;
    BlockChecker checker = checker_of(chain.genesis());
    const Block first = chain.next(3, 2);
    const Block second = chain.next();
    CHECK(code_of(BlockChecker(checker).check(second, members)) == Errc::integrity);
    const BlockParts parts = must(checker.check(first, members));
    CHECK(parts.checks.size() == 4);
    CHECK(check_signatures(parts.checks).ok());
    CHECK(checker.log().size() == 4);

    Block bad = second;
    std::swap(bad.transactions[0], bad.transactions[1]);
    CHECK(code_of(BlockChecker(checker).check(bad, members)) == Errc::integrity);
    bad = second;
    std::swap(bad.results[0], bad.results[1]);
    CHECK(BlockChecker(checker).check(bad, members).ok());  // they are the same bytes here
    bad.results[0] = must(encode_result(result_of(1)));
    CHECK(code_of(BlockChecker(checker).check(bad, members)) == Errc::integrity);
    bad = second;
    bad.checkpoint = first.checkpoint;
    CHECK(code_of(BlockChecker(checker).check(bad, members)) == Errc::integrity);
    CHECK(code_of(BlockChecker(checker).check(second, {})) == Errc::authentication);
    CHECK(checker.check(second, members).ok());
}

TEST_CASE("a transaction of another chain is no part of a block") {
    ChainBuilder chain;
    const Block block = chain.next();
    Genesis other = chain.genesis();
    other.chain_id = "other";
    BlockChecker checker("other", genesis_hash(must(encode_genesis(chain.genesis()))));
    CHECK(code_of(checker.check(block, other.config.members)) == Errc::integrity);
}

TEST_CASE("a genesis is read as it was written and keeps its limits") {
    Genesis genesis = genesis_of(3);
    CHECK(must(decode_genesis(must(encode_genesis(genesis)))) == genesis);
    CHECK(check_codes(genesis, {to_bytes("module")}).ok());
    CHECK(code_of(check_codes(genesis, {to_bytes("Module")})) == Errc::integrity);
    CHECK(code_of(check_codes(genesis, {})) == Errc::integrity);
    for (const std::string& id : {std::string(), std::string("UPPER"), std::string(65, 'a')}) {
        Genesis bad = genesis;
        bad.chain_id = id;
        CHECK(code_of(encode_genesis(bad)) == Errc::malformed);
    }
    CHECK(encode_genesis(genesis_of(100)).ok());
    CHECK(code_of(encode_genesis(genesis_of(101))) == Errc::out_of_range);
    Genesis twice = genesis;
    twice.config.members[1].signing_key = twice.config.members[0].signing_key;
    CHECK(code_of(encode_genesis(twice)) == Errc::malformed);
    twice = genesis;
    twice.config.members[1].organisation = twice.config.members[0].organisation;
    CHECK(code_of(encode_genesis(twice)) == Errc::malformed);
    CHECK(config_root(genesis.config) != config_root(genesis_of(2).config));
}

TEST_CASE("a member may name the key with which it votes, and it is a key of its own") {
    Genesis genesis = genesis_of(2);
    const Digest before = config_root(genesis.config);
    genesis.config.members[0].validator_key = PublicKey{};
    genesis.config.members[0].validator_key->bytes.fill(7);
    CHECK(must(decode_genesis(must(encode_genesis(genesis)))) == genesis);
    CHECK(config_root(genesis.config) != before);
    Genesis shared = genesis;
    shared.config.members[0].validator_key = shared.config.members[0].signing_key;
    CHECK(code_of(encode_genesis(shared)) == Errc::malformed);
    shared = genesis;
    shared.config.members[1].validator_key = genesis.config.members[0].validator_key;
    CHECK(code_of(encode_genesis(shared)) == Errc::malformed);
}
