#pragma once

#include "base/env.hpp"
#include "base/json.hpp"

#include "args.hpp"
#include <string>
#include <string_view>
#include <vector>

namespace salus::command {

using Words = std::vector<std::string>;

/// A group of verbs: `salus NAME …`. Returns the exit code.
struct Group {
    std::string_view name;
    std::string_view usage;  ///< lines of the help page
    int (*run)(Env& env, const Words& words);
};
const std::vector<Group>& groups();

int run_verify(Env& env, const Words& words);
int run_log(Env& env, const Words& words);
int run_tx(Env& env, const Words& words);
int run_block(Env& env, const Words& words);
int run_chain(Env& env, const Words& words);
int run_witness(Env& env, const Words& words);
int run_snapshot(Env& env, const Words& words);
int run_user(Env& env, const Words& words);
int run_recover(Env& env, const Words& words);
int run_record(Env& env, const Words& words);
int run_grant(Env& env, const Words& words);
int run_revoke(Env& env, const Words& words);
int run_feed(Env& env, const Words& words);
int run_absence(Env& env, const Words& words);
int run_export(Env& env, const Words& words);
int run_dataset(Env& env, const Words& words);
int run_sentinel(Env& env, const Words& words);
int run_learn(Env& env, const Words& words);
int run_consent(Env& env, const Words& words);
int run_kat(Env& env, const Words& words);
int run_tour(Env& env, const Words& words);

/// One line on stdout, flushed: whoever reads a pipe sees it at once.
void print(std::string_view line);
void print_json(const json::Value& value);
/// One line on stderr.
void note(std::string_view line);

/// "salus: the sentence (code)" on stderr; the code says which exit code it is.
int fail(const Error& error);
int wrong_use(std::string_view sentence);

/// A file's text. Errors: not_found; out_of_range; unavailable.
Result<Bytes> read_input(Env& env, const std::string& path, std::uint64_t bytes_max);

}  // namespace salus::command

/// Value of a Result, or the exit code of its error.
#define SALUS_OR_FAIL(expression) SALUS_OR_EXIT(expression, ::salus::command::fail, __COUNTER__)
/// The same for the command line's own words: exit code 2.
#define SALUS_OR_USAGE(expression)                                                                 \
    SALUS_OR_EXIT(                                                                                 \
        expression, [](const ::salus::Error& e) { return ::salus::command::wrong_use(e.detail); }, \
        __COUNTER__)
#define SALUS_OR_EXIT(expression, how, count) SALUS_OR_EXIT_NAMED(expression, how, count)
#define SALUS_OR_EXIT_NAMED(expression, how, count)                              \
    __extension__({                                                              \
        auto salus_or_##count = (expression);                                    \
        if (!salus_or_##count.has_value()) return how(salus_or_##count.error()); \
        ::salus::detail::take(salus_or_##count);                                 \
    })
