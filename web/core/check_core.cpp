#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "learn/report.hpp"

#include "core.hpp"

/// Hashes and encodings that a page checks by itself.
using salus::web::give;

SALUS_EXPORT("core_sha256")
const std::uint8_t* core_sha256(const std::uint8_t* bytes, std::uint32_t size) {
    return give(salus::to_hex(salus::crypto::sha256(salus::ByteView{bytes, size}).view()));
}

SALUS_EXPORT("core_cbor_check")
const std::uint8_t* core_cbor_check(const std::uint8_t* bytes, std::uint32_t size) {
    const salus::Status status = salus::cbor::check({bytes, size});
    return give(status.ok() ? R"({"ok":true})" : salus::learn::to_json(status.error()));
}
