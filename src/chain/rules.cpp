#include "chain/rules.hpp"

#include "base/cbor.hpp"
#include "chain/limits.hpp"
#include "chain/view.hpp"
#include "ledger/limits.hpp"
#include "ledger/result_code.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace salus::chain {

namespace code = ledger::code;

namespace {

constexpr std::string_view accounts_prefix = "c/registry/a/";
constexpr std::uint64_t status_active = 1;
constexpr std::uint32_t denied = 101;  // docs/formats/contract-abi.md §2

struct RegisteredAccount {
    ByteView signing_key;
    bool active = false;
};

/// docs/contracts/registry.md, `a/` account: {1: kind, 2: sig, 3: kem, 4: epoch, 5: status, …}.
Result<RegisteredAccount> read_account(ByteView stored) {
    RegisteredAccount account;
    cbor::Reader reader(stored);
    const std::size_t pairs = SALUS_TRY(reader.map());
    for (std::size_t i = 0; i < pairs; ++i) {
        const std::uint64_t key = SALUS_TRY(reader.uint());
        if (key == 2) {
            account.signing_key = SALUS_TRY(reader.bytes());
        } else if (key == 5) {
            account.active = SALUS_TRY(reader.uint()) == status_active;
        } else {
            SALUS_TRY(reader.skip());
        }
    }
    return account;
}

/// The key that `registry.enrol` would register: field 2 of its args.
Result<ByteView> enrolled_key(const ledger::Operation& operation) {
    if (operation.contract != "registry" || operation.method != "enrol") {
        return Error{Errc::not_found, "the first operation is no enrolment"};
    }
    cbor::Reader reader(operation.args);
    const std::size_t pairs = SALUS_TRY(reader.map());
    for (std::size_t i = 0; i < pairs; ++i) {
        if (SALUS_TRY(reader.uint()) == 2) {
            return reader.bytes();
        }
        SALUS_TRY(reader.skip());
    }
    return Error{Errc::not_found, "the enrolment names no key"};
}

bool same(ByteView a, ByteView b) {
    return as_text(a) == as_text(b);
}

Bytes account_key(const AccountId& account) {
    Bytes key = to_bytes(accounts_prefix);
    append(key, account.view());
    return key;
}

/// Whether the account is there and may not act any more.
bool is_closed(const AccountId& account, Overlay& state) {
    const std::optional<Bytes> stored = state.get(account_key(account));
    if (!stored) {
        return false;
    }
    const auto read = read_account(*stored);
    return !read.ok() || !read->active;
}

bool key_may_sign(const ledger::Transaction& transaction, Overlay& state) {
    const std::optional<Bytes> stored = state.get(account_key(transaction.body.account));
    if (!stored) {
        // An account that is not there yet enrols itself, with the key it signs with.
        const auto first = enrolled_key(transaction.body.operations.front());
        return first.ok() && same(*first, transaction.kid.view());
    }
    const auto account = read_account(*stored);
    return account.ok() && account->active && same(account->signing_key, transaction.kid.view());
}

/// What an operation adds to the result beyond its own item.
std::size_t output_bytes(const ExecResult& result) {
    std::size_t bytes = result.data.size();
    for (const ContractEvent& event : result.events) {
        bytes += result_item_bytes + event.contract.size() + event.topic.size() + event.data.size();
    }
    return bytes;
}

/// What a transaction may leave in its result once every operation has its item. The smallest
/// operation has ten bytes of its own, so an item of sixteen always fits twice those.
std::size_t output_bytes_max(const PreparedTransaction& prepared) {
    const std::size_t items = result_item_bytes * prepared.transaction.body.operations.size();
    const std::size_t all = result_bytes_max(prepared.envelope.size());
    SALUS_ASSERT(all >= result_bytes_fixed + items);
    return all - result_bytes_fixed - items;
}

/// One operation after another, with what is left for them.
class Execution {
  public:
    Execution(const PreparedTransaction& prepared, const BlockContext& block, Overlay& state,
              ContractExecutor& executor)
        : prepared_(prepared),
          block_(block),
          state_(state),
          executor_(executor),
          output_left_(output_bytes_max(prepared)) {}

