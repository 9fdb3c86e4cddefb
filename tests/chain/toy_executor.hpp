#pragma once

#include "base/cbor.hpp"
#include "chain/executor.hpp"
#include "ledger/result_code.hpp"

#include <memory>
#include <string>

/// Contracts in plain C++ for tests of the chain: a registry with the state layout of
/// docs/contracts/registry.md, a consent contract that stores what it is given, and `toy`, which
/// misbehaves on request.
namespace salus::chain::test {

class ToyExecutor final : public ContractExecutor {
  public:
    ExecResult execute(const ContractCall& call, Overlay& state) override {
        if (call.contract == "registry" && call.method == "enrol") {
            return enrol(call, state);
        }
        if (call.contract == "registry" && call.method == "deactivate") {
            return write_account(call.caller, to_bytes(own_key(call, state)), 0, state);
        }
        if (call.contract == "consent" && call.method == "put") {
            state.put(key_of("consent/d/", call.caller.view(), call.transaction.view()), call.args);
            return good(2'000);
        }
        if (call.contract == "toy") {
            return toy(call, state);
        }
        return {.code = ledger::code::unknown_method, .gas_used = 0, .data = {}, .events = {}};
    }

    ExecResult query(const ContractCall& call, Overlay& state) override {
        if (call.contract == "toy" && call.method == "get") {
            ExecResult result = good(100);
            result.data = state.get(key_of("toy/", call.args, {})).value_or(Bytes{0xF6});
            return result;
        }
        return {.code = ledger::code::unknown_method, .gas_used = 0, .data = {}, .events = {}};
    }

    ExecResult initialise(const ContractCall& call, Overlay& state) override {
        if (call.contract == "registry") {
            cbor::Reader reader(call.args);
            const auto ok = reader.map_of(1).ok() && reader.key(1).ok();
            const std::size_t members = ok ? reader.array().value_or(0) : 0;
            for (std::size_t i = 0; i < members; ++i) {
                SALUS_ASSERT(reader.array_of(4).ok() && reader.bytes().ok());
                const Bytes key = to_bytes(reader.bytes().value());
                const auto account = reader.fixed<AccountId>().value();
                SALUS_ASSERT(reader.bytes().ok());
                write_account(account, key, 1, state);
            }
        }
        return good(1);
    }

    std::uint64_t executions = 0;

  private:
    static ExecResult good(std::uint64_t gas) {
        return {.code = 0, .gas_used = gas, .data = {0xF6}, .events = {}};
    }
    static Bytes key_of(std::string_view prefix, ByteView a, ByteView b) {
        Bytes key = to_bytes("c/");
        append(key, as_bytes(prefix));
        append(key, a);
        append(key, b);
        return key;
    }
    static Bytes own_key(const ContractCall& call, Overlay& state) {
        const Bytes stored = state.get(key_of("registry/a/", call.caller.view(), {})).value();
        cbor::Reader reader(stored);
        SALUS_ASSERT(reader.map_of(6).ok() && reader.key(1).ok() && reader.text().ok() &&
                     reader.key(2).ok());
        return to_bytes(reader.bytes().value());
    }
    static ExecResult write_account(const AccountId& account, const Bytes& key,
                                    std::uint64_t status, Overlay& state) {
        cbor::Writer writer;
        writer.map(6)
            .uint(1)
            .text("patient")
            .uint(2)
            .bytes(key)
            .uint(3)
            .bytes(key)
            .uint(4)
            .uint(1)
            .uint(5)
            .uint(status)
            .uint(6)
            .null();
        state.put(key_of("registry/a/", account.view(), {}), writer.view());
        return good(1'000);
    }
    static ExecResult enrol(const ContractCall& call, Overlay& state) {
        if (state.has(key_of("registry/a/", call.caller.view(), {}))) {
            return {.code = 110, .gas_used = 100, .data = {}, .events = {}};
        }
        cbor::Reader reader(call.args);
        SALUS_ASSERT(reader.map_of(4).ok() && reader.key(1).ok() && reader.text().ok() &&
                     reader.key(2).ok());
        return write_account(call.caller, to_bytes(reader.bytes().value()), 1, state);
    }
    ExecResult toy(const ContractCall& call, Overlay& state) {
        ++executions;
        const Bytes key = key_of("toy/", call.args, {});
        if (call.method == "set") {
            state.put(key, call.args);
            ExecResult result = good(500);
            result.events.push_back(
                {.contract = "toy", .topic = "set", .data = to_bytes(call.args)});
            return result;
        }
        if (call.method == "erase") {
            state.erase(key);
            return good(500);
        }
        if (call.method == "write_and_fail") {
            state.put(key, call.args);
            return {.code = 123, .gas_used = 700, .data = to_bytes("no"), .events = {}};
        }
        if (call.method == "burn") {
            state.put(key, call.args);
            return {.code = ledger::code::out_of_gas,
                    .gas_used = call.gas_max,
                    .data = {},
                    .events = {}};
        }
        if (call.method == "flood") {
            ExecResult result = good(500);
            result.data = Bytes(20'000, 7);
            state.put(key, call.args);
            return result;
        }
        if (call.method == "keep") {
            // The argument is the value; its key is the transaction's.
            state.put(key_of("toy/", call.transaction.view(), {}), call.args);
            return good(500);
        }
        if (call.method == "fill") {
            // [data bytes, events, data bytes of each]
            cbor::Reader reader(call.args);
            SALUS_ASSERT(reader.array_of(3).ok());
            ExecResult result = good(500);
            result.data = Bytes(reader.uint().value(), 7);
            const std::uint64_t events = reader.uint().value();
            const std::uint64_t each = reader.uint().value();
            for (std::uint64_t i = 0; i < events; ++i) {
                result.events.push_back({.contract = "t", .topic = "f", .data = Bytes(each, 8)});
            }
            return result;
        }
        return {.code = ledger::code::unknown_method, .gas_used = 10, .data = {}, .events = {}};
    }
};

inline std::unique_ptr<ContractExecutor> toy_executor() {
    return std::make_unique<ToyExecutor>();
}

}  // namespace salus::chain::test
