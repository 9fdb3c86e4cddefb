#include "client/home.hpp"
#include "client/limits.hpp"

#include <algorithm>

/// The half of Home that grants, revokes, and opens what others share.
namespace salus::client {
namespace {

/// One directive of the account, as the node lists it.
struct OwnGrant {
    ObjectId directive;
    AccountId grantee;
    ConsentIr ir;
    bool live = false;

    [[nodiscard]] bool allows(std::string_view action) const {
        return std::find(ir.actions.begin(), ir.actions.end(), action) != ir.actions.end();
    }
    [[nodiscard]] bool names(const ObjectId& collection) const {
        const auto& ids = ir.scope.ids;
        return ir.scope.kind == ScopeKind::collections &&
               std::find(ids.begin(), ids.end(), collection) != ids.end();
    }
};

Result<std::vector<OwnGrant>> own_grants(Api& api, std::string_view home) {
    const json::Value answer = SALUS_TRY(api.get("/api/grants", home));
    std::vector<OwnGrant> out;
    for (const json::Value& row : *SALUS_TRY(json::need_array(answer, "grants"))) {
        OwnGrant grant;
        grant.directive = SALUS_TRY(need_id<ObjectId>(row, "directive"));
        grant.live = SALUS_TRY(json::need_bool(row, "live"));
        const Bytes ir = SALUS_TRY(json::need_base64url(row, "ir", 16U << 10U));
        grant.ir = SALUS_TRY(decode_ir(ir));
        const json::Value* grantee = row.find("grantee");
        if (grantee == nullptr) return Error{Errc::malformed, "a grant names no grantee"};
        grant.grantee = SALUS_TRY(need_id<AccountId>(*grantee, "account"));
        out.push_back(std::move(grant));
    }
    return out;
}

/// Until when an account may add to a collection by the directives other than `ending`; 0: not.
UnixMillis may_add_until(const std::vector<OwnGrant>& grants, const AccountId& account,
                         const ObjectId& collection, const ObjectId& ending) {
    UnixMillis until{0};
    for (const OwnGrant& one : grants) {
        if (!one.live || one.directive == ending || one.grantee != account) continue;
        if (one.allows("write") && one.names(collection)) until = std::max(until, one.ir.until);
    }
    return until;
}

/// The receipt in a node's answer, once its transaction did what it says.
Result<TxReceipt> receipt_of(const json::Value& answer) {
    const json::Value* receipt = answer.find("receipt");
    if (receipt == nullptr) return Error{Errc::malformed, "the node's answer has no receipt"};
    TxReceipt out = SALUS_TRY(read_receipt(*receipt));
    SALUS_TRY(check_done(out));
    return out;
}

ConsentIr ir_of(const Grantee& grantee, const GrantOptions& options,
                const crypto::LabelKey& labels) {
    ConsentIr ir;
    ir.actors = {grantee.organisation ? organisation_label(labels, *grantee.organisation)
                                      : person_label(labels, grantee.account)};
    ir.scope = options.record ? ConsentScope{ScopeKind::records, {options.record->record}}
                              : ConsentScope{ScopeKind::collections, options.collections};
    ir.purposes = {options.purpose};
    ir.actions = {options.may_add ? "write" : "access"};
    ir.from = options.from;
    ir.until = options.until;
    return ir;
}

/// What a record calls itself: of a note its title, of a measurement its label.
std::string title_of(ByteView plaintext) {
    const auto body = json::parse(as_text(plaintext));
    for (const char* field : {"title", "label", "name", "dataset", "resourceType"}) {
        if (!body.ok()) break;
        if (auto text = json::need_text(*body, field, 256); text.ok() && !text->empty())
            return std::move(*text);
    }
    return "without a title";
}

std::string sentence_of(const Grantee& grantee, const ConsentIr& ir,
                        std::vector<std::string> what) {
    SentenceParts parts;
    parts.grantee_kind = grantee.organisation ? GranteeKind::organisation : GranteeKind::person;
    parts.grantee = grantee.display_name;
    parts.what = std::move(what);
    parts.purposes = ir.purposes;
    parts.actions = ir.actions;
    parts.from = ir.from;
    parts.until = ir.until;
    return consent_sentence(parts);
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

Result<std::vector<GrantWrap>> Home::grant_wraps(const KeyList& list, const GrantPlace& place,
                                                 const std::vector<ObjectId>& collections,
                                                 const crypto::X25519PublicKey& to) {
    std::vector<GrantWrap> wraps;
    for (const ObjectId& id : collections) {
        const KnownCollection& known = *list.find(id);
        wraps.push_back(SALUS_TRY(wrap_collection(
            *env_, keys_, place, own_collection(id, known.category, known.epoch), to)));
    }
    return wraps;
}

/// The right to add lies with the record contract too, which asks no consent: one operation a
/// collection, until the same end.
Result<std::vector<ledger::Operation>> Home::writer_operations(const Grantee& grantee,
                                                               const GrantOptions& options) {
    const std::vector<OwnGrant> grants = SALUS_TRY(own_grants(*api_, home_));
    std::vector<ledger::Operation> out;
    for (const ObjectId& id : options.collections) {
        const UnixMillis known = may_add_until(grants, grantee.account, id, ObjectId{});
        out.push_back(operation::writer_put(id, grantee.account, std::max(known, options.until)));
    }
    return out;
}

/// What the grantee gets with the directive, and what the sentence calls it.
struct Home::HandedOver {
    Card card;
    std::vector<GrantWrap> wraps;
    std::vector<std::string> what;
};

Result<Home::HandedOver> Home::hand_over(const GrantOptions& options, const GrantPlace& place,
                                         const crypto::X25519PublicKey& to) {
    const KeyList list = SALUS_TRY(key_list());
    HandedOver out;
    if (!options.record) {
        out.card = SALUS_TRY(own_card(list, options.collections));
        for (const CardCollection& one : out.card.collections) out.what.push_back(one.name);
        if (!options.may_add)
            out.wraps = SALUS_TRY(grant_wraps(list, place, options.collections, to));
        return out;
    }
    const Released released = SALUS_TRY(ask(keys_.account, {*options.record}, "PATRQT"));
    const ReleasedRecord& record = released.records.front();
    const crypto::X25519Pair pair = keys_.collection(record.collection, record.epoch);
    const OpenedRecord opened =
        SALUS_TRY(open_one(record, options.record->author, pair.private_half));
    const CollectionFacts collection = SALUS_TRY(facts(record.collection));
    const AccountFacts wrote = SALUS_TRY(account_facts(options.record->author));
    out.wraps = {SALUS_TRY(
        wrap_record(*env_, place, collection, record, pair.private_half, wrote.signing_id, to))};
    const std::string title = title_of(opened.plaintext);
    out.card = SALUS_TRY(own_card(list, {record.collection}));
    out.card.records = {{record.record, title}};
    out.what = {record_words(title, options.record->time)};
    return out;
}

Result<Granted> Home::grant(const Grantee& grantee, const GrantOptions& wanted) {
    if (wanted.may_add && grantee.organisation)
        return Error{Errc::denied, "the right to add is given to a person, not to everybody"};
    if (wanted.may_add && wanted.record)
        return Error{Errc::denied, "nobody adds to a single record"};
    GrantOptions options = wanted;
    std::vector<ledger::Operation> begun;
    for (const NewCollection& one : wanted.begin) {
        options.collections.push_back(SALUS_TRY(collection_for(one.category, one.name, begun)).id);
    }
    const AccountFacts to = SALUS_TRY(api_->account(grantee.account));
    const ConsentIr ir = ir_of(grantee, options, keys_.labels);
    Granted out{random_bytes<ObjectId>(*env_), {}, {}};
    const GrantPlace place{chain_id_,     keys_.account, keys_.signing_id,
                           out.directive, ir.until,      ir.purposes.front()};
    const HandedOver over = SALUS_TRY(hand_over(options, place, to.kem));
    const std::vector<GrantWrap>& wraps = over.wraps;
    out.sentence = sentence_of(grantee, ir, over.what);
    std::vector<ledger::Operation> writers;
    if (options.may_add) writers = SALUS_TRY(writer_operations(grantee, options));
    std::vector<ledger::Operation> operations{
        operation::consent_put({out.directive, SALUS_TRY(encode(ir)), text_hash(out.sentence),
                                SALUS_TRY(wraps_digest(wraps)), std::nullopt})};
    operations.insert(operations.end(), begun.begin(), begun.end());
    operations.insert(operations.end(), writers.begin(), writers.end());
    const bool together = operations.size() > 1;
    const Bytes transaction =
        SALUS_TRY(sign(*env_, keys_, occasion(), std::move(operations), together));
    const Bytes sealed_card = SALUS_TRY(seal_card(*env_, place, over.card, to.kem));
    out.receipt = SALUS_TRY(receipt_of(SALUS_TRY(api_->post_cbor(
        "/api/grants", grants_body(transaction, grantee.account, sealed_card, wraps), home_))));
    SALUS_TRY(update_key_list([&](KeyList& mine) {
        mine.grants.emplace_back(to_hex(out.directive.view()), out.sentence);
        const std::string account = to_hex(grantee.account.view());
        std::erase_if(mine.contacts, [&](const json::Member& one) { return one.first == account; });
        mine.contacts.emplace_back(account, grantee.display_name);
    }));
    return out;
}

/// What ends with a directive: its collections' keys, who keeps reading them, and who may no
/// longer add.
struct Home::Ending {
    std::vector<operation::Rotation> rotations;
    std::vector<StayingWrap> staying;
    std::vector<ledger::Operation> writers;
};

Result<Home::Ending> Home::plan_ending(const ObjectId& directive, const KeyList& list) {
    const std::vector<OwnGrant> grants = SALUS_TRY(own_grants(*api_, home_));
    const auto closing = std::find_if(grants.begin(), grants.end(), [&](const OwnGrant& one) {
        return one.directive == directive;
    });
    Ending ending;
    if (closing == grants.end() || closing->ir.scope.kind != ScopeKind::collections) return ending;
    for (const ObjectId& id : closing->ir.scope.ids) {
        if (closing->allows("write")) {
            const UnixMillis until = may_add_until(grants, closing->grantee, id, directive);
            ending.writers.push_back(operation::writer_put(id, closing->grantee, until));
        }
        const KnownCollection* known = list.find(id);
        // Whoever never held a key keeps none: only a reader's end changes it.
        if (known == nullptr || !closing->allows("access")) continue;
        const CollectionFacts next = own_collection(id, known->category, known->epoch + 1);
        ending.rotations.push_back({id, next.epoch, next.key});
        for (const OwnGrant& other : grants) {
            if (other.directive == directive || !other.live || !other.allows("access") ||
                !other.names(id))
                continue;
            const AccountFacts to = SALUS_TRY(api_->account(other.grantee));
            const GrantPlace place{chain_id_,       keys_.account,  keys_.signing_id,
                                   other.directive, other.ir.until, other.ir.purposes.front()};
            ending.staying.push_back(
                {SALUS_TRY(wrap_collection(*env_, keys_, place, next, to.kem)), other.grantee});
        }
    }
    return ending;
}

Result<TxReceipt> Home::revoke(const ObjectId& directive, std::string_view reason) {
    const KeyList list = SALUS_TRY(key_list());
    const Ending ending = SALUS_TRY(plan_ending(directive, list));
    std::vector<GrantWrap> wraps;
    for (const StayingWrap& one : ending.staying) wraps.push_back(one.wrap);
    std::vector<ledger::Operation> operations{operation::consent_revoke(
        directive, reason, ending.rotations, SALUS_TRY(wraps_digest(wraps)))};
    operations.insert(operations.end(), ending.writers.begin(), ending.writers.end());
    const Bytes transaction =
        SALUS_TRY(sign(*env_, keys_, occasion(), std::move(operations), !ending.writers.empty()));
    const TxReceipt out = SALUS_TRY(receipt_of(SALUS_TRY(
        api_->post_cbor("/api/revoke", revoke_body(transaction, ending.staying), home_))));
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

/// By what an opening may succeed: every directive that the node names may have put a wrap there,
/// sealed to the person or to the organisation.
struct Home::Opening {
    std::vector<GrantPlace> places;
    std::optional<crypto::X25519PrivateKey> organisation;

    [[nodiscard]] std::vector<const crypto::X25519PrivateKey*> keys(const AccountKeys& own) const {
        std::vector<const crypto::X25519PrivateKey*> out{&own.kem.private_half};
        if (organisation) out.push_back(&*organisation);
        return out;
    }
};

Result<Home::Opening> Home::opening_of(const SharedItem& item, const Released& released) {
    Opening out;
    out.places.push_back(SALUS_TRY(place_of(item.patient, item.directive)));
    for (const ObjectId& directive : released.directives) {
        if (directive != item.directive)
            out.places.push_back(SALUS_TRY(place_of(item.patient, directive)));
    }
    if (auto key = organisation_key(); key.ok()) out.organisation = std::move(*key);
    return out;
}

Result<Home::CollectionKeys> Home::granted_keys(const Opening& by, const Released& released) {
    CollectionKeys keys;
    for (const ReleasedWrap& wrap : released.wraps) {
        if (keys.contains({wrap.collection, wrap.epoch})) continue;
        const CollectionFacts collection = SALUS_TRY(facts(wrap.collection));
        auto key =
            unwrap_collection_by_any(by.places, collection, wrap.epoch, wrap.wrap, by.keys(keys_));
        // Of two wraps one may be for a key that this member was not given.
        if (key.ok()) keys.emplace(std::pair{wrap.collection, wrap.epoch}, std::move(*key));
    }
    return keys;
}

Result<OpenedRecord> Home::open_granted(const Opening& by, const ReleasedRecord& record,
                                        const AccountId& author, const CollectionKeys& keys) {
    const auto key = keys.find({record.collection, record.epoch});
    if (key != keys.end()) return open_one(record, author, key->second);
    if (!record.grant_wrap)
        return Error{Errc::denied, "the node holds no key of this record for you"};
    const CollectionFacts collection = SALUS_TRY(facts(record.collection));
    const AccountFacts wrote = SALUS_TRY(account_facts(author));
    OpenedRecord out{record.record, record.collection, {}};
    out.plaintext = SALUS_TRY(open_granted_record_by_any(by.places, collection, record,
                                                         wrote.signing_id, by.keys(keys_)));
    return out;
}

Result<Opened> Home::open_shared(const SharedItem& item, const std::vector<ListedRecord>& records,
                                 std::string_view purpose) {
    const Released released = SALUS_TRY(ask(item.patient, records, purpose));
    const Opening by = SALUS_TRY(opening_of(item, released));
    const CollectionKeys keys = SALUS_TRY(granted_keys(by, released));
    Opened out;
    out.sequence = released.sequence;
    out.receipt_hash = released.receipt_hash;
    out.until = released.until;
    for (std::size_t i = 0; i < records.size(); ++i) {
        out.records.push_back(
            SALUS_TRY(open_granted(by, released.records[i], records[i].author, keys)));
    }
    return out;
}

Result<json::Array> Home::feed(std::size_t count) {
    json::Value answer = SALUS_TRY(api_->get("/api/feed?count=" + std::to_string(count), home_));
    return *SALUS_TRY(json::need_array(answer, "openings"));
}

}  // namespace salus::client
