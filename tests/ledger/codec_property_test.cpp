#include "ledger/block_check.hpp"
#include "ledger/receipt.hpp"
#include "ledger/signature_native.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

/// encode(decode(b)) == b for every accepted b, and an accepted b that differs decodes differently.
template <class Decode, class Encode>
void check_law(const Bytes& good, const Decode& decode, const Encode& encode) {
    REQUIRE(encode(must(decode(good))) == good);
    std::size_t accepted = 0;
    const auto judge = [&](const Bytes& bytes) {
        const auto value = decode(bytes);
        if (!value.ok()) {
            CHECK((value.error().code == Errc::malformed ||
                   value.error().code == Errc::out_of_range));
            return;
        }
        ++accepted;
        CHECK(encode(*value) == bytes);
        CHECK_FALSE(*value == *decode(good));
    };
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bytes = good;
        for (unsigned bit = 0; bit < 8; ++bit) {
            bytes[at] = static_cast<std::uint8_t>(good[at] ^ (1U << bit));
            judge(bytes);
        }
        bytes.resize(at);
        CHECK_FALSE(decode(bytes).ok());
        bytes = good;
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), 0x00);
        judge(bytes);
        bytes = good;
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
        judge(bytes);
    }
    Bytes longer = good;
    longer.push_back(0);
    CHECK_FALSE(decode(longer).ok());
    CHECK(accepted > 0);
}

}  // namespace

TEST_CASE("transactions obey both codec laws under every small change") {
    TransactionBody body = body_of(3, 2);
    body.operations[1].payload = DetachedPayload{filled<Digest>(4), 4096};
    body.all_or_nothing = true;
    const Bytes good = must(sign_transaction(body, key_of(account_key)));
    check_law(good, decode_transaction, [](const Transaction& t) {
        return must(assemble(must(encode_body(t.body)), t.kid, t.signature));
    });
}

TEST_CASE("no bit of a transaction may change without its signature failing") {
    const Bytes good = must(sign_transaction(body_of(3, 2), key_of(account_key)));
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bytes = good;
        bytes[at] = static_cast<std::uint8_t>(good[at] ^ (1U << (at % 8)));
        const Result<Transaction> transaction = decode_transaction(bytes);
        if (!transaction.ok()) continue;
        CHECK(code_of(check_signature(*transaction)) == Errc::authentication);
    }
}

TEST_CASE("headers, log lines, results, blocks and genesis obey both codec laws") {
    ChainBuilder chain(genesis_of(2));
    const Block block = chain.next(1, 2);
    check_law(block.header, decode_header, encode_header);
    check_law(block.results[0], decode_result,
              [](const TransactionResult& r) { return must(encode_result(r)); });
    check_law(must(encode_block(block)), decode_block,
              [](const Block& b) { return must(encode_block(b)); });
    check_law(must(encode_genesis(chain.genesis())), decode_genesis,
              [](const Genesis& g) { return must(encode_genesis(g)); });
    const LogEntry entry{filled<Digest>(1), filled<Digest>(2), BlockHeight{3}, UnixMillis{4}, 103,
                         filled<Digest>(5)};
    check_law(encode_log_entry(entry), decode_log_line, [](const LogLine& line) {
        return std::holds_alternative<LogEntry>(line)
                   ? encode_log_entry(std::get<LogEntry>(line))
                   : encode_log_link(std::get<LogLink>(line).previous);
    });
}

TEST_CASE("COSE receipts obey both codec laws") {
    const InclusionReceipt receipt{
        filled<PublicKey>(1), 9, 4, {filled<Digest>(2), filled<Digest>(3)}, filled<Signature>(4)};
    check_law(encode_receipt(receipt), decode_receipt, encode_receipt);
}

TEST_CASE("any flipped bit of a block is found by the checker or a signature") {
    ChainBuilder chain;
    const Bytes good = must(encode_block(chain.next(1, 2)));
    const std::vector<Member>& members = chain.genesis().config.members;
    const Digest genesis = genesis_hash(must(encode_genesis(chain.genesis())));
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bytes = good;
        bytes[at] = static_cast<std::uint8_t>(good[at] ^ (1U << (at % 8)));
        const Result<Block> block = decode_block(bytes);
        if (!block.ok()) continue;
        const Result<BlockParts> parts = BlockChecker("test", genesis).check(*block, members);
        if (!parts.ok()) continue;
        CHECK(code_of(check_signatures(parts->checks)) == Errc::authentication);
    }
}
