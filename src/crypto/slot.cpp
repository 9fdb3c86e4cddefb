#include "crypto/slot.hpp"

#include "crypto/blob.hpp"
#include "crypto/chunked.hpp"
#include "crypto/limits.hpp"

namespace salus::crypto {
namespace {

constexpr std::size_t kdf_bytes = 4 + 4 + 4 + KdfSalt::size_bytes;
constexpr std::size_t fixed_bytes = 1 + ObjectId::size_bytes + 4 + 1;

/// m_kib be32 ‖ t be32 ‖ p be32 ‖ salt; nothing for a slot that no password opens.
Bytes encode_kdf(const std::optional<SlotKdf>& kdf) {
    Bytes out;
    if (!kdf.has_value()) return out;
    append_be32(out, kdf->parameters.m_kib);
    append_be32(out, kdf->parameters.t);
    append_be32(out, kdf->parameters.p);
    append(out, kdf->salt.view());
    return out;
}

Bytes encode_head(const SlotHead& head) {
    Bytes out = blob_head(BlobKind::key_slot);
    out.push_back(static_cast<std::uint8_t>(head.type));
    append(out, head.slot.view());
    append_be32(out, head.epoch);
    const Bytes kdf = encode_kdf(head.kdf);
    out.push_back(static_cast<std::uint8_t>(kdf.size()));
    append(out, kdf);
    return out;
}

Status check(const SlotHead& head) {
    if (head.type < SlotType::password || head.type > SlotType::demo) {
        return Error{Errc::malformed, "unknown slot type"};
    }
    if (head.kdf.has_value() != (head.type == SlotType::password)) {
        return Error{Errc::malformed, "a password slot has KDF parameters, and no other has"};
    }
    return done;
}

struct Parsed {
    SlotHead head;
    ByteView sealed;
};

Result<Parsed> parse(ByteView blob) {
    const ByteView body = SALUS_TRY(blob_body(blob, BlobKind::key_slot));
    if (body.size() < fixed_bytes) return Error{Errc::malformed, "slot ends early"};
    Parsed out;
    out.head.type = static_cast<SlotType>(body[0]);
    std::copy_n(body.begin() + 1, ObjectId::size_bytes, out.head.slot.bytes.begin());
    out.head.epoch = read_be32(body.data() + 1 + ObjectId::size_bytes);
    const std::size_t kdf_size = body[fixed_bytes - 1];
    out.sealed = body.subspan(fixed_bytes);
    if (kdf_size == kdf_bytes && out.sealed.size() >= kdf_bytes) {
        SlotKdf kdf;
        kdf.parameters.m_kib = read_be32(out.sealed.data());
        kdf.parameters.t = read_be32(out.sealed.data() + 4);
        kdf.parameters.p = read_be32(out.sealed.data() + 8);
        std::copy_n(out.sealed.begin() + 12, KdfSalt::size_bytes, kdf.salt.bytes.begin());
        out.head.kdf = kdf;
        out.sealed = out.sealed.subspan(kdf_bytes);
    } else if (kdf_size != 0) {
        return Error{Errc::malformed, "slot has KDF parameters of another size"};
    }
    SALUS_TRY(check(out.head));
    return out;
}

// docs/formats/key-slot.md: account, slot id, type, KDF parameters, epoch.
Bytes context_of(const AccountId& account, const SlotHead& head) {
    Bytes out = to_bytes("salus/v1/slot");
    out.push_back(0x00);
    append_prefixed(out, account.view());
    append_prefixed(out, head.slot.view());
    const auto type = static_cast<std::uint8_t>(head.type);
    append_prefixed(out, ByteView(&type, 1));
    append_prefixed(out, encode_kdf(head.kdf));
    Bytes epoch;
    append_be32(epoch, head.epoch);
    append_prefixed(out, epoch);
    return out;
}

}  // namespace

std::string_view to_string(SlotType type) noexcept {
    switch (type) {
        case SlotType::password:
            return "password";
        case SlotType::recovery:
            return "recovery";
        case SlotType::passkey:
            return "passkey";
        case SlotType::demo:
            return "demo";
    }
    return "unknown";
}

Result<Bytes> seal_slot(Env& env, const KeyEncryptionKey& kek, const AccountId& account,
                        const SlotHead& head, ByteView payload) {
    SALUS_TRY(check(head));
    if (payload.size() > limits::slot_payload_bytes_max) {
        return Error{Errc::out_of_range, "a slot holds at most 256 bytes"};
    }
    Bytes out = encode_head(head);
    append(out, chunked::seal(env, kek, context_of(account, head), payload));
    return out;
}

Result<Bytes> seal_slot_key(Env& env, const KeyEncryptionKey& kek, const AccountId& account,
                            const SlotHead& head, const AccountMasterKey& amk) {
    return seal_slot(env, kek, account, head, amk.reveal());
}

Result<SlotHead> read_slot_head(ByteView blob) {
    const Parsed parsed = SALUS_TRY(parse(blob));
    return parsed.head;
}

Result<Bytes> open_slot(const KeyEncryptionKey& kek, const AccountId& account, ByteView blob) {
    const Parsed parsed = SALUS_TRY(parse(blob));
    if (parsed.sealed.size() > chunked::sealed_bytes(limits::slot_payload_bytes_max)) {
        return Error{Errc::out_of_range, "a slot holds at most 256 bytes"};
    }
    return chunked::open(kek, context_of(account, parsed.head), parsed.sealed);
}

Result<AccountMasterKey> open_slot_key(const KeyEncryptionKey& kek, const AccountId& account,
                                       ByteView blob) {
    Bytes payload = SALUS_TRY(open_slot(kek, account, blob));
    Result<AccountMasterKey> amk = key_from<AccountMasterKey>(payload);
    wipe(payload);
    return amk;
}

}  // namespace salus::crypto
