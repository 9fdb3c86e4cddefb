#pragma once

#include "learn/studio.hpp"

#include "row_store.hpp"

namespace salus::command {

/// Seals one stage of a data set into a collection of its own. `title` begins the progress lines;
/// `release` is how the stage `released` was made, which the key list keeps.
Result<StoredRows> store_stage(Env& env, client::Home& home, const learn::Studio& studio,
                               learn::Stage stage, const std::string& name,
                               const std::string& title, const learn::ReleaseOptions& release = {});

}  // namespace salus::command
