#include "client/sealing.hpp"

#include "base/cbor.hpp"
#include "client/limits.hpp"
#include "crypto/hash.hpp"
#include "ledger/cose_sign.hpp"

#include <limits>

namespace salus::client {
namespace {

constexpr std::size_t media_type_bytes_max = 64;
constexpr std::size_t salt_bytes = 32;
constexpr std::uint64_t epoch_max = std::numeric_limits<std::uint32_t>::max();

Result<std::uint32_t> read_epoch(cbor::Reader& in) {
    return static_cast<std::uint32_t>(SALUS_TRY(in.uint_max(epoch_max)));
}

Result<ReleasedRecord> read_record(cbor::Reader& in) {
    SALUS_TRY(in.array_of(6));
    ReleasedRecord out;
    out.record = SALUS_TRY(in.fixed<ObjectId>());
    out.collection = SALUS_TRY(in.fixed<ObjectId>());
    out.epoch = SALUS_TRY(read_epoch(in));
    out.dek_wrap = to_bytes(SALUS_TRY(in.bytes()));
    if (in.null_next()) {
        SALUS_TRY(in.null());
    } else {
        out.grant_wrap = to_bytes(SALUS_TRY(in.bytes()));
    }
    out.body = to_bytes(SALUS_TRY(in.bytes()));
    return out;
}

}  // namespace

Bytes encode(const Manifest& manifest) {
    cbor::Writer out;
    out.map(7).uint(1).bytes(manifest.record.view()).uint(2).bytes(manifest.collection.view());
    out.uint(3).uint(manifest.epoch).uint(4).bytes(manifest.author.view());
    out.uint(5).text(manifest.media_type).uint(6).bytes(manifest.dek_wrap_digest.view());
    out.uint(7).bytes(manifest.body_digest.view());
    return out.take();
}

Result<Manifest> decode_manifest(ByteView bytes) {
    cbor::Reader in(bytes);
    Manifest out;
    SALUS_TRY(in.map_of(7));
    SALUS_TRY(in.key(1));
    out.record = SALUS_TRY(in.fixed<ObjectId>());
    SALUS_TRY(in.key(2));
    out.collection = SALUS_TRY(in.fixed<ObjectId>());
    SALUS_TRY(in.key(3));
    out.epoch = SALUS_TRY(read_epoch(in));
    SALUS_TRY(in.key(4));
    out.author = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(5));
    out.media_type = SALUS_TRY(in.text_max(media_type_bytes_max));
    SALUS_TRY(in.key(6));
    out.dek_wrap_digest = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(7));
    out.body_digest = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.end());
    return out;
}

Digest commitment_of(ByteView salt, const ObjectId& record, ByteView manifest) {
    Bytes message = to_bytes(record.view());
    append(message, crypto::sha256(manifest).view());
    return crypto::hmac_sha256(salt, message);
}

Status check_commitment(const Digest& commitment, ByteView salt, const Manifest& manifest) {
    if (commitment_of(salt, manifest.record, encode(manifest)) != commitment) {
        return Error{Errc::integrity, "the record is not the one its author committed to"};
    }
    return done;
}

Result<SealedItem> seal_item(Env& env, const Author& author, const CollectionFacts& to,
                             ByteView plaintext, std::string_view media_type) {
    if (media_type.size() > media_type_bytes_max) {
        return Error{Errc::out_of_range, "a media type has at most 64 bytes"};
    }
    SealedItem item;
    item.record = random_bytes<ObjectId>(env);
    ReleasedRecord place;
    place.record = item.record;
    place.epoch = to.epoch;
    const crypto::WrapContext context = record_context(author.chain_id, to, place, author.key);
    std::vector<crypto::X25519PublicKey> recipients{to.key};
    if (author.own_kem) recipients.push_back(*author.own_kem);
    crypto::SharedSealedRecord shared =
        SALUS_TRY(crypto::seal_record_to_all(env, plaintext, recipients, context));
    crypto::SealedRecord sealed{std::move(shared.wraps.front()), std::move(shared.body)};
    if (author.own_kem) item.author_wrap = std::move(shared.wraps.back());
    Manifest manifest{item.record,
                      to.id,
                      to.epoch,
                      author.account,
                      std::string(media_type),
                      crypto::sha256(sealed.wrap),
                      crypto::sha256(sealed.body)};
    item.manifest = encode(manifest);
    item.salt.resize(salt_bytes);
    env.random(item.salt);
    item.put = operation::record_put(item.record, to.id, to.epoch,
                                     commitment_of(item.salt, item.record, item.manifest),
                                     {manifest.body_digest, sealed.body.size()});
    item.dek_wrap = std::move(sealed.wrap);
    item.body = std::move(sealed.body);
    return item;
}

