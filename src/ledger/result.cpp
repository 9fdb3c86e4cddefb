#include "base/cbor.hpp"
#include "ledger/block.hpp"

namespace salus::ledger {
namespace {

Error wrong(const std::string& what) {
    return Error{Errc::malformed, "result: " + what};
}
Error limit(const std::string& what) {
    return Error{Errc::out_of_range, "result: " + what};
}

Status check_operation(const OperationResult& operation) {
    if (!is_operation_code(operation.code)) {
        return wrong("operation code " + std::to_string(operation.code));
    }
    if (operation.data.size() > result_data_bytes_max) {
        return limit("operation data of " + std::to_string(operation.data.size()) + " bytes");
    }
    return done;
}

Status check_event(const Event& event, std::size_t operations) {
    if (event.operation >= operations) return wrong("event of an operation that is not there");
    if (event.contract.empty() || event.contract.size() > contract_name_bytes_max ||
        event.topic.empty() || event.topic.size() > topic_bytes_max) {
        return limit("event names");
    }
    if (!is_utf8(as_bytes(event.contract)) || !is_utf8(as_bytes(event.topic))) {
        return wrong("event name is not UTF-8");
    }
    if (event.data.size() > result_data_bytes_max) {
        return limit("event data of " + std::to_string(event.data.size()) + " bytes");
    }
    return done;
}

Status check_counts(std::size_t operations, std::size_t events) {
    if (operations == 0 || operations > operations_max) {
        return limit(std::to_string(operations) + " operations");
    }
    if (events > result_events_max) return limit(std::to_string(events) + " events");
    return done;
}

Status check_result(const TransactionResult& result) {
    SALUS_TRY(check_counts(result.operations.size(), result.events.size()));
    for (const OperationResult& operation : result.operations) {
        SALUS_TRY(check_operation(operation));
    }
    for (const Event& event : result.events) {
        SALUS_TRY(check_event(event, result.operations.size()));
    }
    // docs/formats/transaction.md: the transaction's code is its first non-zero operation code.
    if (result.code != transaction_code(result.operations)) {
        return wrong("the code is not that of the operations");
    }
    return done;
}

Result<std::uint32_t> read_u32(cbor::Reader& in) {
    return static_cast<std::uint32_t>(SALUS_TRY(in.uint_max(0xFFFF'FFFFU)));
}

Result<OperationResult> read_operation(cbor::Reader& in) {
    OperationResult operation;
    SALUS_TRY(in.array_of(3));
    operation.code = SALUS_TRY(read_u32(in));
    operation.gas = SALUS_TRY(in.uint());
    operation.data = to_bytes(SALUS_TRY(in.bytes()));
    return operation;
}

Result<Event> read_event(cbor::Reader& in) {
    Event event;
    SALUS_TRY(in.array_of(4));
    event.operation = SALUS_TRY(read_u32(in));
    event.contract = SALUS_TRY(in.text());
    event.topic = SALUS_TRY(in.text());
    event.data = to_bytes(SALUS_TRY(in.bytes()));
    return event;
}

}  // namespace

std::uint32_t transaction_code(const std::vector<OperationResult>& operations) noexcept {
    for (const OperationResult& operation : operations) {
        if (operation.code != code::success) return operation.code;
    }
    return code::success;
}

Result<Bytes> encode_result(const TransactionResult& result) {
    SALUS_TRY(check_result(result));
    cbor::Writer out;
    out.array(4).uint(result.code).uint(result.gas_used).array(result.operations.size());
    for (const OperationResult& operation : result.operations) {
        out.array(3).uint(operation.code).uint(operation.gas).bytes(operation.data);
    }
    out.array(result.events.size());
    for (const Event& event : result.events) {
        out.array(4).uint(event.operation).text(event.contract).text(event.topic);
        out.bytes(event.data);
    }
    return out.take();
}

Result<TransactionResult> decode_result(ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.array_of(4));
    TransactionResult result;
    result.code = SALUS_TRY(read_u32(in));
    result.gas_used = SALUS_TRY(in.uint());
    const std::size_t operations = SALUS_TRY(in.array());
    SALUS_TRY(check_counts(operations, 0));
    for (std::size_t i = 0; i < operations; ++i) {
        result.operations.push_back(SALUS_TRY(read_operation(in)));
    }
    const std::size_t events = SALUS_TRY(in.array());
    SALUS_TRY(check_counts(operations, events));
    for (std::size_t i = 0; i < events; ++i) result.events.push_back(SALUS_TRY(read_event(in)));
    SALUS_TRY(in.end());
    SALUS_TRY(check_result(result));
    return result;
}

}  // namespace salus::ledger
