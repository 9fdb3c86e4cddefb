#pragma once

#include "base/cbor.hpp"
#include "contracts/support/standard_world.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// Arguments of the standard contracts' methods, as docs/contracts/*.md write them.
namespace salus::contracts::testing::args {

inline cbor::Writer& write_optional(cbor::Writer& out, const std::optional<ObjectId>& id) {
    return id ? out.bytes(id->view()) : out.null();
}
inline Bytes one_id(ByteView id) {
    return cbor::Writer{}.map(1).uint(1).bytes(id).take();
}

// registry ------------------------------------------------------------------------------------

inline Bytes enrol(std::string_view kind) {
    cbor::Writer out;
    out.map(4).uint(1).text(kind).uint(2).bytes(digest(0x51).view());
    return out.uint(3).bytes(digest(0x52).view()).uint(4).null().take();
}
inline Bytes rotate(std::uint64_t epoch) {
    cbor::Writer out;
    out.map(3).uint(1).bytes(digest(0x61).view()).uint(2).bytes(digest(0x62).view());
    return out.uint(3).uint(epoch).take();
}
struct Credential {
    ObjectId id;
    AccountId account;
    std::string_view role = "clinician";
    ObjectId organisation = organisation_a;
    std::int64_t expires = start_time + 1'000'000;
};
inline Bytes issue(const Credential& c) {
    cbor::Writer out;
    out.map(6).uint(1).bytes(c.id.view()).uint(2).bytes(c.account.view()).uint(3).text(c.role);
    out.uint(4).bytes(c.organisation.view()).uint(5).bytes(digest(0x71).view());
    return out.uint(6).integer(c.expires).take();
}
inline Bytes holds(const AccountId& account, std::string_view role, std::int64_t time,
                   const std::optional<ObjectId>& organisation = std::nullopt) {
    cbor::Writer out;
    out.map(organisation ? 4 : 3).uint(1).bytes(account.view()).uint(2).text(role);
    out.uint(3).integer(time);
    if (organisation) {
        out.uint(4).bytes(organisation->view());
    }
    return out.take();
}

// record --------------------------------------------------------------------------------------

inline Bytes collection_put(const ObjectId& collection, std::uint64_t flags = 0) {
    cbor::Writer out;
    out.map(4).uint(1).bytes(collection.view()).uint(2).bytes(object(0x77).view());
    return out.uint(3).uint(flags).uint(4).bytes(digest(0x81).view()).take();
}
inline Bytes collection_rotate(const ObjectId& collection, std::uint64_t epoch) {
    cbor::Writer out;
    out.map(3).uint(1).bytes(collection.view()).uint(2).uint(epoch);
    return out.uint(3).bytes(digest(0x82).view()).take();
}
inline Bytes record_put(const ObjectId& record, const ObjectId& collection,
                        std::uint64_t epoch = 1) {
    cbor::Writer out;
    out.array(4).bytes(record.view()).bytes(collection.view()).uint(epoch);
    return out.bytes(digest(0x83).view()).take();
}
inline Bytes writer_put(const ObjectId& collection, const AccountId& account,
                        std::int64_t until = start_time + 1'000'000) {
    cbor::Writer out;
    out.map(3).uint(1).bytes(collection.view()).uint(2).bytes(account.view());
    return out.uint(3).integer(until).take();
}
inline Bytes amend(const ObjectId& old_record, const ObjectId& new_record, std::uint64_t epoch = 1,
                   std::string_view reason = "typo") {
    cbor::Writer out;
    out.map(5).uint(1).bytes(old_record.view()).uint(2).bytes(new_record.view());
    return out.uint(3).uint(epoch).uint(4).bytes(digest(0x84).view()).uint(5).text(reason).take();
}
inline Bytes offer(const ObjectId& record, const Digest& secret) {
    cbor::Writer out;
    out.map(2).uint(1).bytes(record.view());
    return out.uint(2).bytes(crypto::sha256(secret.view()).view()).take();
}
inline Bytes claim(const ObjectId& record, ByteView secret, const ObjectId& new_record,
                   const ObjectId& collection, std::uint64_t epoch = 1) {
    cbor::Writer out;
    out.map(6).uint(1).bytes(record.view()).uint(2).bytes(secret);
    out.uint(3).bytes(new_record.view()).uint(4).bytes(collection.view());
    return out.uint(5).uint(epoch).uint(6).bytes(digest(0x85).view()).take();
}
inline Bytes erase(const std::vector<ObjectId>& records) {
    cbor::Writer out;
    out.map(2).uint(1).array(records.size());
    for (const ObjectId& record : records) {
        out.bytes(record.view());
    }
    return out.uint(2).bytes(digest(0x86).view()).take();
}
inline Bytes page(ByteView of, const std::optional<ObjectId>& after, std::uint64_t count) {
    cbor::Writer out;
    out.map(3).uint(1).bytes(of).uint(2);
    return write_optional(out, after).uint(3).uint(count).take();
}
inline Bytes two_ids(ByteView first, ByteView second) {
    return cbor::Writer{}.map(2).uint(1).bytes(first).uint(2).bytes(second).take();
}

// consent -------------------------------------------------------------------------------------

enum class ScopeKind : std::uint8_t { everything, collections, records, categories };

/// docs/contracts/consent.md, `IR`.
struct Directive {
    bool permit = true;
    std::vector<ObjectId> actors{object(0x99)};
    ScopeKind scope = ScopeKind::everything;
    std::vector<ObjectId> scope_ids = {};
    std::vector<std::string> purposes{"TREAT"};
    std::vector<std::string> actions{"access"};
    std::int64_t from = 0;
    std::int64_t until = start_time + 1'000'000;
};
inline Bytes ir(const Directive& d, std::uint64_t version = 1) {
    cbor::Writer out;
    out.map(8).uint(1).uint(version).uint(2).uint(d.permit ? 1 : 0).uint(3);
    out.array(d.actors.size());
    for (const ObjectId& actor : d.actors) {
        out.bytes(actor.view());
    }
    out.uint(4).array(d.scope == ScopeKind::everything ? 1 : 2);
    out.uint(static_cast<std::uint64_t>(d.scope));
    if (d.scope != ScopeKind::everything) {
        out.array(d.scope_ids.size());
        for (const ObjectId& id : d.scope_ids) {
            out.bytes(id.view());
        }
    }
    out.uint(5).array(d.purposes.size());
    for (const std::string& purpose : d.purposes) {
        out.text(purpose);
    }
    out.uint(6).array(d.actions.size());
    for (const std::string& action : d.actions) {
        out.text(action);
    }
    return out.uint(7).integer(d.from).uint(8).integer(d.until).take();
}
inline Bytes consent_put_ir(const ObjectId& directive, ByteView ir,
                            const std::optional<ObjectId>& supersedes = std::nullopt) {
    cbor::Writer out;
    out.map(5).uint(1).bytes(directive.view()).uint(2).bytes(ir);
    out.uint(3).bytes(digest(0x91).view()).uint(4).bytes(digest(0x92).view()).uint(5);
    return write_optional(out, supersedes).take();
}
inline Bytes consent_put(const ObjectId& directive, const Directive& d,
                         const std::optional<ObjectId>& supersedes = std::nullopt) {
    return consent_put_ir(directive, ir(d), supersedes);
}
struct Rotation {
    ObjectId collection;
    std::uint64_t epoch = 2;
};
inline Bytes revoke(const ObjectId& directive, const std::vector<Rotation>& rotations = {},
                    std::string_view reason = "changed") {
    cbor::Writer out;
    out.map(4).uint(1).bytes(directive.view()).uint(2).text(reason).uint(3);
    out.array(rotations.size());
    for (const Rotation& r : rotations) {
        out.array(3).bytes(r.collection.view()).uint(r.epoch).bytes(digest(0x93).view());
    }
    return out.uint(4).bytes(digest(0x94).view()).take();
}
/// docs/contracts/consent.md, `decide`. A missing attribute is one that the asker does not know.
struct Question {
    AccountId patient;
    std::vector<ObjectId> actors{object(0x99)};
    std::string purpose = "TREAT";
    std::string action = "access";
    std::optional<ObjectId> record = std::nullopt;
    std::optional<ObjectId> collection = std::nullopt;
    std::optional<ObjectId> category = std::nullopt;
    std::int64_t time = start_time;
};
inline Bytes decide(const Question& q) {
    cbor::Writer out;
    out.map(8).uint(1).bytes(q.patient.view()).uint(2).array(q.actors.size());
    for (const ObjectId& actor : q.actors) {
        out.bytes(actor.view());
    }
    out.uint(3).text(q.purpose).uint(4).text(q.action).uint(5);
    write_optional(out, q.record).uint(6);
    write_optional(out, q.collection).uint(7);
    return write_optional(out, q.category).uint(8).integer(q.time).take();
}

// access --------------------------------------------------------------------------------------

struct Anchor {
    std::uint64_t from = 1;
    std::uint64_t to = 10;
    Digest root = digest(0xA1);
    Digest previous = {};
};
inline Bytes anchor(const Anchor& a) {
    cbor::Writer out;
    out.map(5).uint(1).uint(a.from).uint(2).uint(a.to).uint(3).bytes(a.root.view());
    out.uint(4).bytes(digest(0xA2).view());
    return out.uint(5).bytes(a.previous.view()).take();
}

}  // namespace salus::contracts::testing::args
