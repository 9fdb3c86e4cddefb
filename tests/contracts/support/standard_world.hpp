#pragma once

#include "contracts/support/world.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The four standard contracts in a world of memory, as the state machine would run them: a call
/// that does not end with code 0 leaves no trace.
///
///     StandardWorld world(EngineChoice::compiled_when_shipped);
///     world.as(ada).call("record", "collection_put", args).code == 0
///
/// The environment variable SALUS_CONTRACT_<NAME> names a module that stands in for a standard
/// contract: tools/mutate_contracts.py runs the tests against damaged ones.
namespace salus::contracts::testing {

/// A map that can take back what one call wrote.
class JournalState final : public KvView {
  public:
    using Entries = std::map<std::string, std::string, std::less<>>;
    Entries entries;

    void begin() { journal_.clear(); }
    void take_back() {
        for (auto it = journal_.rbegin(); it != journal_.rend(); ++it) {
            if (it->second) {
                entries[it->first] = *it->second;
            } else {
                entries.erase(it->first);
            }
        }
        journal_.clear();
    }
    Result<std::optional<Bytes>> get(ByteView key) override {
        const auto found = entries.find(as_text(key));
        return found == entries.end() ? std::nullopt
                                      : std::optional<Bytes>(to_bytes(found->second));
    }
    Status put(ByteView key, ByteView value) override {
        remember(key);
        entries[std::string(as_text(key))] = std::string(as_text(value));
        return done;
    }
    Status del(ByteView key) override {
        remember(key);
        entries.erase(std::string(as_text(key)));
        return done;
    }
    Status scan(ByteView prefix, ByteView after, std::size_t limit, ScanEntries& found) override {
        auto it = after.empty() ? entries.lower_bound(as_text(prefix))
                                : entries.upper_bound(as_text(after));
        for (; it != entries.end() && found.size() < limit; ++it) {
            if (!it->first.starts_with(as_text(prefix))) {
                break;
            }
            found.add(own_key(as_bytes(it->first)), as_bytes(it->second));
        }
        return done;
    }

