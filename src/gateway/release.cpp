#include "gateway/release.hpp"

#include "base/cbor.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace salus::gateway {

namespace {

constexpr std::uint64_t status_live = 1;
constexpr std::uint64_t status_superseded = 2;
/// Of all bodies of one answer: what a client takes, less room for the wraps.
constexpr std::uint64_t release_bytes_max = 96U << 20U;

Result<Digest> consent_code_hash(const House& house) {
    for (const ledger::ContractCode& contract : house.node.replica().genesis().config.contracts) {
        if (contract.contract == "consent") return contract.code_hash;
    }
    return Error{Errc::not_found, "this chain has no consent contract"};
}

/// A record that may not be named and one that does not exist look alike.
const Error no_such_record{Errc::not_found,
                           "one of these records is not this patient's, or is no longer there"};

struct Asked {
    ObjectId id;
    vault::RecordState record;
    vault::CollectionState collection;
};

Result<std::vector<Asked>> look_up(const vault::Ask& ask, const OpenRequest& request) {
    std::vector<Asked> out;
    std::map<ObjectId, vault::CollectionState> collections;
    std::uint64_t bytes = 0;
    for (const ObjectId& id : request.records) {
        const auto record = vault::record_state(ask, id);
        if (!record.ok() || (record->status != status_live && record->status != status_superseded))
            return no_such_record;
        if (!collections.contains(record->collection)) {
            collections.emplace(record->collection,
                                SALUS_TRY(vault::collection_state(ask, record->collection)));
        }
        const vault::CollectionState& collection = collections.at(record->collection);
        if (collection.owner != request.patient) return no_such_record;
        out.push_back({id, *record, collection});
        bytes += record->size;
    }
    if (bytes > release_bytes_max) {
        return Error{Errc::out_of_range,
                     "these records are too large for one answer; ask for fewer"};
    }
    return out;
}

/// Every record must be permitted now and at block time; the first refusal decides.
Status judge_by_consent(House& house, const vault::Ask& ask, const Caller& actor,
                        const OpenRequest& request, const std::vector<Asked>& asked,
                        Verdict& verdict) {
    const auto patient = SALUS_TRY(house.accounts->by_id(request.patient));
    vault::DecisionRequest q{request.patient,
                             labels_of(patient.label_key, actor),
                             request.purpose,
                             request.action,
                             {},
                             {},
                             {},
                             {}};
    std::set<ObjectId> directives;
    verdict.permitted = true;
    verdict.reason = vault::Reason::permitted;
    for (std::size_t i = 0; i < asked.size() && verdict.permitted; ++i) {
        q.record = request.records[i];
        q.collection = asked[i].record.collection;
        q.category = asked[i].collection.category;
        for (const UnixMillis time : {house.node.status().head.time, house.env.now()}) {
            q.time = time;
            const auto decision = SALUS_TRY(vault::decide(ask, q));
            // At block time a directive of this very block may not have begun; the clock's answer
            // is then the stricter one.
            if (!decision.permitted) {
                verdict.permitted = false;
                verdict.reason = decision.reason;
                directives = {decision.directives.begin(), decision.directives.end()};
                break;
            }
            directives.insert(decision.directives.begin(), decision.directives.end());
            verdict.until =
                verdict.until.value == 0 ? decision.until : std::min(verdict.until, decision.until);
        }
    }
    verdict.directives = {directives.begin(), directives.end()};
    return done;
}

}  // namespace

std::vector<vault::Label> all_labels_of(ByteView label_key, const Caller& actor) {
    std::vector<vault::Label> labels{vault::person_label(label_key, actor.account.id)};
    std::set<ObjectId> organisations;
    for (const vault::Credential& c : actor.credentials) {
        organisations.insert(c.organisation);
        labels.push_back(vault::role_label(label_key, c.role, c.organisation));
    }
    for (const ObjectId& organisation : organisations) {
        labels.push_back(vault::organisation_label(label_key, organisation));
    }
    return labels;
}

