#pragma once

#include "client/home.hpp"

#include "args.hpp"

namespace salus::command {

/// The node of --url, SALUS_URL, or http://localhost:8080. Errors: malformed, denied.
Result<client::Api> connect(const Args& args);
std::string node_url(const Args& args);

/// The receipt as commands print it.
json::Value to_json(const client::TxReceipt& receipt);

/// The password: --password-file, SALUS_PASSWORD, or a prompt on the terminal without echo. Errors:
/// malformed.
Result<std::string> read_password(Env& env, const Args& args, std::string_view prompt);
/// The recovery code as written down: --recovery-file, SALUS_RECOVERY_CODE, or a prompt without
/// echo. Errors: malformed.
Result<std::string> read_recovery_code(Env& env, const Args& args);
/// The code of the second factor: --code, SALUS_CODE, or a prompt; empty when there is no terminal.
std::string read_code(const Args& args);

/// "2026-11-24 14:50:20 UTC".
std::string plain_time(UnixMillis time);

}  // namespace salus::command
