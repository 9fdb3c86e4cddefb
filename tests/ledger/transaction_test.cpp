#include "ledger/cose_sign.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

Bytes sign(const TransactionBody& body) {
    return must(sign_transaction(body, key_of(account_key)));
}

/// A signed envelope around any payload: the signature is right, the body may be nonsense.
Bytes wrap(ByteView payload) {
    return cose_sign1(transaction_label, payload, key_of(account_key));
}

/// An args string of exactly this many bytes: a CBOR byte string.
Bytes args_of_size(std::size_t size) {
    cbor::Writer out;
    out.bytes(Bytes(size - (size > 65'538 ? 5 : size > 258 ? 3 : 2), 0x5A));
    REQUIRE(out.view().size() == size);
    return out.take();
}

/// A body whose envelope has exactly this many bytes.
TransactionBody body_of_envelope_size(std::size_t size) {
    TransactionBody body = body_of(1, 2);
    body.operations[0].args = args_of_size(60'000);
    body.operations[1].args = args_of_size(60'000);
    const std::size_t base =
        cose_assemble(must(encode_body(body)), PublicKey{}, Signature{}).size();
    body.operations[1].args = args_of_size(60'000 + size - base);
    return body;
}

/// The body map with `change` applied to the list of encoded pairs.
Bytes body_bytes(const TransactionBody& body) {
    return must(encode_body(body));
}

}  // namespace

TEST_CASE("a signed transaction is read as it was written") {
    TransactionBody body = body_of(7, 3);
    body.operations[1].payload = DetachedPayload{filled<Digest>(4), 4096};
    body.all_or_nothing = true;
    const Bytes envelope = sign(body);
    const Transaction transaction = must(decode_transaction(envelope));
    CHECK(transaction.body == body);
    CHECK(transaction.kid == crypto::public_key(key_of(account_key)));
    CHECK(transaction.operation_hashes.size() == 3);
    CHECK(check_signature(transaction).ok());
    CHECK(must(assemble(transaction.payload, transaction.kid, transaction.signature)) == envelope);
    const Bytes operation = must(encode_operation(body.operations[1]));
    CHECK(operation_hash(operation) == transaction.operation_hashes[1]);
    CHECK(must(decode_operation(operation)) == body.operations[1]);
}

TEST_CASE("the id does not depend on the signature, the cached hash does") {
    const Bytes envelope = sign(body_of(7));
    const Transaction transaction = must(decode_transaction(envelope));
    Signature other = transaction.signature;
    other.bytes[5] ^= 1;
    const Transaction swapped =
        must(decode_transaction(must(assemble(transaction.payload, transaction.kid, other))));
    CHECK(swapped.id == transaction.id);
    CHECK(swapped.cose_hash != transaction.cose_hash);
    CHECK(code_of(check_signature(swapped)) == Errc::authentication);
}

TEST_CASE("a signature under another label is none for a transaction") {
    const Bytes payload = body_bytes(body_of(7));
    const Bytes request = cose_sign1(access_request_label, payload, key_of(account_key));
    const CoseSign1 cose = must(cose_decode(request));
    CHECK(cose_check(access_request_label, cose).ok());
    CHECK(code_of(cose_check(transaction_label, cose)) == Errc::authentication);
    CHECK(code_of(check_signature(must(decode_transaction(request)))) == Errc::authentication);
}

TEST_CASE("an envelope holds 1 to 1,000 operations") {
    CHECK(code_of(encode_body(body_of(1, 0))) == Errc::out_of_range);
    CHECK(must(decode_transaction(sign(body_of(1, 1)))).body.operations.size() == 1);
    CHECK(must(decode_transaction(sign(body_of(1, 999)))).body.operations.size() == 999);
    CHECK(must(decode_transaction(sign(body_of(1, 1'000)))).body.operations.size() == 1'000);
    CHECK(code_of(encode_body(body_of(1, 1'001))) == Errc::out_of_range);

    // The same count, written by somebody who does not care.
    cbor::Writer out;
    out.map(5).uint(1).text("test").uint(2).bytes(Bytes(16)).uint(3).bytes(Bytes(16));
    out.uint(4).uint(1).uint(5).array(1'001);
    for (int i = 0; i < 1'001; ++i) {
        out.map(3).uint(1).text("a").uint(2).text("b").uint(3).bytes(args_of(1));
    }
    CHECK(code_of(decode_transaction(wrap(out.view()))) == Errc::out_of_range);
}

TEST_CASE("an envelope has at most 122,880 bytes") {
    for (const std::size_t size : {transaction_bytes_max - 1, transaction_bytes_max}) {
        const Bytes envelope = sign(body_of_envelope_size(size));
        CHECK(envelope.size() == size);
        CHECK(decode_transaction(envelope).ok());
    }
    const TransactionBody above = body_of_envelope_size(transaction_bytes_max + 1);
    CHECK(code_of(sign_transaction(above, key_of(account_key))) == Errc::out_of_range);
    const Bytes envelope = wrap(body_bytes(above));
    CHECK(envelope.size() == transaction_bytes_max + 1);
    CHECK(code_of(decode_transaction(envelope)) == Errc::out_of_range);
}

TEST_CASE("names, args and chain id keep their limits") {
    const auto encode = [](auto change) {
        TransactionBody body = body_of(1);
        change(body);
        return encode_body(body);
    };
    using Body = TransactionBody;
    for (const std::size_t size : {std::size_t{1}, std::size_t{31}, std::size_t{32}}) {
        CHECK(encode([&](Body& b) { b.operations[0].contract.assign(size, 'a'); }).ok());
        CHECK(encode([&](Body& b) { b.operations[0].method.assign(size, 'a'); }).ok());
        CHECK(encode([&](Body& b) { b.chain_id.assign(size + 32, 'a'); }).ok());
    }
    const std::string none;
    const std::string long_name(33, 'a');
    const std::string long_id(65, 'a');
    for (const std::string& bad : {none, long_name}) {
        CHECK(code_of(encode([&](Body& b) { b.operations[0].contract = bad; })) ==
              Errc::out_of_range);
        CHECK(code_of(encode([&](Body& b) { b.operations[0].method = bad; })) ==
              Errc::out_of_range);
    }
    CHECK(code_of(encode([&](Body& b) { b.chain_id = none; })) == Errc::out_of_range);
    CHECK(code_of(encode([&](Body& b) { b.chain_id = long_id; })) == Errc::out_of_range);
    CHECK(code_of(encode([](Body& b) { b.chain_id = "\xFF"; })) == Errc::malformed);
    CHECK(encode([](Body& b) { b.operations[0].args = args_of_size(65'535); }).ok());
    CHECK(encode([](Body& b) { b.operations[0].args = args_of_size(65'536); }).ok());
    CHECK(code_of(encode([](Body& b) { b.operations[0].args = args_of_size(65'537); })) ==
          Errc::out_of_range);
    CHECK(code_of(encode([](Body& b) { b.operations[0].args = {0x18, 0x01}; })) == Errc::malformed);
    CHECK(code_of(encode([](Body& b) { b.operations[0].args = {}; })) == Errc::malformed);
    CHECK(code_of(encode([](Body& b) { b.valid_until = UnixMillis{-1}; })) == Errc::out_of_range);
}

TEST_CASE("args nest at most 16 deep") {
    for (const std::size_t depth : {15U, 16U, 17U}) {
        TransactionBody body = body_of(1);
        body.operations[0].args.assign(depth, 0x81);
        body.operations[0].args.push_back(0x01);
        CHECK(encode_body(body).ok() == (depth <= 16));
    }
}

TEST_CASE("unknown keys, another algorithm, a filled header and trailing bytes are malformed") {
    const Bytes good = sign(body_of(1));
    Bytes trailing = good;
    trailing.push_back(0);
    CHECK(code_of(decode_transaction(trailing)) == Errc::malformed);

    // Key 7 behind the known ones.
    Bytes body = body_bytes(body_of(1));
    REQUIRE(body[0] == 0xA5);
    body[0] = 0xA6;
    append(body, Bytes{0x07, 0x01});
    CHECK(code_of(decode_transaction(wrap(body))) == Errc::malformed);
    body[body.size() - 2] = 0x06;
    CHECK(decode_transaction(wrap(body)).ok());
    body[body.size() - 1] = 0x00;  // a flag that is there must be 1
    CHECK(code_of(decode_transaction(wrap(body))) == Errc::malformed);
    body.push_back(0);
    CHECK(code_of(decode_transaction(wrap(body))) == Errc::malformed);

    // Algorithm -7 in place of -8: {1: -7, …}.
    Bytes algorithm = good;
    REQUIRE(algorithm[6] == 0x27);
    algorithm[6] = 0x26;
    CHECK(code_of(decode_transaction(algorithm)) == Errc::malformed);

    // An unprotected header with something in it.
    Bytes unprotected = good;
    REQUIRE(unprotected[42] == 0xA0);
    unprotected[42] = 0xA1;
    unprotected.insert(unprotected.begin() + 43, {0x01, 0x01});
    CHECK(code_of(decode_transaction(unprotected)) == Errc::malformed);

    // Without the tag; with another tag; nothing at all.
    CHECK(code_of(decode_transaction(ByteView(good).subspan(1))) == Errc::malformed);
    Bytes tag = good;
    tag[0] = 0xD1;
    CHECK(code_of(decode_transaction(tag)) == Errc::malformed);
    CHECK(code_of(decode_transaction({})) == Errc::malformed);
}

TEST_CASE("CBOR that is not canonical is malformed") {
    const Bytes good = body_bytes(body_of(1));
    // The length of the chain id in two bytes in place of one.
    Bytes longer = good;
    REQUIRE(longer[2] == 0x64);
    longer[2] = 0x78;
    longer.insert(longer.begin() + 3, 0x04);
    CHECK(code_of(decode_transaction(wrap(longer))) == Errc::malformed);
    // Keys 1 and 2 swapped.
    cbor::Writer swapped;
    swapped.map(5).uint(2).bytes(Bytes(16)).uint(1).text("test");
    swapped.raw(ByteView(good).subspan(1 + 6 + 18));
    CHECK(code_of(decode_transaction(wrap(swapped.view()))) == Errc::malformed);
    // An indefinite map.
    Bytes indefinite = good;
    indefinite[0] = 0xBF;
    indefinite.push_back(0xFF);
    CHECK(code_of(decode_transaction(wrap(indefinite))) == Errc::malformed);
}
