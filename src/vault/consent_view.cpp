#include "vault/consent_view.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace salus::vault {

namespace {

Bytes one(ByteView id) {
    return cbor::Writer{}.map(1).uint(1).bytes(id).take();
}

void write_optional(cbor::Writer& out, const auto& id) {
    if (id) {
        out.bytes(id->view());
    } else {
        out.null();
    }
}

/// The answer, refused when it is null.
Result<Bytes> need(const Ask& ask, std::string_view contract, std::string_view method,
                   ByteView args, std::string_view what) {
    Bytes answer = SALUS_TRY(ask(contract, method, args));
    if (cbor::Reader(answer).null_next())
        return Error{Errc::not_found, "no such " + std::string(what)};
    return answer;
}

Result<DirectiveState> read_ir(DirectiveState d) {
    cbor::Reader in(d.ir);
    SALUS_TRY(in.map_of(8));
    SALUS_TRY(in.key(1));
    SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    d.permit = SALUS_TRY(in.uint()) == 1;
    SALUS_TRY(in.key(3));
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        d.actors.push_back(SALUS_TRY(in.fixed<Label>()));
    }
    SALUS_TRY(in.key(4));
    const std::size_t items = SALUS_TRY(in.array());
    d.scope_kind = SALUS_TRY(in.uint_max(3));
    if (items == 2) {
        for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
            d.scope.push_back(SALUS_TRY(in.fixed<ObjectId>()));
        }
    }
    SALUS_TRY(in.key(5));
    SALUS_TRY(in.skip());
    SALUS_TRY(in.key(6));
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        d.actions.emplace_back(SALUS_TRY(in.text_max(32)));
    }
    SALUS_TRY(in.key(7));
    d.from = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(8));
    d.until = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.end());
    return d;
}

Result<DirectiveState> read_directive(cbor::Reader& in, const ObjectId& id) {
    DirectiveState d;
    d.id = id;
    SALUS_TRY(in.map_of(7));
    SALUS_TRY(in.key(1));
    d.ir = to_bytes(SALUS_TRY(in.bytes()));
    SALUS_TRY(in.key(2));
    SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(3));
    d.put_height = BlockHeight{SALUS_TRY(in.uint())};
    SALUS_TRY(in.key(4));
    d.put_time = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(5));
    if (in.null_next()) {
        SALUS_TRY(in.null());
    } else {
        d.revoked = UnixMillis{SALUS_TRY(in.integer())};
    }
    SALUS_TRY(in.key(6));
    d.wraps = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(7));
    SALUS_TRY(in.skip());
    return read_ir(std::move(d));
}

}  // namespace

bool DirectiveState::covers(const ObjectId& record, const RecordState& state,
                            const Label& category) const {
    const auto has = [this](ByteView wanted) {
        return std::any_of(scope.begin(), scope.end(), [&](const ObjectId& one_of) {
            return std::equal(wanted.begin(), wanted.end(), one_of.bytes.begin());
        });
    };
    return scope_kind == 0 || (scope_kind == 1 && has(state.collection.view())) ||
           (scope_kind == 2 && has(record.view())) || (scope_kind == 3 && has(category.view()));
}

bool DirectiveState::allows_access() const {
    return permit && std::find(actions.begin(), actions.end(), "access") != actions.end();
}

Result<AccountState> account_state(const Ask& ask, const AccountId& account) {
    const Bytes answer =
        SALUS_TRY(need(ask, "registry", "account", one(account.view()), "account"));
    cbor::Reader in(answer);
    AccountState a;
    SALUS_TRY(in.map_of(6));
    SALUS_TRY(in.key(1));
    a.kind = SALUS_TRY(in.text_max(16));
    SALUS_TRY(in.key(2));
    a.sig = to_bytes(SALUS_TRY(in.bytes()));
    SALUS_TRY(in.key(3));
    a.kem = to_bytes(SALUS_TRY(in.bytes()));
    SALUS_TRY(in.key(4));
    a.epoch = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(5));
    a.active = SALUS_TRY(in.uint()) == 1;
    return a;
}

Result<std::vector<Credential>> credentials(const Ask& ask, const AccountId& account) {
    const Bytes answer = SALUS_TRY(ask("registry", "credentials", one(account.view())));
    cbor::Reader in(answer);
    std::vector<Credential> out;
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        Credential c;
        SALUS_TRY(in.map_of(7));
        SALUS_TRY(in.key(0));
        c.id = SALUS_TRY(in.fixed<ObjectId>());
        SALUS_TRY(in.key(1));
        c.role = SALUS_TRY(in.text_max(32));
        SALUS_TRY(in.key(2));
        c.organisation = SALUS_TRY(in.fixed<ObjectId>());
        SALUS_TRY(in.key(3));
        SALUS_TRY(in.skip());
        SALUS_TRY(in.key(4));
        c.expires = UnixMillis{SALUS_TRY(in.integer())};
        SALUS_TRY(in.key(5));
        c.active = SALUS_TRY(in.uint()) == 1;
        SALUS_TRY(in.key(6));
        SALUS_TRY(in.skip());
        out.push_back(std::move(c));
    }
    return out;
}

