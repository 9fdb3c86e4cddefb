/// Transactions in their COSE envelope, bodies and operations, read from any bytes; and bodies of
/// any values, written and read back.

#include "ledger/transaction.hpp"

#include "base/cbor.hpp"
#include "ledger/cose.hpp"
#include "ledger/transaction_sign.hpp"
#include "support/laws.hpp"

#include <vector>

using namespace salus;
using namespace salus::ledger;

namespace {

TransactionBody draw_body(fuzz::Draw& draw) {
    TransactionBody body;
    body.chain_id = draw.short_text();
    body.account = draw.fixed<AccountId>();
    body.nonce = draw.fixed<Nonce>();
    body.valid_until.value = static_cast<std::int64_t>(draw.number());
    body.all_or_nothing = draw.coin();
    for (std::uint64_t left = draw.below(4); left > 0; --left) {
        Operation operation;
        operation.contract = draw.short_text();
        operation.method = draw.short_text();
        operation.args = to_bytes(draw.short_bytes());
        if (draw.coin()) operation.args = cbor::Writer{}.bytes(operation.args).take();
        if (draw.coin()) {
            operation.payload =
                DetachedPayload{.digest = draw.fixed<Digest>(), .size_bytes = draw.number()};
        }
        body.operations.push_back(std::move(operation));
    }
    return body;
}

/// decode(encode(x)) == x for every x that is encodable.
void values_come_back(fuzz::Draw draw) {
    const TransactionBody body = draw_body(draw);
    const auto payload = encode_body(body);
    if (!payload.ok()) return;
    std::vector<Digest> hashes;
    const auto again = decode_body(*payload, &hashes);
    SALUS_ASSERT(again.ok() && *again == body);
    SALUS_ASSERT(hashes.size() == body.operations.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        SALUS_ASSERT(operation_hash(encode_operation(body.operations[i]).value()) == hashes[i]);
    }
    const auto envelope = assemble(*payload, draw.fixed<PublicKey>(), draw.fixed<Signature>());
    SALUS_ASSERT(envelope.ok() && decode_transaction(*envelope).value().body == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_transaction(b); },
        [](const Transaction& t) { return assemble(t.payload, t.kid, t.signature).value(); });
    if (const auto transaction = decode_transaction(input); transaction.ok()) {
        SALUS_ASSERT(encode_body(transaction->body).value() == transaction->payload);
        SALUS_ASSERT(transaction_id(transaction->payload, transaction->kid) == transaction->id);
        // The generic envelope reader says the same of the same bytes.
        const auto cose = cose_decode(input);
        SALUS_ASSERT(cose.ok() && cose->payload == transaction->payload);
        (void)check_signature(*transaction).ok();
    }
    fuzz::check_codec(
        input, [](ByteView b) { return cose_decode(b); },
        [](const CoseSign1& c) { return cose_assemble(c.payload, c.kid, c.signature); });
    fuzz::check_codec(
        input, [](ByteView b) { return decode_body(b); }, fuzz::must_encode(encode_body));
    fuzz::check_codec(
        input, [](ByteView b) { return decode_operation(b); }, fuzz::must_encode(encode_operation));
    values_come_back(fuzz::Draw(input));
    return 0;
}
