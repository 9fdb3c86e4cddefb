#include "crypto/kat.hpp"

#include "contracts/consent_kat.hpp"
#include "learn/dp_kat.hpp"
#include "ledger/kat.hpp"

#include "command.hpp"
#include <iostream>

namespace salus::command {
namespace {

constexpr std::size_t line_bytes_max = std::size_t{16} << 20U;

/// The consent contract, made ready when it is first asked.
Result<json::Value> ask_consent(std::string_view op, const json::Value& in) {
    static auto judge = contracts::ConsentJudge::create(contracts::shipped_contracts());
    if (!judge.ok()) return judge.error();
    return contracts::consent_kat(op, in, *judge);
}

Result<json::Value> answer(std::string_view op, const json::Value& in) {
    if (contracts::is_consent_kat(op)) return ask_consent(op, in);
    if (learn::is_dp_kat(op)) return learn::dp_kat(machine_env(), op, in);
    if (ledger::is_ledger_kat(op)) return ledger::ledger_kat(op, in);
    return crypto::kat(op, in);
}

json::Value answer_line(std::string_view line) {
    const Result<json::Value> in = json::parse(line, line_bytes_max);
    json::Object out;
    out.emplace_back("id", nullptr);
    const auto refuse = [&](std::string_view why) {
        out.emplace_back("ok", false);
        out.emplace_back("error", std::string(why));
        return json::Value(std::move(out));
    };
    if (!in.ok()) return refuse("the line is no JSON object: " + in.error().detail);
    if (const json::Value* id = in->find("id")) out[0].second = *id;
    const Result<std::string> op = json::need_text(*in, "op");
    if (!op.ok()) return refuse(op.error().detail);
    const Result<json::Value> given = answer(*op, *in);
    if (!given.ok()) return refuse(given.error().detail);
    out.emplace_back("ok", true);
    if (const json::Object* members = given->object()) {
        for (const json::Member& one : *members) {
            if (one.first != "id" && one.first != "ok") out.push_back(one);
        }
    }
    return json::Value(std::move(out));
}

}  // namespace

int run_kat(Env&, const Words& words) {
    SALUS_OR_USAGE(Args::parse(words, {.valued = {}, .plain = {"json"}}));
    std::ios::sync_with_stdio(false);
    std::string line;
    while (std::getline(std::cin, line)) {
        if (line.empty()) continue;
        print_json(answer_line(line));
    }
    return exit_done;
}

}  // namespace salus::command
