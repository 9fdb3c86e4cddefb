#pragma once

#include "crypto/hash.hpp"
#include "ledger/transaction_sign.hpp"

#include <sodium.h>

#include <array>

/// Ed25519 lets whoever holds the key sign one message in many ways: RFC 8032 derives the nonce, a
/// verifier cannot tell. Two envelopes of one body are still one transaction.
namespace salus::ledger::test {

/// The same body under a signature that differs from RFC 8032's and from those of other numbers.
inline Bytes second_signature(const Bytes& envelope, const crypto::SigningKey& key,
                              std::uint8_t number = 1) {
    using Scalar = std::array<std::uint8_t, crypto_core_ed25519_SCALARBYTES>;
    const Transaction transaction = decode_transaction(envelope).value();
    const Bytes message = sig_structure(transaction.payload, transaction.kid);
    const auto expanded = crypto::sha512(key.reveal());
    std::array<std::uint8_t, crypto_core_ed25519_NONREDUCEDSCALARBYTES> wide{};
    std::copy_n(expanded.bytes.begin(), 32, wide.begin());
    wide[0] &= 248;
    wide[31] = static_cast<std::uint8_t>((wide[31] & 127U) | 64U);
    Scalar secret{};
    crypto_core_ed25519_scalar_reduce(secret.data(), wide.data());
    wide.fill(number);
    Scalar nonce{};
    crypto_core_ed25519_scalar_reduce(nonce.data(), wide.data());

    Signature signature;
    SALUS_ASSERT(crypto_scalarmult_ed25519_base_noclamp(signature.bytes.data(), nonce.data()) == 0);
    Bytes challenged(signature.bytes.begin(), signature.bytes.begin() + 32);
    append(challenged, transaction.kid.view());
    append(challenged, message);
    const auto hashed = crypto::sha512(challenged);
    Scalar challenge{};
    crypto_core_ed25519_scalar_reduce(challenge.data(), hashed.bytes.data());
    Scalar product{};
    crypto_core_ed25519_scalar_mul(product.data(), challenge.data(), secret.data());
    crypto_core_ed25519_scalar_add(signature.bytes.data() + 32, nonce.data(), product.data());

    Bytes other = assemble(transaction.payload, transaction.kid, signature).value();
    SALUS_ASSERT(other != envelope && check_signature(decode_transaction(other).value()).ok());
    return other;
}

}  // namespace salus::ledger::test
