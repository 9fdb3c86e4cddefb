#include "crypto/chunked.hpp"

#include "crypto/hash.hpp"
#include "crypto/limits.hpp"

namespace salus::crypto::chunked {
namespace {

constexpr std::size_t salt_bytes = Salt::size_bytes;
constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t commitment_bytes = 32;
constexpr std::string_view domain = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM";

struct Derived {
    Secret<key_bytes> key;
    GcmNonce base_nonce;
    std::array<std::uint8_t, commitment_bytes> commitment{};
};

/// key ‖ base nonce ‖ commitment = HKDF-Expand(input key, domain ‖ 0x00 ‖ salt ‖ context).
Derived derive(const Secret<32>& key, ByteView salt, ByteView context) {
    Bytes info = to_bytes(domain);
    info.push_back(0x00);
    append(info, salt);
    append(info, context);
    Result<Bytes> okm = hkdf_expand(HashAlgorithm::sha512, key.reveal(), info,
                                    key_bytes + nonce_bytes + commitment_bytes);
    SALUS_ASSERT(okm.ok());
    Derived out;
    auto at = okm->begin();
    std::copy_n(at, key_bytes, out.key.reveal_mutable().begin());
    std::copy_n(at += key_bytes, nonce_bytes, out.base_nonce.bytes.begin());
    std::copy_n(at += nonce_bytes, commitment_bytes, out.commitment.begin());
    wipe(*okm);
    return out;
}

/// Base nonce XOR the chunk's number, big-endian at the end.
GcmNonce nonce_of(GcmNonce base, std::uint64_t index) {
    for (std::size_t i = 0; i < sizeof index; ++i) {
        base.bytes[nonce_bytes - 1 - i] ^= static_cast<std::uint8_t>(index >> (8 * i));
    }
    return base;
}

Error truncated() {
    return Error{Errc::malformed, "no sealed message has this size: it was cut or lengthened"};
}

/// The commitment of `header` was compared before this returns.
Result<Derived> derive_checked(const Secret<32>& key, ByteView context, ByteView header) {
    if (header.size() != header_bytes) return truncated();
    Derived derived = derive(key, header.first(salt_bytes), context);
    if (!equal_constant_time(derived.commitment, header.subspan(salt_bytes))) {
        return Error{Errc::integrity, "key commitment does not fit: wrong key, salt or context"};
    }
    return derived;
}

}  // namespace

std::uint64_t sealed_bytes(std::uint64_t plaintext_bytes) {
    return header_bytes + plaintext_bytes + (plaintext_bytes / chunk_bytes + 1) * tag_bytes;
}

Result<std::uint64_t> plaintext_bytes(std::uint64_t sealed_bytes) {
    if (sealed_bytes < header_bytes) return truncated();
    const std::uint64_t body = sealed_bytes - header_bytes;
    const std::uint64_t whole = body / sealed_chunk_bytes;
    const std::uint64_t last = body % sealed_chunk_bytes;
    // The last chunk is never full, and never shorter than its tag.
    if (last < tag_bytes) return truncated();
    if (whole >= limits::chunks_max) {
        return Error{Errc::out_of_range, "a message has at most 2^38 chunks"};
    }
    return whole * chunk_bytes + (last - tag_bytes);
}

Result<Opener> Opener::create(const Secret<32>& key, ByteView context, ByteView header,
                              std::uint64_t sealed_size) {
    const std::uint64_t size = SALUS_TRY(plaintext_bytes(sealed_size));
    const Derived derived = SALUS_TRY(derive_checked(key, context, header));
    return Opener(Aes256Gcm(derived.key), derived.base_nonce, size);
}

Result<Opener::Place> Opener::place(std::uint64_t index) const {
    if (index >= chunk_count_) return Error{Errc::out_of_range, "the message has no such chunk"};
    const bool last = index + 1 == chunk_count_;
    const std::uint64_t inside = last ? plaintext_size_ % chunk_bytes : chunk_bytes;
    return Place{header_bytes + index * sealed_chunk_bytes,
                 static_cast<std::size_t>(inside) + tag_bytes};
}

Result<Bytes> Opener::open_chunk(std::uint64_t index, ByteView sealed_chunk) {
    const Place where = SALUS_TRY(place(index));
    if (sealed_chunk.size() != where.size) {
        return Error{Errc::malformed,
                     "a chunk of " + std::to_string(where.size) + " bytes expected"};
    }
    return aead_.open(nonce_of(base_nonce_, index), {}, sealed_chunk);
}

Sealer::Sealer(const Secret<32>& key, ByteView context, const Salt& salt)
    : header_(to_bytes(salt.view())), aead_(Secret<32>{}) {
    const Derived derived = derive(key, salt.view(), context);
    append(header_, derived.commitment);
    aead_ = Aes256Gcm(derived.key);
    base_nonce_ = derived.base_nonce;
}

Sealer::Sealer(Env& env, const Secret<32>& key, ByteView context)
    : Sealer(key, context, random_bytes<Salt>(env)) {}

Sealer Sealer::insecure_for_tests(const Secret<32>& key, ByteView context, const Salt& salt) {
    return Sealer(key, context, salt);
}

Status Sealer::seal_chunk(ByteView plaintext, Bytes& out) {
    if (next_ >= limits::chunks_max) {
        return Error{Errc::out_of_range, "a message has at most 2^38 chunks"};
    }
    const std::size_t at = out.size();
    out.resize(at + plaintext.size() + tag_bytes);
    aead_.seal_into(nonce_of(base_nonce_, next_), {}, plaintext, std::span(out).subspan(at));
    ++next_;
    return done;
}

Status Sealer::update(ByteView plaintext, Bytes& out) {
    append(out, header_);
    header_.clear();
    while (held_.size() + plaintext.size() >= chunk_bytes) {
        const std::size_t missing = chunk_bytes - held_.size();
        if (held_.empty()) {
            SALUS_TRY(seal_chunk(plaintext.first(missing), out));
        } else {
            append(held_, plaintext.first(missing));
            SALUS_TRY(seal_chunk(held_, out));
            wipe(held_);
            held_.clear();
        }
        plaintext = plaintext.subspan(missing);
    }
    append(held_, plaintext);
    return done;
}

Status Sealer::finish(Bytes& out) {
    SALUS_TRY(update({}, out));
    SALUS_TRY(seal_chunk(held_, out));
    wipe(held_);
    held_.clear();
    return done;
}

Bytes seal(Env& env, const Secret<32>& key, ByteView context, ByteView plaintext) {
    Sealer sealer(env, key, context);
    Bytes out;
    out.reserve(static_cast<std::size_t>(sealed_bytes(plaintext.size())));
    // Memory holds far less than 2^38 chunks.
    SALUS_ASSERT(sealer.update(plaintext, out).ok());
    SALUS_ASSERT(sealer.finish(out).ok());
    return out;
}

Result<Bytes> open(const Secret<32>& key, ByteView context, ByteView sealed) {
    const std::uint64_t size = SALUS_TRY(plaintext_bytes(sealed.size()));
    return open_range(key, context, sealed, 0, size);
}

Result<Bytes> open_range(const Secret<32>& key, ByteView context, ByteView sealed,
                         std::uint64_t offset, std::uint64_t length) {
    if (sealed.size() < header_bytes) return truncated();
    Opener opener =
        SALUS_TRY(Opener::create(key, context, sealed.first(header_bytes), sealed.size()));
    if (offset > opener.plaintext_size() || length > opener.plaintext_size() - offset) {
        return Error{Errc::out_of_range, "the range leaves the message"};
    }
    const auto open_at = [&](std::uint64_t index) -> Result<Bytes> {
        const Opener::Place at = SALUS_TRY(opener.place(index));
        return opener.open_chunk(index,
                                 sealed.subspan(static_cast<std::size_t>(at.offset), at.size));
    };
    const std::uint64_t last = opener.chunk_count() - 1;
    Bytes last_chunk = SALUS_TRY(open_at(last));
    Bytes out;
    out.reserve(static_cast<std::size_t>(length));
    while (length > 0) {
        const std::uint64_t index = offset / chunk_bytes;
        const auto from = static_cast<std::size_t>(offset % chunk_bytes);
        Bytes chunk = index == last ? std::move(last_chunk) : SALUS_TRY(open_at(index));
        const std::size_t take =
            std::min<std::size_t>(chunk.size() - from, static_cast<std::size_t>(length));
        append(out, ByteView(chunk).subspan(from, take));
        wipe(chunk);
        offset += take;
        length -= take;
    }
    wipe(last_chunk);
    return out;
}

}  // namespace salus::crypto::chunked
