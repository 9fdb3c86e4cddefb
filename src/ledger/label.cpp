#include "ledger/label.hpp"

#include "crypto/hash.hpp"

#include <algorithm>

namespace salus::ledger {

Label label_of(ByteView label_key, std::string_view kind, ByteView id) {
    Bytes message = to_bytes(kind);
    message.push_back(0);
    append(message, id);
    const Digest mac = crypto::hmac_sha256(label_key, message);
    Label out;
    std::copy_n(mac.bytes.begin(), out.bytes.size(), out.bytes.begin());
    return out;
}

Label person_label(ByteView label_key, const AccountId& person) {
    return label_of(label_key, "person", person.view());
}

Label organisation_label(ByteView label_key, const ObjectId& organisation) {
    return label_of(label_key, "organisation", organisation.view());
}

Label role_label(ByteView label_key, std::string_view role, const ObjectId& organisation) {
    Bytes id = to_bytes(role);
    id.push_back(0);
    append(id, organisation.view());
    return label_of(label_key, "role", id);
}

Digest label_commitment(ByteView label_key) {
    return crypto::sha256({as_bytes("salus/v1/label-key"), label_key});
}

}  // namespace salus::ledger
