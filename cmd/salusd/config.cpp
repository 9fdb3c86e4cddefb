#include "config.hpp"

#include "base/json.hpp"

#include <charconv>

namespace salus {

namespace {

constexpr std::size_t config_bytes_max = 64U << 10U;
constexpr std::size_t witnesses_max = 32;

Result<std::string> text_or(const json::Value& object, std::string_view key,
                            std::string otherwise) {
    if (object.find(key) == nullptr) return otherwise;
    return json::need_text(object, key);
}

/// ADDRESS:PORT; an IPv6 address stands in brackets.
Status read_listen(const std::string& listen, gateway::ServerOptions& out) {
    const Error wrong{Errc::malformed, "listen is ADDRESS:PORT"};
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string::npos) return wrong;
    out.address = listen.substr(0, colon);
    if (out.address.starts_with('[')) {
        if (!out.address.ends_with(']')) return wrong;
        out.address = out.address.substr(1, out.address.size() - 2);
    } else if (out.address.find(':') != std::string::npos) {
        return wrong;
    }
    if (out.address.empty()) return wrong;
    if (out.address == "localhost") out.address = "127.0.0.1";
    const char* from = listen.data() + colon + 1;
    const char* end = listen.data() + listen.size();
    const auto [at, code] = std::from_chars(from, end, out.port);
    if (code != std::errc{} || at != end) return wrong;
    return done;
}

Result<std::vector<std::string>> texts_or_none(const json::Value& object, std::string_view key) {
    std::vector<std::string> out;
    if (object.find(key) == nullptr) return out;
    for (const json::Value& one : *SALUS_TRY(json::need_array(object, key))) {
        if (one.text() == nullptr || out.size() == witnesses_max) {
            return Error{Errc::malformed, std::string(key) + " is a list of at most 32 texts"};
        }
        out.push_back(*one.text());
    }
    return out;
}

Status read_witnesses(const json::Value& value, DaemonConfig& out) {
    for (const std::string& text : SALUS_TRY(texts_or_none(value, "witnesses"))) {
        const auto key = ledger::parse_verifier_key(text);
        if (!key || key->algorithm != ledger::NoteAlgorithm::cosignature_v1) {
            return Error{Errc::malformed,
                         "witnesses holds a text that is no witness's verifier key"};
        }
        out.witnesses.push_back(*key);
    }
    out.witness_urls = SALUS_TRY(texts_or_none(value, "witness_urls"));
    out.witnessed_checkpoint = SALUS_TRY(text_or(value, "witnessed_checkpoint", ""));
    return done;
}

}  // namespace

Result<DaemonConfig> read_config(Env& env, const std::string& path) {
    const Bytes bytes = SALUS_TRY(read_file(env, path, config_bytes_max));
    const json::Value value = SALUS_TRY(json::parse(as_text(bytes), config_bytes_max));
    SALUS_TRY(json::only_keys(
        value, {"data_dir", "listen", "organisation_name", "web_dir", "demo", "threads",
                "tls_certificate", "tls_key", "witnesses", "witness_urls", "witnessed_checkpoint",
                "cometbft", "member_urls"}));
    DaemonConfig config;
    config.data_dir = SALUS_TRY(json::need_text(value, "data_dir"));
    config.organisation_name =
        SALUS_TRY(text_or(value, "organisation_name", config.organisation_name));
    config.web_dir = SALUS_TRY(text_or(value, "web_dir", ""));
    config.member_urls = SALUS_TRY(texts_or_none(value, "member_urls"));
    config.cometbft = SALUS_TRY(text_or(value, "cometbft", ""));
    if (value.find("demo") != nullptr) config.demo = SALUS_TRY(json::need_bool(value, "demo"));
    SALUS_TRY(read_witnesses(value, config));
    SALUS_TRY(read_listen(SALUS_TRY(text_or(value, "listen", "127.0.0.1:8080")), config.server));
    config.server.tls_certificate = SALUS_TRY(text_or(value, "tls_certificate", ""));
    config.server.tls_key = SALUS_TRY(text_or(value, "tls_key", ""));
    if (value.find("threads") != nullptr) {
        const std::uint64_t threads = SALUS_TRY(json::need_uint(value, "threads"));
        if (threads == 0 || threads > 64) return Error{Errc::out_of_range, "threads is 1 to 64"};
        config.server.threads = static_cast<unsigned>(threads);
    }
    if (config.server.tls_certificate.empty() != config.server.tls_key.empty())
        return Error{Errc::malformed, "tls_certificate and tls_key: both or neither"};
    if (config.data_dir.empty()) return Error{Errc::malformed, "data_dir is empty"};
    return config;
}

}  // namespace salus
