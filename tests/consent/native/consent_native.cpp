#include "consent_native.hpp"

#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>

// The SDK has names of its own that the rest of Salus has too.
#define salus salus_native
#include "consent/consent.cpp"

namespace {

struct Aborted {
    std::uint32_t code;
    std::string reason;
};

std::map<std::string, std::string> state;

struct Scanned {
    std::vector<std::pair<std::string, std::string>> entries;
    std::size_t next = 0;
};
std::vector<Scanned> scans;

std::string bytes(const void* at, std::uint32_t size) {
    return {static_cast<const char*>(at), size};
}

}  // namespace

namespace salus_native::abi {

std::int32_t salus_kv_get(const void* key, std::uint32_t size, void* out, std::uint32_t max) {
    const auto found = state.find(bytes(key, size));
    if (found == state.end()) return -1;
    std::memcpy(out, found->second.data(), std::min<std::size_t>(max, found->second.size()));
    return static_cast<std::int32_t>(found->second.size());
}
void salus_kv_put(const void* key, std::uint32_t size, const void* value, std::uint32_t length) {
    state[bytes(key, size)] = bytes(value, length);
}
void salus_kv_del(const void* key, std::uint32_t size) {
    state.erase(bytes(key, size));
}
std::int32_t salus_kv_scan(const void* prefix, std::uint32_t size, const void* after,
                           std::uint32_t after_size, std::uint32_t limit) {
    const std::string begins = bytes(prefix, size);
    const std::string behind = bytes(after, after_size);
    Scanned out;
    for (const auto& entry : state) {
        const bool wanted = entry.first.starts_with(begins) && entry.first > behind;
        if (wanted && out.entries.size() < (limit == 0 ? 1'024 : limit))
            out.entries.emplace_back(entry);
    }
    scans.push_back(std::move(out));
    return static_cast<std::int32_t>(scans.size() - 1);
}
std::int32_t salus_kv_next(std::int32_t handle, void* out, std::uint32_t max) {
    Scanned& scan = scans[static_cast<std::size_t>(handle)];
    if (scan.next == scan.entries.size()) return -1;
    const auto& [key, value] = scan.entries[scan.next];
    const std::string entry =
        std::string{static_cast<char>(key.size() >> 8U), static_cast<char>(key.size())} + key +
        value;
    if (entry.size() <= max) {
        std::memcpy(out, entry.data(), entry.size());
        ++scan.next;
    }
    return static_cast<std::int32_t>(entry.size());
}
void salus_caller(void* out) {
    std::memset(out, 0x70, 16);
}
std::int32_t salus_caller_contract(void*, std::uint32_t) {
    return 0;
}
std::uint64_t salus_block_height() {
    return 1;
}
std::int64_t salus_block_time() {
    return 0;
}
/// The one question to another contract that is asked here: everybody is enrolled.
std::int32_t salus_call(const void*, std::uint32_t, const void*, std::uint32_t, void* out,
                        std::uint32_t) {
    *static_cast<std::uint8_t*>(out) = 0xf5;
    return 1;
}
std::int32_t salus_call_result(void*, std::uint32_t) {
    return 0;
}
void salus_abort(std::uint32_t code, const void* reason, std::uint32_t size) {
    throw Aborted{code, bytes(reason, size)};
}

}  // namespace salus_native::abi

namespace salus_oracle {

void clear() {
    state.clear();
}

Outcome call(std::string_view method, std::span<const std::uint8_t> args) {
    // A fresh instance for each call, as on chain.
    salus_native::detail::heap_next =
        reinterpret_cast<std::uintptr_t>(salus_native::detail::heap_start());
    scans.clear();
    try {
        salus_native::Writer out;
        salus_native::Id caller;
        caller.bytes.fill(0x70);
        for (const salus_native::Method& one : native_methods()) {
            if (one.name != method) continue;
            salus_native::Call asked{method, args, caller, {}, out};
            salus_native::require(one.role.allows(asked), 101, one.role.who);
            one.handler(asked);
            const auto view = out.view();
            return {0, {view.begin(), view.end()}};
        }
        return {7, {}};
    } catch (const Aborted& aborted) {
        return {aborted.code, {aborted.reason.begin(), aborted.reason.end()}};
    }
}

}  // namespace salus_oracle
