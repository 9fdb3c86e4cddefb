// docs/contracts/registry.md: who exists, with which keys, and which roles a member vouches for.
#include "../common/fields.hpp"

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
Key organisation_key(const Id& organisation) {
    return Key("o/").bytes(organisation);
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

/// Whether the account holds the role at `time`, of `organisation` when one is named. Stops at the
/// first that fits.
bool has_role(const Id& account, Text role, std::int64_t time,
              const std::optional<Id>& organisation) {
    kv::Scan scan(Key("k/").bytes(account));
    while (const auto entry = scan.next()) {
        const Credential credential = read_credential(entry->value);
        if (credential.role == role && credential.active && time < credential.expires &&
            (!organisation.has_value() || credential.organisation == *organisation)) {
            return true;
        }
    }
    return false;
}

bool is_node_of(const Id& account, const Id& organisation) {
    const auto value = kv::get(organisation_key(organisation));
    if (!value.has_value()) {
        return false;
    }
    Reader in(*value);
    in.map_of(3);
    in.key(1);
    in.skip();
    in.key(2);
    return in.id() == account;
}

bool speaks_for(const Id& account, const Id& organisation) {
    return is_node_of(account, organisation) ||
           has_role(account, "officer", host::block_time(), organisation);
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
    return call.by_account() &&
           (issue.role == "node" ? is_node_of(call.caller, issue.organisation)
                                 : speaks_for(call.caller, issue.organisation));
}

bool is_last_officer(const Id& account, const Credential& credential) {
    if (credential.role != "officer") {
        return false;
    }
    kv::Scan scan(Key("k/"));
    while (const auto entry = scan.next()) {
        const Credential other = read_credential(entry->value);
        if (!equal(entry->key.subspan(2, 16), account.view()) && other.role == "officer" &&
            other.active && other.organisation == credential.organisation &&
            host::block_time() < other.expires) {
            return false;
        }
    }
    return true;
}

bool may_revoke(const Call& call) {
    const auto found = find_credential(read_one_id(call.args));
    if (!found.has_value() || !call.by_account()) {
        return false;
    }
    const auto& [account, credential] = *found;
    return is_node_of(call.caller, credential.organisation) ||
           (speaks_for(call.caller, credential.organisation) &&
            !is_last_officer(account, credential));
}

bool may_deactivate(const Call& call) {
    const Id account = read_one_id(call.args);
    if (!call.by_account() || !is_active_account(call.caller)) {
        return false;
    }
    if (account == call.caller) {
        return true;
    }
    kv::Scan scan(Key("k/").bytes(account));
    while (const auto entry = scan.next()) {
        if (speaks_for(call.caller, read_credential(entry->value).organisation)) {
            return true;
        }
    }
    return false;
}

constexpr Role newcomer{"an account that is not enrolled yet, for itself", is_newcomer};
constexpr Role enrolled{"the account itself", is_caller_enrolled};
constexpr Role issuer{"the organisation's node, or an officer of it", may_issue};
constexpr Role revoker{"the organisation's node, or an officer of it unless the last officer goes",
                       may_revoke};
constexpr Role deactivator{
    "the account itself, or an officer of an organisation that vouches for it", may_deactivate};

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
}

void credential_revoke(Call& call) {
    const Id id = read_one_id(call.args);
    auto found = find_credential(id);
    require(found.has_value(), code::not_found, "no such credential");
    require(found->second.active, code::conflict, "revoked already");
    found->second.active = false;
    Writer value;
    write(value, found->second);
    kv::put(credential_key(found->first, id), value);
}

void deactivate(Call& call) {
    const Id id = read_one_id(call.args);
    auto account = find_account(id);
    require(account.has_value(), code::not_found, "no such account");
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
    kv::Scan scan(Key("o/"));
    while (const auto entry = scan.next()) {
        Reader in(entry->value);
        in.map_of(3);
        in.key(1);
        in.skip();
        in.key(2);
        found = found || in.id() == id;
    }
    call.out.boolean(found && is_active_account(id));
}

void credentials(Call& call) {
    const Id id = read_one_id(call.args);
    Writer list;
    std::uint64_t count = 0;
    kv::Scan scan(Key("k/").bytes(id));
    while (const auto entry = scan.next()) {
        // The stored map of six fields, with the id put before them as field 0.
        list.map(7).uint(0).bytes(entry->key.subspan(18)).raw(entry->value.subspan(1));
        ++count;
    }
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
