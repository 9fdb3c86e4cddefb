#pragma once

#include "command.hpp"

namespace salus::command {

/// `salus learn federated`: a study over sites' files, each site's rows staying its own.
int learn_federated(Env& env, const Words& words);

}  // namespace salus::command
