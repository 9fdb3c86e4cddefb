#pragma once

#include "contracts/support/standard_args.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What docs/contracts/consent.md says a decision means, written to be read and not to be fast.
/// The contract is held to it on random cases (standard_consent_property_test.cpp).
namespace salus::contracts::testing::reference {

using args::Directive;
using args::Question;
using args::ScopeKind;

/// A directive on chain: who put it and when, and when it was ended.
struct Stored {
    AccountId patient;
    ObjectId id;
    Directive directive;
    std::int64_t put = 0;
    std::optional<std::int64_t> revoked;
};

enum class Decision : std::uint8_t { deny, permit, not_applicable };
enum class Reason : std::uint8_t { permitted, no_directive, denied, revoked, expired };

struct Verdict {
    Decision decision = Decision::not_applicable;
    std::vector<ObjectId> directives;  ///< those that decided, by id
    Reason reason = Reason::no_directive;
    std::int64_t until = 0;
    bool operator==(const Verdict&) const = default;
};

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// One of the asker's labels is one that the directive names.
inline bool actor_matches(const Directive& d, const Question& q) {
    return std::any_of(q.actors.begin(), q.actors.end(),
                       [&](const ObjectId& label) { return contains(d.actors, label); });
}

/// What the directive's scope is about, as far as the asker knows it.
inline std::optional<ObjectId> attribute(ScopeKind scope, const Question& q) {
    switch (scope) {
        case ScopeKind::collections:
            return q.collection;
        case ScopeKind::records:
            return q.record;
        case ScopeKind::categories:
            return q.category;
        case ScopeKind::everything:
            break;
    }
    return std::nullopt;
}

/// Fail closed: an unknown attribute lies in the scope of every deny and of no permit.
inline bool scope_matches(const Directive& d, const Question& q) {
    if (d.scope == ScopeKind::everything) {
        return true;
    }
    const std::optional<ObjectId> asked = attribute(d.scope, q);
    return asked.has_value() ? contains(d.scope_ids, *asked) : !d.permit;
}

inline bool speaks_about(const Directive& d, const Question& q) {
    return actor_matches(d, q) && contains(d.purposes, q.purpose) &&
           contains(d.actions, q.action) && scope_matches(d, q);
}

enum class Life : std::uint8_t { not_yet, live, revoked, expired };

/// A directive that is both is revoked: that is what the patient did.
inline Life life(const Stored& s, std::int64_t time) {
    if (time < s.directive.from || time < s.put) {
        return Life::not_yet;
    }
    if (s.revoked.has_value() && *s.revoked <= time) {
        return Life::revoked;
    }
    return time < s.directive.until ? Life::live : Life::expired;
}

inline std::vector<ObjectId> sorted_ids(const std::vector<const Stored*>& list) {
    std::vector<ObjectId> ids;
    for (const Stored* one : list) {
        ids.push_back(one->id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

inline Verdict decide(const Question& q, const std::vector<Stored>& directives) {
    std::vector<const Stored*> denies;
    std::vector<const Stored*> permits;
    bool was_permitted = false;  // by one that is revoked now
    bool ran_out = false;        // a permit, by its own date
    for (const Stored& s : directives) {
        // Only the patient's own directives speak about the patient.
        if (s.patient != q.patient || !speaks_about(s.directive, q)) {
            continue;
        }
        const Life now = life(s, q.time);
        if (now == Life::live) {
            (s.directive.permit ? permits : denies).push_back(&s);
        }
        was_permitted = was_permitted || (s.directive.permit && now == Life::revoked);
        ran_out = ran_out || (s.directive.permit && now == Life::expired);
    }
    // Any deny decides, whatever permits there are and in whatever order they came.
    if (!denies.empty()) {
        return {Decision::deny, sorted_ids(denies), Reason::denied, 0};
    }
    if (!permits.empty()) {
        std::int64_t until = 0;
        for (const Stored* permit : permits) {
            until = std::max(until, permit->directive.until);
        }
        return {Decision::permit, sorted_ids(permits), Reason::permitted, until};
    }
    // Nothing speaks: the reader denies, and may say why there is no permit.
    const Reason reason = was_permitted ? Reason::revoked
                          : ran_out     ? Reason::expired
                                        : Reason::no_directive;
    return {Decision::not_applicable, {}, reason, 0};
}

}  // namespace salus::contracts::testing::reference
