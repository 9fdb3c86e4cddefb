#pragma once

#include "salus/state.hpp"

/// What the host tells and does besides state.
namespace salus {

namespace host {

/// The account that signed; below `call`, the account of the calling contract.
inline Id caller() {
    Id out;
    abi::salus_caller(out.bytes.data());
    return out;
}
/// The account that signed the transaction, however deep the call.
inline Id origin() {
    Id out;
    abi::salus_origin(out.bytes.data());
    return out;
}
/// Name of the calling contract; empty when an account calls.
inline Text caller_contract() {
    auto* out = reinterpret_cast<char*>(allocate(32));
    const std::int32_t size = abi::salus_caller_contract(out, 32);
    return {out, static_cast<std::size_t>(size)};
}
inline Digest tx_hash() {
    Digest out;
    abi::salus_tx_hash(out.bytes.data());
    return out;
}
struct Payload {
    Digest digest;
    std::uint64_t size;
};
/// SHA-256 and size of the detached body that the operation brings along.
inline std::optional<Payload> payload() {
    std::uint8_t out[40];
    if (abi::salus_payload(out) == 0) {
        return std::nullopt;
    }
    Payload payload{fixed_from<32>({out, 32}), 0};
    for (std::uint32_t i = 32; i < 40; ++i) {
        payload.size = payload.size << 8U | out[i];
    }
    return payload;
}
inline std::uint64_t block_height() {
    return abi::salus_block_height();
}
inline std::int64_t block_time() {
    return abi::salus_block_time();
}

/// Topic: 1–64 characters of a–z 0–9 _ . ; data ≤ 4,096 bytes. Traps in a query.
inline void emit(Text topic, View data) {
    abi::salus_emit(topic.data(), static_cast<std::uint32_t>(topic.size()), data.data(),
                    kv::size32(data));
}
inline void emit(Text topic, const Writer& data) {
    emit(topic, data.view());
}

inline Digest sha256(View bytes) {
    Digest out;
    abi::salus_sha256(bytes.data(), kv::size32(bytes), out.bytes.data());
    return out;
}
inline bool ed25519_verify(const Fixed<32>& key, View message, const Fixed<64>& signature) {
    return abi::salus_ed25519_verify(key.bytes.data(), message.data(), kv::size32(message),
                                     signature.bytes.data()) == 1;
}
inline bool p256_verify(const Fixed<65>& key, View message, View der_signature) {
    return abi::salus_p256_verify(key.bytes.data(), message.data(), kv::size32(message),
                                  der_signature.data(), kv::size32(der_signature)) == 1;
}
/// RFC 9162 inclusion of a leaf hash; `path` is the 32-byte hashes one behind the other.
inline bool merkle_verify(const Digest& leaf, std::uint64_t index, std::uint64_t size, View path,
                          const Digest& root) {
    return abi::salus_merkle_verify(leaf.bytes.data(), index, size, path.data(), kv::size32(path),
                                    root.bytes.data()) == 1;
}

/// Asks another contract; its failure is this call's failure. Nothing when no such contract is
/// active.
inline std::optional<View> call(Text contract, Text method, View args) {
    Writer input;
    input.array(2).text(method).bytes(args);
    constexpr std::uint32_t guess = 512;
    std::uint8_t* out = allocate(guess);
    const std::int32_t size =
        abi::salus_call(contract.data(), static_cast<std::uint32_t>(contract.size()),
                        input.view().data(), kv::size32(input.view()), out, guess);
    if (size < 0) {
        return std::nullopt;
    }
    const auto length = static_cast<std::uint32_t>(size);
    if (length > guess) {
        detail::extend(out, guess, length);
        abi::salus_call_result(out, length);
    }
    return View{out, length};
}

}  // namespace host
}  // namespace salus
