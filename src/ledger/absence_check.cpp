#include "ledger/absence.hpp"

#include <algorithm>

namespace salus::ledger {
namespace {

Error incomplete(const char* what) {
    return Error{Errc::malformed, std::string("absence: the proof leaves out ") + what};
}
Error broken(const char* what) {
    return Error{Errc::integrity, std::string("absence: ") + what};
}

/// K_p is the patient's own: a key chosen freely would make anything absent.
Status check_label_key(const Absence& absence) {
    const Bytes key = contract_key("registry", "a", {absence.patient.view()});
    const StateClaim* claim = find_claim(absence.claims, key);
    if (claim == nullptr || !claim->value) return incomplete("the patient's account");
    cbor::Reader in(*claim->value);
    SALUS_TRY(in.map_of(6));
    for (std::uint64_t field = 1; field < 6; ++field) {
        SALUS_TRY(in.key(field));
        SALUS_TRY(in.skip());
    }
    SALUS_TRY(in.key(6));
    if (in.null_next()) return broken("the patient's account has no label key");
    if (SALUS_TRY(in.fixed<Digest>()) != label_commitment(absence.label_key)) {
        return broken("the label key is not the patient's");
    }
    return done;
}

Result<std::vector<NamedLabel>> names_of(const Absence& absence) {
    const Bytes key = contract_key("registry", "h", {absence.grantee.view()});
    const StateClaim* claim = find_claim(absence.claims, key);
    if (claim == nullptr) return incomplete("the roles that the other account held");
    std::vector<HeldRole> history;
    if (claim->value) history = SALUS_TRY(decode_role_history(*claim->value));
    return labels_within(absence.label_key, absence.grantee, history, absence.from, absence.until);
}

Result<bool> is_permitted(const Absence& absence, const Label& label) {
    const Bytes key = contract_key("consent", "l", {absence.patient.view(), label.view()});
    const StateClaim* claim = find_claim(absence.claims, key);
    if (claim == nullptr) return incomplete("a name's consents");
    if (!claim->value) return false;
    const auto intervals = SALUS_TRY(decode_intervals(*claim->value));
    return std::any_of(intervals.begin(), intervals.end(), [&](const GrantInterval& interval) {
        return interval.meets(absence.from, absence.until);
    });
}

/// docs/contracts/registry.md: {1: signing key, 2: node account, 3: name hash}.
Result<AccountId> node_of(const Absence& absence, const ObjectId& organisation) {
    const StateClaim* claim =
        find_claim(absence.claims, contract_key("registry", "o", {organisation.view()}));
    if (claim == nullptr || !claim->value) return incomplete("a member's node");
    cbor::Reader in(*claim->value);
    SALUS_TRY(in.map_of(3));
    SALUS_TRY(in.key(1));
    SALUS_TRY(in.skip());
    SALUS_TRY(in.key(2));
    return in.fixed<AccountId>();
}

struct NodeAnchor {
    Digest relation_root;
    UnixMillis time;
};

/// docs/contracts/access.md; nothing: this node never anchored.
Result<std::optional<NodeAnchor>> anchor_of(const Absence& absence, const AccountId& node) {
    const StateClaim* claim =
        find_claim(absence.claims, contract_key("access", "n", {node.view()}));
    if (claim == nullptr) return incomplete("a node's anchor");
    if (!claim->value) return std::optional<NodeAnchor>{};
    cbor::Reader in(*claim->value);
    NodeAnchor anchor;
    SALUS_TRY(in.map_of(5));
    for (std::uint64_t field = 1; field < 3; ++field) {
        SALUS_TRY(in.key(field));
        SALUS_TRY(in.skip());
    }
    SALUS_TRY(in.key(3));
    anchor.relation_root = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(4));
    SALUS_TRY(in.skip());
    SALUS_TRY(in.key(5));
    anchor.time = UnixMillis{SALUS_TRY(in.integer())};
    return std::optional{anchor};
}

/// Yes outweighs unknown, which outweighs no.
Opened worse(Opened a, Opened b) {
    if (a == Opened::yes || b == Opened::yes) return Opened::yes;
    return a == Opened::unknown || b == Opened::unknown ? Opened::unknown : Opened::no;
}

/// Whether the node ever anchored, and then all that it has to show.
Result<bool> check_node(const Absence& absence, const AccountId& node, AbsenceAnswer& answer) {
    const auto anchor = SALUS_TRY(anchor_of(absence, node));
    if (!anchor) return false;
    if (anchor->time.value - absence.until.value < anchor_lag_ms) {
        return Error{Errc::out_of_range,
                     "absence: a node's anchors do not reach a minute beyond this time yet"};
    }
    if (anchor->relation_root.is_zero()) return true;  // the root of no labels at all
    const auto shown = std::find_if(absence.nodes.begin(), absence.nodes.end(),
                                    [&](const NodeRelations& n) { return n.node == node; });
    if (shown == absence.nodes.end()) return incomplete("a node's openings");
    for (LabelAnswer& label : answer.labels) {
        const auto claim =
            std::find_if(shown->claims.begin(), shown->claims.end(),
                         [&](const RelationClaim& c) { return c.label == label.name.label; });
        if (claim == shown->claims.end()) return incomplete("a name's openings");
        label.opened = worse(label.opened, SALUS_TRY(check_relation(*claim, anchor->relation_root,
                                                                    absence.from, absence.until)));
    }
    return true;
}

}  // namespace

