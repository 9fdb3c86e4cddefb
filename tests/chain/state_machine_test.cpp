#include "chain/state_machine.hpp"

#include "chain/limits.hpp"
#include "chain/world.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace code = salus::ledger::code;

TEST_CASE("an unknown account may enrol itself and nothing else") {
    Machine m;
    Person ada(1);
    CHECK(m.code_of(ada.set(1)) == code::unknown_account);
    CHECK(m.code_of(ada.enrol()) == 0);
    CHECK(m.code_of(ada.set(1)) == 0);
    CHECK(m.get(1) == cbor_uint(1));
}

TEST_CASE("an enrolment must be signed by the key it registers") {
    Machine m;
    Person ada(1);
    const Person eve(2);
    const Bytes foreign = ledger::sign_transaction(ada.body({ada.enrolment()}), eve.key).value();
    CHECK(m.code_of(foreign) == code::unknown_account);
}

TEST_CASE("a transaction signed by another than the account's key is refused") {
    Machine m;
    Person ada(1);
    const Person eve(2);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const Bytes forged = ledger::sign_transaction(ada.body({toy("set", 5)}), eve.key).value();
    CHECK(m.code_of(forged) == code::unknown_account);
    CHECK(m.get(5) == absent);
}

TEST_CASE("a deactivated account signs nothing any more") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const ledger::Operation leave{
        .contract = "registry", .method = "deactivate", .args = {0xF6}, .payload = {}};
    REQUIRE(m.code_of(ada.sign(ada.body({leave}))) == 0);
    CHECK(m.code_of(ada.set(1)) == code::unknown_account);
}

TEST_CASE("nothing runs as an account that closed itself in the same envelope") {
    const ledger::Operation leave{
        .contract = "registry", .method = "deactivate", .args = {0xF6}, .payload = {}};
    for (const bool all_or_nothing : {false, true}) {
        Machine m;
        Person ada(1);
        REQUIRE(m.code_of(ada.enrol()) == 0);
        ledger::TransactionBody body = ada.body({toy("set", 1)});
        body.operations = {toy("set", 1), leave, toy("set", 2)};
        body.all_or_nothing = all_or_nothing;
        m.run({ada.sign(body)});
        CHECK((m.get(1) == absent) == all_or_nothing);
        CHECK(m.get(2) == absent);
        CHECK((m.code_of(ada.set(3)) == 0) == all_or_nothing);  // which took the leaving back
    }
}

TEST_CASE("a nonce is used once, also under another validity and within one block") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    ledger::TransactionBody body = ada.body({toy("set", 1)});
    const Bytes first = ada.sign(body);
    const FinalizedBlock both = m.run({first, first});
    CHECK(both.verdicts[0].code == 0);
    CHECK(both.verdicts[1].code == code::replayed);
    CHECK(both.block.transactions.size() == 1);
    CHECK(m.code_of(first) == code::replayed);
    body.valid_until.value += 1;
    CHECK(m.code_of(ada.sign(body)) == code::replayed);
}

TEST_CASE("two accounts may use the same nonce") {
    Machine m;
    Person ada(1);
    Person bob(2);
    CHECK(m.run({ada.enrol(), bob.enrol()}).verdicts[1].code == 0);
}

TEST_CASE("valid_until lies after block time and at most the window ahead") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const auto at = [&](std::int64_t valid_until) {
        ledger::TransactionBody body = ada.body({toy("set", 1)});
        body.valid_until = UnixMillis{valid_until};
        return m.code_of(ada.sign(body));
    };
    CHECK(at(start_ms - 1) == code::expired);
    CHECK(at(start_ms) == code::expired);
    CHECK(at(start_ms + 1) == 0);
    CHECK(at(start_ms + ledger::validity_window_ms - 1) == 0);
    CHECK(at(start_ms + ledger::validity_window_ms) == 0);
    CHECK(at(start_ms + ledger::validity_window_ms + 1) == code::expired);
}

