#include "ledger/absence.hpp"

#include "ledger/limits.hpp"

#include <set>

namespace salus::ledger {
namespace {

constexpr std::size_t nodes_max = members_max;
constexpr std::size_t role_bytes_max = 32;

Error wrong(const char* what) {
    return Error{Errc::malformed, std::string("absence: ") + what};
}

Result<std::optional<UnixMillis>> read_optional_time(cbor::Reader& in) {
    if (in.null_next()) {
        SALUS_TRY(in.null());
        return std::optional<UnixMillis>{};
    }
    return std::optional{UnixMillis{SALUS_TRY(in.integer())}};
}

void write_relation_claim(cbor::Writer& out, const RelationClaim& claim) {
    out.array(4).bytes(claim.label.view());
    if (claim.value) {
        out.bytes(*claim.value);
    } else {
        out.null();
    }
    out.bytes(claim.proof).array(claim.places.size());
    for (const RelationPlace& place : claim.places) {
        out.array(3).uint(place.index).bytes(place.entry).array(place.path.size());
        for (const Digest& node : place.path) out.bytes(node.view());
    }
}

Result<RelationPlace> read_place(cbor::Reader& in) {
    RelationPlace place;
    SALUS_TRY(in.array_of(3));
    place.index = SALUS_TRY(in.uint());
    place.entry = to_bytes(SALUS_TRY(in.bytes()));
    const std::size_t nodes = SALUS_TRY(in.array());
    if (nodes > proof_path_max) return Error{Errc::out_of_range, "absence: a path is too long"};
    for (std::size_t i = 0; i < nodes; ++i) place.path.push_back(SALUS_TRY(in.fixed<Digest>()));
    return place;
}

Result<RelationClaim> read_relation_claim(cbor::Reader& in) {
    RelationClaim claim;
    SALUS_TRY(in.array_of(4));
    claim.label = SALUS_TRY(in.fixed<Label>());
    if (in.null_next()) {
        SALUS_TRY(in.null());
    } else {
        claim.value = to_bytes(SALUS_TRY(in.bytes()));
    }
    claim.proof = to_bytes(SALUS_TRY(in.bytes_max(state_proof_bytes_max)));
    const std::size_t places = SALUS_TRY(in.array());
    if (places > 2) return wrong("more than two entries of a label");
    for (std::size_t i = 0; i < places; ++i) claim.places.push_back(SALUS_TRY(read_place(in)));
    return claim;
}

Result<NodeRelations> read_node(cbor::Reader& in) {
    NodeRelations node;
    SALUS_TRY(in.array_of(2));
    node.node = SALUS_TRY(in.fixed<AccountId>());
    const std::size_t count = SALUS_TRY(in.array());
    if (count > state_claims_max) return Error{Errc::out_of_range, "absence: too many labels"};
    for (std::size_t i = 0; i < count; ++i) {
        RelationClaim claim = SALUS_TRY(read_relation_claim(in));
        if (!node.claims.empty() && !(node.claims.back().label < claim.label)) {
            return wrong("labels ascend");
        }
        node.claims.push_back(std::move(claim));
    }
    return node;
}

}  // namespace

Bytes encode_absence(const Absence& absence) {
    cbor::Writer out;
    out.map(7).uint(1).bytes(absence.patient.view()).uint(2).bytes(absence.label_key);
    out.uint(3).bytes(absence.grantee.view()).uint(4).integer(absence.from.value);
    out.uint(5).integer(absence.until.value).uint(6);
    write_state_claims(out, absence.claims);
    out.uint(7).array(absence.nodes.size());
    for (const NodeRelations& node : absence.nodes) {
        out.array(2).bytes(node.node.view()).array(node.claims.size());
        for (const RelationClaim& claim : node.claims) write_relation_claim(out, claim);
    }
    return out.take();
}

Result<Absence> decode_absence(ByteView bytes) {
    cbor::Reader in(bytes);
    Absence absence;
    SALUS_TRY(in.map_of(7));
    SALUS_TRY(in.key(1));
    absence.patient = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(2));
    absence.label_key = to_bytes(SALUS_TRY(in.fixed<Digest>()).view());
    SALUS_TRY(in.key(3));
    absence.grantee = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(4));
    absence.from = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(5));
    absence.until = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(6));
    absence.claims = SALUS_TRY(read_state_claims(in));
    SALUS_TRY(in.key(7));
    const std::size_t nodes = SALUS_TRY(in.array());
    if (nodes > nodes_max) return Error{Errc::out_of_range, "absence: too many nodes"};
    for (std::size_t i = 0; i < nodes; ++i) {
        NodeRelations node = SALUS_TRY(read_node(in));
        if (i > 0 && !(absence.nodes.back().node < node.node)) return wrong("nodes ascend");
        absence.nodes.push_back(std::move(node));
    }
    SALUS_TRY(in.end());
    return absence;
}

// docs/contracts/registry.md: [* [role, organisation, begin, expires, revoked / null, id]].
Result<std::vector<HeldRole>> decode_role_history(ByteView bytes) {
    cbor::Reader in(bytes);
    std::vector<HeldRole> history;
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        HeldRole held;
        SALUS_TRY(in.array_of(6));
        SALUS_TRY(in.fixed<ObjectId>());
        held.role = std::string(SALUS_TRY(in.text_max(role_bytes_max)));
        held.organisation = SALUS_TRY(in.fixed<ObjectId>());
        held.begin = UnixMillis{SALUS_TRY(in.integer())};
        held.expires = UnixMillis{SALUS_TRY(in.integer())};
        held.revoked = SALUS_TRY(read_optional_time(in));
        history.push_back(std::move(held));
    }
    SALUS_TRY(in.end());
    return history;
}

// docs/contracts/consent.md: [* [directive, begin, until, revoked / null]].
Result<std::vector<GrantInterval>> decode_intervals(ByteView bytes) {
    cbor::Reader in(bytes);
    std::vector<GrantInterval> intervals;
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        GrantInterval interval;
        SALUS_TRY(in.array_of(4));
        interval.directive = SALUS_TRY(in.fixed<ObjectId>());
        interval.begin = UnixMillis{SALUS_TRY(in.integer())};
        interval.until = UnixMillis{SALUS_TRY(in.integer())};
        interval.revoked = SALUS_TRY(read_optional_time(in));
        intervals.push_back(interval);
    }
    SALUS_TRY(in.end());
    return intervals;
}

std::vector<NamedLabel> labels_within(ByteView label_key, const AccountId& grantee,
                                      std::span<const HeldRole> history, UnixMillis from,
                                      UnixMillis until) {
    std::vector<NamedLabel> names{{person_label(label_key, grantee), {}, {}}};
    std::set<Label> seen{names.front().label};
    const auto add = [&](NamedLabel name) {
        if (seen.insert(name.label).second) names.push_back(std::move(name));
    };
    for (const HeldRole& held : history) {
        if (!held.held_within(from, until)) continue;
        const ObjectId& of = held.organisation;
        add({organisation_label(label_key, of), {}, of});
        add({role_label(label_key, held.role, of), held.role, of});
    }
    return names;
}

}  // namespace salus::ledger