    ledger::TransactionResult run() {
        const auto& operations = prepared_.transaction.body.operations;
        const std::size_t before_all = state_.mark();
        for (std::size_t i = 0; i < operations.size(); ++i) {
            run_one(operations[i], static_cast<std::uint32_t>(i));
            if (prepared_.transaction.body.all_or_nothing && result_.operations.back().code != 0) {
                state_.rollback(before_all);
                undo_all();
                break;
            }
        }
        result_.code = ledger::transaction_code(result_.operations);
        return std::move(result_);
    }

  private:
    void run_one(const ledger::Operation& operation, std::uint32_t index) {
        // docs/formats/execution.md step 6: an account that closed itself does nothing more.
        if (closed_) {
            result_.operations.push_back({.code = denied, .gas = 0, .data = {}});
            return;
        }
        const std::uint64_t gas_max = std::min(operation_gas_max, gas_left_);
        const std::size_t before = state_.mark();
        ExecResult done = executor_.execute({.contract = operation.contract,
                                             .method = operation.method,
                                             .args = operation.args,
                                             .payload = operation.payload,
                                             .caller = prepared_.transaction.body.account,
                                             .transaction = prepared_.transaction.id,
                                             .height = block_.height,
                                             .time = block_.time,
                                             .gas_max = gas_max},
                                            state_);
        done.gas_used = std::min(done.gas_used, gas_max);
        gas_left_ -= done.gas_used;
        result_.gas_used += done.gas_used;
        limit_output(done);
        if (done.code != 0) {
            state_.rollback(before);
        }
        for (ContractEvent& event : done.events) {
            result_.events.push_back({.operation = index,
                                      .contract = std::move(event.contract),
                                      .topic = std::move(event.topic),
                                      .data = std::move(event.data)});
        }
        result_.operations.push_back(
            {.code = done.code, .gas = done.gas_used, .data = std::move(done.data)});
        closed_ = operation.contract == "registry" &&
                  is_closed(prepared_.transaction.body.account, state_);
    }

    void limit_output(ExecResult& done) {
        if (!ledger::is_operation_code(done.code)) {
            done.code = code::trap;
        }
        if (done.code != 0) {
            done.events.clear();
        }
        const std::size_t bytes = output_bytes(done);
        if (done.data.size() > ledger::result_data_bytes_max || bytes > output_left_) {
            done.code = code::trap;
            done.data.clear();
            done.events.clear();
            return;
        }
        output_left_ -= bytes;
    }

    void undo_all() {
        const std::size_t ran = result_.operations.size();
        for (std::size_t i = 0; i + 1 < ran; ++i) {
            result_.operations[i].code = code::undone;
            result_.operations[i].data.clear();
        }
        const std::size_t all = prepared_.transaction.body.operations.size();
        result_.operations.resize(all, {.code = code::undone, .gas = 0, .data = {}});
        result_.events.clear();
    }

    const PreparedTransaction& prepared_;
    const BlockContext& block_;
    Overlay& state_;
    ContractExecutor& executor_;
    std::uint64_t gas_left_ = transaction_gas_max;
    std::size_t output_left_;
    bool closed_ = false;  ///< the account closed itself in this envelope
    ledger::TransactionResult result_;
};

}  // namespace

std::uint32_t admit(const PreparedTransaction& prepared, const BlockContext& block, Overlay& state,
                    const SeenBefore& seen) {
    // Codes 1 to 3: form, chain and signature need no state.
    if (prepared.code != 0) {
        return prepared.code;
    }
    const ledger::TransactionBody& body = prepared.transaction.body;
    // valid_until in (block time, block time + window].
    if (body.valid_until.value <= block.time.value ||
        body.valid_until.value - block.time.value > ledger::validity_window_ms) {
        return code::expired;
    }
    // One nonce of an account is used once.
    if (seen(body.account, body.nonce)) {
        return code::replayed;
    }
    // The key is the account's current one, and the account is active.
    if (!key_may_sign(prepared.transaction, state)) {
        return code::unknown_account;
    }
    return code::success;
}

ledger::TransactionResult execute(const PreparedTransaction& prepared, const BlockContext& block,
                                  Overlay& state, ContractExecutor& executor) {
    const ledger::TransactionBody& body = prepared.transaction.body;
    state.put(seen_state_key(body.valid_until, body.account, body.nonce), {});
    // From here on nothing takes the nonce back.
    state.settle();
    ledger::TransactionResult result = Execution(prepared, block, state, executor).run();
    state.settle();
    return result;
}

}  // namespace salus::chain
