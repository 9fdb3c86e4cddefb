#include "vault/records.hpp"

#include "base/cbor.hpp"

namespace salus::vault {

namespace {

using store::Column;

constexpr std::size_t wrap_bytes_max = 4'096;
constexpr std::size_t card_bytes_max = 64U << 10U;

Bytes key(std::string_view prefix, ByteView first, ByteView second = {}) {
    Bytes out = to_bytes(prefix);
    append(out, first);
    append(out, second);
    return out;
}

Bytes encode(const Grant& grant) {
    cbor::Writer out;
    out.array(6)
        .bytes(grant.directive.view())
        .bytes(grant.grantor.view())
        .bytes(grant.grantee.view());
    out.bytes(grant.card).integer(grant.stored.value).array(grant.wraps.size());
    for (const GrantWrap& w : grant.wraps) {
        out.array(4).uint(w.kind).bytes(w.object.view()).uint(w.epoch).bytes(w.wrap);
    }
    return out.take();
}

Result<Grant> decode_grant(ByteView bytes) {
    cbor::Reader in(bytes);
    Grant grant;
    SALUS_TRY(in.array_of(6));
    grant.directive = SALUS_TRY(in.fixed<ObjectId>());
    grant.grantor = SALUS_TRY(in.fixed<AccountId>());
    grant.grantee = SALUS_TRY(in.fixed<AccountId>());
    grant.card = to_bytes(SALUS_TRY(in.bytes_max(card_bytes_max)));
    grant.stored = UnixMillis{SALUS_TRY(in.integer())};
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        GrantWrap w;
        SALUS_TRY(in.array_of(4));
        w.kind = static_cast<std::uint8_t>(SALUS_TRY(in.uint_max(1)));
        w.object = SALUS_TRY(in.fixed<ObjectId>());
        w.epoch = SALUS_TRY(in.uint());
        w.wrap = to_bytes(SALUS_TRY(in.bytes_max(wrap_bytes_max)));
        grant.wraps.push_back(std::move(w));
    }
    SALUS_TRY(in.end());
    return grant;
}

Result<RecordVault::Offer> decode_offer(ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.array_of(2));
    RecordVault::Offer out;
    out.record = SALUS_TRY(in.fixed<ObjectId>());
    out.claim_wrap = to_bytes(SALUS_TRY(in.bytes_max(wrap_bytes_max)));
    return out;
}

}  // namespace

Status RecordVault::put_records(const std::vector<RecordKeys>& records) {
    store::WriteBatch batch;
    for (const RecordKeys& r : records) {
        batch.put(
            Column::vault, key("r/", r.record.view()),
            cbor::Writer{}.array(3).bytes(r.dek_wrap).bytes(r.salt).bytes(r.author_wrap).take());
    }
    return kv_.write(batch);
}

Result<RecordKeys> RecordVault::record(const ObjectId& record) const {
    const auto bytes = SALUS_TRY(kv_.get(Column::vault, key("r/", record.view())));
    if (!bytes) return Error{Errc::not_found, "this record's key is not kept here"};
    cbor::Reader in(*bytes);
    SALUS_TRY(in.array_of(3));
    RecordKeys out;
    out.record = record;
    out.dek_wrap = to_bytes(SALUS_TRY(in.bytes_max(wrap_bytes_max)));
    out.salt = to_bytes(SALUS_TRY(in.bytes_max(64)));
    out.author_wrap = to_bytes(SALUS_TRY(in.bytes_max(wrap_bytes_max)));
    return out;
}

Status RecordVault::forget_records(const std::set<ObjectId>& records) {
    const std::lock_guard lock(change_);
    store::WriteBatch batch;
    for (const ObjectId& record : records) batch.del(Column::vault, key("r/", record.view()));
    SALUS_TRY(forget_in_grants(records, batch));
    SALUS_TRY(forget_in_offers(records, batch));
    return kv_.write(batch);
}

Status RecordVault::forget_in_grants(const std::set<ObjectId>& records,
                                     store::WriteBatch& batch) const {
    const auto it = kv_.scan(Column::vault, {.prefix = to_bytes("g/"), .from = {}});
    for (; it->valid(); it->next()) {
        Grant grant = SALUS_TRY(decode_grant(it->value()));
        const std::size_t gone = std::erase_if(grant.wraps, [&](const GrantWrap& w) {
            return w.kind == 1 && records.contains(w.object);
        });
        if (gone > 0) batch.put(Column::vault, it->key(), encode(grant));
    }
    return it->status();
}

Status RecordVault::forget_in_offers(const std::set<ObjectId>& records,
                                     store::WriteBatch& batch) const {
    const auto it = kv_.scan(Column::vault, {.prefix = to_bytes("o/"), .from = {}});
    for (; it->valid(); it->next()) {
        if (records.contains(SALUS_TRY(decode_offer(it->value())).record)) {
            batch.del(Column::vault, it->key());
        }
    }
    return it->status();
}

