#pragma once

#include "gateway/api.hpp"

#include <string_view>
#include <vector>

/// What the doors of accounts and of recovery share: the JSON of their parts, and their answers.
namespace salus::gateway {

/// The doors that lie in files of their own; add_account_api puts them on.
void add_recovery_api(Router& router, House& house);

/// Errors of all: malformed, out_of_range.
Result<identity::AuthKey> auth_key_of(const json::Value& body, std::string_view field = "auth_key");
json::Value kdf_json(const identity::KdfParameters& kdf);
Result<identity::KdfParameters> kdf_of(const json::Value& body);
/// Each with a fresh id.
Result<std::vector<identity::Slot>> slots_of(House& house, const json::Array& list);
json::Value slots_json(const identity::UserAccount& account);

/// Starts a session and answers with it and its cookie.
Result<Response> welcome(House& house, const AccountId& id, const Request& request,
                         json::Object extra, bool with_slots);
/// 429 `login-wait` with `Retry-After`.
Response wait_until(const House& house, UnixMillis allowed_at);
/// The answer to an outcome that is no welcome; `sentence` is that of a refusal.
Response refused_login(House& house, const identity::LoginOutcome& outcome,
                       std::string_view sentence);
void watch_login(House& house, std::string_view name, const Request& request, bool succeeded);

}  // namespace salus::gateway
