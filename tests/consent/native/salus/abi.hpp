#pragma once

#include <cstdint>

/// The functions of the host as a test gives them: declarations of contracts/sdk/salus/abi.hpp.
namespace salus::abi {

std::int32_t salus_kv_get(const void* key, std::uint32_t key_size, void* out,
                          std::uint32_t out_max);

void salus_kv_put(const void* key, std::uint32_t key_size, const void* value,
                  std::uint32_t value_size);
void salus_kv_del(const void* key, std::uint32_t key_size);

std::int32_t salus_kv_scan(const void* prefix, std::uint32_t prefix_size, const void* after,
                           std::uint32_t after_size, std::uint32_t limit);

std::int32_t salus_kv_next(std::int32_t handle, void* out, std::uint32_t out_max);
void salus_caller(void* out);
void salus_origin(void* out);
std::int32_t salus_caller_contract(void* out, std::uint32_t out_max);
void salus_tx_hash(void* out);
std::int32_t salus_payload(void* out);
std::uint64_t salus_block_height();
std::int64_t salus_block_time();

std::int32_t salus_call(const void* name, std::uint32_t name_size, const void* input,
                        std::uint32_t input_size, void* out, std::uint32_t out_max);
std::int32_t salus_call_result(void* out, std::uint32_t out_max);

void salus_emit(const void* topic, std::uint32_t topic_size, const void* data,
                std::uint32_t data_size);
void salus_sha256(const void* bytes, std::uint32_t size, void* out);

std::int32_t salus_ed25519_verify(const void* key, const void* message, std::uint32_t size,
                                  const void* signature);

std::int32_t salus_p256_verify(const void* key, const void* message, std::uint32_t size,
                               const void* signature, std::uint32_t signature_size);

std::int32_t salus_merkle_verify(const void* leaf, std::uint64_t index, std::uint64_t size,
                                 const void* path, std::uint32_t path_size, const void* root);
void salus_abort(std::uint32_t code, const void* reason, std::uint32_t size);

}  // namespace salus::abi
