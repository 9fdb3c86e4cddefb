#include "crypto/wrap.hpp"

#include "crypto/hash.hpp"
#include "crypto/hpke.hpp"
#include "crypto/limits.hpp"

namespace salus::crypto {
namespace {

constexpr std::size_t key_payload_bytes = 32;

std::string_view info_of(BlobKind kind) {
    return kind == BlobKind::wrapped_card ? "salus/v1/card" : "salus/v1/wrap";
}

bool holds_key(BlobKind kind) {
    return kind == BlobKind::wrapped_collection_key || kind == BlobKind::wrapped_data_key ||
           kind == BlobKind::wrapped_organisation_key || kind == BlobKind::wrapped_break_glass_key;
}
bool is_wrap(BlobKind kind) {
    return holds_key(kind) || kind == BlobKind::wrapped_share || kind == BlobKind::wrapped_card;
}

Status check_payload(BlobKind kind, std::size_t size) {
    if (!is_wrap(kind)) return Error{Errc::malformed, "not a kind of wrap"};
    if (holds_key(kind) && size != key_payload_bytes) {
        return Error{Errc::malformed, "a wrapped key has 32 bytes"};
    }
    if (size == 0 || size > limits::wrapped_bytes_max) {
        return Error{Errc::out_of_range, "a wrap carries 1 byte to 64 KiB"};
    }
    return done;
}

template <class Id>
void append_id(Bytes& to, const std::optional<Id>& id) {
    append_prefixed(to, id.has_value() ? id->view() : ByteView{});
}

void append_number(Bytes& to, std::optional<std::uint64_t> value) {
    Bytes bytes;
    if (value.has_value()) append_be64(bytes, *value);
    append_prefixed(to, bytes);
}

}  // namespace

// docs/formats/hpke-wrap.md: twelve fields, each with its be32 length; the first is the blob's
// head, which says the suite.
Result<Bytes> wrap_aad(BlobKind kind, const WrapContext& context, const KeyId& grantee) {
    if (context.chain_id.size() > limits::context_text_bytes_max ||
        context.purpose.size() > limits::context_text_bytes_max ||
        context.category.size() > limits::category_bytes_max) {
        return Error{Errc::out_of_range, "a field of the wrap's context is too long"};
    }
    Bytes aad;
    append_prefixed(aad, blob_head(kind));
    append_prefixed(aad, as_bytes(context.chain_id));
    append_id(aad, context.patient);
    append_id(aad, context.object);
    append_number(aad, context.version);
    append_prefixed(aad, context.category);
    Bytes epoch;
    if (context.epoch.has_value()) append_be32(epoch, *context.epoch);
    append_prefixed(aad, epoch);
    append_id(aad, context.granter);
    append_prefixed(aad, grantee.view());
    append_id(aad, context.grant);
    std::optional<std::uint64_t> not_after;
    if (context.not_after.has_value()) {
        not_after = static_cast<std::uint64_t>(context.not_after->value);
    }
    append_number(aad, not_after);
    append_prefixed(aad, as_bytes(context.purpose));
    return aad;
}

Result<Bytes> wrap(Env& env, BlobKind kind, ByteView payload, const X25519PublicKey& to,
                   const WrapContext& context) {
    SALUS_TRY(check_payload(kind, payload.size()));
    const Bytes aad = SALUS_TRY(wrap_aad(kind, context, key_id(to.view())));
    const hpke::Sealed sealed =
        SALUS_TRY(hpke::seal(env, to, as_bytes(info_of(kind)), aad, payload));
    Bytes out = blob_head(kind);
    append(out, sealed.enc.view());
    append(out, sealed.ciphertext);
    return out;
}

Result<Bytes> unwrap(BlobKind kind, ByteView blob, const X25519PrivateKey& key,
                     const WrapContext& context) {
    const ByteView body = SALUS_TRY(blob_body(blob, kind));
    if (body.size() < hpke::enc_bytes + tag_bytes) {
        return Error{Errc::malformed, "wrap ends early"};
    }
    SALUS_TRY(check_payload(kind, body.size() - hpke::enc_bytes - tag_bytes));
    const auto enc = SALUS_TRY(hpke::EncapsulatedKey::from(body.first(hpke::enc_bytes)));
    const Bytes aad = SALUS_TRY(wrap_aad(kind, context, key_id(public_key(key).view())));
    return hpke::open(key, enc, as_bytes(info_of(kind)), aad, body.subspan(hpke::enc_bytes));
}

Result<Digest> wrap_digest(BlobKind kind, ByteView blob) {
    return sha256(SALUS_TRY(blob_body(blob, kind)));
}

}  // namespace salus::crypto
