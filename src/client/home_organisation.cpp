#include "client/home.hpp"
#include "crypto/hash.hpp"

/// The half of Home that officers and members of an organisation use.
namespace salus::client {
namespace {

json::Value wrap_entry(const AccountId& account, ByteView blob) {
    return json::Object{{"account", to_hex(account.view())}, {"blob", to_base64url(blob)}};
}

}  // namespace

Result<std::string> Home::invite(std::string_view role, std::string_view display_name,
                                 std::string_view licence, UnixMillis expires) {
    const json::Value answer =
        SALUS_TRY(api_->post("/api/invitations",
                             json::Object{{"role", std::string(role)},
                                          {"display_name", std::string(display_name)},
                                          {"licence", std::string(licence)},
                                          {"expires", expires.value}},
                             home_));
    return json::need_text(answer, "code", 64);
}

Status Home::make_organisation_key() {
    const crypto::X25519Pair pair = crypto::random_x25519_pair(*env_);
    // Whoever holds the pair can also sign for the organisation's account: its signing key follows
    // from the private half.
    Bytes seed = SALUS_TRY(crypto::hkdf(crypto::HashAlgorithm::sha256, pair.private_half.reveal(),
                                        {}, as_bytes("salus/v1/sig"), 32));
    AccountKeys organisation;
    organisation.account = random_bytes<AccountId>(*env_);
    organisation.signing = SALUS_TRY(crypto::key_from<crypto::SigningKey>(seed));
    crypto::wipe(seed);
    const crypto::Ed25519PublicKey signing = crypto::public_key(organisation.signing);
    const Bytes transaction = SALUS_TRY(
        sign(*env_, organisation, occasion(),
             {operation::enrol("organisation", signing, pair.public_half, std::nullopt)}));
    const Bytes own =
        SALUS_TRY(wrap_organisation_key(*env_, chain_id_, keys_.organisation, keys_.signing_id,
                                        pair.private_half, keys_.kem.public_half));
    json::Array wraps;
    wraps.push_back(wrap_entry(keys_.account, own));
    SALUS_TRY(api_->put("/api/organisation/key",
                        json::Object{{"account", to_hex(organisation.account.view())},
                                     {"kem", to_base64url(pair.public_half.view())},
                                     {"tx", to_base64url(transaction)},
                                     {"wraps", std::move(wraps)}},
                        home_));
    return done;
}

Result<std::size_t> Home::hand_out_organisation_key() {
    const json::Value answer = SALUS_TRY(api_->get("/api/organisation/pending", home_));
    const json::Array& members = *SALUS_TRY(json::need_array(answer, "members"));
    if (members.empty()) return std::size_t{0};
    const crypto::X25519PrivateKey key = SALUS_TRY(organisation_key());
    json::Array wraps;
    for (const json::Value& member : members) {
        const AccountId account = SALUS_TRY(need_id<AccountId>(member, "account"));
        // The key comes from the registry, not from the node's list.
        const AccountFacts to = SALUS_TRY(api_->account(account));
        wraps.push_back(wrap_entry(
            account, SALUS_TRY(wrap_organisation_key(*env_, chain_id_, keys_.organisation,
                                                     keys_.signing_id, key, to.kem))));
    }
    const std::size_t count = wraps.size();
    SALUS_TRY(
        api_->post("/api/organisation/wraps", json::Object{{"wraps", std::move(wraps)}}, home_));
    return count;
}

Result<crypto::X25519PrivateKey> Home::organisation_key() {
    const json::Value answer = SALUS_TRY(api_->get("/api/organisation/key", home_));
    const Bytes blob = SALUS_TRY(json::need_base64url(answer, "blob", 4'096));
    const json::Value people = SALUS_TRY(api_->get("/api/directory?q=&kind=staff", home_));
    // The wrap names no sender: whichever officer's key it is bound to opens it.
    std::vector<AccountId> candidates{keys_.account};
    for (const json::Value& person : *SALUS_TRY(json::need_array(people, "people"))) {
        candidates.push_back(SALUS_TRY(need_id<AccountId>(person, "account")));
    }
    for (const AccountId& candidate : candidates) {
        const auto officer = account_facts(candidate);
        if (!officer.ok()) continue;
        auto key = unwrap_organisation_key(chain_id_, keys_.organisation, officer->signing_id, blob,
                                           keys_.kem.private_half);
        if (key.ok()) return key;
    }
    return Error{Errc::integrity, "no officer's key fits the organisation's key"};
}

}  // namespace salus::client
