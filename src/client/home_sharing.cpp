#include "client/home.hpp"
#include "client/limits.hpp"

#include <algorithm>
#include <set>

/// The half of Home that grants, revokes, and opens what others share.
namespace salus::client {
namespace {

Result<ConsentIr> ir_of(const json::Value& grant) {
    const Bytes ir = SALUS_TRY(json::need_base64url(grant, "ir", 16U << 10U));
    return decode_ir(ir);
}

}  // namespace

Result<Card> Home::own_card(const KeyList& list, const std::vector<ObjectId>& collections) const {
    Card card;
    card.patient_name = display_name_;
    if (const json::Value* born = json::Value(list.settings).find("born");
        born != nullptr && born->text() != nullptr) {
        card.born = *born->text();
    }
    for (const ObjectId& id : collections) {
        const KnownCollection* known = list.find(id);
        if (known == nullptr)
            return Error{Errc::not_found, "your key list names no such collection"};
        card.collections.push_back({id, known->name, known->category});
    }
    return card;
}

Result<Granted> Home::grant(const Grantee& grantee, const GrantOptions& options) {
    const KeyList list = SALUS_TRY(key_list());
    const Card card = SALUS_TRY(own_card(list, options.collections));
    const AccountFacts to = SALUS_TRY(api_->account(grantee.account));
    Granted out;
    out.directive = random_bytes<ObjectId>(*env_);
    ConsentIr ir;
    ir.actors = {grantee.organisation ? organisation_label(keys_.labels, *grantee.organisation)
                                      : person_label(keys_.labels, grantee.account)};
    ir.scope = {ScopeKind::collections, options.collections};
    ir.purposes = {options.purpose};
    ir.actions = {"access"};
    ir.from = options.from;
    ir.until = options.until;
    SentenceParts parts;
    parts.grantee_kind = grantee.organisation ? GranteeKind::organisation : GranteeKind::person;
    parts.grantee = grantee.display_name;
    for (const CardCollection& one : card.collections) parts.what.push_back(one.name);
    parts.purposes = ir.purposes;
    parts.actions = ir.actions;
    parts.from = ir.from;
    parts.until = ir.until;
    out.sentence = consent_sentence(parts);

    const GrantPlace place{chain_id_,     keys_.account, keys_.signing_id,
                           out.directive, ir.until,      ir.purposes.front()};
    std::vector<GrantWrap> wraps;
    for (const ObjectId& id : options.collections) {
        const KnownCollection& known = *list.find(id);
        wraps.push_back(SALUS_TRY(wrap_collection(
            *env_, keys_, place, own_collection(id, known.category, known.epoch), to.kem)));
    }
    const operation::ConsentPut put{out.directive, SALUS_TRY(encode(ir)), text_hash(out.sentence),
                                    SALUS_TRY(wraps_digest(wraps)), std::nullopt};
    const Bytes transaction =
        SALUS_TRY(sign(*env_, keys_, occasion(), {operation::consent_put(put)}));
    const Bytes sealed_card = SALUS_TRY(seal_card(*env_, place, card, to.kem));
    const json::Value answer = SALUS_TRY(api_->post_cbor(
        "/api/grants", grants_body(transaction, grantee.account, sealed_card, wraps), home_));
    const json::Value* receipt = answer.find("receipt");
    if (receipt == nullptr) return Error{Errc::malformed, "the node's answer has no receipt"};
    out.receipt = SALUS_TRY(read_receipt(*receipt));
    SALUS_TRY(check_done(out.receipt));
    SALUS_TRY(update_key_list([&](KeyList& mine) {
        mine.grants.emplace_back(to_hex(out.directive.view()), out.sentence);
        const std::string account = to_hex(grantee.account.view());
        std::erase_if(mine.contacts, [&](const json::Member& one) { return one.first == account; });
        mine.contacts.emplace_back(account, grantee.display_name);
    }));
    return out;
}

/// What ends with a directive: its collections, and who keeps reading them.
struct Home::Ending {
    std::vector<operation::Rotation> rotations;
    std::vector<StayingWrap> staying;
};

Result<Home::Ending> Home::plan_ending(const ObjectId& directive, const KeyList& list) {
    const json::Value answer = SALUS_TRY(api_->get("/api/grants", home_));
    const json::Array& grants = *SALUS_TRY(json::need_array(answer, "grants"));
    Ending ending;
    std::vector<ObjectId> closing;
    for (const json::Value& grant : grants) {
        if (SALUS_TRY(need_id<ObjectId>(grant, "directive")) != directive) continue;
        const ConsentIr ir = SALUS_TRY(ir_of(grant));
        if (ir.scope.kind == ScopeKind::collections) closing = ir.scope.ids;
    }
    for (const ObjectId& id : closing) {
        const KnownCollection* known = list.find(id);
        if (known == nullptr) continue;
        const CollectionFacts next = own_collection(id, known->category, known->epoch + 1);
        ending.rotations.push_back({id, next.epoch, next.key});
        for (const json::Value& grant : grants) {
            const ObjectId other = SALUS_TRY(need_id<ObjectId>(grant, "directive"));
            if (other == directive || !SALUS_TRY(json::need_bool(grant, "live"))) continue;
            const ConsentIr ir = SALUS_TRY(ir_of(grant));
            const auto& ids = ir.scope.ids;
            if (ir.scope.kind != ScopeKind::collections ||
                std::find(ids.begin(), ids.end(), id) == ids.end())
                continue;
            const json::Value* grantee = grant.find("grantee");
            if (grantee == nullptr) return Error{Errc::malformed, "a grant names no grantee"};
            const AccountId account = SALUS_TRY(need_id<AccountId>(*grantee, "account"));
            const AccountFacts to = SALUS_TRY(api_->account(account));
            const GrantPlace place{chain_id_, keys_.account, keys_.signing_id,
                                   other,     ir.until,      ir.purposes.front()};
            ending.staying.push_back(
                {SALUS_TRY(wrap_collection(*env_, keys_, place, next, to.kem)), account});
        }
    }
    return ending;
}

Result<TxReceipt> Home::revoke(const ObjectId& directive, std::string_view reason) {
    const KeyList list = SALUS_TRY(key_list());
    const Ending ending = SALUS_TRY(plan_ending(directive, list));
    std::vector<GrantWrap> wraps;
    for (const StayingWrap& one : ending.staying) wraps.push_back(one.wrap);
    const Bytes transaction =
        SALUS_TRY(sign(*env_, keys_, occasion(),
                       {operation::consent_revoke(directive, reason, ending.rotations,
                                                  SALUS_TRY(wraps_digest(wraps)))}));
    const json::Value answer =
        SALUS_TRY(api_->post_cbor("/api/revoke", revoke_body(transaction, ending.staying), home_));
    const json::Value* receipt = answer.find("receipt");
    if (receipt == nullptr) return Error{Errc::malformed, "the node's answer has no receipt"};
    TxReceipt out = SALUS_TRY(read_receipt(*receipt));
    SALUS_TRY(check_done(out));
    SALUS_TRY(update_key_list([&](KeyList& mine) {
        for (KnownCollection& one : mine.collections) {
            for (const operation::Rotation& rotation : ending.rotations) {
                if (rotation.collection == one.id)
                    one.epoch = static_cast<std::uint32_t>(rotation.epoch);
            }
        }
    }));
    return out;
}

Result<std::vector<SharedItem>> Home::shared() {
    const json::Value answer = SALUS_TRY(api_->get("/api/shared", home_));
    std::vector<SharedItem> out;
    for (const json::Value& one : *SALUS_TRY(json::need_array(answer, "shared"))) {
        SharedItem item;
        item.directive = SALUS_TRY(need_id<ObjectId>(one, "directive"));
        item.patient = SALUS_TRY(need_id<AccountId>(one, "patient"));
        item.by_organisation = SALUS_TRY(json::need_text(one, "via", 32)) == "organisation";
        item.card = SALUS_TRY(json::need_base64url(one, "card", card_bytes_max + 1'024));
        item.until = UnixMillis{SALUS_TRY(json::need_int(one, "until"))};
        item.live = SALUS_TRY(json::need_bool(one, "live"));
        if (const auto ended = json::need_text(one, "ended", 32); ended.ok()) item.ended = *ended;
        out.push_back(std::move(item));
    }
    return out;
}

Result<GrantPlace> Home::place_of(const AccountId& patient, const ObjectId& directive) {
    const Bytes bytes = SALUS_TRY(api_->directive_ir(patient, directive));
    const ConsentIr ir = SALUS_TRY(decode_ir(bytes));
    const AccountFacts granter = SALUS_TRY(account_facts(patient));
    return GrantPlace{chain_id_, patient,  granter.signing_id,
                      directive, ir.until, ir.purposes.front()};
}

Result<Card> Home::card_of(const SharedItem& item) {
    const AccountFacts granter = SALUS_TRY(account_facts(item.patient));
    const GrantPlace place{chain_id_, item.patient, granter.signing_id, item.directive, {}, {}};
    if (!item.by_organisation) return open_card(place, item.card, keys_.kem.private_half);
    const crypto::X25519PrivateKey key = SALUS_TRY(organisation_key());
    return open_card(place, item.card, key);
}

Result<std::vector<ListedRecord>> Home::list_shared(const ObjectId& directive) {
    const json::Value answer =
        SALUS_TRY(api_->get("/api/shared/" + to_hex(directive.view()) + "/records", home_));
    std::vector<ListedRecord> out;
    for (const json::Value& row : *SALUS_TRY(json::need_array(answer, "records"))) {
        out.push_back(SALUS_TRY(read_listed(row)));
    }
    return out;
}

Result<Home::CollectionKeys> Home::granted_keys(const SharedItem& item, const Released& released) {
    CollectionKeys keys;
    std::vector<ObjectId> directives{item.directive};
    directives.insert(directives.end(), released.directives.begin(), released.directives.end());
    // The node hands out one wrap a collection: it may be sealed to the person, or to the
    // organisation.
    std::optional<crypto::X25519PrivateKey> organisation;
    if (auto key = organisation_key(); key.ok()) organisation = std::move(*key);
    for (const ReleasedWrap& wrap : released.wraps) {
        const CollectionFacts collection = SALUS_TRY(facts(wrap.collection));
        for (const ObjectId& directive : directives) {
            const GrantPlace place = SALUS_TRY(place_of(item.patient, directive));
            auto key =
                unwrap_collection(place, collection, wrap.epoch, wrap.wrap, keys_.kem.private_half);
            if (!key.ok() && organisation) {
                key = unwrap_collection(place, collection, wrap.epoch, wrap.wrap, *organisation);
            }
            if (!key.ok()) continue;
            keys.emplace(std::pair{wrap.collection, wrap.epoch}, std::move(*key));
            break;
        }
    }
    return keys;
}

Result<OpenedRecord> Home::open_granted(const SharedItem& item, const ReleasedRecord& record,
                                        const AccountId& author, const CollectionKeys& keys) {
    if (!record.grant_wrap) {
        const auto key = keys.find({record.collection, record.epoch});
        if (key == keys.end())
            return Error{Errc::denied, "the node holds no key of this record for you"};
        return open_one(record, author, key->second);
    }
    const GrantPlace place = SALUS_TRY(place_of(item.patient, item.directive));
    const CollectionFacts collection = SALUS_TRY(facts(record.collection));
    const AccountFacts wrote = SALUS_TRY(account_facts(author));
    OpenedRecord out{record.record, record.collection, {}};
    out.plaintext = SALUS_TRY(
        open_granted_record(place, collection, record, wrote.signing_id, keys_.kem.private_half));
    return out;
}

Result<Opened> Home::open_shared(const SharedItem& item, const std::vector<ListedRecord>& records,
                                 std::string_view purpose) {
    const Released released = SALUS_TRY(ask(item.patient, records, purpose));
    const CollectionKeys keys = SALUS_TRY(granted_keys(item, released));
    Opened out;
    out.sequence = released.sequence;
    out.receipt_hash = released.receipt_hash;
    out.until = released.until;
    for (std::size_t i = 0; i < records.size(); ++i) {
        out.records.push_back(
            SALUS_TRY(open_granted(item, released.records[i], records[i].author, keys)));
    }
    return out;
}

Result<json::Array> Home::feed(std::size_t count) {
    json::Value answer = SALUS_TRY(api_->get("/api/feed?count=" + std::to_string(count), home_));
    return *SALUS_TRY(json::need_array(answer, "openings"));
}

}  // namespace salus::client
