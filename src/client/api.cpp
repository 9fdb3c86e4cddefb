#include "client/api.hpp"

#include "base/cbor.hpp"
#include "client/limits.hpp"

#include <array>
#include <limits>

namespace salus::client {
namespace {

constexpr std::array<Errc, 9> codes{Errc::malformed,      Errc::out_of_range, Errc::not_found,
                                    Errc::already_exists, Errc::denied,       Errc::authentication,
                                    Errc::integrity,      Errc::exhausted,    Errc::unavailable};

Errc code_of_status(unsigned status) noexcept {
    switch (status) {
        case 401:
            return Errc::authentication;
        case 403:
            return Errc::denied;
        case 404:
            return Errc::not_found;
        case 409:
            return Errc::already_exists;
        case 413:
            return Errc::out_of_range;
        case 422:
            return Errc::integrity;
        case 429:
            return Errc::exhausted;
        default:
            return status < 500 ? Errc::malformed : Errc::unavailable;
    }
}

/// What the node refused, in its own words.
Error error_of(const HttpAnswer& answer) {
    Error error{code_of_status(answer.status),
                "the node answered " + std::to_string(answer.status)};
    const Result<json::Value> body = json::parse(as_text(answer.body), 64U << 10U);
    const json::Value* inside = body.ok() ? body->find("error") : nullptr;
    if (inside == nullptr) return error;
    const Result<std::string> code = json::need_text(*inside, "code", 64);
    for (const Errc known : codes) {
        if (code.ok() && to_string(known) == *code) error.code = known;
    }
    if (const auto message = json::need_text(*inside, "message"); message.ok())
        error.detail = *message;
    if (const auto reason = json::need_text(*inside, "reason", 64);
        reason.ok() && !reason->empty()) {
        error.detail += " (" + *reason + ")";
    }
    return error;
}

Result<json::Value> parse_answer(const HttpAnswer& answer) {
    return json::parse(as_text(answer.body), answer_bytes_max);
}

Result<std::uint32_t> need_code(const json::Value& object, std::string_view key) {
    const std::uint64_t value = SALUS_TRY(json::need_uint(object, key));
    if (value > std::numeric_limits<std::uint32_t>::max())
        return Error{Errc::malformed, "a code is too large"};
    return static_cast<std::uint32_t>(value);
}

Result<Organisation> read_organisation(const json::Value& value) {
    Organisation out;
    out.id = SALUS_TRY(need_id<ObjectId>(value, "id"));
    out.name = SALUS_TRY(json::need_text(value, "name"));
    if (const json::Value* account = value.find("account");
        account != nullptr && !account->is_null()) {
        out.account = SALUS_TRY(need_id<AccountId>(value, "account"));
        const Bytes kem = SALUS_TRY(json::need_base64url(value, "kem", 32));
        out.kem = SALUS_TRY(crypto::X25519PublicKey::from(kem));
    }
    return out;
}

Bytes one_id(const ByteView id) {
    return cbor::Writer{}.map(1).uint(1).bytes(id).take();
}

/// A contract that answers null does not know what was asked for.
Result<Bytes> not_null(Bytes answer, const char* what) {
    if (cbor::Reader(answer).null_next()) {
        return Error{Errc::not_found, std::string("the chain knows no such ") + what};
    }
    return answer;
}

Result<std::uint32_t> read_epoch(cbor::Reader& in) {
    return static_cast<std::uint32_t>(
        SALUS_TRY(in.uint_max(std::numeric_limits<std::uint32_t>::max())));
}

}  // namespace

std::string_view reason_of(const Error& error) noexcept {
    const std::string_view detail = error.detail;
    const std::size_t open = detail.rfind(" (");
    if (open == std::string_view::npos || detail.empty() || detail.back() != ')') return {};
    return detail.substr(open + 2, detail.size() - open - 3);
}

Result<HttpAnswer> Api::send(HttpRequest request) {
    HttpAnswer answer = SALUS_TRY(http_.send(request));
    if (answer.status < 200 || answer.status > 299) return error_of(answer);
    return answer;
}

Result<json::Value> Api::get(const std::string& target, std::string_view home) {
    const HttpAnswer answer = SALUS_TRY(send({"GET", target, "", {}, std::string(home)}));
    return parse_answer(answer);
}

Result<json::Value> Api::send_json(std::string_view method, const std::string& target,
                                   const json::Value& body, std::string_view home) {
    const HttpAnswer answer = SALUS_TRY(send({std::string(method), target, "application/json",
                                              to_bytes(json::write(body)), std::string(home)}));
    return parse_answer(answer);
}

Result<json::Value> Api::post(const std::string& target, const json::Value& body,
                              std::string_view home) {
    return send_json("POST", target, body, home);
}

Result<json::Value> Api::put(const std::string& target, const json::Value& body,
                             std::string_view home) {
    return send_json("PUT", target, body, home);
}

Result<Bytes> Api::get_bytes(const std::string& target, std::string_view home) {
    HttpAnswer answer = SALUS_TRY(send({"GET", target, "", {}, std::string(home)}));
    return std::move(answer.body);
}

Result<Bytes> Api::post_bytes(const std::string& target, std::string_view content_type, Bytes body,
                              std::string_view home) {
    HttpAnswer answer = SALUS_TRY(
        send({"POST", target, std::string(content_type), std::move(body), std::string(home)}));
    return std::move(answer.body);
}

Result<json::Value> Api::post_cbor(const std::string& target, Bytes body, std::string_view home) {
    const Bytes answer = SALUS_TRY(post_bytes(target, "application/cbor", std::move(body), home));
    return json::parse(as_text(answer), answer_bytes_max);
}

Result<NodeStatus> Api::status() {
    const json::Value value = SALUS_TRY(get("/api/status"));
    NodeStatus out;
    out.chain_id = SALUS_TRY(json::need_text(value, "chain_id"));
    out.engine = SALUS_TRY(json::need_text(value, "engine"));
    out.height = SALUS_TRY(json::need_uint(value, "height"));
    out.transactions = SALUS_TRY(json::need_uint(value, "transactions"));
    out.header_hash = SALUS_TRY(json::need_text(value, "header_hash"));
    out.app_hash = SALUS_TRY(json::need_text(value, "app_hash"));
    out.last_block_time = UnixMillis{SALUS_TRY(json::need_int(value, "last_block_time"))};
    out.time = UnixMillis{SALUS_TRY(json::need_int(value, "time"))};
    out.members = SALUS_TRY(json::need_array(value, "members"))->size();
    out.setup_needed = SALUS_TRY(json::need_bool(value, "setup_needed"));
    out.demo = SALUS_TRY(json::need_bool(value, "demo"));
    const json::Value* organisation = value.find("organisation");
    if (organisation == nullptr)
        return Error{Errc::malformed, "the node's status names no organisation"};
    out.organisation = SALUS_TRY(read_organisation(*organisation));
    return out;
}

Result<TxReceipt> read_receipt(const json::Value& value) {
    TxReceipt out;
    out.id = SALUS_TRY(json::need_text(value, "id"));
    out.position = SALUS_TRY(json::need_uint(value, "position"));
    out.height = SALUS_TRY(json::need_uint(value, "height"));
    out.time = UnixMillis{SALUS_TRY(json::need_int(value, "time"))};
    out.code = SALUS_TRY(need_code(value, "code"));
    out.header_hash = SALUS_TRY(json::need_text(value, "header_hash"));
    out.previous = SALUS_TRY(json::need_text(value, "previous"));
    const json::Value* codes_of = value.find("codes");
    if (codes_of != nullptr && codes_of->array() != nullptr) {
        for (const json::Value& one : *codes_of->array()) {
            out.codes.push_back(SALUS_TRY(need_code(json::Object{{"code", one}}, "code")));
        }
    }
    return out;
}

Status check_done(const TxReceipt& receipt) {
    if (receipt.code == 0) return done;
    return Error{Errc::denied, "the contract refused with code " + std::to_string(receipt.code)};
}

Result<TxReceipt> Api::submit(Bytes transaction) {
    const Bytes answer =
        SALUS_TRY(post_bytes("/api/tx", "application/cose", std::move(transaction)));
    const json::Value value = SALUS_TRY(json::parse(as_text(answer)));
    return read_receipt(value);
}

Result<Bytes> Api::receipt(std::string_view id, std::optional<std::size_t> operation) {
    std::string target = "/api/tx/" + std::string(id) + "/receipt";
    if (operation) target += "?operation=" + std::to_string(*operation);
    return get_bytes(target);
}

Result<std::vector<std::string>> Api::verifier_keys() {
    const json::Value value = SALUS_TRY(get("/api/log/keys"));
    std::vector<std::string> out;
    for (const json::Value& one : *SALUS_TRY(json::need_array(value, "keys"))) {
        if (one.text() == nullptr) return Error{Errc::malformed, "a verifier key is not text"};
        out.push_back(*one.text());
    }
    return out;
}

Result<Bytes> Api::query(std::string_view contract, std::string_view method, ByteView args) {
    return get_bytes("/api/query?contract=" + std::string(contract) +
                     "&method=" + std::string(method) + "&args=" + to_base64url(args));
}

Result<AccountFacts> Api::account(const AccountId& account) {
    const Bytes bytes = SALUS_TRY(
        not_null(SALUS_TRY(query("registry", "account", one_id(account.view()))), "account"));
    cbor::Reader in(bytes);
    AccountFacts out;
    SALUS_TRY(in.map_of(6));
    SALUS_TRY(in.key(1));
    out.kind = SALUS_TRY(in.text_max(32));
    SALUS_TRY(in.key(2));
    out.signing = SALUS_TRY(in.fixed<crypto::Ed25519PublicKey>());
    out.signing_id = crypto::key_id(out.signing.view());
    SALUS_TRY(in.key(3));
    out.kem = SALUS_TRY(in.fixed<crypto::X25519PublicKey>());
    SALUS_TRY(in.key(4));
    out.epoch = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(5));
    out.active = SALUS_TRY(in.uint_max(1)) == 1;
    return out;
}

