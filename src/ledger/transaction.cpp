#include "ledger/transaction.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/cose.hpp"

#include <limits>

namespace salus::ledger {
namespace {

Status check_name(std::string_view name, std::size_t bytes_max, const char* what) {
    if (name.empty() || name.size() > bytes_max) {
        return Error{Errc::out_of_range, std::string("transaction: ") + what + " of " +
                                             std::to_string(name.size()) + " bytes"};
    }
    if (!is_utf8(as_bytes(name))) {
        return Error{Errc::malformed, std::string("transaction: ") + what + " is not UTF-8"};
    }
    return done;
}

/// One guard per limit of docs/formats/transaction.md; decoding and encoding share it.
Status check_operation(const Operation& operation) {
    SALUS_TRY(check_name(operation.contract, contract_name_bytes_max, "contract name"));
    SALUS_TRY(check_name(operation.method, method_name_bytes_max, "method name"));
    if (operation.args.size() > args_bytes_max) {
        return Error{Errc::out_of_range,
                     "transaction: args of " + std::to_string(operation.args.size()) + " bytes"};
    }
    return cbor::check(operation.args);
}

Status check_head(const TransactionBody& body) {
    SALUS_TRY(check_name(body.chain_id, chain_id_bytes_max, "chain id"));
    if (body.valid_until.value < 0) {
        return Error{Errc::out_of_range, "transaction: valid_until before 1970"};
    }
    return done;
}

Status check_operation_count(std::size_t count) {
    if (count == 0 || count > operations_max) {
        return Error{Errc::out_of_range, "transaction: " + std::to_string(count) + " operations"};
    }
    return done;
}

void write_operation(cbor::Writer& out, const Operation& operation) {
    out.map(operation.payload ? 4 : 3);
    out.uint(1).text(operation.contract).uint(2).text(operation.method);
    out.uint(3).bytes(operation.args);
    if (operation.payload) {
        out.uint(4).array(2).bytes(operation.payload->digest.view());
        out.uint(operation.payload->size_bytes);
    }
}

/// Unknown keys are refused: the number of pairs is fixed by which optional ones are there.
Result<Operation> read_operation(cbor::Reader& in) {
    const std::size_t pairs = SALUS_TRY(in.map());
    if (pairs != 3 && pairs != 4) {
        return Error{Errc::malformed, "transaction: operation with missing or unknown keys"};
    }
    Operation operation;
    SALUS_TRY(in.key(1));
    operation.contract = SALUS_TRY(in.text());
    SALUS_TRY(in.key(2));
    operation.method = SALUS_TRY(in.text());
    SALUS_TRY(in.key(3));
    operation.args = to_bytes(SALUS_TRY(in.bytes()));
    if (pairs == 4) {
        SALUS_TRY(in.key(4));
        SALUS_TRY(in.array_of(2));
        DetachedPayload payload;
        payload.digest = SALUS_TRY(in.fixed<Digest>());
        payload.size_bytes = SALUS_TRY(in.uint());
        operation.payload = payload;
    }
    SALUS_TRY(check_operation(operation));
    return operation;
}

Status read_operations(cbor::Reader& in, ByteView payload, TransactionBody& body,
                       std::vector<Digest>* hashes) {
    const std::size_t count = SALUS_TRY(in.array());
    SALUS_TRY(check_operation_count(count));
    body.operations.reserve(count);
    if (hashes != nullptr) hashes->reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t start = in.offset();
        body.operations.push_back(SALUS_TRY(read_operation(in)));
        if (hashes != nullptr) {
            hashes->push_back(operation_hash(payload.subspan(start, in.offset() - start)));
        }
    }
    return done;
}

Status check_envelope_size(std::size_t size) {
    if (size > transaction_bytes_max) {
        return Error{Errc::out_of_range,
                     "transaction: envelope of " + std::to_string(size) + " bytes"};
    }
    return done;
}

}  // namespace

