#include "crypto/hash.hpp"

#include "crypto/hash_derive.hpp"
#include "crypto/secret.hpp"

#include <openssl/evp.h>

#include <memory>

namespace salus::crypto {
namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

/// OpenSSL 3 looks an algorithm up by name at every use unless it was fetched before: fetched once
/// for the process.
const EVP_MD* fetched(const char* name) {
    EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
    SALUS_ASSERT(md != nullptr);
    return md;
}

template <HashAlgorithm algorithm>
const EVP_MD* digest_of() {
    if constexpr (algorithm == HashAlgorithm::sha1) {
        static const EVP_MD* const md = fetched("SHA1");
        return md;
    } else if constexpr (algorithm == HashAlgorithm::sha512) {
        static const EVP_MD* const md = fetched("SHA512");
        return md;
    } else {
        static const EVP_MD* const md = fetched("SHA256");
        return md;
    }
}

Context new_context() {
    Context context(EVP_MD_CTX_new());
    SALUS_ASSERT(context != nullptr);
    return context;
}

void start(EVP_MD_CTX* context, const EVP_MD* md) {
    SALUS_ASSERT(EVP_DigestInit_ex2(context, md, nullptr) == 1);
}
void feed(EVP_MD_CTX* context, ByteView bytes) {
    SALUS_ASSERT(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}
void end(EVP_MD_CTX* context, std::uint8_t* to) {
    SALUS_ASSERT(EVP_DigestFinal_ex(context, to, nullptr) == 1);
}

/// One context per thread and algorithm, used between start and end of one function only.
template <HashAlgorithm algorithm>
EVP_MD_CTX* thread_context() {
    thread_local const Context context = new_context();
    start(context.get(), digest_of<algorithm>());
    return context.get();
}

/// The interface that hash_derive.hpp asks for. Two may live at once, but each is fed and finished
/// before the next starts, which lets all of one algorithm share the thread's context.
template <HashAlgorithm algorithm, std::size_t block, std::size_t digest>
struct Native {
    static constexpr std::size_t block_bytes = block;
    static constexpr std::size_t digest_bytes = digest;
    EVP_MD_CTX* context = thread_context<algorithm>();
    void update(ByteView bytes) { feed(context, bytes); }
    void finish(std::uint8_t* to) { end(context, to); }
};
using NativeSha1 = Native<HashAlgorithm::sha1, 64, 20>;
using NativeSha256 = Native<HashAlgorithm::sha256, 64, 32>;
using NativeSha512 = Native<HashAlgorithm::sha512, 128, 64>;

}  // namespace

struct Sha256::State {
    Context context = new_context();
    State() { start(context.get(), digest_of<HashAlgorithm::sha256>()); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(ByteView bytes) {
    feed(state_->context.get(), bytes);
    return *this;
}

Digest Sha256::finish() {
    Digest out;
    end(state_->context.get(), out.bytes.data());
    start(state_->context.get(), digest_of<HashAlgorithm::sha256>());
    return out;
}

Digest sha256(ByteView bytes) noexcept {
    return sha256({bytes});
}

Digest sha256(std::initializer_list<ByteView> parts) noexcept {
    EVP_MD_CTX* const context = thread_context<HashAlgorithm::sha256>();
    for (const ByteView part : parts) feed(context, part);
    Digest out;
    end(context, out.bytes.data());
    return out;
}

Sha512Digest sha512(ByteView bytes) noexcept {
    EVP_MD_CTX* const context = thread_context<HashAlgorithm::sha512>();
    feed(context, bytes);
    Sha512Digest out;
    end(context, out.bytes.data());
    return out;
}

Bytes hmac(HashAlgorithm hash, ByteView key, ByteView message) {
    if (hash == HashAlgorithm::sha1) return derive::hmac_bytes<NativeSha1>(key, message);
    if (hash == HashAlgorithm::sha512) return derive::hmac_bytes<NativeSha512>(key, message);
    return derive::hmac_bytes<NativeSha256>(key, message);
}

Digest hmac_sha256(ByteView key, ByteView message) noexcept {
    Digest out;
    derive::hmac_into<NativeSha256>(key, {message}, out.bytes.data());
    return out;
}

Bytes hkdf_extract(HashAlgorithm hash, ByteView salt, ByteView ikm) {
    return hmac(hash, salt, ikm);
}

Result<Bytes> hkdf_expand(HashAlgorithm hash, ByteView prk, ByteView info, std::size_t length) {
    if (hash == HashAlgorithm::sha1) return derive::expand<NativeSha1>(prk, info, length);
    if (hash == HashAlgorithm::sha512) return derive::expand<NativeSha512>(prk, info, length);
    return derive::expand<NativeSha256>(prk, info, length);
}

Result<Bytes> hkdf(HashAlgorithm hash, ByteView ikm, ByteView salt, ByteView info,
                   std::size_t length) {
    Bytes prk = hkdf_extract(hash, salt, ikm);
    Result<Bytes> okm = hkdf_expand(hash, prk, info, length);
    wipe(prk);
    return okm;
}

}  // namespace salus::crypto
