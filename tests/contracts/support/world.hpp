#pragma once

#include "base/cbor.hpp"
#include "contracts/limits.hpp"
#include "contracts/vm.hpp"
#include "crypto/hash.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace salus::contracts {
/// counter and probe (contracts/testing), compiled.
std::span<const ShippedContract> test_contracts();
}  // namespace salus::contracts

/// A world in memory for contract tests: state in a map, code by name, fixed context.
namespace salus::contracts::testing {

class MapState final : public KvView {
  public:
    std::map<std::string, std::string> entries;
    bool broken = false;

    Result<std::optional<Bytes>> get(ByteView key) override {
        if (broken) {
            return Error{Errc::unavailable, "disk gone"};
        }
        const auto found = entries.find(std::string(as_text(key)));
        return found == entries.end() ? std::nullopt
                                      : std::optional<Bytes>(to_bytes(found->second));
    }
    Status put(ByteView key, ByteView value) override {
        entries[std::string(as_text(key))] = std::string(as_text(value));
        return done;
    }
    Status del(ByteView key) override {
        entries.erase(std::string(as_text(key)));
        return done;
    }
    Status scan(ByteView prefix, ByteView after, std::size_t limit, ScanEntries& found) override {
        const std::string_view begin = after.empty() ? as_text(prefix) : as_text(after);
        for (auto it = entries.lower_bound(std::string(begin));
             it != entries.end() && found.size() < limit; ++it) {
            if (!it->first.starts_with(as_text(prefix))) {
                break;
            }
            if (after.empty() || it->first != as_text(after)) {
                found.add(own_key(as_bytes(it->first)), as_bytes(it->second));
            }
        }
        return done;
    }
};

class MapCodes final : public CodeStore {
  public:
    std::map<std::string, CodeRef, std::less<>> names;
    std::map<Digest, Bytes> modules;

    CodeRef add(std::string name, ByteView module) {
        const CodeRef code{name, crypto::sha256(module)};
        modules[code.hash] = to_bytes(module);
        names[std::move(name)] = code;
        return code;
    }
    Result<std::optional<CodeRef>> active(std::string_view name) override {
        const auto found = names.find(name);
        return found == names.end() ? std::nullopt : std::optional<CodeRef>(found->second);
    }
    Result<Bytes> module(const Digest& hash) override {
        const auto found = modules.find(hash);
        if (found == modules.end()) {
            return Error{Errc::not_found, "no such code"};
        }
        return found->second;
    }
};

inline AccountId account(std::uint8_t first) {
    AccountId out;
    out.bytes[0] = first;
    return out;
}
inline const AccountId alice = account(0xA1);
inline const AccountId bob = account(0xB0);

/// One engine and one state.
class World {
  public:
    explicit World(EngineChoice engine)
        : vm({.shipped = test_contracts(), .engine = engine}), context{state,
                                                                       codes,
                                                                       alice,
                                                                       *Digest::from(Bytes(32, 7)),
                                                                       std::nullopt,
                                                                       {42},
                                                                       {1'700'000'000'000}} {
        for (const ShippedContract& one : test_contracts()) {
            codes.add(std::string(one.name), one.module);
        }
    }
    Result<ExecResult> run(std::string_view contract, Entry entry, ByteView input,
                           std::uint64_t gas = gas_operation_max) {
        return vm.run(codes.names.find(contract)->second, entry, input, context, gas);
    }
    Result<ExecResult> exec(std::string_view contract, std::string_view method, ByteView args,
                            std::uint64_t gas = gas_operation_max) {
        return run(contract, Entry::exec, call_input(method, args), gas);
    }
    Result<ExecResult> query(std::string_view contract, std::string_view method, ByteView args,
                             std::uint64_t gas = gas_operation_max) {
        return run(contract, Entry::query, call_input(method, args), gas);
    }

    MapState state;
    MapCodes codes;
    ContractVm vm;
    HostContext context;
};

inline Bytes number(std::uint64_t value) {
    return cbor::Writer().uint(value).take();
}
inline Bytes nothing() {
    return cbor::Writer().null().take();
}
inline Bytes bytes_item(ByteView value) {
    return cbor::Writer().bytes(value).take();
}
inline Bytes numbers(std::initializer_list<std::uint64_t> values) {
    cbor::Writer writer;
    writer.array(values.size());
    for (const std::uint64_t value : values) {
        writer.uint(value);
    }
    return writer.take();
}
inline Bytes forward_args(std::string_view contract, std::string_view method, ByteView args) {
    return cbor::Writer().array(3).text(contract).text(method).bytes(args).take();
}

}  // namespace salus::contracts::testing