Status RecordVault::drop_records(const std::vector<ObjectId>& records) {
    store::WriteBatch batch;
    for (const ObjectId& record : records) batch.del(Column::vault, key("r/", record.view()));
    return kv_.write(batch);
}

Status RecordVault::put_grant(const Grant& grant) {
    const std::lock_guard lock(change_);
    return write_grant(grant);
}

Status RecordVault::write_grant(const Grant& grant) {
    store::WriteBatch batch;
    batch.put(Column::vault, key("g/", grant.grantor.view(), grant.directive.view()),
              encode(grant));
    batch.put(Column::vault, key("G/", grant.grantee.view(), grant.directive.view()),
              grant.grantor.view());
    return kv_.write(batch);
}

Status RecordVault::add_wraps(const AccountId& grantor, const ObjectId& directive,
                              const std::vector<GrantWrap>& wraps) {
    const std::lock_guard lock(change_);
    Grant kept = SALUS_TRY(grant(grantor, directive));
    if (kept.wraps.empty()) return Error{Errc::not_found, "this grant holds no keys any more"};
    kept.wraps.insert(kept.wraps.end(), wraps.begin(), wraps.end());
    return write_grant(kept);
}

Result<Grant> RecordVault::grant(const AccountId& grantor, const ObjectId& directive) const {
    const auto bytes =
        SALUS_TRY(kv_.get(Column::vault, key("g/", grantor.view(), directive.view())));
    if (!bytes) return Error{Errc::not_found, "no such grant here"};
    return decode_grant(*bytes);
}

Result<std::vector<Grant>> RecordVault::grants_of(const AccountId& grantor) const {
    std::vector<Grant> out;
    const auto it = kv_.scan(Column::vault, {.prefix = key("g/", grantor.view()), .from = {}});
    for (; it->valid(); it->next()) out.push_back(SALUS_TRY(decode_grant(it->value())));
    SALUS_TRY(it->status());
    return out;
}

Result<std::vector<Grant>> RecordVault::grants_to(const AccountId& grantee) const {
    std::vector<Grant> out;
    const Bytes prefix = key("G/", grantee.view());
    const auto it = kv_.scan(Column::vault, {.prefix = prefix, .from = {}});
    for (; it->valid(); it->next()) {
        const auto grantor = SALUS_TRY(AccountId::from(it->value()));
        const auto directive = SALUS_TRY(ObjectId::from(it->key().subspan(prefix.size())));
        out.push_back(SALUS_TRY(grant(grantor, directive)));
    }
    SALUS_TRY(it->status());
    return out;
}

Status RecordVault::forget_grant(const AccountId& grantor, const ObjectId& directive) {
    const std::lock_guard lock(change_);
    const Grant gone = SALUS_TRY(grant(grantor, directive));
    store::WriteBatch batch;
    batch.del(Column::vault, key("g/", grantor.view(), directive.view()));
    batch.del(Column::vault, key("G/", gone.grantee.view(), directive.view()));
    return kv_.write(batch);
}

Status RecordVault::drop_wraps(const AccountId& grantor, const ObjectId& directive) {
    const std::lock_guard lock(change_);
    Grant kept = SALUS_TRY(grant(grantor, directive));
    if (kept.wraps.empty()) return done;
    kept.wraps.clear();
    return write_grant(kept);
}

Status RecordVault::put_offer(const ObjectId& record, const Digest& claim_hash,
                              ByteView claim_wrap) {
    const std::lock_guard lock(change_);
    store::WriteBatch batch;
    // A new code takes the place of the one before, on the chain and here.
    SALUS_TRY(forget_in_offers({record}, batch));
    batch.put(Column::vault, key("o/", claim_hash.view()),
              cbor::Writer{}.array(2).bytes(record.view()).bytes(claim_wrap).take());
    return kv_.write(batch);
}

Result<RecordVault::Offer> RecordVault::offer(const Digest& claim_hash) const {
    const auto bytes = SALUS_TRY(kv_.get(Column::vault, key("o/", claim_hash.view())));
    if (!bytes) return Error{Errc::not_found, "no record is offered under this code"};
    return decode_offer(*bytes);
}

Status RecordVault::drop_offer(const Digest& claim_hash) {
    store::WriteBatch batch;
    batch.del(Column::vault, key("o/", claim_hash.view()));
    return kv_.write(batch);
}

Status RecordVault::put_organisation_wrap(const AccountId& organisation, const AccountId& member,
                                          ByteView wrap) {
    store::WriteBatch batch;
    batch.put(Column::vault, key("m/", organisation.view(), member.view()), wrap);
    return kv_.write(batch);
}

Result<std::optional<Bytes>> RecordVault::organisation_wrap(const AccountId& organisation,
                                                            const AccountId& member) const {
    return kv_.get(Column::vault, key("m/", organisation.view(), member.view()));
}

}  // namespace salus::vault
