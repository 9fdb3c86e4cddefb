#pragma once

#include "client/keyring_file.hpp"

#include "command.hpp"
#include "connect.hpp"

namespace salus::command {

/// Flags of every verb that acts as an account.
std::vector<std::string_view> account_flags(std::initializer_list<std::string_view> more);

/// Where the keyring of --user lies: --keyring FILE, else $SALUS_HOME or ~/.salus, NAME.keyring;
/// without --user the only one there. Errors: malformed; not_found.
Result<std::string> keyring_path(Env& env, const Args& args);
std::string keyring_directory();

/// The session cookie beside the keyring, 0600, so that one sign-in serves several commands.
Status save_session(Env& env, const std::string& keyring, client::Api& api,
                    const client::Home& home);
Status forget_session(Env& env, const std::string& keyring);

/// Unlocks the keyring and takes up its session, or signs in anew. The Api must outlive the Home.
Result<client::Home> sign_in(Env& env, const Args& args, client::Api& api);

/// The node of the verb: --url or SALUS_URL, else the one the keyring names.
Result<client::Api> home_node(Env& env, const Args& args);

/// Runs `work` on a signed-in account; where the node asks for a fresh factor, asks the person and
/// tries once more.
template <class Work>
auto with_step_up(client::Home& home, const Args& args, const Work& work) -> decltype(work()) {
    auto answer = work();
    if (answer.ok() || client::reason_of(answer.error()) != "step-up") return answer;
    SALUS_TRY(home.step_up(read_code(args)));
    return work();
}

}  // namespace salus::command
