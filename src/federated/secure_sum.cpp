#include "federated/secure_sum.hpp"

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "learn/random_stream.hpp"

#include <algorithm>
#include <cmath>

namespace salus::federated {
namespace {

/// Adds (or takes away) the numbers that a seed stands for.
void apply_mask(std::vector<std::uint64_t>& values, ByteView seed, std::uint64_t round,
                bool subtract) {
    Bytes round_bytes;
    append_be64(round_bytes, round);
    learn::RandomStream stream(
        crypto::sha256({as_bytes("salus/v1/secure-sum-mask"), seed, round_bytes}).bytes,
        "secure sum");
    for (std::uint64_t& value : values) {
        value = subtract ? value - stream.next() : value + stream.next();
    }
}

/// Key that seals shares from one client to another; each direction has its own.
crypto::Secret<32> seal_key(ByteView shared, ClientIndex from, ClientIndex to) {
    const Bytes route{from, to};
    const Digest digest = crypto::sha256({as_bytes("salus/v1/secure-sum-share"), shared, route});
    crypto::Secret<32> key;
    std::copy(digest.bytes.begin(), digest.bytes.end(), key.reveal_mutable().begin());
    return key;
}

/// Shares of both secrets behind each other, each with its length.
Bytes pack(ByteView own_mask, ByteView key) {
    Bytes out;
    append_be32(out, static_cast<std::uint32_t>(own_mask.size()));
    append(out, own_mask);
    append(out, key);
    return out;
}

}  // namespace

Status check_shape(const SumShape& shape) {
    if (shape.clients < 3) return Error{Errc::out_of_range, "a secure sum has 3 to 255 clients"};
    if (shape.threshold > shape.clients || shape.threshold * 2 <= shape.clients) {
        return Error{Errc::out_of_range, "the threshold is more than half of the clients"};
    }
    if (shape.length == 0 || shape.length > sum_length_max) {
        return Error{Errc::out_of_range, "a secure sum has 1 to 2^20 numbers"};
    }
    return done;
}

Result<SumClient> SumClient::create(Env& env, ClientIndex index, const SumShape& shape) {
    SALUS_TRY(check_shape(shape));
    if (index == 0 || index > shape.clients) {
        return Error{Errc::out_of_range, "no client of this number"};
    }
    SumClient out;
    out.shape_ = shape;
    out.index_ = index;
    out.pair_ = crypto::random_x25519_pair(env);
    env.random(out.own_mask_.reveal_mutable());
    return out;
}

Result<std::map<ClientIndex, Bytes>> SumClient::meet(
    Env& env, const std::map<ClientIndex, crypto::X25519PublicKey>& keys) {
    const auto own = keys.find(index_);
    if (keys.size() != shape_.clients || own == keys.end() || own->second != pair_.public_half) {
        return Error{Errc::malformed, "the list of keys is not of this round"};
    }
    const auto n = shape_.clients;
    const std::vector<Bytes> masks =
        SALUS_TRY(crypto::split_secret(env, own_mask_.reveal(), shape_.threshold, n));
    const std::vector<Bytes> privates =
        SALUS_TRY(crypto::split_secret(env, pair_.private_half.reveal(), shape_.threshold, n));
    std::map<ClientIndex, Bytes> out;
    for (const auto& [peer, key] : keys) {
        const std::size_t at = std::size_t{peer} - 1;
        if (peer == index_) {
            held_[index_] = {masks[at], privates[at]};
            continue;
        }
        const crypto::SharedSecret secret = SALUS_TRY(crypto::x25519(pair_.private_half, key));
        shared_[peer] = to_bytes(secret.reveal());
        // The key seals one message only: a nonce of zeros cannot repeat.
        out[peer] = crypto::xchacha20poly1305_seal(seal_key(shared_[peer], index_, peer), {}, {},
                                                   pack(masks[at], privates[at]));
    }
    return out;
}

Status SumClient::take(ClientIndex from, ByteView sealed) {
    const auto peer = shared_.find(from);
    if (peer == shared_.end()) return Error{Errc::denied, "a share of nobody in this round"};
    const Bytes opened = SALUS_TRY(
        crypto::xchacha20poly1305_open(seal_key(peer->second, from, index_), {}, {}, sealed));
    if (opened.size() < 4) return Error{Errc::malformed, "a share is too short"};
    const std::size_t first = read_be32(opened.data());
    if (first > opened.size() - 4) return Error{Errc::malformed, "a share is too short"};
    const ByteView rest = ByteView(opened).subspan(4);
    held_[from] = {to_bytes(rest.first(first)), to_bytes(rest.subspan(first))};
    return done;
}

Result<std::vector<std::uint64_t>> SumClient::masked(std::span<const std::uint64_t> values) {
    if (values.size() != shape_.length) {
        return Error{Errc::malformed, "an update of another length than the round's"};
    }
    // Two different inputs under one mask would show their difference.
    if (has_masked_) return Error{Errc::denied, "this client has given its part already"};
    if (held_.size() != shape_.clients) {
        return Error{Errc::denied, "shares of some clients have not arrived"};
    }
    has_masked_ = true;
    std::vector<std::uint64_t> out(values.begin(), values.end());
    for (const auto& [peer, secret] : shared_) {
        apply_mask(out, secret, shape_.round, index_ > peer);
    }
    apply_mask(out, own_mask_.reveal(), shape_.round, false);
    return out;
}

Result<Revealed> SumClient::reveal(const std::set<ClientIndex>& present) {
    if (has_revealed_) return Error{Errc::denied, "this client has revealed its shares already"};
    if (present.size() < shape_.threshold) {
        return Error{Errc::denied, "fewer clients than the threshold are there"};
    }
    has_revealed_ = true;
    Revealed out;
    for (const auto& [peer, held] : held_) {
        if (present.contains(peer)) {
            out.own_masks[peer] = held.own_mask;
        } else {
            out.keys[peer] = held.key;
        }
    }
    return out;
}

Result<SumServer> SumServer::create(const SumShape& shape) {
    SALUS_TRY(check_shape(shape));
    return SumServer(shape);
}

Status SumServer::register_key(ClientIndex from, const crypto::X25519PublicKey& key) {
    if (from == 0 || from > shape_.clients) {
        return Error{Errc::out_of_range, "no client of this number"};
    }
    if (!keys_.emplace(from, key).second) {
        return Error{Errc::already_exists, "this client has a key already"};
    }
    return done;
}

Status SumServer::add(ClientIndex from, std::span<const std::uint64_t> masked) {
    if (!keys_.contains(from)) return Error{Errc::denied, "a client that is not of this round"};
    if (masked.size() != shape_.length) {
        return Error{Errc::malformed, "an update of another length than the round's"};
    }
    if (!present_.insert(from).second) {
        return Error{Errc::already_exists, "this client has given its part already"};
    }
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += masked[i];
    return done;
}

Result<std::vector<std::uint64_t>> SumServer::total(
    const std::map<ClientIndex, Revealed>& revealed) const {
    if (present_.size() < shape_.threshold) {
        return Error{Errc::not_found, "fewer clients than the threshold are there"};
    }
    const auto secret_of = [&](ClientIndex of, bool is_key) -> Result<Bytes> {
        std::vector<Bytes> shares;
        for (const auto& [from, said] : revealed) {
            const auto& list = is_key ? said.keys : said.own_masks;
            const auto found = list.find(of);
            if (found != list.end() && shares.size() < shape_.threshold) {
                shares.push_back(found->second);
            }
        }
        return crypto::combine_shares(shares);
    };
    std::vector<std::uint64_t> out = sum_;
    for (const auto& [client, key] : keys_) {
        const bool is_present = present_.contains(client);
        const Bytes secret = SALUS_TRY(secret_of(client, !is_present));
        if (is_present) {
            apply_mask(out, secret, shape_.round, true);
            continue;
        }
        const auto lost = SALUS_TRY(crypto::key_from<crypto::X25519PrivateKey>(secret));
        if (crypto::public_key(lost) != key) {
            return Error{Errc::integrity, "shares do not fit the key of the client that is gone"};
        }
        for (const ClientIndex peer : present_) {
            const auto shared = SALUS_TRY(crypto::x25519(lost, keys_.at(peer)));
            // The present peer added its mask when its number is the smaller, and took it away
            // else.
            apply_mask(out, shared.reveal(), shape_.round, peer < client);
        }
    }
    return out;
}

Result<std::uint64_t> to_fixed(double value) {
    if (!(std::abs(value) <= 0x1p40)) {
        return Error{Errc::out_of_range, "an update holds no number, or one beyond 2^40"};
    }
    return static_cast<std::uint64_t>(
        static_cast<std::int64_t>(std::nearbyint(value * fixed_steps)));
}

double from_fixed(std::uint64_t value) noexcept {
    return static_cast<double>(static_cast<std::int64_t>(value)) / fixed_steps;
}

}  // namespace salus::federated