std::optional<ObjectId> organisation_of(const VerifierKey& key, std::string_view origin) {
    constexpr std::size_t hex_digits = 2 * ObjectId::size_bytes;
    const std::string_view name = key.name;
    if (name.size() != origin.size() + 1 + hex_digits || !name.starts_with(origin) ||
        name[origin.size()] != '/') {
        return std::nullopt;
    }
    const auto bytes = from_hex(name.substr(origin.size() + 1));
    if (!bytes.ok()) return std::nullopt;
    const auto id = ObjectId::from(*bytes);
    return id.ok() ? std::optional{*id} : std::nullopt;
}

Result<AbsenceAnswer> check_absence(const Absence& absence, const Checkpoint& checkpoint,
                                    std::span<const VerifierKey> trust) {
    if (absence.patient == absence.grantee) {
        return Error{Errc::malformed, "absence: nobody is without access to what is their own"};
    }
    if (absence.from.value < 0 || absence.until <= absence.from) {
        return Error{Errc::out_of_range, "absence: the time ends before it begins"};
    }
    SALUS_TRY(check_state_claims(absence.claims, checkpoint.state_root));
    SALUS_TRY(check_label_key(absence));
    AbsenceAnswer answer{
        absence.patient, absence.grantee, absence.from, absence.until, true, false, {}, 0};
    for (NamedLabel& name : SALUS_TRY(names_of(absence))) {
        const bool permitted = SALUS_TRY(is_permitted(absence, name.label));
        answer.not_permitted = answer.not_permitted && !permitted;
        answer.labels.push_back({std::move(name), permitted, Opened::no});
    }
    bool dated = false;
    for (const VerifierKey& key : trust) {
        const auto organisation = organisation_of(key, checkpoint.origin);
        if (!organisation) continue;  // a witness: it keeps no records
        const AccountId node = SALUS_TRY(node_of(absence, *organisation));
        const bool anchored = SALUS_TRY(check_node(absence, node, answer));
        dated = dated || anchored;
        ++answer.nodes;
    }
    if (answer.nodes == 0) return incomplete("every node: no trusted key is a member's");
    // A checkpoint carries no time: without an anchor the state could be older than the time asked.
    if (!dated) {
        return Error{Errc::out_of_range, "absence: no node has anchored: nothing dates the state"};
    }
    answer.not_opened = answer.labels.front().opened == Opened::no;
    return answer;
}

}  // namespace salus::ledger
