#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this module.
namespace salus::cometbft {

/// A message of the engine: a block is at most 4 MiB, a snapshot chunk 16 MiB.
inline constexpr std::size_t message_bytes_max = std::size_t{32} << 20U;
/// CometBFT opens four connections; one more may be half-open while the child restarts.
inline constexpr std::size_t connections_max = 8;
/// Requests of one connection that were read and not answered; above it the socket waits.
inline constexpr std::size_t inbox_bytes_max = std::size_t{64} << 20U;
/// Answers go out when no request waits, or when there are this many bytes of them.
inline constexpr std::size_t answer_buffer_bytes = std::size_t{64} << 10U;
inline constexpr std::uint64_t app_version = 1;

/// Transactions of one request to the engine's RPC, as its configuration allows.
inline constexpr std::size_t broadcast_batch_max = 200;
/// Envelopes of one bundle, and the bytes above which none is added: the engine takes 128 KiB.
inline constexpr std::size_t bundle_envelopes_max = 1'000;
inline constexpr std::size_t bundle_bytes_max = std::size_t{96} << 10U;
/// What is offered in one request to the engine's RPC; its body is base64 and at most 8 MB.
inline constexpr std::size_t offer_bytes_max = std::size_t{4} << 20U;
/// Offered and not yet in a block; the rest waits here. A chain that is slower than its members'
/// clients would else be offered the same again and again while it works off what it has.
inline constexpr std::size_t offered_max = 5'000;
/// Between two offers: a lone transaction goes at once, many go together.
inline constexpr std::int64_t offer_pause_ms = 20;
/// A transaction that no block has brought is offered again.
inline constexpr std::int64_t resubmit_after_ms = 5'000;
inline constexpr std::size_t rpc_answer_bytes_max = std::size_t{8} << 20U;
inline constexpr std::int64_t rpc_timeout_ms = 10'000;

/// A child that ended is started again after this long, doubled up to the maximum while it fails.
inline constexpr std::int64_t restart_ms_min = 100;
inline constexpr std::int64_t restart_ms_max = 5'000;
/// No new height for this long although transactions wait: the child is restarted.
inline constexpr std::int64_t stalled_ms_max = 60'000;

}  // namespace salus::cometbft
