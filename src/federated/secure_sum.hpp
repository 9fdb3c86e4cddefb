#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"
#include "crypto/shamir.hpp"
#include "crypto/x25519.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

/// A sum of which nobody sees a part (Bonawitz et al. 2017): each client adds masks that cancel
/// between pairs, and one of its own. Whoever drops out is made up for by any `threshold` others,
/// who hold shares of every key. Exact in integers modulo 2^64.
///
///   SumClient: made ── meet(keys) ── take(sealed shares) ── masked(values) ── reveal(who is there)
///   SumServer: collects each step's answers and, at the end, adds up
namespace salus::federated {

using ClientIndex = std::uint8_t;  ///< 1 to n
inline constexpr std::size_t clients_max = 255;
inline constexpr std::size_t sum_length_max = std::size_t{1} << 20U;

struct SumShape {
    std::uint8_t clients = 0;
    std::uint8_t threshold = 0;  ///< more than half, so that two halves cannot both unmask
    std::size_t length = 0;
    std::uint64_t round = 0;  ///< masks of two rounds never repeat
};
/// Errors: out_of_range — not 3 ≤ clients ≤ 255, clients / 2 < threshold ≤ clients, length.
Status check_shape(const SumShape& shape);

/// What a survivor says at the end: of those who are there, shares of their own mask; of those who
/// are gone, shares of their key. Never both of one client.
struct Revealed {
    std::map<ClientIndex, Bytes> own_masks;
    std::map<ClientIndex, Bytes> keys;
};

class SumClient {
  public:
    /// Draws fresh keys: a client is good for one round.
    static Result<SumClient> create(Env& env, ClientIndex index, const SumShape& shape);
    [[nodiscard]] ClientIndex index() const noexcept { return index_; }
    [[nodiscard]] crypto::X25519PublicKey public_key() const { return pair_.public_half; }

    /// Everybody's keys → for each other client a sealed pair of shares.
    /// Errors: malformed — a key is missing or not this client's own; integrity — a bad point.
    Result<std::map<ClientIndex, Bytes>> meet(
        Env& env, const std::map<ClientIndex, crypto::X25519PublicKey>& keys);
    /// Errors: denied — no such sender; authentication — the share is not from that sender.
    Status take(ClientIndex from, ByteView sealed);
    /// Errors: malformed — another length than the shape's; denied — asked twice.
    Result<std::vector<std::uint64_t>> masked(std::span<const std::uint64_t> values);
    /// Errors: denied — fewer than the threshold are there, or asked twice.
    Result<Revealed> reveal(const std::set<ClientIndex>& present);

  private:
    struct Held {
        Bytes own_mask, key;
    };
    SumShape shape_;
    ClientIndex index_ = 0;
    crypto::X25519Pair pair_;
    crypto::Secret<32> own_mask_;
    std::map<ClientIndex, Bytes> shared_;  ///< shared secrets by peer
    std::map<ClientIndex, Held> held_;
    bool has_masked_ = false, has_revealed_ = false;
};

class SumServer {
  public:
    static Result<SumServer> create(const SumShape& shape);
    /// Errors: already_exists; out_of_range — no such client.
    Status register_key(ClientIndex from, const crypto::X25519PublicKey& key);
    [[nodiscard]] const std::map<ClientIndex, crypto::X25519PublicKey>& keys() const noexcept {
        return keys_;
    }
    /// Errors: malformed — the length; denied — unknown client; already_exists — a second vector.
    Status add(ClientIndex from, std::span<const std::uint64_t> masked);
    [[nodiscard]] const std::set<ClientIndex>& present() const noexcept { return present_; }
    /// The exact sum of what the present clients put in.
    /// Errors: not_found — too few shares; integrity — shares that do not fit a client's key.
    Result<std::vector<std::uint64_t>> total(const std::map<ClientIndex, Revealed>& revealed) const;

  private:
    explicit SumServer(const SumShape& shape) : shape_(shape), sum_(shape.length, 0) {}
    SumShape shape_;
    std::map<ClientIndex, crypto::X25519PublicKey> keys_;
    std::set<ClientIndex> present_;
    std::vector<std::uint64_t> sum_;
};

/// Fixed point with 2^20 steps to one. Errors: out_of_range — no number, or beyond ±2^40.
Result<std::uint64_t> to_fixed(double value);
double from_fixed(std::uint64_t value) noexcept;
inline constexpr double fixed_steps = 1 << 20;

}  // namespace salus::federated