TEST_CASE("a transaction for another chain is refused") {
    Machine m;
    Person ada(1);
    ledger::TransactionBody body = ada.body({ada.enrolment()});
    body.chain_id = "another";
    CHECK(m.code_of(ada.sign(body)) == code::wrong_chain);
}

TEST_CASE(
    "bytes that are no transaction and signatures that do not fit are refused, each with its "
    "code") {
    Machine m;
    Person ada(1);
    CHECK(m.code_of(to_bytes("hello")) == code::malformed);
    Bytes bent = ada.enrol();
    bent.back() ^= 1U;
    CHECK(m.code_of(bent) == code::bad_signature);
}

TEST_CASE("a good signature in the cache does not vouch for a swapped one") {
    Machine m;
    Person ada(1);
    const Bytes good = ada.enrol();
    CHECK(m.machine->prepare(good).code == 0);
    Bytes swapped = good;
    swapped.back() ^= 1U;
    CHECK(m.machine->prepare(swapped).transaction.id == m.machine->prepare(good).transaction.id);
    CHECK(m.machine->prepare(swapped).code == code::bad_signature);
}

TEST_CASE("refused transactions leave no trace: no block, no state, the same app hash") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const ViewHead before = m.machine->info();
    const FinalizedBlock none = m.run({to_bytes("hello")});
    CHECK_FALSE(none.has_block);
    CHECK(none.app_hash == before.app_hash);
    CHECK(m.machine->info() == before);
    CHECK_FALSE(m.run({}).has_block);
}

TEST_CASE("an unknown contract or method uses the nonce and has code 7") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const Bytes unknown = ada.sign(
        ada.body({{.contract = "nowhere", .method = "go", .args = {0xF6}, .payload = {}}}));
    CHECK(m.code_of(unknown) == code::unknown_method);
    CHECK(m.code_of(unknown) == code::replayed);
    CHECK(m.code_of(ada.sign(ada.body({toy("nothing", 1)}))) == code::unknown_method);
}

TEST_CASE("a failed operation takes back its own writes; its neighbours stand") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const FinalizedBlock block =
        m.run({ada.sign(ada.body({toy("set", 1), toy("write_and_fail", 2), toy("set", 3)}))});
    CHECK(block.verdicts[0].codes == std::vector<std::uint32_t>{0, 123, 0});
    CHECK(block.verdicts[0].code == 123);
    CHECK(m.get(1) == cbor_uint(1));
    CHECK(m.get(2) == absent);
    CHECK(m.get(3) == cbor_uint(3));
    const auto result = ledger::decode_result(block.block.results[0]).value();
    CHECK(result.events.size() == 2);
    CHECK(result.events[1].operation == 2);
    CHECK(as_text(result.operations[1].data) == "no");
}

TEST_CASE("a failed operation does not undo what an earlier one wrote to the same key") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    m.run({ada.sign(ada.body({toy("set", 1), toy("write_and_fail", 1)}))});
    CHECK(m.get(1) == cbor_uint(1));
}

TEST_CASE("all or nothing undoes every operation of the envelope and keeps the nonce used") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    ledger::TransactionBody body =
        ada.body({toy("set", 1), toy("write_and_fail", 2), toy("set", 3)});
    body.all_or_nothing = true;
    const Bytes envelope = ada.sign(body);
    const FinalizedBlock block = m.run({envelope});
    CHECK(block.verdicts[0].codes == std::vector<std::uint32_t>{code::undone, 123, code::undone});
    CHECK(m.get(1) == absent);
    CHECK(m.get(3) == absent);
    CHECK(ledger::decode_result(block.block.results[0]).value().events.empty());
    CHECK(m.code_of(envelope) == code::replayed);
}

TEST_CASE("all or nothing without a failure keeps everything") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    ledger::TransactionBody body = ada.body({toy("set", 1), toy("set", 2)});
    body.all_or_nothing = true;
    CHECK(m.code_of(ada.sign(body)) == 0);
    CHECK(m.get(2) == cbor_uint(2));
}

