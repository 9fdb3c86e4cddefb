#include "crypto/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <limits>

namespace salus::crypto::openssl {
namespace {

constexpr int modulus_bits_min = 2048;
constexpr int modulus_bits_max = 8192;

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

Key from_parameters(const char* type, OSSL_PARAM* parameters) noexcept {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        return nullptr;
    }
    return Key(key);
}

Number number(ByteView big_endian) noexcept {
    if (big_endian.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        return nullptr;
    }
    return Number(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
}

}  // namespace

void free_key(EVP_PKEY* key) noexcept {
    EVP_PKEY_free(key);
}

Key ec_key(const char* group, ByteView point, std::size_t point_bytes) noexcept {
    if (point.size() != point_bytes || point[0] != 0x04) return nullptr;
    // The parameters only read these strings; OpenSSL's signature does not say so.
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(group), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                          const_cast<std::uint8_t*>(point.data()), point.size()),
        OSSL_PARAM_construct_end()};
    Key key = from_parameters("EC", parameters);
    if (key == nullptr) return nullptr;
    const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (check == nullptr || EVP_PKEY_public_check_quick(check.get()) != 1) return nullptr;
    return key;
}

Key rsa_key(ByteView modulus, ByteView exponent) noexcept {
    const Number n = number(modulus);
    const Number e = number(exponent);
    if (n == nullptr || e == nullptr) return nullptr;
    if (BN_num_bits(n.get()) < modulus_bits_min || BN_num_bits(n.get()) > modulus_bits_max ||
        BN_is_odd(n.get()) == 0) {
        return nullptr;
    }
    if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1 || BN_num_bits(e.get()) > 32) {
        return nullptr;
    }
    const Builder builder(OSSL_PARAM_BLD_new());
    if (builder == nullptr ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return parameters == nullptr ? nullptr : from_parameters("RSA", parameters.get());
}

bool verify(EVP_PKEY* key, const char* digest, ByteView message, ByteView signature) noexcept {
    const DigestContext context(EVP_MD_CTX_new());
    return context != nullptr &&
           EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key,
                                   nullptr) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

Bytes der_from_halves(ByteView signature) {
    const std::size_t half = signature.size() / 2;
    Number r = number(signature.first(half));
    Number s = number(signature.subspan(half));
    const Signature pair(ECDSA_SIG_new());
    if (r == nullptr || s == nullptr || pair == nullptr) return {};
    // The pair owns both numbers from here on.
    if (ECDSA_SIG_set0(pair.get(), r.release(), s.release()) != 1) return {};
    std::uint8_t* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return {};
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

}  // namespace salus::crypto::openssl