Bytes store_body(ByteView transaction, const std::vector<SealedItem>& items) {
    cbor::Writer out;
    out.array(2).bytes(transaction).array(items.size());
    for (const SealedItem& item : items) {
        out.array(item.author_wrap.empty() ? 4 : 5).bytes(item.record.view()).bytes(item.dek_wrap);
        out.bytes(item.body).bytes(item.salt);
        if (!item.author_wrap.empty()) out.bytes(item.author_wrap);
    }
    return out.take();
}

Result<Bytes> access_request(Env& env, const AccountKeys& keys, const Occasion& occasion,
                             const OpenQuestion& question) {
    if (question.records.empty() || question.records.size() > open_records_max) {
        return Error{Errc::out_of_range, "a request names 1 to 1,000 records"};
    }
    if (question.purpose.empty() || question.purpose.size() > purpose_bytes_max) {
        return Error{Errc::out_of_range, "a purpose has 1 to 32 bytes"};
    }
    cbor::Writer out;
    out.map(8).uint(1).text(occasion.chain_id).uint(2).bytes(keys.account.view());
    out.uint(3).bytes(random_bytes<ledger::Nonce>(env).view());
    out.uint(4).integer(occasion.node_time.value).uint(5).bytes(question.patient.view());
    out.uint(6).array(question.records.size());
    for (const ObjectId& record : question.records) out.bytes(record.view());
    out.uint(7).text(question.purpose).uint(8).text(question.action);
    return ledger::cose_sign1(ledger::access_request_label, out.view(), keys.signing);
}

Result<Released> decode_released(ByteView bytes) {
    cbor::Reader in(bytes);
    Released out;
    SALUS_TRY(in.array_of(3));
    SALUS_TRY(in.map_of(4));
    SALUS_TRY(in.key(1));
    out.sequence = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    out.receipt_hash = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(3));
    const std::size_t directives = SALUS_TRY(in.array());
    for (std::size_t i = 0; i < directives; ++i) {
        out.directives.push_back(SALUS_TRY(in.fixed<ObjectId>()));
    }
    SALUS_TRY(in.key(4));
    out.until = UnixMillis{SALUS_TRY(in.integer())};
    const std::size_t wraps = SALUS_TRY(in.array());
    for (std::size_t i = 0; i < wraps; ++i) {
        SALUS_TRY(in.array_of(3));
        ReleasedWrap wrap;
        wrap.collection = SALUS_TRY(in.fixed<ObjectId>());
        wrap.epoch = SALUS_TRY(read_epoch(in));
        wrap.wrap = to_bytes(SALUS_TRY(in.bytes()));
        out.wraps.push_back(std::move(wrap));
    }
    const std::size_t records = SALUS_TRY(in.array());
    for (std::size_t i = 0; i < records; ++i) out.records.push_back(SALUS_TRY(read_record(in)));
    SALUS_TRY(in.end());
    return out;
}

crypto::WrapContext record_context(const std::string& chain_id, const CollectionFacts& collection,
                                   const ReleasedRecord& record, const crypto::KeyId& author) {
    crypto::WrapContext context;
    context.chain_id = chain_id;
    context.patient = collection.owner;
    context.object = record.record;
    context.version = 1;
    context.category = to_bytes(collection.category.view());
    context.epoch = record.epoch;
    context.granter = author;
    return context;
}

Result<Bytes> open_item(const ReleasedRecord& record, const crypto::X25519PrivateKey& key,
                        const crypto::WrapContext& context) {
    return crypto::open_record(record.dek_wrap, record.body, key, context);
}

}  // namespace salus::client
