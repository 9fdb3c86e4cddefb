#include "contracts/gatekeeper.hpp"

#include "contracts/gatekeeper_wabt.hpp"
#include "contracts/limits.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace salus::contracts {
namespace {

constexpr std::array<std::uint8_t, 8> magic_and_version{0x00, 0x61, 0x73, 0x6d,
                                                        0x01, 0x00, 0x00, 0x00};

/// An unsigned LEB128 of at most 32 bits at `at`, which moves behind it.
Result<std::uint32_t> read_leb(ByteView bytes, std::size_t& at) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (at == bytes.size()) {
            return Error{Errc::malformed, "module ends inside a section head"};
        }
        const std::uint8_t byte = bytes[at++];
        value |= std::uint64_t{byte & 0x7FU} << shift;
        if ((byte & 0x80U) == 0) {
            if (value > 0xFFFFFFFFU) {
                break;
            }
            return static_cast<std::uint32_t>(value);
        }
    }
    return Error{Errc::malformed, "a section size is longer than 32 bits"};
}

/// The module without its custom sections: names, producers and linking data mean nothing here, and
/// their parsers are better not met by hostile bytes.
Result<Bytes> without_custom_sections(ByteView module) {
    if (module.size() < magic_and_version.size() ||
        !std::equal(magic_and_version.begin(), magic_and_version.end(), module.begin())) {
        return Error{Errc::malformed, "not a WebAssembly 1 module"};
    }
    Bytes kept = to_bytes(module.first(magic_and_version.size()));
    std::size_t at = magic_and_version.size();
    while (at < module.size()) {
        const std::size_t start = at;
        const std::uint8_t id = module[at++];
        const std::uint32_t size = SALUS_TRY(read_leb(module, at));
        if (size > module.size() - at) {
            return Error{Errc::malformed, "a section reaches beyond the module"};
        }
        at += size;
        if (id != 0) {
            append(kept, module.subspan(start, at - start));
        }
    }
    return kept;
}

Error refused(wabt_side::Refusal refusal, std::string why) {
    switch (refusal) {
        case wabt_side::Refusal::out_of_range:
            return {Errc::out_of_range, std::move(why)};
        case wabt_side::Refusal::denied:
            return {Errc::denied, std::move(why)};
        case wabt_side::Refusal::none:
        case wabt_side::Refusal::malformed:
            break;
    }
    return {Errc::malformed, std::move(why)};
}

}  // namespace

Result<AdmittedCode> admit(ByteView module) {
    if (module.size() > module_bytes_max) {
        return Error{Errc::out_of_range, "module of " + std::to_string(module.size()) +
                                             " bytes; limit " + std::to_string(module_bytes_max)};
    }
    const Bytes bare = SALUS_TRY(without_custom_sections(module));
    const wabt_side::Scan scan = wabt_side::scan_module(bare.data(), bare.size());
    if (scan.refusal != wabt_side::Refusal::none) {
        return refused(scan.refusal, scan.why);
    }
    wabt_side::Rewrite rewrite = wabt_side::rewrite_module(bare.data(), bare.size());
    if (rewrite.refusal != wabt_side::Refusal::none) {
        return refused(rewrite.refusal, rewrite.why);
    }
    AdmittedCode code;
    code.hash = crypto::sha256(module);
    code.instrumented_hash = crypto::sha256(rewrite.module);
    code.instrumented = std::move(rewrite.module);
    code.gas_global = rewrite.gas_global;
    return code;
}

}  // namespace salus::contracts
