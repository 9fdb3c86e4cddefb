#pragma once

#include <cstdint>

/// The host's functions as the ABI names them. Contracts use the typed forms in state.hpp and
/// host.hpp.
namespace salus::abi {

#define SALUS_IMPORT(name) extern "C" __attribute__((import_module("salus"), import_name(#name)))

SALUS_IMPORT(kv_get)
std::int32_t
    salus_kv_get(const void* key, std::uint32_t key_size, void* out, std::uint32_t out_max);
SALUS_IMPORT(kv_put)
void salus_kv_put(const void* key, std::uint32_t key_size, const void* value,
                  std::uint32_t value_size);
SALUS_IMPORT(kv_del) void salus_kv_del(const void* key, std::uint32_t key_size);
SALUS_IMPORT(kv_scan)
std::int32_t salus_kv_scan(const void* prefix, std::uint32_t prefix_size, const void* after,
                           std::uint32_t after_size, std::uint32_t limit);
SALUS_IMPORT(kv_next)
std::int32_t salus_kv_next(std::int32_t handle, void* out, std::uint32_t out_max);
SALUS_IMPORT(caller) void salus_caller(void* out);
SALUS_IMPORT(origin) void salus_origin(void* out);
SALUS_IMPORT(caller_contract) std::int32_t salus_caller_contract(void* out, std::uint32_t out_max);
SALUS_IMPORT(tx_hash) void salus_tx_hash(void* out);
SALUS_IMPORT(payload) std::int32_t salus_payload(void* out);
SALUS_IMPORT(block_height) std::uint64_t salus_block_height();
SALUS_IMPORT(block_time) std::int64_t salus_block_time();
SALUS_IMPORT(call)
std::int32_t salus_call(const void* name, std::uint32_t name_size, const void* input,
                        std::uint32_t input_size, void* out, std::uint32_t out_max);
SALUS_IMPORT(call_result) std::int32_t salus_call_result(void* out, std::uint32_t out_max);
SALUS_IMPORT(emit)
void salus_emit(const void* topic, std::uint32_t topic_size, const void* data,
                std::uint32_t data_size);
SALUS_IMPORT(sha256) void salus_sha256(const void* bytes, std::uint32_t size, void* out);
SALUS_IMPORT(ed25519_verify)
std::int32_t salus_ed25519_verify(const void* key, const void* message, std::uint32_t size,
                                  const void* signature);
SALUS_IMPORT(p256_verify)
std::int32_t salus_p256_verify(const void* key, const void* message, std::uint32_t size,
                               const void* signature, std::uint32_t signature_size);
SALUS_IMPORT(merkle_verify)
std::int32_t salus_merkle_verify(const void* leaf, std::uint64_t index, std::uint64_t size,
                                 const void* path, std::uint32_t path_size, const void* root);
SALUS_IMPORT(abort) void salus_abort(std::uint32_t code, const void* reason, std::uint32_t size);

#undef SALUS_IMPORT

}  // namespace salus::abi
