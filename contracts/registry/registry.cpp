// docs/contracts/registry.md: who exists, with which keys, and which roles a member vouches for.
#include "../common/timeline.hpp"

namespace {

using namespace salus;

constexpr Text kinds[] = {"patient", "staff", "organisation", "service"};
constexpr Text roles[] = {"officer", "clinician", "steward", "laboratory", "researcher", "node"};

template <std::size_t N>
bool is_one_of(Text word, const Text (&words)[N]) {
    for (const Text known : words) {
        if (word == known) {
            return true;
        }
    }
    return false;
}

struct Account {
    Text kind;
    PublicKey sig;
    PublicKey kem;
    std::uint64_t epoch = 1;
    bool active = true;
    std::optional<Digest> label_commitment;
};

struct Credential {
    Text role;
    Id organisation;
    Digest licence;
    std::int64_t expires = 0;
    bool active = true;
    Id issuer;
};

Key account_key(const Id& account) {
    return Key("a/").bytes(account);
}
Key credential_key(const Id& account, const Id& credential) {
    return Key("k/").bytes(account).bytes(credential);
}
Key holder_key(const Id& credential) {
    return Key("i/").bytes(credential);
}
/// Every role that the account ever held, for proofs of which it held on some day.
Key history_key(const Id& account) {
    return Key("h/").bytes(account);
}
constexpr std::uint32_t history_max = 512;
Key organisation_key(const Id& organisation) {
    return Key("o/").bytes(organisation);
}
/// The officers' credentials of one organisation.
Key officers_key(const Id& organisation) {
    return Key("f/").bytes(organisation);
}
Key officer_key(const Id& organisation, const Id& credential) {
    return officers_key(organisation).bytes(credential);
}

void write(Writer& out, const Account& account) {
    out.map(6).uint(1).text(account.kind).uint(2).bytes(account.sig).uint(3).bytes(account.kem);
    out.uint(4).uint(account.epoch).uint(5).uint(account.active ? 1 : 0).uint(6);
    if (account.label_commitment.has_value()) {
        out.bytes(*account.label_commitment);
    } else {
        out.null();
    }
}

Account read_account(View value) {
    Reader in(value);
    Account account;
    in.map_of(6);
    in.key(1);
    account.kind = in.text();
    in.key(2);
    account.sig = in.digest();
    in.key(3);
    account.kem = in.digest();
    in.key(4);
    account.epoch = in.uint();
    in.key(5);
    account.active = in.uint() == 1;
    in.key(6);
    if (!in.null_next()) {
        account.label_commitment = in.digest();
    }
    return account;
}

void write(Writer& out, const Credential& credential) {
    out.map(6).uint(1).text(credential.role).uint(2).bytes(credential.organisation);
    out.uint(3).bytes(credential.licence).uint(4).integer(credential.expires);
    out.uint(5).uint(credential.active ? 1 : 0).uint(6).bytes(credential.issuer);
}

Credential read_credential(View value) {
    Reader in(value);
    Credential credential;
    in.map_of(6);
    in.key(1);
    credential.role = in.text();
    in.key(2);
    credential.organisation = in.id();
    in.key(3);
    credential.licence = in.digest();
    in.key(4);
    credential.expires = in.integer();
    in.key(5);
    credential.active = in.uint() == 1;
    in.key(6);
    credential.issuer = in.id();
    return credential;
}

std::optional<Account> find_account(const Id& account) {
    const auto value = kv::get(account_key(account));
    if (!value.has_value()) {
        return std::nullopt;
    }
    return read_account(*value);
}

void store(const Id& id, const Account& account) {
    Writer value;
    write(value, account);
    kv::put(account_key(id), value);
}

bool is_active_account(const Id& account) {
    const auto found = find_account(account);
    return found.has_value() && found->active;
}

bool is_live(const Credential& credential, std::int64_t time) {
    return credential.active && time < credential.expires;
}

/// Whether the account holds the role at `time`, of `organisation` when one is named. Stops at the
/// first that fits.
bool has_role(const Id& account, Text role, std::int64_t time,
              const std::optional<Id>& organisation) {
    bool found = false;
    for_each(Key("k/").bytes(account), [&](const kv::Entry& entry) {
        const Credential credential = read_credential(entry.value);
        found = credential.role == role && is_live(credential, time) &&
                (!organisation.has_value() || credential.organisation == *organisation);
        return !found;
    });
    return found;
}

Id read_node(View organisation) {
    Reader in(organisation);
    in.map_of(3);
    in.key(1);
    in.skip();
    in.key(2);
    return in.id();
}

bool is_node_of(const Id& account, const Id& organisation) {
    const auto value = kv::get(organisation_key(organisation));
    return value.has_value() && read_node(*value) == account;
}

/// A deactivated account speaks for nobody, whatever it still holds.
bool speaks_for(const Id& account, const Id& organisation) {
    return is_active_account(account) &&
           (is_node_of(account, organisation) ||
            has_role(account, "officer", host::block_time(), organisation));
}

// Arguments -------------------------------------------------------------------------------------

struct Issue {
    Id credential;
    Id account;
    Text role;
    Id organisation;
    Digest licence;
    std::int64_t expires = 0;
};

Issue read_issue(View args) {
    Reader in(args);
    Issue issue;
    in.map_of(6);
    in.key(1);
    issue.credential = in.id();
    in.key(2);
    issue.account = in.id();
    in.key(3);
    issue.role = in.text_max(32);
    in.key(4);
    issue.organisation = in.id();
    in.key(5);
    issue.licence = in.digest();
    in.key(6);
    issue.expires = read_time(in);
    in.end();
    return issue;
}

Id read_one_id(View args) {
    Reader in(args);
    in.map_of(1);
    in.key(1);
    const Id id = in.id();
    in.end();
    return id;
}

std::optional<std::pair<Id, Credential>> find_credential(const Id& credential) {
    const auto holder = kv::get(holder_key(credential));
    if (!holder.has_value()) {
        return std::nullopt;
    }
    const Id account = fixed_from<16>(*holder);
    return std::pair(account, read_credential(kv::need(credential_key(account, credential),
                                                       "credential missing")));
}

// Roles: who may call ---------------------------------------------------------------------------

bool is_newcomer(const Call& call) {
    return call.by_account() && !kv::has(account_key(call.caller));
}
bool is_caller_enrolled(const Call& call) {
    return call.by_account() && is_active_account(call.caller);
}

bool may_issue(const Call& call) {
    const Issue issue = read_issue(call.args);
    // An officer never makes a node: that is the organisation's own word.
    return call.by_account() && speaks_for(call.caller, issue.organisation) &&
           (issue.role != "node" || is_node_of(call.caller, issue.organisation));
}

/// Whether nobody but this account is a live officer of the organisation, on an account that can
/// still act.
bool is_last_officer(const Id& account, const Id& organisation) {
    bool last = true;
    for_each(officers_key(organisation), [&](const kv::Entry& entry) {
        const Id other = fixed_from<16>(entry.value);
        const Id credential = fixed_from<16>(entry.key.subspan(18));
        last =
            other == account || !is_active_account(other) ||
            !is_live(
                read_credential(kv::need(credential_key(other, credential), "credential missing")),
                host::block_time());
        return last;
    });
    return last;
}

bool may_revoke(const Call& call) {
    const auto found = find_credential(read_one_id(call.args));
    require(found.has_value(), code::not_found, "no such credential");
    const auto& [account, credential] = *found;
    return call.by_account() && speaks_for(call.caller, credential.organisation) &&
           (is_node_of(call.caller, credential.organisation) || credential.role != "officer" ||
            !is_last_officer(account, credential.organisation));
}

/// Whether one of the caller's organisations vouched for the account, and no other organisation
/// does now: a member that gives somebody else's doctor a credential gains no say over the account.
bool vouches_alone(const Id& caller, const Id& account) {
    bool vouched = false;
    bool others = false;
    std::optional<Id> asked;
    bool speaks = false;
    for_each(Key("k/").bytes(account), [&](const kv::Entry& entry) {
        const Credential credential = read_credential(entry.value);
        const bool live = is_live(credential, host::block_time());
        if (vouched && !live) {
            return true;
        }
        if (asked != credential.organisation) {
            asked = credential.organisation;
            speaks = speaks_for(caller, credential.organisation);
        }
        vouched = vouched || speaks;
        others = live && !speaks;
        return !others;
    });
    return vouched && !others;
}

bool may_deactivate(const Call& call) {
    const Id id = read_one_id(call.args);
    const auto account = find_account(id);
    require(account.has_value(), code::not_found, "no such account");
    return is_caller_enrolled(call) &&
           (id == call.caller || (account->kind == "staff" && vouches_alone(call.caller, id)));
}

constexpr Role newcomer{"an account that is not enrolled yet, for itself", is_newcomer};
constexpr Role enrolled{"the account itself", is_caller_enrolled};
constexpr Role issuer{"the organisation's node, or an officer of it", may_issue};
constexpr Role revoker{"the organisation's node, or an officer of it unless the last officer goes",
                       may_revoke};
constexpr Role deactivator{
    "the account itself; of staff also the node or an officer of the one organisation that vouches",
    may_deactivate};

// Entry points ----------------------------------------------------------------------------------

void enrol(Call& call) {
    Reader args(call.args);
    Account account;
    args.map_of(4);
    args.key(1);
    account.kind = args.text_max(16);
    args.key(2);
    account.sig = args.digest();
    args.key(3);
    account.kem = args.digest();
    args.key(4);
    if (!args.null_next()) {
        account.label_commitment = args.digest();
    }
    args.end();
    require(is_one_of(account.kind, kinds), code::out_of_range, "unknown kind of account");
    store(call.caller, account);
}

void rotate(Call& call) {
    Reader args(call.args);
    Account account = *find_account(call.caller);
    args.map_of(3);
    args.key(1);
    account.sig = args.digest();
    args.key(2);
    account.kem = args.digest();
    args.key(3);
    require(args.uint() == account.epoch + 1, code::conflict, "epoch is not the next one");
    args.end();
    ++account.epoch;
    store(call.caller, account);
}

void credential_issue(Call& call) {
    const Issue issue = read_issue(call.args);
    require(is_one_of(issue.role, roles), code::out_of_range, "unknown role");
    require(is_active_account(issue.account), code::not_found, "the account is not enrolled");
    require(!kv::has(holder_key(issue.credential)), code::already_exists, "this credential exists");
    require(host::block_time() < issue.expires, code::out_of_range, "expires before its own block");
    Writer value;
    write(value, {issue.role, issue.organisation, issue.licence, issue.expires, true, call.caller});
    kv::put(credential_key(issue.account, issue.credential), value);
    kv::put(holder_key(issue.credential), issue.account.view());
    Writer held;
    held.bytes(issue.credential).text(issue.role).bytes(issue.organisation);
    held.integer(host::block_time()).integer(issue.expires);
    timeline::begin(history_key(issue.account), history_max, 5, held);
    if (issue.role == "officer") {
        kv::put(officer_key(issue.organisation, issue.credential), issue.account.view());
    }
}

void credential_revoke(Call& call) {
    const Id id = read_one_id(call.args);
    auto found = find_credential(id);
    require(found->second.active, code::conflict, "revoked already");
    found->second.active = false;
    Writer value;
    write(value, found->second);
    kv::put(credential_key(found->first, id), value);
    timeline::end(history_key(found->first), id, host::block_time());
    if (found->second.role == "officer") {
        kv::del(officer_key(found->second.organisation, id));
    }
}

void deactivate(Call& call) {
    const Id id = read_one_id(call.args);
    auto account = find_account(id);
    require(account->active, code::conflict, "deactivated already");
    account->active = false;
    store(id, *account);
}

void account(Call& call) {
    const auto value = kv::get(account_key(read_one_id(call.args)));
    if (value.has_value()) {
        call.out.raw(*value);
    } else {
        call.out.null();
    }
}

void is_active(Call& call) {
    call.out.boolean(is_active_account(read_one_id(call.args)));
}

void is_node(Call& call) {
    const Id id = read_one_id(call.args);
    bool found = false;
    for_each(Key("o/"), [&](const kv::Entry& entry) {
        found = read_node(entry.value) == id;
        return !found;
    });
    call.out.boolean(found && is_active_account(id));
}

void credentials(Call& call) {
    const Id id = read_one_id(call.args);
    Writer list;
    std::uint64_t count = 0;
    for_each(Key("k/").bytes(id), [&](const kv::Entry& entry) {
        // The stored map of six fields, with the id put before them as field 0.
        list.map(7).uint(0).bytes(entry.key.subspan(18)).raw(entry.value.subspan(1));
        ++count;
        return true;
    });
    call.out.array(count).raw(list.view());
}

void holds_role(Call& call) {
    Reader args(call.args);
    const std::uint32_t fields = args.map();
    require(fields == 3 || fields == 4, code::malformed, "wrong number of fields");
    args.key(1);
    const Id id = args.id();
    args.key(2);
    const Text role = args.text_max(32);
    args.key(3);
    const std::int64_t time = args.integer();
    std::optional<Id> organisation;
    if (fields == 4) {
        args.key(4);
        organisation = args.id();
    }
    args.end();
    call.out.boolean(is_active_account(id) && has_role(id, role, time, organisation));
}

constexpr Method methods[] = {
    {"enrol", Kind::exec, newcomer, enrol},
    {"rotate", Kind::exec, enrolled, rotate},
    {"credential_issue", Kind::exec, issuer, credential_issue},
    {"credential_revoke", Kind::exec, revoker, credential_revoke},
    {"deactivate", Kind::exec, deactivator, deactivate},
    {"account", Kind::query, anyone, account},
    {"is_active", Kind::query, anyone, is_active},
    {"is_node", Kind::query, anyone, is_node},
    {"credentials", Kind::query, anyone, credentials},
    {"holds", Kind::query, anyone, holds_role},
};

void init(Reader& args) {
    args.map_of(1);
    args.key(1);
    for (std::uint32_t left = args.array(); left != 0; --left) {
        args.array_of(4);
        const Id organisation = args.id();
        const PublicKey signing_key = args.digest();
        const Id node = args.id();
        const Digest name_hash = args.digest();
        Writer value;
        value.map(3).uint(1).bytes(signing_key).uint(2).bytes(node).uint(3).bytes(name_hash);
        kv::put(organisation_key(organisation), value);
        store(node, {"service", signing_key, PublicKey{}, 1, true, std::nullopt});
    }
}
void migrate(Reader& args) {
    read_migration(args);
}

}  // namespace

SALUS_CONTRACT(methods, init, migrate);