TEST_CASE("out of gas takes the writes back and keeps the nonce used") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const Bytes burning = ada.sign(ada.body({toy("burn", 1)}));
    const FinalizedBlock block = m.run({burning});
    CHECK(block.verdicts[0].code == code::out_of_gas);
    CHECK(ledger::decode_result(block.block.results[0]).value().gas_used == operation_gas_max);
    CHECK(m.get(1) == absent);
    CHECK(m.code_of(burning) == code::replayed);
}

TEST_CASE("the gas of an envelope is bounded as a whole") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const std::size_t full = transaction_gas_max / operation_gas_max;
    std::vector<ledger::Operation> operations(full + 1, toy("burn", 1));
    const FinalizedBlock block = m.run({ada.sign(ada.body(operations))});
    const auto result = ledger::decode_result(block.block.results[0]).value();
    CHECK(result.gas_used == transaction_gas_max);
    CHECK(result.operations[full - 1].gas == operation_gas_max);
    CHECK(result.operations[full].gas == 0);
}

TEST_CASE("an operation that answers more than its envelope may is a trap") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    CHECK(m.code_of(ada.sign(ada.body({toy("flood", 1)}))) == code::trap);
    CHECK(m.get(1) == absent);
}

TEST_CASE("expired nonces leave the seen-set, in blocks with transactions only") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const auto seen = [&] {
        const KvState state(*m.kv);
        return state.scan(as_bytes(seen_prefix), {}, 1'000).value().size();
    };
    CHECK(seen() == 1);
    CHECK_FALSE(m.run({}, 700'000).has_block);
    CHECK(seen() == 1);
    ledger::TransactionBody late = ada.body({toy("set", 9)});
    late.valid_until = UnixMillis{start_ms + 800'000};
    CHECK(m.code_of(ada.sign(late), 700'000) == 0);
    CHECK(seen() == 1);  // the old one went, the new one came
}

TEST_CASE("one block takes a bounded number of expired nonces out of the seen-set") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    std::vector<Bytes> many;
    for (std::uint64_t i = 0; i < 100; ++i) {
        many.push_back(ada.set(i));
    }
    m.run(many);
    ledger::TransactionBody late = ada.body({toy("set", 9)});
    late.valid_until = UnixMillis{start_ms + 800'000};
    REQUIRE(m.code_of(ada.sign(late), 700'000) == 0);
    const KvState state(*m.kv);
    const std::size_t pruned = seen_pruned_base + seen_pruned_per_transaction;
    CHECK(state.scan(as_bytes(seen_prefix), {}, 1'000).value().size() == 102 - pruned);
}

TEST_CASE("the header commits to log, state, results and the block before") {
    Machine m;
    Person ada(1);
    const FinalizedBlock first = m.run({ada.enrol()});
    CHECK(first.header.previous == ledger::genesis_hash(toy_genesis().genesis));
    CHECK(first.header.log_size == 2);
    CHECK(first.header.state_root == m.machine->tree().root());
    CHECK(first.app_hash == ledger::app_hash(first.header));
    const FinalizedBlock second = m.run({ada.set(1), ada.set(2)});
    CHECK(second.header.previous == first.header_hash);
    CHECK(second.log_begin == 2);
    CHECK(second.header.log_size == 5);
    CHECK(second.header.log_root == m.log->root());
    CHECK(ledger::check_link(first.header, second.header).ok());
    CHECK(second.app_hash != first.app_hash);
}

TEST_CASE("finalizing persists nothing until it is committed") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const ViewHead before = m.machine->info();
    const Bytes set = ada.set(1);
    const FinalizedBlock once = m.finalize({set});
    CHECK(m.machine->info() == before);
    CHECK(m.get(1) == absent);
    CHECK(m.log->size() == before.log_size);
    m.machine->abandon();
    const FinalizedBlock twice = m.finalize({set});
    CHECK(twice.header_hash == once.header_hash);
    m.machine->abandon();
}

TEST_CASE("a machine that is opened again stands where it stood") {
    Machine m;
    Person ada(1);
    m.run({ada.enrol(), ada.set(1)});
    const ViewHead before = m.machine->info();
    m.machine.reset();
    m.machine = StateMachine::open(toy_genesis(),
                                   {.kv = m.kv.get(), .log = m.log.get(), .executor = &m.executor})
                    .value();
    CHECK(m.machine->info() == before);
    CHECK(m.code_of(ada.set(2)) == 0);
}

TEST_CASE("height and time of a block never go back") {
    Machine m;
    Person ada(1);
    m.run({ada.enrol()}, 1'000);
    const auto refused = [&](std::uint64_t height, std::int64_t at) {
        const auto block = m.machine->finalize_block(
            {.height = BlockHeight{height}, .time = UnixMillis{start_ms + at}, .proposer = {}}, {});
        return !block.ok() && block.error().code == Errc::out_of_range;
    };
    CHECK(refused(1, 1'000));
    CHECK(refused(2, 999));
    CHECK_FALSE(refused(2, 1'000));
    CHECK_FALSE(refused(7, 1'001));
}

TEST_CASE("check_tx foresees the verdict of the next block without changing anything") {
    Machine m;
    Person ada(1);
    const Bytes enrol = ada.enrol();
    const auto verdict = [&](const Bytes& envelope) {
        return m.machine->check_tx(m.machine->prepare(envelope), UnixMillis{start_ms}).value();
    };
    CHECK(verdict(enrol) == 0);
    CHECK(verdict(enrol) == 0);
    m.run({enrol});
    CHECK(verdict(enrol) == code::replayed);
}

TEST_CASE("a proposal is bounded in bytes and number, and empty when the header lags the clock") {
    Machine m;
    Person ada(1);
    std::vector<PreparedTransaction> some;
    for (std::uint64_t i = 0; i < 5; ++i) {
        some.push_back(m.machine->prepare(ada.set(i)));
    }
    const std::size_t size = some[0].envelope.size();
    const UnixMillis now{start_ms};
    CHECK(StateMachine::prepare_proposal(some, 3 * size - 1, now, now) == 2);
    CHECK(StateMachine::prepare_proposal(some, 3 * size, now, now) == 3);
    CHECK(StateMachine::prepare_proposal(some, block_bytes_max, now, now) == 5);
    const auto late = [&](std::int64_t by) { return UnixMillis{start_ms + by}; };
    CHECK(StateMachine::prepare_proposal(some, block_bytes_max, now, late(proposal_lag_ms_max)) ==
          5);
    CHECK(StateMachine::prepare_proposal(some, block_bytes_max, now,
                                         late(proposal_lag_ms_max + 1)) == 0);
    CHECK(StateMachine::process_proposal(some));
    some[0].code = code::bad_signature;
    CHECK_FALSE(StateMachine::process_proposal(some));
}

TEST_CASE("expired nonces leave whether or not the machine was opened again in between") {
    const auto run = [](bool reopen) {
        Machine m;
        Person ada(1);
        m.run({ada.enrol()});
        for (std::uint64_t i = 0; i < 40; ++i) {
            const std::int64_t at_ms = static_cast<std::int64_t>(i) * 20'000;
            ledger::TransactionBody body = ada.body({toy("set", i)});
            body.valid_until = UnixMillis{start_ms + at_ms + 50'000};
            SALUS_ASSERT(m.run({ada.sign(body)}, at_ms).has_block);
            if (reopen) {
                m.machine.reset();
                m.machine = StateMachine::open(
                                toy_genesis(),
                                {.kv = m.kv.get(), .log = m.log.get(), .executor = &m.executor})
                                .value();
            }
        }
        const KvState state(*m.kv);
        CHECK(state.scan(as_bytes(seen_prefix), {}, 1'000).value().size() == 3);
        return m.machine->info().app_hash;
    };
    CHECK(run(false) == run(true));
}
