#pragma once

#include "gateway/api.hpp"
#include "gateway/open_request.hpp"

/// From a signed request to released bytes. The only file that lets ciphertext and wraps leave the
/// house.
namespace salus::gateway {

/// What the contracts say of a request, before anything is written down.
struct Verdict {
    bool permitted = false;
    vault::Reason reason = vault::Reason::no_directive;
    std::vector<ObjectId> directives;
    UnixMillis until;
    std::vector<vault::RecordState> records;  ///< in the order of the request
    Digest code_hash;                         ///< of the contract that decided
};

/// Every label under which a patient's directives may name this actor.
std::vector<vault::Label> all_labels_of(ByteView label_key, const Caller& actor);
/// The same, as many as one decision takes.
std::vector<vault::Label> labels_of(ByteView label_key, const Caller& actor);

/// Decides at block time and at the node's clock; both must permit.
/// Errors: not_found — a record that does not exist, is not live, or is not this patient's: all
/// alike.
Result<Verdict> judge(House& house, const Caller& actor, const OpenRequest& request);

/// The answer body of `POST /api/open`, once the receipt is durable.
Result<Bytes> released_bytes(House& house, const OpenRequest& request, const Verdict& verdict,
                             const vault::AccessReceipt& receipt);

}  // namespace salus::gateway
