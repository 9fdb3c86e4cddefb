#include "crypto/hpke.hpp"

#include "crypto/hash.hpp"

#include <limits>

namespace salus::crypto::hpke {
namespace {

constexpr std::size_t hash_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::uint8_t mode_base = 0x00;

/// "KEM" ‖ kem id 0x0020, and "HPKE" ‖ kem id ‖ kdf id 0x0001 ‖ aead id 0x0002.
constexpr std::uint8_t kem_suite[] = {'K', 'E', 'M', 0x00, 0x20};
constexpr std::uint8_t hpke_suite[] = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x02};

// RFC 9180 §4: LabeledExtract and LabeledExpand.
Bytes labeled_extract(ByteView suite, ByteView salt, std::string_view label, ByteView ikm) {
    Bytes labeled = to_bytes("HPKE-v1");
    append(labeled, suite);
    append(labeled, as_bytes(label));
    append(labeled, ikm);
    Bytes prk = hkdf_extract(HashAlgorithm::sha256, salt, labeled);
    wipe(labeled);
    return prk;
}

Result<Bytes> labeled_expand(ByteView suite, ByteView prk, std::string_view label, ByteView info,
                             std::size_t length) {
    // The length travels in two bytes, and HKDF yields no more than 255 hashes.
    if (length > 255 * hash_bytes) {
        return Error{Errc::out_of_range, "HPKE exports at most 8160 bytes"};
    }
    Bytes labeled;
    append_be16(labeled, static_cast<std::uint16_t>(length));
    append(labeled, as_bytes("HPKE-v1"));
    append(labeled, suite);
    append(labeled, as_bytes(label));
    append(labeled, info);
    return hkdf_expand(HashAlgorithm::sha256, prk, labeled, length);
}

/// Moves `length` bytes of a wiped buffer into a Secret.
template <class Key>
Result<Key> into_key(Result<Bytes> bytes) {
    if (!bytes.ok()) return Error{std::move(bytes).error()};
    Result<Key> key = key_from<Key>(*bytes);
    wipe(*bytes);
    return key;
}

// RFC 9180 §4.1 ExtractAndExpand over DH(private, public) and kem_context = enc ‖ pkR.
Result<SharedSecret> kem_secret(const X25519PrivateKey& own, const X25519PublicKey& other,
                                const EncapsulatedKey& enc, const X25519PublicKey& receiver) {
    const SharedSecret dh = SALUS_TRY(x25519(own, other));
    Bytes kem_context = to_bytes(enc.view());
    append(kem_context, receiver.view());
    Bytes prk = labeled_extract(kem_suite, {}, "eae_prk", dh.reveal());
    Result<Bytes> secret = labeled_expand(kem_suite, prk, "shared_secret", kem_context, hash_bytes);
    wipe(prk);
    return into_key<SharedSecret>(std::move(secret));
}

}  // namespace

// RFC 9180 §5.1 KeySchedule, mode_base: no psk, no psk_id.
Result<Context> key_schedule(const SharedSecret& shared, ByteView info) {
    Bytes schedule{mode_base};
    append(schedule, labeled_extract(hpke_suite, {}, "psk_id_hash", {}));
    append(schedule, labeled_extract(hpke_suite, {}, "info_hash", info));
    Bytes secret = labeled_extract(hpke_suite, shared.reveal(), "secret", {});

    const auto key =
        SALUS_TRY(into_key<Secret<32>>(labeled_expand(hpke_suite, secret, "key", schedule, 32)));
    const Bytes base_bytes =
        SALUS_TRY(labeled_expand(hpke_suite, secret, "base_nonce", schedule, nonce_bytes));
    const auto base = SALUS_TRY(GcmNonce::from(base_bytes));
    auto exporter = SALUS_TRY(into_key<Context::ExporterSecret>(
        labeled_expand(hpke_suite, secret, "exp", schedule, hash_bytes)));
    wipe(secret);
    return Context(Aes256Gcm(key), base, std::move(exporter));
}

GcmNonce Context::nonce() const {
    GcmNonce out = base_nonce_;
    for (std::size_t i = 0; i < sizeof sequence_; ++i) {
        out.bytes[nonce_bytes - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
    }
    return out;
}

Result<Bytes> Context::seal(ByteView aad, ByteView plaintext) {
    if (sequence_ == std::numeric_limits<std::uint64_t>::max()) {
        return Error{Errc::exhausted, "HPKE context has sealed all its messages"};
    }
    Bytes out = aead_.seal(nonce(), aad, plaintext);
    ++sequence_;
    return out;
}

Result<Bytes> Context::open(ByteView aad, ByteView sealed) {
    if (sequence_ == std::numeric_limits<std::uint64_t>::max()) {
        return Error{Errc::exhausted, "HPKE context has opened all its messages"};
    }
    Bytes out = SALUS_TRY(aead_.open(nonce(), aad, sealed));
    ++sequence_;
    return out;
}

Result<Bytes> Context::export_secret(ByteView exporter_context, std::size_t length) const {
    return labeled_expand(hpke_suite, exporter_.reveal(), "sec", exporter_context, length);
}

Result<Sender> setup_sender_insecure_for_tests(const X25519Pair& ephemeral,
                                               const X25519PublicKey& to, ByteView info) {
    const SharedSecret shared =
        SALUS_TRY(kem_secret(ephemeral.private_half, to, ephemeral.public_half, to));
    return Sender{ephemeral.public_half, SALUS_TRY(key_schedule(shared, info))};
}

Result<Sender> setup_sender(Env& env, const X25519PublicKey& to, ByteView info) {
    const X25519Pair ephemeral = random_x25519_pair(env);
    return setup_sender_insecure_for_tests(ephemeral, to, info);
}

Result<Context> setup_receiver(const X25519PrivateKey& key, const EncapsulatedKey& enc,
                               ByteView info) {
    const SharedSecret shared = SALUS_TRY(kem_secret(key, enc, enc, public_key(key)));
    return key_schedule(shared, info);
}

Result<Sealed> seal(Env& env, const X25519PublicKey& to, ByteView info, ByteView aad,
                    ByteView plaintext) {
    Sender sender = SALUS_TRY(setup_sender(env, to, info));
    return Sealed{sender.enc, SALUS_TRY(sender.context.seal(aad, plaintext))};
}

Result<Bytes> open(const X25519PrivateKey& key, const EncapsulatedKey& enc, ByteView info,
                   ByteView aad, ByteView ciphertext) {
    Context context = SALUS_TRY(setup_receiver(key, enc, info));
    return context.open(aad, ciphertext);
}

X25519Pair derive_key_pair(ByteView ikm) {
    Bytes prk = labeled_extract(kem_suite, {}, "dkp_prk", ikm);
    Result<X25519PrivateKey> key = into_key<X25519PrivateKey>(
        labeled_expand(kem_suite, prk, "sk", {}, X25519PrivateKey::size_bytes));
    wipe(prk);
    SALUS_ASSERT(key.ok());
    const X25519PublicKey public_half = public_key(*key);
    return X25519Pair{std::move(*key), public_half};
}

}  // namespace salus::crypto::hpke
