#include "client/granting.hpp"

#include "base/cbor.hpp"
#include "base/json.hpp"
#include "client/limits.hpp"
#include "crypto/hash.hpp"

namespace salus::client {
namespace {

using crypto::BlobKind;

crypto::WrapContext grant_context(const GrantPlace& place, const ObjectId& object,
                                  const CollectionFacts& collection, std::uint32_t epoch) {
    crypto::WrapContext context;
    context.chain_id = place.chain_id;
    context.patient = place.patient;
    context.object = object;
    context.category = to_bytes(collection.category.view());
    context.epoch = epoch;
    context.granter = place.granter;
    context.grant = place.directive;
    context.not_after = place.until;
    context.purpose = place.purpose;
    return context;
}

crypto::WrapContext record_grant_context(const GrantPlace& place, const CollectionFacts& collection,
                                         const ReleasedRecord& record) {
    crypto::WrapContext context = grant_context(place, record.record, collection, record.epoch);
    context.version = 1;
    return context;
}

crypto::WrapContext card_context(const GrantPlace& place) {
    crypto::WrapContext context;
    context.chain_id = place.chain_id;
    context.patient = place.patient;
    context.granter = place.granter;
    context.grant = place.directive;
    return context;
}

crypto::WrapContext organisation_context(std::string_view chain_id, const ObjectId& organisation,
                                         const crypto::KeyId& officer) {
    crypto::WrapContext context;
    context.chain_id = std::string(chain_id);
    context.object = organisation;
    context.granter = officer;
    return context;
}

BlobKind kind_of(const GrantWrap& wrap) {
    return wrap.kind == 0 ? BlobKind::wrapped_collection_key : BlobKind::wrapped_data_key;
}

Result<CardCollection> read_card_collection(const json::Value& value) {
    CardCollection out;
    const Bytes id = SALUS_TRY(json::need_hex(value, "id", 16));
    out.id = SALUS_TRY(ObjectId::from(id));
    out.name = SALUS_TRY(json::need_text(value, "name"));
    out.category = SALUS_TRY(json::need_text(value, "category"));
    return out;
}

Result<CardRecord> read_card_record(const json::Value& value) {
    CardRecord out;
    const Bytes id = SALUS_TRY(json::need_hex(value, "id", 16));
    out.id = SALUS_TRY(ObjectId::from(id));
    out.title = SALUS_TRY(json::need_text(value, "title"));
    return out;
}

Result<Card> read_card(std::string_view text) {
    const json::Value value = SALUS_TRY(json::parse(text, card_bytes_max));
    Card card;
    card.patient_name = SALUS_TRY(json::need_text(value, "patient_name"));
    if (const json::Value* born = value.find("born"); born != nullptr && born->text() != nullptr) {
        card.born = *born->text();
    }
    const json::Array* list = SALUS_TRY(json::need_array(value, "collections"));
    for (const json::Value& one : *list) {
        card.collections.push_back(SALUS_TRY(read_card_collection(one)));
    }
    if (const json::Value* records = value.find("records");
        records != nullptr && records->array() != nullptr) {
        for (const json::Value& one : *records->array())
            card.records.push_back(SALUS_TRY(read_card_record(one)));
    }
    return card;
}

}  // namespace

Result<GrantWrap> wrap_collection(Env& env, const AccountKeys& keys, const GrantPlace& place,
                                  const CollectionFacts& collection,
                                  const crypto::X25519PublicKey& to) {
    const crypto::X25519Pair pair = keys.collection(collection.id, collection.epoch);
    GrantWrap out{0, collection.id, collection.epoch, {}};
    out.wrap = SALUS_TRY(
        crypto::wrap(env, BlobKind::wrapped_collection_key, pair.private_half.reveal(), to,
                     grant_context(place, collection.id, collection, collection.epoch)));
    return out;
}

Result<crypto::CollectionPrivateKey> unwrap_collection(const GrantPlace& place,
                                                       const CollectionFacts& collection,
                                                       std::uint32_t epoch, ByteView wrap,
                                                       const crypto::X25519PrivateKey& key) {
    return crypto::unwrap_key<crypto::CollectionPrivateKey>(
        BlobKind::wrapped_collection_key, wrap, key,
        grant_context(place, collection.id, collection, epoch));
}

Result<crypto::CollectionPrivateKey> unwrap_collection_by_any(
    const std::vector<GrantPlace>& places, const CollectionFacts& collection, std::uint32_t epoch,
    ByteView wrap, const std::vector<const crypto::X25519PrivateKey*>& keys) {
    Error last{Errc::denied, "no sharing explains this key"};
    for (const GrantPlace& place : places) {
        for (const crypto::X25519PrivateKey* key : keys) {
            auto opened = unwrap_collection(place, collection, epoch, wrap, *key);
            if (opened.ok()) return opened;
            last = opened.error();
        }
    }
    return last;
}

Result<Bytes> open_granted_record_by_any(const std::vector<GrantPlace>& places,
                                         const CollectionFacts& collection,
                                         const ReleasedRecord& record, const crypto::KeyId& author,
                                         const std::vector<const crypto::X25519PrivateKey*>& keys) {
    Error last{Errc::denied, "no sharing explains this key"};
    for (const GrantPlace& place : places) {
        for (const crypto::X25519PrivateKey* key : keys) {
            auto opened = open_granted_record(place, collection, record, author, *key);
            if (opened.ok()) return opened;
            last = opened.error();
        }
    }
    return last;
}

Result<GrantWrap> wrap_record(Env& env, const GrantPlace& place, const CollectionFacts& collection,
                              const ReleasedRecord& record,
                              const crypto::X25519PrivateKey& owner_key,
                              const crypto::KeyId& author, const crypto::X25519PublicKey& to) {
    const crypto::DataKey data_key = SALUS_TRY(crypto::unwrap_key<crypto::DataKey>(
        BlobKind::wrapped_data_key, record.dek_wrap, owner_key,
        record_context(place.chain_id, collection, record, author)));
    GrantWrap out{1, record.record, record.epoch, {}};
    out.wrap = SALUS_TRY(crypto::wrap(env, BlobKind::wrapped_data_key, data_key.reveal(), to,
                                      record_grant_context(place, collection, record)));
    return out;
}

Result<Bytes> open_granted_record(const GrantPlace& place, const CollectionFacts& collection,
                                  const ReleasedRecord& record, const crypto::KeyId& author,
                                  const crypto::X25519PrivateKey& key) {
    if (!record.grant_wrap) return Error{Errc::malformed, "the node gave no key of this record"};
    const crypto::DataKey data_key = SALUS_TRY(
        crypto::unwrap_key<crypto::DataKey>(BlobKind::wrapped_data_key, *record.grant_wrap, key,
                                            record_grant_context(place, collection, record)));
    return crypto::open_body(
        data_key,
        crypto::record_body_context(record_context(place.chain_id, collection, record, author)),
        record.body);
}

Result<Digest> wraps_digest(const std::vector<GrantWrap>& wraps) {
    cbor::Writer out;
    out.array(wraps.size());
    for (const GrantWrap& wrap : wraps) {
        out.bytes(SALUS_TRY(crypto::wrap_digest(kind_of(wrap), wrap.wrap)).view());
    }
    return crypto::sha256(out.view());
}

Result<Bytes> seal_card(Env& env, const GrantPlace& place, const Card& card,
                        const crypto::X25519PublicKey& to) {
    json::Array collections;
    for (const CardCollection& one : card.collections) {
        collections.emplace_back(json::Object{
            {"id", to_hex(one.id.view())}, {"name", one.name}, {"category", one.category}});
    }
    json::Object whole{{"patient_name", card.patient_name},
                       {"born", card.born},
                       {"collections", std::move(collections)}};
    if (!card.records.empty()) {
        json::Array records;
        for (const CardRecord& one : card.records) {
            records.emplace_back(json::Object{{"id", to_hex(one.id.view())}, {"title", one.title}});
        }
        whole.emplace_back("records", std::move(records));
    }
    const std::string text = json::write(std::move(whole));
    if (text.size() > card_bytes_max) return Error{Errc::out_of_range, "the card is too long"};
    return crypto::wrap(env, BlobKind::wrapped_card, as_bytes(text), to, card_context(place));
}

Result<Card> open_card(const GrantPlace& place, ByteView sealed,
                       const crypto::X25519PrivateKey& key) {
    const Bytes text =
        SALUS_TRY(crypto::unwrap(BlobKind::wrapped_card, sealed, key, card_context(place)));
    return read_card(as_text(text));
}

Bytes grants_body(ByteView transaction, const AccountId& grantee, ByteView card,
                  const std::vector<GrantWrap>& wraps) {
    cbor::Writer out;
    out.array(4).bytes(transaction).bytes(grantee.view()).bytes(card).array(wraps.size());
    for (const GrantWrap& wrap : wraps) {
        out.array(4).uint(wrap.kind).bytes(wrap.object.view()).uint(wrap.epoch).bytes(wrap.wrap);
    }
    return out.take();
}

Bytes revoke_body(ByteView transaction, const std::vector<StayingWrap>& wraps) {
    cbor::Writer out;
    out.array(2).bytes(transaction).array(wraps.size());
    for (const StayingWrap& one : wraps) {
        out.array(4).bytes(one.wrap.object.view()).uint(one.wrap.epoch);
        out.bytes(one.grantee.view()).bytes(one.wrap.wrap);
    }
    return out.take();
}

Result<Bytes> wrap_organisation_key(Env& env, std::string_view chain_id,
                                    const ObjectId& organisation, const crypto::KeyId& officer,
                                    const crypto::X25519PrivateKey& key,
                                    const crypto::X25519PublicKey& to) {
    return crypto::wrap(env, BlobKind::wrapped_organisation_key, key.reveal(), to,
                        organisation_context(chain_id, organisation, officer));
}

Result<crypto::X25519PrivateKey> unwrap_organisation_key(std::string_view chain_id,
                                                         const ObjectId& organisation,
                                                         const crypto::KeyId& officer,
                                                         ByteView wrap,
                                                         const crypto::X25519PrivateKey& key) {
    return crypto::unwrap_key<crypto::X25519PrivateKey>(
        BlobKind::wrapped_organisation_key, wrap, key,
        organisation_context(chain_id, organisation, officer));
}

}  // namespace salus::client
