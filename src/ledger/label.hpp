#pragma once

#include "base/bytes.hpp"

#include <string_view>

/// The names under which people, organisations and roles stand in a patient's part of the state:
/// docs/contracts/consent.md. Without the patient's label key nobody can tell whose they are.
namespace salus::ledger {

using Label = FixedBytes<struct LabelTag, 16>;

/// label(kind, id) = HMAC-SHA256(K_p, kind ‖ 0x00 ‖ id)[0..16).
Label label_of(ByteView label_key, std::string_view kind, ByteView id);
Label person_label(ByteView label_key, const AccountId& person);
Label organisation_label(ByteView label_key, const ObjectId& organisation);
Label role_label(ByteView label_key, std::string_view role, const ObjectId& organisation);

/// What the registry holds of a label key: SHA-256("salus/v1/label-key" ‖ K_p).
Digest label_commitment(ByteView label_key);

}  // namespace salus::ledger