Result<CollectionState> collection_state(const Ask& ask, const ObjectId& collection) {
    const Bytes answer =
        SALUS_TRY(need(ask, "record", "collection", one(collection.view()), "collection"));
    cbor::Reader in(answer);
    CollectionState c;
    SALUS_TRY(in.map_of(6));
    SALUS_TRY(in.key(1));
    c.owner = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(2));
    c.category = SALUS_TRY(in.fixed<Label>());
    SALUS_TRY(in.key(3));
    c.flags = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(4));
    c.epoch = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(5));
    c.public_key = to_bytes(SALUS_TRY(in.bytes()));
    SALUS_TRY(in.key(6));
    c.height = BlockHeight{SALUS_TRY(in.uint())};
    return c;
}

Result<RecordState> record_state(const Ask& ask, const ObjectId& record) {
    const Bytes answer = SALUS_TRY(need(ask, "record", "get", one(record.view()), "record"));
    cbor::Reader in(answer);
    RecordState r;
    SALUS_TRY(in.array_of(9));
    r.collection = SALUS_TRY(in.fixed<ObjectId>());
    r.epoch = SALUS_TRY(in.uint());
    r.commitment = SALUS_TRY(in.fixed<Digest>());
    r.digest = SALUS_TRY(in.fixed<Digest>());
    r.size = SALUS_TRY(in.uint());
    r.author = SALUS_TRY(in.fixed<AccountId>());
    r.height = BlockHeight{SALUS_TRY(in.uint())};
    r.status = SALUS_TRY(in.uint());
    if (!in.null_next()) r.next = SALUS_TRY(in.fixed<ObjectId>());
    return r;
}

Result<std::vector<ObjectId>> list_records(const Ask& ask, const ObjectId& collection,
                                           const std::optional<ObjectId>& after,
                                           std::size_t count) {
    cbor::Writer args;
    args.map(3).uint(1).bytes(collection.view()).uint(2);
    write_optional(args, after);
    args.uint(3).uint(count);
    const Bytes answer = SALUS_TRY(ask("record", "list", args.view()));
    cbor::Reader in(answer);
    std::vector<ObjectId> out;
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left)
        out.push_back(SALUS_TRY(in.fixed<ObjectId>()));
    return out;
}

Result<DirectiveState> directive_state(const Ask& ask, const AccountId& patient,
                                       const ObjectId& directive) {
    const Bytes args =
        cbor::Writer{}.map(2).uint(1).bytes(patient.view()).uint(2).bytes(directive.view()).take();
    const Bytes answer = SALUS_TRY(need(ask, "consent", "directive", args, "directive"));
    cbor::Reader in(answer);
    return read_directive(in, directive);
}

Result<std::vector<DirectiveState>> directives(const Ask& ask, const AccountId& patient) {
    std::vector<DirectiveState> out;
    std::optional<ObjectId> after;
    constexpr std::size_t page = 100;
    while (true) {
        cbor::Writer args;
        args.map(3).uint(1).bytes(patient.view()).uint(2);
        write_optional(args, after);
        args.uint(3).uint(page);
        const Bytes answer = SALUS_TRY(ask("consent", "list", args.view()));
        cbor::Reader in(answer);
        const std::size_t count = SALUS_TRY(in.array());
        for (std::size_t i = 0; i < count; ++i) {
            SALUS_TRY(in.array_of(2));
            const ObjectId id = SALUS_TRY(in.fixed<ObjectId>());
            out.push_back(SALUS_TRY(read_directive(in, id)));
            after = id;
        }
        if (count == 0) return out;
    }
}

Bytes encode(const DecisionRequest& q) {
    cbor::Writer out;
    out.map(8).uint(1).bytes(q.patient.view()).uint(2).array(q.actors.size());
    for (const Label& actor : q.actors) out.bytes(actor.view());
    out.uint(3).text(q.purpose).uint(4).text(q.action).uint(5);
    write_optional(out, q.record);
    out.uint(6);
    write_optional(out, q.collection);
    out.uint(7);
    write_optional(out, q.category);
    out.uint(8).integer(q.time.value);
    return out.take();
}

Result<DecisionAnswer> decide(const Ask& ask, const DecisionRequest& request) {
    const Bytes answer = SALUS_TRY(ask("consent", "decide", encode(request)));
    cbor::Reader in(answer);
    DecisionAnswer out;
    SALUS_TRY(in.map_of(4));
    SALUS_TRY(in.key(1));
    out.permitted = SALUS_TRY(in.uint_max(2)) == 1;
    SALUS_TRY(in.key(2));
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        out.directives.push_back(SALUS_TRY(in.fixed<ObjectId>()));
    }
    SALUS_TRY(in.key(3));
    out.reason = static_cast<Reason>(SALUS_TRY(in.uint_max(4)));
    SALUS_TRY(in.key(4));
    out.until = UnixMillis{SALUS_TRY(in.integer())};
    return out;
}

}  // namespace salus::vault
