#include "crypto/sealed_record.hpp"

#include "crypto/chunked.hpp"
#include "crypto/limits.hpp"

#include <bit>

namespace salus::crypto {
namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t padded_bytes_min = 256;

/// Padmé (Nikitin et al., PETS 2019): a size keeps as many leading bits as its exponent has, the
/// rest rounds up.
std::size_t padme(std::size_t size) {
    const auto exponent = static_cast<unsigned>(std::bit_width(size)) - 1;
    const unsigned kept = static_cast<unsigned>(std::bit_width(exponent));
    const std::size_t mask = (std::size_t{1} << (exponent - kept)) - 1;
    return (size + mask) & ~mask;
}

Error bad_padding() {
    return Error{Errc::integrity, "the padding of a sealed body is wrong"};
}

Error too_long() {
    return Error{Errc::out_of_range, "a record has at most 16 MiB"};
}

}  // namespace

std::size_t padded_bytes(std::size_t plaintext_bytes) {
    return padme(std::max(plaintext_bytes + length_bytes, padded_bytes_min));
}

Bytes record_body_context(const WrapContext& context) {
    Bytes out = to_bytes("salus/v1/record");
    out.push_back(0x00);
    append_prefixed(out, as_bytes(context.chain_id));
    append_prefixed(out, context.patient.has_value() ? context.patient->view() : ByteView{});
    append_prefixed(out, context.object.has_value() ? context.object->view() : ByteView{});
    Bytes version;
    if (context.version.has_value()) append_be64(version, *context.version);
    append_prefixed(out, version);
    return out;
}

Result<Bytes> seal_body(Env& env, const Secret<32>& key, ByteView context, ByteView plaintext) {
    if (plaintext.size() > limits::record_bytes_max) return too_long();
    Bytes inside;
    inside.reserve(padded_bytes(plaintext.size()));
    append_be64(inside, plaintext.size());
    append(inside, plaintext);
    inside.resize(padded_bytes(plaintext.size()));
    Bytes out = blob_head(BlobKind::sealed_body);
    append(out, chunked::seal(env, key, context, inside));
    wipe(inside);
    return out;
}

Result<Bytes> open_body(const Secret<32>& key, ByteView context, ByteView blob) {
    const ByteView sealed = SALUS_TRY(blob_body(blob, BlobKind::sealed_body));
    const std::uint64_t size = SALUS_TRY(chunked::plaintext_bytes(sealed.size()));
    if (size > padded_bytes(limits::record_bytes_max)) return too_long();
    Bytes inside = SALUS_TRY(chunked::open(key, context, sealed));
    if (inside.size() < padded_bytes_min) return bad_padding();
    const std::uint64_t length = read_be64(inside.data());
    // One plaintext has one padded form.
    if (length > limits::record_bytes_max || padded_bytes(length) != inside.size()) {
        return bad_padding();
    }
    const auto end = inside.begin() + static_cast<std::ptrdiff_t>(length_bytes + length);
    if (std::any_of(end, inside.end(), [](std::uint8_t byte) { return byte != 0; })) {
        return bad_padding();
    }
    Bytes out(inside.begin() + length_bytes, end);
    wipe(inside);
    return out;
}

Result<SharedSealedRecord> seal_record_to_all(Env& env, ByteView plaintext,
                                              std::span<const X25519PublicKey> to,
                                              const WrapContext& context) {
    const auto key = random_key<DataKey>(env);
    SharedSealedRecord out;
    for (const X25519PublicKey& recipient : to) {
        out.wraps.push_back(
            SALUS_TRY(wrap(env, BlobKind::wrapped_data_key, key.reveal(), recipient, context)));
    }
    out.body = SALUS_TRY(seal_body(env, key, record_body_context(context), plaintext));
    return out;
}

Result<SealedRecord> seal_record(Env& env, ByteView plaintext, const X25519PublicKey& to,
                                 const WrapContext& context) {
    SharedSealedRecord sealed =
        SALUS_TRY(seal_record_to_all(env, plaintext, std::span(&to, 1), context));
    return SealedRecord{std::move(sealed.wraps.front()), std::move(sealed.body)};
}

Result<Bytes> open_record(ByteView wrap, ByteView body, const X25519PrivateKey& key,
                          const WrapContext& context) {
    const auto data_key =
        SALUS_TRY(unwrap_key<DataKey>(BlobKind::wrapped_data_key, wrap, key, context));
    return open_body(data_key, record_body_context(context), body);
}

}  // namespace salus::crypto
