#pragma once

#include <cstddef>
#include <cstdint>

/// Every stated limit of this module, each tested one below, at, and one above.
namespace salus::crypto::limits {

inline constexpr std::size_t record_bytes_max = std::size_t{16} << 20U;  ///< larger: store::Blobs
inline constexpr std::size_t wrapped_bytes_max = 64U << 10U;  ///< what one HPKE wrap may carry
inline constexpr std::size_t slot_payload_bytes_max = 256;
inline constexpr std::size_t context_text_bytes_max = 256;  ///< chain id, purpose
inline constexpr std::size_t category_bytes_max = 64;
inline constexpr std::uint64_t chunks_max = std::uint64_t{1} << 38U;  ///< C2SP chunked-encryption

inline constexpr std::uint32_t argon2_m_kib_min = 8;
inline constexpr std::uint32_t argon2_m_kib_max = 1U << 21U;  ///< 2 GiB
inline constexpr std::uint32_t argon2_t_max = 1U << 16U;
inline constexpr std::size_t argon2_output_bytes_min = 16;
inline constexpr std::size_t argon2_output_bytes_max = 1024;
inline constexpr std::size_t argon2_password_bytes_max = 4096;

inline constexpr std::size_t totp_secret_bytes_max = 256;
inline constexpr std::size_t jws_bytes_max = 64U << 10U;
inline constexpr std::size_t client_data_bytes_max = 8U << 10U;
inline constexpr std::size_t authenticator_data_bytes_max = 4U << 10U;
inline constexpr std::size_t share_secret_bytes_max = 1024;

}  // namespace salus::crypto::limits
