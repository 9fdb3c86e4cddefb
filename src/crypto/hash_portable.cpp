#include "crypto/hash.hpp"
#include "crypto/hash_derive.hpp"
#include "crypto/sha2_portable.hpp"

namespace salus::crypto {
namespace {

/// Gives a portable core the interface that hash_derive.hpp asks for.
template <class Core>
struct Adapter {
    static constexpr std::size_t block_bytes = Core::block_bytes;
    static constexpr std::size_t digest_bytes = Core::digest_bytes;
    Core core;
    void update(ByteView bytes) { core.update(bytes.data(), bytes.size()); }
    void finish(std::uint8_t* to) { core.finish(to); }
};

/// Runs `work` with the adapter of the hash asked for.
template <class Work>
auto with_hash(HashAlgorithm hash, Work&& work) {
    if (hash == HashAlgorithm::sha1) return work(Adapter<portable::Sha1>{});
    if (hash == HashAlgorithm::sha512) return work(Adapter<portable::Sha512>{});
    return work(Adapter<portable::Sha256>{});
}

}  // namespace

struct Sha256::State {
    portable::Sha256 core;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(ByteView bytes) {
    state_->core.update(bytes.data(), bytes.size());
    return *this;
}

Digest Sha256::finish() {
    Digest out;
    state_->core.finish(out.bytes.data());
    state_->core = portable::Sha256{};
    return out;
}

Digest sha256(ByteView bytes) noexcept {
    return sha256({bytes});
}

Digest sha256(std::initializer_list<ByteView> parts) noexcept {
    portable::Sha256 core;
    for (const ByteView part : parts) core.update(part.data(), part.size());
    Digest out;
    core.finish(out.bytes.data());
    return out;
}

Sha512Digest sha512(ByteView bytes) noexcept {
    portable::Sha512 core;
    core.update(bytes.data(), bytes.size());
    Sha512Digest out;
    core.finish(out.bytes.data());
    return out;
}

Bytes hmac(HashAlgorithm hash, ByteView key, ByteView message) {
    return with_hash(hash,
                     [&](auto kind) { return derive::hmac_bytes<decltype(kind)>(key, message); });
}

Digest hmac_sha256(ByteView key, ByteView message) noexcept {
    Digest out;
    derive::hmac_into<Adapter<portable::Sha256>>(key, {message}, out.bytes.data());
    return out;
}

Bytes hkdf_extract(HashAlgorithm hash, ByteView salt, ByteView ikm) {
    return hmac(hash, salt, ikm);
}

Result<Bytes> hkdf_expand(HashAlgorithm hash, ByteView prk, ByteView info, std::size_t length) {
    return with_hash(hash,
                     [&](auto kind) { return derive::expand<decltype(kind)>(prk, info, length); });
}

Result<Bytes> hkdf(HashAlgorithm hash, ByteView ikm, ByteView salt, ByteView info,
                   std::size_t length) {
    return hkdf_expand(hash, hkdf_extract(hash, salt, ikm), info, length);
}

}  // namespace salus::crypto