  private:
    void remember(ByteView key) {
        const auto found = entries.find(as_text(key));
        journal_.emplace_back(
            std::string(as_text(key)),
            found == entries.end() ? std::nullopt : std::optional<std::string>(found->second));
    }
    std::vector<std::pair<std::string, std::optional<std::string>>> journal_;
};

inline constexpr std::array<std::string_view, 4> standard_contracts{"access", "consent", "record",
                                                                    "registry"};

inline ObjectId object(std::uint8_t kind, std::uint64_t number = 0) {
    ObjectId id;
    id.bytes[0] = kind;
    for (std::size_t i = 0; i < 8; ++i) {
        id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return id;
}
inline Digest digest(std::uint8_t fill) {
    Digest out;
    out.bytes.fill(fill);
    return out;
}

inline const ObjectId organisation_a = object(0x0A);
inline const ObjectId organisation_b = object(0x0B);
inline const ObjectId organisation_c = object(0x0D);
inline const AccountId node_a = account(0xE1);
inline const AccountId node_b = account(0xE2);
/// Of C: an account that bears the number of the contract `probe`, as anybody may choose one.
inline const AccountId node_c = contract_account("probe");
inline constexpr std::int64_t start_time = 1'700'000'000'000;

/// What a call came to.
struct Answer {
    std::uint32_t code = 0;
    Bytes data;
    std::uint64_t gas = 0;
    std::string detail;
};

class StandardWorld {
  public:
    explicit StandardWorld(EngineChoice engine)
        : vm_({.shipped = compiled(), .engine = engine}),
          context_{.state = state,
                   .codes = codes_,
                   .caller = {},
                   .transaction = digest(7),
                   .payload = std::nullopt,
                   .height = {42},
                   .time = {start_time}} {
        for (const ShippedContract& one : compiled()) {
            codes_.add(std::string(one.name), module_of(one));
        }
        const Bytes genesis = members();
        REQUIRE(run("registry", "registry", Entry::init, genesis).code == 0);
        for (const std::string_view name : {"access", "consent", "record"}) {
            REQUIRE(run(name, name, Entry::init, nothing()).code == 0);
        }
    }

    /// Somebody who calls: an account, or a contract that passes the account's call on.
    class Caller {
      public:
        Caller(StandardWorld& world, const AccountId& account, std::string_view contract)
            : world_(world), account_(account), contract_(contract) {}
        Answer call(std::string_view contract, std::string_view method, ByteView args) {
            world_.context_.caller = account_;
            if (contract_.empty()) {
                return world_.run(contract, contract, Entry::exec, call_input(method, args));
            }
            // The probe's code under the other contract's name.
            return world_.run(contract_, "probe", Entry::exec,
                              call_input("forward", forward_args(contract, method, args)));
        }

      private:
        StandardWorld& world_;
        AccountId account_;
        std::string_view contract_;
    };
    Caller as(const AccountId& account) { return {*this, account, {}}; }
    /// `contract` calls, in a transaction that `account` signed.
    Caller through(std::string_view contract, const AccountId& account) {
        return {*this, account, contract};
    }
    Answer query(std::string_view contract, std::string_view method, ByteView args) {
        context_.caller = {};
        return run(contract, contract, Entry::query, call_input(method, args));
    }

    /// What a contract holds under a key of its own.
    std::optional<Bytes> stored(std::string_view contract, std::string_view kind, ByteView id) {
        Bytes key = to_bytes(std::string(contract) + '\0' + std::string(kind) + "/");
        append(key, id);
        auto value = state.get(key);
        REQUIRE(value.ok());
        return std::move(*value);
    }
    /// As if no contract of this name were active.
    void pause(std::string_view name) { codes_.names.erase(codes_.names.find(name)); }
    void at(std::int64_t time) { context_.time = {time}; }
    [[nodiscard]] std::int64_t now() const { return context_.time.value; }
    void at_height(std::uint64_t height) { context_.height = {height}; }
    void bring(std::optional<Payload> payload) { context_.payload = payload; }
    void bring_body() { bring(Payload{digest(0xBD), 1000}); }

    JournalState state;

  private:
    Answer run(std::string_view name, std::string_view code, Entry entry, ByteView input) {
        const CodeRef ref{std::string(name), codes_.names.find(code)->second.hash};
        state.begin();
        auto result = vm_.run(ref, entry, input, context_,
                              entry == Entry::query ? gas_query_max : gas_operation_max);
        REQUIRE(result.ok());
        if (result->outcome != Outcome::ok) {
            state.take_back();
        }
        return {result->code, std::move(result->data), result->gas_used, std::move(result->detail)};
    }
    static Bytes members() {
        cbor::Writer args;
        args.map(1).uint(1).array(3);
        args.array(4).bytes(organisation_a.view()).bytes(digest(1).view());
        args.bytes(node_a.view()).bytes(digest(2).view());
        args.array(4).bytes(organisation_b.view()).bytes(digest(3).view());
        args.bytes(node_b.view()).bytes(digest(4).view());
        args.array(4).bytes(organisation_c.view()).bytes(digest(5).view());
        args.bytes(node_c.view()).bytes(digest(6).view());
        return args.take();
    }
    static std::span<const ShippedContract> compiled() {
        static const std::vector<ShippedContract> all = [] {
            std::vector<ShippedContract> out;
            for (const auto& list : {shipped_contracts(), test_contracts()}) {
                out.insert(out.end(), list.begin(), list.end());
            }
            return out;
        }();
        return all;
    }
    static Bytes module_of(const ShippedContract& contract) {
        std::string variable = "SALUS_CONTRACT_";
        for (const char c : contract.name) {
            variable += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        }
        const char* path = std::getenv(variable.c_str());
        if (path == nullptr) {
            return to_bytes(contract.module);
        }
        std::ifstream file(path, std::ios::binary);
        REQUIRE(file.good());
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    MapCodes codes_;
    ContractVm vm_;
    HostContext context_;
};

}  // namespace salus::contracts::testing
