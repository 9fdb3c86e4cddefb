#include "sentinel.hpp"

namespace salus::command {

int run_sentinel(Env& env, const Words& words) {
    if (words.empty()) return wrong_use("sentinel wants a verb: simulate, replay, sketch");
    const Words rest(words.begin() + 1, words.end());
    if (words.front() == "replay") return sentinel_replay(env, rest);
    if (words.front() == "simulate") return sentinel_simulate(env, rest);
    if (words.front() == "sketch") return sentinel_sketch(env, rest);
    return wrong_use("sentinel has no such verb; salus --help lists them");
}

}  // namespace salus::command
