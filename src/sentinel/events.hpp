#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the sentinel sees: metadata of receipts and logins, never a record's content.
namespace salus::sentinel {

/// How a permitted opening came about, as the access receipt states it.
enum class Via : std::uint8_t {
    refused,       ///< the decision was no: nothing was opened
    own,           ///< the owner opened it
    person,        ///< a directive names this person
    organisation,  ///< a directive names an organisation or role of this person
    author,        ///< its author read what it had written
};

struct AccessEvent {
    std::uint64_t sequence = 0;  ///< of the access receipt
    UnixMillis time;
    AccountId actor;
    std::string actor_name;  ///< staff's display name, for the sentence
    AccountId patient;
    std::uint64_t records = 0;
    std::string purpose;
    Via via = Via::refused;
};

struct LoginEvent {
    UnixMillis time;
    std::string subject;  ///< opaque: a keyed hash of the name tried
    std::string network;  ///< prefix of the peer's address, "203.0.113.0/24"
    bool succeeded = false;
    std::string shown = {};  ///< how an officer sees the account; empty: no such account
};

enum class ContextKind : std::uint8_t { encounter, referral, order, careteam };
std::string_view to_string(ContextKind kind) noexcept;
Result<ContextKind> context_kind(std::string_view text);

/// A reason to open a patient's record, as the hospital's own systems state it.
struct Context {
    ContextKind kind = ContextKind::encounter;
    std::string id;
    UnixMillis from;
    UnixMillis until;
    AccountId patient;
    AccountId user;
};

struct Explanation {
    std::string kind;  ///< "own" "author" "consent" "encounter" "referral" "order" "careteam"
    std::string text;  ///< one sentence
};

struct Evidence {
    std::string field;
    std::string text;
};

enum class AlertKind : std::uint8_t {
    unexplained,
    burst_of_openings,
    burst_of_refusals,
    burst_of_logins,
    recovery,  ///< a member of staff came back, or tries to, by a recovery code
};
std::string_view to_string(AlertKind kind) noexcept;

///     open ──▶ explained | case | dismissed | held
///
/// By an officer; `held` also stops the actor's openings.
enum class AlertState : std::uint8_t { open, explained, in_case, dismissed, held };
std::string_view to_string(AlertState state) noexcept;

struct Alert {
    std::uint64_t id = 0;
    UnixMillis time;
    AlertKind kind = AlertKind::unexplained;
    std::string sentence;
    std::optional<AccountId> actor;
    std::optional<AccountId> patient;
    std::uint32_t score = 0;  ///< 0 to 100, for ranking
    std::vector<Evidence> evidence;
    std::vector<std::string> searched;  ///< where a reason was looked for
    std::vector<std::uint64_t> events;  ///< sequences of access receipts
    AlertState state = AlertState::open;
    std::string resolution;
};

/// Canonical CBOR, as kept in the vault's database. docs/formats/alert.md.
Bytes encode(const Alert& alert);
Result<Alert> decode_alert(ByteView bytes);
Bytes encode(const Context& context);
Result<Context> decode_context(ByteView bytes);

}  // namespace salus::sentinel
