#include "crypto/ed25519_self_test.hpp"

#include <string>

namespace salus::crypto {
namespace {

struct EdgeCase {
    std::string_view what;
    std::string_view message;
    std::string_view key;
    std::string_view signature;
    bool accepted;
};

/// The twelve published cases on which Ed25519 libraries disagree (Chalkias, Garillot, Nikolaenko:
/// "Taming the many EdDSAs", 2020), with libsodium's answers. Two nodes whose libraries answer one
/// of them differently would split the ledger.
constexpr EdgeCase edge_cases[] = {
    {"S = 0, small order A and R",
     "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
     "0000000000000000000000000000000000000000000000000000000000000000",
     false},
    {"small order A, mixed order R",
     "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
     "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
     "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
     false},
    {"mixed order A, small order R",
     "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
     "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
     "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
     false},
    {"mixed order A and R, holds with and without cofactor",
     "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
     "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
     "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
     "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
     true},
    {"mixed order A and R, holds only with cofactor",
     "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
     "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
     "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
     "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
     false},
    {"mixed order A, k not reduced before the cofactor",
     "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
     "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
     "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
     "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
     false},
    {"S above L", "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
     "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
     "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
     "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
     false},
    {"S far above L", "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
     "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
     "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942"
     "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
     false},
    {"non-canonical R of small order, R hashed as sent",
     "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
     "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
     false},
    {"non-canonical R of small order, R hashed reduced",
     "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
     "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
     false},
    {"non-canonical A of small order, A hashed reduced",
     "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
     "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
     false},
    {"non-canonical A of small order, A hashed as sent",
     "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
     "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
     false},
};

/// RFC 8032 §7.1, test 2.
constexpr std::string_view rfc_seed =
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
constexpr std::string_view rfc_key =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr std::string_view rfc_signature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

Status check_edge_case(const EdgeCase& edge, Ed25519Verifier verifier) {
    const Bytes message = SALUS_TRY(from_hex(edge.message));
    const Bytes key_bytes = SALUS_TRY(from_hex(edge.key));
    const Bytes signature_bytes = SALUS_TRY(from_hex(edge.signature));
    const auto key = SALUS_TRY(Ed25519PublicKey::from(key_bytes));
    const auto signature = SALUS_TRY(Ed25519Signature::from(signature_bytes));
    if (verifier(key, message, signature) != edge.accepted) {
        return Error{Errc::integrity,
                     "Ed25519 answers differently than agreed: " + std::string(edge.what)};
    }
    return done;
}

}  // namespace

Status ed25519_self_test(Ed25519Verifier verifier) {
    for (const EdgeCase& edge : edge_cases) SALUS_TRY(check_edge_case(edge, verifier));
    const Bytes seed_bytes = SALUS_TRY(from_hex(rfc_seed));
    const auto seed = SALUS_TRY(key_from<SigningKey>(seed_bytes));
    const std::uint8_t message = 0x72;
    const auto key = public_key(seed);
    const auto signature = sign(seed, ByteView(&message, 1));
    if (to_hex(key.view()) != rfc_key || to_hex(signature.view()) != rfc_signature ||
        !verifier(key, ByteView(&message, 1), signature)) {
        return Error{Errc::integrity, "Ed25519 answers differently than agreed: RFC 8032 test 2"};
    }
    return done;
}

Status ed25519_self_test() {
    return ed25519_self_test(verify);
}

}  // namespace salus::crypto
