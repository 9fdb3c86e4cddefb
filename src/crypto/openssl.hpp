#pragma once

#include "base/bytes.hpp"

#include <openssl/types.h>

#include <memory>

/// What those who call OpenSSL 3 share. Included by the .cpp files of this module only.
namespace salus::crypto::openssl {

/// What OpenSSL made ends with the function that OpenSSL names for it.
template <auto free_function>
struct Freed {
    template <class T>
    void operator()(T* object) const noexcept {
        free_function(object);
    }
};

void free_key(EVP_PKEY* key) noexcept;
using Key = std::unique_ptr<EVP_PKEY, Freed<free_key>>;

/// Uncompressed point (0x04, x, y) of exactly point_bytes on the named curve; nullptr when it is
/// not on it.
Key ec_key(const char* group, ByteView point, std::size_t point_bytes) noexcept;
/// Big-endian modulus of 2048 to 8192 bits and odd exponent from 3 to 2^32; nullptr otherwise.
Key rsa_key(ByteView modulus, ByteView exponent) noexcept;

/// ECDSA (DER signature) or RSA PKCS#1 v1.5 over the named digest.
bool verify(EVP_PKEY* key, const char* digest, ByteView message, ByteView signature) noexcept;

/// r‖s of equal halves, as JOSE writes ECDSA, into DER.
Bytes der_from_halves(ByteView signature);

}  // namespace salus::crypto::openssl
