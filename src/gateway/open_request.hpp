#pragma once

#include "base/strong.hpp"
#include "ledger/cose.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace salus::gateway {

/// A signed wish to open records: docs/formats/access-receipt.md.
struct OpenRequest {
    Digest hash;  ///< of the whole COSE_Sign1
    ledger::PublicKey kid;
    std::string chain_id;
    AccountId account;
    ObjectId nonce;
    UnixMillis time;
    AccountId patient;
    std::vector<ObjectId> records;
    std::string purpose;
    std::string action;
    Bytes envelope;
};

inline constexpr std::size_t open_records_max = 1'000;
inline constexpr std::int64_t open_window_ms = 120'000;

/// Decodes and checks the signature under its own kid. Errors: malformed, out_of_range,
/// authentication.
Result<OpenRequest> read_open_request(Bytes envelope);

/// Remembers request hashes for as long as their time would be accepted. Threads: any.
class SeenRequests {
  public:
    /// Errors: already_exists — seen before; out_of_range — outside the window around `now`.
    Status admit(const OpenRequest& request, UnixMillis now);

    void remember(const Digest& request, UnixMillis when);

  private:
    void forget_before(std::int64_t time);

    std::mutex mutex_;
    std::set<Digest> seen_;
    std::multimap<UnixMillis, Digest> by_time_;
};

}  // namespace salus::gateway
