#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

TEST_CASE("a transaction made by other CBOR, COSE and Ed25519 code is read and made to the byte") {
    const json::Value file = vector_file("ledger-cose/transaction.json");
    const Bytes envelope = must(json::need_hex(file, "envelope"));
    const Transaction transaction = must(decode_transaction(envelope));
    CHECK(check_signature(transaction).ok());
    CHECK(transaction.payload == must(json::need_hex(file, "payload")));
    CHECK(to_hex(transaction.kid.view()) == must(json::need_text(file, "kid")));
    CHECK(to_hex(transaction.id.view()) == must(json::need_text(file, "id")));
    CHECK(to_hex(transaction.cose_hash.view()) == must(json::need_text(file, "cose_hash")));
    CHECK(sig_structure(transaction.payload, transaction.kid) ==
          must(json::need_hex(file, "sig_structure")));
    const json::Array& hashes = *must(json::need_array(file, "operation_hashes"));
    REQUIRE(hashes.size() == transaction.operation_hashes.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        CHECK(to_hex(transaction.operation_hashes[i].view()) == *hashes[i].text());
    }

    const Bytes seed = must(json::need_hex(file, "seed"));
    const auto key = must(crypto::key_from<crypto::SigningKey>(seed));
    CHECK(must(sign_transaction(transaction.body, key)) == envelope);
    CHECK(transaction.body.all_or_nothing);
    CHECK(transaction.body.operations[0].payload->size_bytes == 4096);
}
