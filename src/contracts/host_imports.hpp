#pragma once

#include <cstdint>
#include <string_view>

/// The functions of module `salus`, once for everybody: the gatekeeper checks types against it, the
/// interpreter binds it, w2c/imports.c repeats it for compiled contracts (a test compares).
/// C++17-clean. In a type, 'i' is i32 and 'I' is i64; `result` is ' ' for none.
namespace salus::contracts {

struct HostImport {
    std::string_view name;
    std::string_view parameters;
    char result;
};

// clang-format off
inline constexpr HostImport host_imports[] = {
    {"kv_get",          "iiii",    'i'},
    {"kv_put",          "iiii",    ' '},
    {"kv_del",          "ii",      ' '},
    {"kv_scan",         "iiiii",   'i'},
    {"kv_next",         "iii",     'i'},
    {"caller",          "i",       ' '},
    {"origin",          "i",       ' '},
    {"caller_contract", "ii",      'i'},
    {"tx_hash",         "i",       ' '},
    {"payload",         "i",       'i'},
    {"block_height",    "",        'I'},
    {"block_time",      "",        'I'},
    {"call",            "iiiiii",  'i'},
    {"call_result",     "ii",      'i'},
    {"emit",            "iiii",    ' '},
    {"sha256",          "iii",     ' '},
    {"ed25519_verify",  "iiii",    'i'},
    {"p256_verify",     "iiiii",   'i'},
    {"merkle_verify",   "iIIiii",  'i'},
    {"abort",           "iii",     ' '},
};
// clang-format on
inline constexpr std::uint32_t host_imports_count = sizeof(host_imports) / sizeof(host_imports[0]);

}  // namespace salus::contracts
