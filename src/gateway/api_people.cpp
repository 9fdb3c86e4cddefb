#include "base/cbor.hpp"
#include "gateway/api.hpp"
#include "gateway/doors.hpp"
#include "ledger/transaction.hpp"

namespace salus::gateway {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
}

json::Value with_kem(json::Value person, ByteView kem, const ObjectId& organisation) {
    person.object()->emplace_back("kem", to_base64url(kem));
    person.object()->emplace_back("organisation", hex(organisation));
    return person;
}

Result<Response> directory(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_of(house, request)));
    const std::string wanted = lower(request.query_value("q").value_or(""));
    json::Array people;
    if (const auto own = SALUS_TRY(organisation_account(house));
        own && lower(house.organisation_name()).find(wanted) != std::string::npos) {
        people.push_back(
            with_kem(person_json(house, own->account), own->kem, house.node.organisation()));
    }
    SALUS_TRY(house.accounts->for_each([&](const identity::UserAccount& account) {
        if (!account.is_staff() || lower(account.display_name).find(wanted) == std::string::npos)
            return;
        people.push_back(with_kem(person_json(house, account.id), account.kem.view(),
                                  house.node.organisation()));
    }));
    return Response::json(json::Object{{"people", std::move(people)}});
}

Result<std::vector<std::pair<AccountId, Bytes>>> read_wraps(const json::Value& body) {
    std::vector<std::pair<AccountId, Bytes>> out;
    for (const json::Value& item : *SALUS_TRY(json::need_array(body, "wraps"))) {
        const auto account =
            SALUS_TRY(id_from_hex<AccountId>(SALUS_TRY(json::need_text(item, "account", 32))));
        out.emplace_back(account, SALUS_TRY(json::need_base64url(item, "blob", 4'096)));
    }
    return out;
}

Result<Response> put_organisation_key(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_with_role(house, request, "officer"));
    SALUS_TRY(stepped_up(house, caller));
    if (SALUS_TRY(organisation_account(house))) {
        return Error{Errc::already_exists, "this organisation has its key already"};
    }
    const json::Value body = SALUS_TRY(json_body(request));
    OrganisationAccount own;
    own.account =
        SALUS_TRY(id_from_hex<AccountId>(SALUS_TRY(json::need_text(body, "account", 32))));
    own.kem = SALUS_TRY(json::need_base64url(body, "kem", 32));
    const auto wraps = SALUS_TRY(read_wraps(body));
    Bytes tx = SALUS_TRY(json::need_base64url(body, "tx", ledger::transaction_bytes_max));
    const auto transaction = SALUS_TRY(ledger::decode_transaction(tx));
    if (transaction.body.account != own.account || own.kem.size() != 32) {
        return Error{Errc::malformed, "the transaction enrols another account"};
    }
    const auto outcome = SALUS_TRY(house.node.submit_and_wait(std::move(tx)));
    if (outcome.code != 0) return refusal_of(outcome.code);
    for (const auto& [member, blob] : wraps) {
        SALUS_TRY(house.records->put_organisation_wrap(own.account, member, blob));
    }
    SALUS_TRY(set_organisation_account(house, own));
    return Response::json(json::Object{{"receipt", outcome_json(outcome)}});
}

Result<OrganisationAccount> need_organisation(const House& house) {
    auto own = SALUS_TRY(organisation_account(house));
    if (!own) return Error{Errc::not_found, "this organisation has no key yet"};
    return std::move(*own);
}

Result<Response> get_organisation_key(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const OrganisationAccount own = SALUS_TRY(need_organisation(house));
    if (!caller.member_of(house.node.organisation()))
        return Error{Errc::denied, "this is for members"};
    const auto wrap = SALUS_TRY(house.records->organisation_wrap(own.account, caller.account.id));
    if (!wrap)
        return Error{Errc::not_found, "an officer has not handed you the organisation's key yet"};
    return Response::json(json::Object{{"account", hex(own.account)},
                                       {"kem", to_base64url(own.kem)},
                                       {"blob", to_base64url(*wrap)}});
}

Result<Response> pending_members(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_with_role(house, request, "officer")));
    const auto own = SALUS_TRY(organisation_account(house));
    json::Array out;
    Status trouble = done;
    SALUS_TRY(house.accounts->for_each([&](const identity::UserAccount& account) {
        if (!account.is_staff()) return;
        if (own) {
            const auto wrap = house.records->organisation_wrap(own->account, account.id);
            if (!wrap.ok()) trouble = wrap.error();
            if (!wrap.ok() || *wrap) return;
        }
        out.push_back(json::Object{{"account", hex(account.id)},
                                   {"display_name", account.display_name},
                                   {"kem", to_base64url(account.kem.view())}});
    }));
    SALUS_TRY(trouble);
    return Response::json(json::Object{{"members", std::move(out)}});
}

Result<Response> hand_out_key(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_with_role(house, request, "officer"));
    SALUS_TRY(stepped_up(house, caller));
    const OrganisationAccount own = SALUS_TRY(need_organisation(house));
    const json::Value body = SALUS_TRY(json_body(request));
    for (const auto& [member, blob] : SALUS_TRY(read_wraps(body))) {
        SALUS_TRY(house.records->put_organisation_wrap(own.account, member, blob));
    }
    return Response::json(json::Object{});
}

}  // namespace

void add_people_api(Router& router, House& house) {
    const Doors doors(router, house, true);
    doors.slow("GET", "/api/directory", "People and organisations to share with", directory);
    doors.slow("PUT", "/api/organisation/key", "Makes the organisation's account and key",
               put_organisation_key);
    doors.slow("GET", "/api/organisation/key", "The organisation's key, sealed to the caller",
               get_organisation_key);
    doors.slow("GET", "/api/organisation/pending", "Members who do not hold the key yet",
               pending_members);
    doors.slow("POST", "/api/organisation/wraps", "Hands the key to members", hand_out_key);
}

}  // namespace salus::gateway