Result<Bytes> encode_operation(const Operation& operation) {
    SALUS_TRY(check_operation(operation));
    cbor::Writer out;
    write_operation(out, operation);
    return out.take();
}

Result<Operation> decode_operation(ByteView bytes) {
    cbor::Reader in(bytes);
    Operation operation = SALUS_TRY(read_operation(in));
    SALUS_TRY(in.end());
    return operation;
}

Digest operation_hash(ByteView operation_cbor) {
    return crypto::sha256(operation_cbor);
}

Result<Bytes> encode_body(const TransactionBody& body) {
    SALUS_TRY(check_head(body));
    SALUS_TRY(check_operation_count(body.operations.size()));
    cbor::Writer out;
    out.map(body.all_or_nothing ? 6 : 5);
    out.uint(1).text(body.chain_id).uint(2).bytes(body.account.view());
    out.uint(3).bytes(body.nonce.view());
    out.uint(4).uint(static_cast<std::uint64_t>(body.valid_until.value));
    out.uint(5).array(body.operations.size());
    for (const Operation& operation : body.operations) {
        SALUS_TRY(check_operation(operation));
        write_operation(out, operation);
    }
    if (body.all_or_nothing) out.uint(6).uint(1);
    return out.take();
}

Result<TransactionBody> decode_body(ByteView payload, std::vector<Digest>* hashes) {
    cbor::Reader in(payload);
    const std::size_t pairs = SALUS_TRY(in.map());
    if (pairs != 5 && pairs != 6) {
        return Error{Errc::malformed, "transaction: body with missing or unknown keys"};
    }
    TransactionBody body;
    SALUS_TRY(in.key(1));
    body.chain_id = SALUS_TRY(in.text());
    SALUS_TRY(in.key(2));
    body.account = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(3));
    body.nonce = SALUS_TRY(in.fixed<Nonce>());
    SALUS_TRY(in.key(4));
    constexpr auto time_max = std::numeric_limits<std::int64_t>::max();
    body.valid_until.value = static_cast<std::int64_t>(SALUS_TRY(in.uint_max(time_max)));
    SALUS_TRY(check_head(body));
    SALUS_TRY(in.key(5));
    SALUS_TRY(read_operations(in, payload, body, hashes));
    if (pairs == 6) {
        SALUS_TRY(in.key(6));
        if (SALUS_TRY(in.uint()) != 1) {
            return Error{Errc::malformed, "transaction: the all-or-nothing flag is not 1"};
        }
        body.all_or_nothing = true;
    }
    SALUS_TRY(in.end());
    return body;
}

Bytes sig_structure(ByteView payload, const PublicKey& kid) {
    return cose_sig_structure(transaction_label, kid, payload);
}

Digest transaction_id(ByteView payload, const PublicKey& kid) {
    return crypto::sha256(sig_structure(payload, kid));
}

Result<Bytes> assemble(ByteView payload, const PublicKey& kid, const Signature& signature) {
    Bytes envelope = cose_assemble(payload, kid, signature);
    SALUS_TRY(check_envelope_size(envelope.size()));
    return envelope;
}

Result<Transaction> decode_transaction(ByteView envelope) {
    SALUS_TRY(check_envelope_size(envelope.size()));
    CoseSign1 cose = SALUS_TRY(cose_decode(envelope));
    Transaction out;
    out.body = SALUS_TRY(decode_body(cose.payload, &out.operation_hashes));
    out.kid = cose.kid;
    out.payload = std::move(cose.payload);
    out.signature = cose.signature;
    out.id = transaction_id(out.payload, out.kid);
    out.cose_hash = crypto::sha256(envelope);
    return out;
}

SignatureCheck transaction_signature(const Transaction& transaction) {
    return {transaction.kid, sig_structure(transaction.payload, transaction.kid),
            transaction.signature};
}

}  // namespace salus::ledger
