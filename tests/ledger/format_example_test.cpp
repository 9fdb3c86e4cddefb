#include "ledger/consistency_sign.hpp"
#include "ledger/receipt_sign.hpp"

#include "fixture.hpp"
#include <cctype>
#include <cstdlib>

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

/// A page of docs/formats/ without blanks and line ends, so that hex may be wrapped there.
std::string page(const std::string& name) {
    const std::string path = std::string(SALUS_SOURCE_DIR) + "/docs/formats/" + name;
    std::string out;
    for (const std::uint8_t byte : must(read_file(machine_env(), path, 1U << 20U))) {
        if (std::isspace(byte) == 0) out.push_back(static_cast<char>(byte));
    }
    return out;
}

void check_shown(const std::string& name, const char* what, ByteView bytes) {
    const bool shown = page(name).find(to_hex(bytes)) != std::string::npos;
    if (!shown) MESSAGE(std::string(what) << ": " << to_hex(bytes));
    CHECK(shown);
}

}  // namespace

TEST_CASE("the worked examples on the format pages are what the code makes") {
    const json::Value file = vector_file("ledger-cose/transaction.json");
    check_shown("transaction.md", "payload", must(json::need_hex(file, "payload")));
    check_shown("transaction.md", "envelope", must(json::need_hex(file, "envelope")));
    check_shown("transaction.md", "id", must(json::need_hex(file, "id")));

    ChainBuilder chain;
    const Block block = chain.next(1);
    check_shown("block.md", "genesis", must(encode_genesis(chain.genesis())));
    check_shown("block.md", "header", block.header);
    check_shown("block.md", "result", block.results[0]);
    const Transaction transaction = must(decode_transaction(block.transactions[0]));
    const TransactionResult result = must(decode_result(block.results[0]));
    check_shown("block.md", "log entry",
                encode_log_entry(
                    log_entry_of(transaction, result, chain.header().height, chain.header().time)));
    check_shown("block.md", "app hash", app_hash(chain.header()).view());

    const std::string note = page("checkpoint.md");
    std::string shown;
    for (const std::uint8_t byte : block.checkpoint) {
        if (std::isspace(byte) == 0) shown.push_back(static_cast<char>(byte));
    }
    if (note.find(shown) == std::string::npos) MESSAGE(as_text(block.checkpoint));
    CHECK(note.find(shown) != std::string::npos);
}

TEST_CASE("the example receipt verifies, and the code still makes its bytes") {
    ChainBuilder chain(genesis_of(3));
    const Block block = chain.next(2, 3);
    const Note note = must(parse_note(as_text(block.checkpoint)));
    std::vector<NoteSignature> signatures;
    std::string trust;
    for (std::uint8_t i = 0; i < 3; ++i) {
        const Member& member = chain.genesis().config.members[i];
        const VerifierKey key = member_key("test", member.organisation, member.signing_key);
        trust += write_verifier_key(key) + "\n";
        signatures.push_back(sign_checkpoint(
            note.text, key.name, key_of(static_cast<std::uint8_t>(member_key_seed + i))));
    }
    const Bytes cosigned = to_bytes(write_note(note.text, signatures));
    const BundleSource source{chain.log(),      LogPosition{2},        block.transactions[1],
                              block.results[1], chain.header().height, chain.header().time,
                              cosigned};
    const Bytes whole = must(make_bundle(source, key_of(member_key_seed)));
    const Bytes one = must(make_operation_bundle(source, 1, key_of(member_key_seed)));
    check_shown("receipt.md", "COSE receipt", must(decode_bundle(one)).receipt);

    const json::Value made =
        json::Object{{"trust", trust}, {"transaction", to_hex(whole)}, {"operation", to_hex(one)}};
    if (std::getenv("SALUS_WRITE_VECTORS") != nullptr) {
        const std::string path =
            std::string(SALUS_SOURCE_DIR) + "/tests/vectors/ledger-receipt/bundle.json";
        must(write_file_atomically(machine_env(), path, as_bytes(json::write(made) + "\n")));
    }
    CHECK(vector_file("ledger-receipt/bundle.json") == made);
    const std::vector<VerifierKey> keys = must(parse_trust(trust));
    CHECK(verify_bundle(whole, keys).ok());
    CHECK(must(verify_bundle(one, keys)).code == 103);
}

TEST_CASE("the example consistency receipt verifies, and the code still makes its bytes") {
    ChainBuilder chain;
    const Block first = chain.next(2);
    chain.next(3);
    const Block last = chain.next(1);
    const TreeHead older = head_of(must(parse_note(as_text(first.checkpoint))).checkpoint);
    const TreeHead newer = head_of(must(parse_note(as_text(last.checkpoint))).checkpoint);
    const Bytes receipt =
        must(sign_consistency(chain.log(), older.size, newer.size, key_of(member_key_seed)));
    check_shown("receipt.md", "COSE receipt of consistency", receipt);
    const Member& member = chain.genesis().config.members[0];
    const VerifierKey key = member_key("test", member.organisation, member.signing_key);
    const json::Value made = json::Object{{"trust", write_verifier_key(key)},
                                          {"older", as_text(first.checkpoint)},
                                          {"newer", as_text(last.checkpoint)},
                                          {"receipt", to_hex(receipt)}};
    if (std::getenv("SALUS_WRITE_VECTORS") != nullptr) {
        const std::string path =
            std::string(SALUS_SOURCE_DIR) + "/tests/vectors/ledger-receipt/consistency.json";
        must(write_file_atomically(machine_env(), path, as_bytes(json::write(made) + "\n")));
    }
    CHECK(vector_file("ledger-receipt/consistency.json") == made);
    const std::vector<VerifierKey> keys = {key};
    CHECK(verify_consistency_receipt(receipt, older, newer, keys).ok());
}
