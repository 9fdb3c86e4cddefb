#pragma once

#include <cstddef>
#include <cstdint>

/// Stated limits of an account's side; each tested one below, at, and one above where it refuses.
namespace salus::client {

inline constexpr std::int64_t transaction_life_ms = 300'000;  ///< valid_until = node's time + this
inline constexpr std::size_t open_records_max = 1'000;        ///< of one access request
inline constexpr std::size_t purpose_bytes_max = 32;
inline constexpr std::size_t password_chars_with_code_min = 8;
inline constexpr std::size_t password_chars_alone_min = 15;
inline constexpr std::size_t password_bytes_max = 1'024;
inline constexpr std::size_t keyring_file_bytes_max = 64U << 10U;
inline constexpr std::size_t key_list_bytes_max = 512U << 10U;  ///< the sealed list at the node
inline constexpr std::size_t answer_bytes_max = 128U << 20U;    ///< of one HTTP answer
inline constexpr std::size_t header_bytes_max = 64U << 10U;
inline constexpr std::size_t card_bytes_max = 32U << 10U;
inline constexpr std::size_t sentence_bytes_max = 4'096;

// docs/contracts/consent.md
inline constexpr std::size_t ir_actors_max = 64;
inline constexpr std::size_t ir_collections_max = 64;
inline constexpr std::size_t ir_records_max = 256;
inline constexpr std::size_t ir_categories_max = 32;
inline constexpr std::size_t ir_purposes_max = 16;
inline constexpr std::size_t ir_actions_max = 8;

}  // namespace salus::client
