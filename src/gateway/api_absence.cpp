#include "gateway/api.hpp"
#include "gateway/doors.hpp"
#include "ledger/receipt.hpp"
#include "ledger/state_tree.hpp"

#include <algorithm>
#include <thread>

/// Proofs about state: what a key is, and that somebody had no access.
/// docs/formats/receipt.md, kinds 4 and 5.
namespace salus::gateway {

namespace {

constexpr std::size_t keys_max = 64;
/// An anchor reaches the state a moment before this node's relation tree follows it.
constexpr std::int64_t following_ns_max = 2'000'000'000;
constexpr auto pause = std::chrono::milliseconds(20);
/// The other members sign within a second of a block; a witness comes by the minute, and an older
/// state has to do until then.
constexpr int signing_tries_max = 30;
constexpr auto signing_pause = std::chrono::milliseconds(50);

Result<ledger::StateClaim> claim_of(const StateView& view, Bytes key) {
    ledger::StateClaim claim;
    claim.value = SALUS_TRY(view.state->get(store::Column::state, key));
    claim.proof =
        ledger::encode_state_proof(SALUS_TRY(ledger::prove_state(*view.state, key)).proof);
    claim.key = std::move(key);
    return claim;
}

Result<std::vector<ledger::StateClaim>> claims_of(const StateView& view, std::vector<Bytes> keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::vector<ledger::StateClaim> claims;
    for (Bytes& key : keys) claims.push_back(SALUS_TRY(claim_of(view, std::move(key))));
    return claims;
}

// A key of state --------------------------------------------------------------------------------

/// Accounts, nodes and records are named by whoever knows their ids; consents by their patient.
bool may_know(const Bytes& key, const std::optional<AccountId>& caller) {
    const auto begins = [&](ByteView with) {
        return key.size() >= with.size() && std::equal(with.begin(), with.end(), key.begin());
    };
    for (const std::string_view open : {"c/registry/", "c/access/", "c/record/"}) {
        if (begins(as_bytes(open))) return true;
    }
    if (!caller) return false;
    return begins(ledger::contract_key("consent", "d", {caller->view()})) ||
           begins(ledger::contract_key("consent", "l", {caller->view()}));
}

Result<Response> state_proof(House& house, const Request& request) {
    std::optional<AccountId> account;
    if (const auto caller = caller_of(house, request); caller.ok()) account = caller->account.id;
    const std::string list = SALUS_TRY(request.query_value("key"));
    std::vector<Bytes> keys;
    for (std::size_t at = 0; at <= list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        keys.push_back(SALUS_TRY(from_hex(std::string_view(list).substr(at, end - at))));
        at = end + 1;
        if (keys.size() > keys_max) return Error{Errc::out_of_range, "at most 64 keys at once"};
        if (!may_know(keys.back(), account))
            return Error{Errc::denied, "this key is not yours to ask for"};
    }
    const SharedView view = SALUS_TRY(house.views->newest());
    const auto claims = SALUS_TRY(claims_of(*view, std::move(keys)));
    return Response::bytes(
        SALUS_TRY(ledger::make_state_bundle(
            ledger::BundleKind::state, ledger::encode_state_claims(claims), as_bytes(view->note))),
        "application/octet-stream");
}

// Absence ---------------------------------------------------------------------------------------

struct Asked {
    AccountId patient;
    Bytes label_key;
    AccountId grantee;
    UnixMillis from;
    UnixMillis until;
};

Result<Asked> read_absence(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    Asked asked{caller.account.id, caller.account.label_key, {}, {}, {}};
    asked.grantee = SALUS_TRY(id_from_hex<AccountId>(SALUS_TRY(request.query_value("grantee"))));
    const auto now = static_cast<std::uint64_t>(house.env.now().value);
    const std::uint64_t from = SALUS_TRY(request.query_uint("from", now, now));
    const std::uint64_t until = SALUS_TRY(request.query_uint("until", now, now));
    asked.from = UnixMillis{static_cast<std::int64_t>(from)};
    asked.until = UnixMillis{static_cast<std::int64_t>(until)};
    if (asked.until <= asked.from)
        return Error{Errc::out_of_range, "the time must be over, and end after it begins"};
    if (asked.grantee == asked.patient)
        return Error{Errc::malformed, "you always have access to what is your own"};
    if (asked.label_key.empty())
        return Error{Errc::not_found, "this account has no label key: nothing can be proven"};
    return asked;
}

/// Every key whose value, or absence, the proof needs.
std::vector<Bytes> keys_of(const House& house, const Asked& asked,
                           const std::vector<ledger::NamedLabel>& names) {
    using ledger::contract_key;
    std::vector<Bytes> keys{contract_key("registry", "a", {asked.patient.view()}),
                            contract_key("registry", "h", {asked.grantee.view()})};
    for (const ledger::NamedLabel& name : names) {
        keys.push_back(contract_key("consent", "l", {asked.patient.view(), name.label.view()}));
    }
    for (const ledger::Member& member : house.node.status().members) {
        keys.push_back(contract_key("registry", "o", {member.organisation.view()}));
        keys.push_back(contract_key("access", "n", {member.node_account.view()}));
    }
    return keys;
}

Result<std::vector<ledger::NamedLabel>> names_at(const StateView& view, const Asked& asked) {
    const Bytes key = ledger::contract_key("registry", "h", {asked.grantee.view()});
    std::vector<ledger::HeldRole> history;
    if (const auto value = SALUS_TRY(view.state->get(store::Column::state, key))) {
        history = SALUS_TRY(ledger::decode_role_history(*value));
    }
    return ledger::labels_within(asked.label_key, asked.grantee, history, asked.from, asked.until);
}

/// The relation root of a stored anchor: docs/contracts/access.md.
Result<Digest> relation_root_of(const std::optional<Bytes>& value) {
    if (!value) return Digest{};
    cbor::Reader in(*value);
    SALUS_TRY(in.map_of(5));
    for (std::uint64_t field = 1; field < 3; ++field) {
        SALUS_TRY(in.key(field));
        SALUS_TRY(in.skip());
    }
    SALUS_TRY(in.key(3));
    return in.fixed<Digest>();
}

/// Nothing when this node's tree is already, or still, at another anchor than the state.
Result<std::optional<Bytes>> try_absence(const House& house, const StateView& view,
                                         const Asked& asked) {
    const auto names = SALUS_TRY(names_at(view, asked));
    ledger::Absence absence{
        asked.patient, asked.label_key, asked.grantee, asked.from, asked.until, {}, {}};
    absence.claims = SALUS_TRY(claims_of(view, keys_of(house, asked, names)));
    std::vector<ledger::Label> labels;
    for (const ledger::NamedLabel& name : names) labels.push_back(name.label);
    std::sort(labels.begin(), labels.end());
    const AccountId node = house.node.account();
    const Bytes anchor = ledger::contract_key("access", "n", {node.view()});
    auto shown = SALUS_TRY(vault::Relations::show(*view.index, labels, asked.from, asked.until));
    const auto stored = SALUS_TRY(view.state->get(store::Column::state, anchor));
    if (SALUS_TRY(relation_root_of(stored)) != shown.root) return std::optional<Bytes>{};
    absence.nodes.push_back({node, std::move(shown.claims)});
    return std::optional{SALUS_TRY(ledger::make_state_bundle(
        ledger::BundleKind::absence, ledger::encode_absence(absence), as_bytes(view.note)))};
}

/// What a stranger would refuse is refused here, with the reason.
Status check_as_stranger(const House& house, ByteView bundle) {
    std::vector<ledger::VerifierKey> trust;
    for (const std::string& key : house.node.verifier_keys()) {
        trust.push_back(SALUS_TRY(ledger::parse_verifier_key(key)));
    }
    const ledger::Bundle parts = SALUS_TRY(ledger::decode_bundle(bundle));
    const ledger::Note note = SALUS_TRY(ledger::parse_note(as_text(parts.checkpoint)));
    const ledger::Absence said = SALUS_TRY(ledger::decode_absence(parts.subject));
    SALUS_TRY(ledger::check_absence(said, note.checkpoint, trust));
    return done;
}

/// A state that a stranger accepts: of now if it is signed soon, else the newest that was.
Result<SharedView> signed_view(House& house) {
    const std::uint64_t now = house.node.replica().head().log_size;
    for (int i = 0; i < signing_tries_max; ++i) {
        SALUS_TRY(house.views->offer());
        house.views->cosigned();
        auto view = house.views->accepted();
        if (view.ok()) {
            const ledger::Note note = SALUS_TRY(ledger::parse_note((*view)->note));
            if (note.checkpoint.log_size >= now) return view;
        }
        std::this_thread::sleep_for(signing_pause);
    }
    return house.views->accepted();
}

Result<Response> absence(House& house, const Request& request) {
    const Asked asked = SALUS_TRY(read_absence(house, request));
    const std::int64_t end = house.env.steady_ns() + following_ns_max;
    do {
        const SharedView view = SALUS_TRY(signed_view(house));
        if (auto bundle = SALUS_TRY(try_absence(house, *view, asked))) {
            SALUS_TRY(check_as_stranger(house, *bundle));
            return Response::bytes(std::move(*bundle), "application/octet-stream");
        }
        std::this_thread::sleep_for(pause);
    } while (house.env.steady_ns() < end);
    return Error{Errc::unavailable, "the state moved while it was being proven; try again"};
}

}  // namespace

void add_absence_api(Router& router, House& house) {
    const Doors doors(router, house, false);
    doors.slow("GET", "/api/state/proof", "What keys of state are, with proofs", state_proof);
    const Doors own(router, house, true);
    own.slow("GET", "/api/absence", "Proof that somebody had no access", absence);
}

}  // namespace salus::gateway
