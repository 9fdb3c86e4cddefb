#pragma once

#include "gateway/house.hpp"
#include "gateway/router.hpp"

#include <optional>
#include <string_view>
#include <vector>

/// The doors of docs/formats/http-api.md. Each add_… registers one group; the rest is what they
/// share.
namespace salus::gateway {

void add_chain_api(Router& router, House& house);  ///< also what add_log_api adds
void add_log_api(Router& router, House& house);
void add_absence_api(Router& router, House& house);
void add_account_api(Router& router, House& house);
void add_people_api(Router& router, House& house);
void add_record_api(Router& router, House& house);
void add_grant_api(Router& router, House& house);
void add_offer_api(Router& router, House& house);
void add_ask_api(Router& router, House& house);
void add_watch_api(Router& router, House& house);

/// Whoever signed in, as a request shows them.
struct Caller {
    identity::Session session;
    identity::UserAccount account;
    std::vector<vault::Credential> credentials;  ///< active and not expired

    [[nodiscard]] bool has_role(std::string_view role) const;
    [[nodiscard]] bool member_of(const ObjectId& organisation) const;
};

/// Session cookie and home header together; a changed state also needs the same origin
/// (docs/formats/http-api.md). Errors: authentication, denied.
Result<Caller> caller_of(House& house, const Request& request);
/// The same, and the role. Errors: denied.
Result<Caller> caller_with_role(House& house, const Request& request, std::string_view role);
/// Errors: authentication, to be answered with reason `step-up`.
Status stepped_up(const House& house, const Caller& caller);
/// State-changing requests come from the portal itself or from no page at all. Errors: denied.
Status same_origin(const Request& request);

std::string home_of(const AccountId& account);
std::string session_cookie(const AccountId& account, const identity::SessionToken& token);
std::string expired_cookie(const AccountId& account);
json::Value session_json(House& house, const Caller& caller);

template <class Id>
std::string hex(const Id& id) {
    return to_hex(id.view());
}
/// A path or query value of exactly that many hex digits. Errors: malformed.
template <class Id>
Result<Id> id_from_hex(std::string_view text) {
    const Bytes bytes = SALUS_TRY(from_hex(text));
    return Id::from(bytes);
}

json::Value outcome_json(const chain::TransactionOutcome& outcome);
/// The error of a transaction that did not do what it should. code ≠ 0.
Error refusal_of(std::uint32_t code);
/// Public name of an account: staff by display name, others by a short label.
json::Value person_json(House& house, const AccountId& account);
std::string display_name(House& house, const AccountId& account);

/// Account of the organisation itself and its public key, once an officer made them.
struct OrganisationAccount {
    AccountId account;
    Bytes kem;
};
Result<std::optional<OrganisationAccount>> organisation_account(const House& house);
Status set_organisation_account(House& house, const OrganisationAccount& account);

/// Runs a job on the workers with the reply; answers 429 itself when they are full.
void on_workers(House& house, Reply reply, std::function<void(Reply)> job);

/// Runs `make` and answers with what it gives.
template <class Make>
void answer(Reply reply, const Make& make) {
    Result<Response> response = make();
    if (response.ok()) {
        reply(std::move(*response));
    } else {
        const std::string_view reason = response.error().code == Errc::authentication &&
                                                response.error().detail.starts_with("step up")
                                            ? "step-up"
                                            : std::string_view{};
        reply(response.error(), reason);
    }
}

/// The body as JSON object, at most 1 MiB.
Result<json::Value> json_body(const Request& request);

/// Why an opening may happen, and for whom it is: shared by the door and the feed.
sentinel::AccessEvent access_event(House& house, const vault::AccessReceipt& receipt);

}  // namespace salus::gateway
