#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "store/kv.hpp"

#include <mutex>
#include <optional>
#include <vector>

namespace salus::vault {

constexpr std::int64_t ask_life_ms = std::int64_t{7} * 24 * 60 * 60'000;
/// An ask that is over stays this long, counted from its making, so that both sides can look back.
constexpr std::int64_t ask_kept_ms = std::int64_t{90} * 24 * 60 * 60'000;
constexpr std::size_t ask_blob_bytes_max = 8'192;
constexpr std::size_t asks_open_to_one_max = 3;
constexpr std::size_t asks_open_of_one_max = 100;

enum class AskState : std::uint8_t { open, allowed, narrowed, refused, withdrawn, expired };
std::string_view to_string(AskState state);

/// Somebody asks a patient for access. What is asked for lies in two sealed copies of one signed
/// text (docs/formats/access-ask.md); here is only who, whom, when, and how it ended.
struct AccessAsk {
    ObjectId id;
    AccountId asker;
    AccountId patient;
    Bytes to_patient;  ///< sealed to the patient's key
    Bytes to_asker;    ///< the same text, sealed to the asker's own key
    UnixMillis made;
    AskState state = AskState::open;  ///< as kept: `expired` is never written
    UnixMillis answered;              ///< 0 while open
    std::optional<ObjectId> directive;

    [[nodiscard]] UnixMillis expires() const { return {made.value + ask_life_ms}; }
    /// At its expiry, not a millisecond before, an open ask is expired.
    [[nodiscard]] AskState state_at(UnixMillis now) const;
};

/// AccessAsks in the column `vault`; docs/formats/vault.md. Threads: any.
class AccessAsks {
  public:
    explicit AccessAsks(store::Kv& kv) : kv_(kv) {}

    /// Errors: already_exists — the id; out_of_range — a blob; exhausted — too many that wait.
    /// Forgets what is older than `ask_kept_ms` of the same asker.
    Status add(const AccessAsk& ask);
    [[nodiscard]] Result<AccessAsk> get(const ObjectId& id) const;  ///< not_found
    /// Newest first.
    [[nodiscard]] Result<std::vector<AccessAsk>> of_asker(const AccountId& asker) const;
    [[nodiscard]] Result<std::vector<AccessAsk>> to_patient(const AccountId& patient) const;
    /// Ends an open ask. Errors: not_found; denied — it was answered, withdrawn, or has expired.
    Result<AccessAsk> end(const ObjectId& id, AskState state, std::optional<ObjectId> directive,
                          UnixMillis now);

  private:
    [[nodiscard]] Result<std::vector<AccessAsk>> listed(ByteView prefix) const;
    Status check_room(const AccessAsk& ask, const std::vector<AccessAsk>& of_asker) const;

    store::Kv& kv_;
    std::mutex change_;  ///< counted and written as one step
};

}  // namespace salus::vault