std::vector<vault::Label> labels_of(ByteView label_key, const Caller& actor) {
    constexpr std::size_t actors_max = 64;
    auto labels = all_labels_of(label_key, actor);
    if (labels.size() > actors_max) labels.resize(actors_max);
    return labels;
}

Result<Verdict> judge(House& house, const Caller& actor, const OpenRequest& request) {
    const vault::Ask ask = house.ask();
    const std::vector<Asked> asked = SALUS_TRY(look_up(ask, request));
    Verdict verdict;
    verdict.code_hash = SALUS_TRY(consent_code_hash(house));
    for (const Asked& a : asked) verdict.records.push_back(a.record);
    const bool reads_own_writing = std::all_of(asked.begin(), asked.end(), [&](const Asked& a) {
        if (a.record.author != actor.account.id) return false;
        const auto keys = house.records->record(a.id);
        return keys.ok() && !keys->author_wrap.empty();
    });
    if (actor.account.held) {
        verdict.reason = vault::Reason::held;
    } else if (request.patient == actor.account.id) {
        verdict.permitted = true;
        verdict.reason = vault::Reason::own_record;
    } else if (reads_own_writing) {
        verdict.permitted = true;
        verdict.reason = vault::Reason::own_writing;
    } else {
        SALUS_TRY(judge_by_consent(house, ask, actor, request, asked, verdict));
    }
    return verdict;
}

Result<Bytes> released_bytes(House& house, const OpenRequest& request, const Verdict& verdict,
                             const vault::AccessReceipt& receipt) {
    // Two directives may hand over one collection, to the person and to the organisation: each wrap
    // opens with another key, so all of them go out.
    std::vector<vault::GrantWrap> collection_wraps;
    std::map<ObjectId, Bytes> record_wraps;
    std::set<ObjectId> wanted;
    for (const vault::RecordState& r : verdict.records) wanted.insert(r.collection);
    for (const ObjectId& directive : verdict.directives) {
        const auto grant = house.records->grant(request.patient, directive);
        if (!grant.ok())
            continue;  // a directive that hands over no key (a laboratory's right to write)
        for (const vault::GrantWrap& w : grant->wraps) {
            if (w.kind == 0 && wanted.contains(w.object)) collection_wraps.push_back(w);
            const bool personal = grant->grantee == request.account;
            if (w.kind == 1 && (personal || !record_wraps.contains(w.object)))
                record_wraps[w.object] = w.wrap;
        }
    }
    cbor::Writer out;
    out.array(3)
        .map(4)
        .uint(1)
        .uint(receipt.sequence)
        .uint(2)
        .bytes(vault::receipt_hash(receipt).view());
    out.uint(3).array(verdict.directives.size());
    for (const ObjectId& directive : verdict.directives) out.bytes(directive.view());
    out.uint(4).integer(verdict.until.value);
    out.array(collection_wraps.size());
    for (const vault::GrantWrap& w : collection_wraps) {
        out.array(3).bytes(w.object.view()).uint(w.epoch).bytes(w.wrap);
    }
    out.array(request.records.size());
    for (std::size_t i = 0; i < request.records.size(); ++i) {
        const ObjectId& id = request.records[i];
        const vault::RecordState& state = verdict.records[i];
        const vault::RecordKeys keys = SALUS_TRY(house.records->record(id));
        const Bytes body = SALUS_TRY(house.blobs->get(state.digest));
        out.array(6)
            .bytes(id.view())
            .bytes(state.collection.view())
            .uint(state.epoch)
            .bytes(keys.dek_wrap);
        const auto record_wrap = record_wraps.find(id);
        const bool by_author =
            verdict.reason == vault::Reason::own_writing && !keys.author_wrap.empty();
        if (by_author) {
            out.bytes(keys.author_wrap);
        } else if (record_wrap != record_wraps.end()) {
            out.bytes(record_wrap->second);
        } else {
            out.null();
        }
        out.bytes(body);
    }
    return out.take();
}

}  // namespace salus::gateway