Result<CollectionFacts> Api::collection(const ObjectId& collection) {
    const Bytes bytes = SALUS_TRY(not_null(
        SALUS_TRY(query("record", "collection", one_id(collection.view()))), "collection"));
    cbor::Reader in(bytes);
    CollectionFacts out;
    out.id = collection;
    SALUS_TRY(in.map_of(6));
    SALUS_TRY(in.key(1));
    out.owner = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(2));
    out.category = SALUS_TRY(in.fixed<Label>());
    SALUS_TRY(in.key(3));
    SALUS_TRY(in.skip());
    SALUS_TRY(in.key(4));
    out.epoch = SALUS_TRY(read_epoch(in));
    SALUS_TRY(in.key(5));
    out.key = SALUS_TRY(in.fixed<crypto::X25519PublicKey>());
    return out;
}

Result<RecordFacts> Api::record(const ObjectId& record) {
    const Bytes bytes =
        SALUS_TRY(not_null(SALUS_TRY(query("record", "get", one_id(record.view()))), "record"));
    cbor::Reader in(bytes);
    RecordFacts out;
    SALUS_TRY(in.array_of(9));
    out.collection = SALUS_TRY(in.fixed<ObjectId>());
    out.epoch = SALUS_TRY(read_epoch(in));
    out.commitment = SALUS_TRY(in.fixed<Digest>());
    out.digest = SALUS_TRY(in.fixed<Digest>());
    out.size = SALUS_TRY(in.uint());
    out.author = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.skip());
    out.status = SALUS_TRY(in.uint());
    return out;
}

Result<Bytes> Api::directive_ir(const AccountId& patient, const ObjectId& directive) {
    cbor::Writer args;
    args.map(2).uint(1).bytes(patient.view()).uint(2).bytes(directive.view());
    const Bytes bytes =
        SALUS_TRY(not_null(SALUS_TRY(query("consent", "directive", args.view())), "directive"));
    cbor::Reader in(bytes);
    SALUS_TRY(in.map());
    SALUS_TRY(in.key(1));
    return to_bytes(SALUS_TRY(in.bytes_max(16U << 10U)));
}

}  // namespace salus::client
