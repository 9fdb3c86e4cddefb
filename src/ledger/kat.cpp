#include "ledger/kat.hpp"

#include "ledger/checkpoint.hpp"
#include "ledger/limits.hpp"
#include "ledger/merkle.hpp"
#include "ledger/receipt_sign.hpp"
#include "ledger/state_proof.hpp"

namespace salus::ledger {
namespace {

Result<Digest> digest_of(const json::Value& value) {
    const std::string* text = value.text();
    if (text == nullptr) return Error{Errc::malformed, "a hash is not text"};
    const Bytes bytes = SALUS_TRY(from_hex(*text));
    return Digest::from(bytes);
}

Result<Digest> need_digest(const json::Value& in, std::string_view key) {
    const json::Value* value = in.find(key);
    if (value == nullptr) return Error{Errc::malformed, "missing field " + std::string(key)};
    return digest_of(*value);
}

Result<std::vector<Digest>> need_digests(const json::Value& in, std::string_view key) {
    const json::Array* list = SALUS_TRY(json::need_array(in, key));
    if (list->size() > proof_path_max) {
        return Error{Errc::out_of_range, std::string(key) + " is too long"};
    }
    std::vector<Digest> out;
    for (const json::Value& item : *list) out.push_back(SALUS_TRY(digest_of(item)));
    return out;
}

json::Value yes() {
    return json::Value(json::Object{});
}

Result<json::Value> inclusion(const json::Value& in) {
    const Digest leaf = SALUS_TRY(need_digest(in, "leaf_hash"));
    const std::uint64_t index = SALUS_TRY(json::need_uint(in, "index"));
    const std::uint64_t size = SALUS_TRY(json::need_uint(in, "size"));
    const std::vector<Digest> path = SALUS_TRY(need_digests(in, "path"));
    const Digest root = SALUS_TRY(need_digest(in, "root"));
    SALUS_TRY(verify_inclusion(leaf, index, size, path, root));
    return yes();
}

Result<json::Value> consistency(const json::Value& in) {
    const std::uint64_t old_size = SALUS_TRY(json::need_uint(in, "size1"));
    const std::uint64_t new_size = SALUS_TRY(json::need_uint(in, "size2"));
    const std::vector<Digest> roots = SALUS_TRY(need_digests(in, "roots"));
    if (roots.size() != 2) return Error{Errc::malformed, "roots are not two"};
    const std::vector<Digest> path = SALUS_TRY(need_digests(in, "path"));
    SALUS_TRY(verify_consistency(old_size, new_size, path, roots[0], roots[1]));
    return yes();
}

/// Verifier keys as the lines of one text, or as a list of texts.
Result<std::vector<VerifierKey>> need_trust(const json::Value& in) {
    const json::Value* trust = in.find("trust");
    if (trust == nullptr) return Error{Errc::malformed, "missing field trust"};
    if (trust->text() != nullptr) return parse_trust(*trust->text());
    const json::Array* list = SALUS_TRY(json::need_array(in, "trust"));
    std::string lines;
    for (const json::Value& item : *list) {
        if (item.text() == nullptr) return Error{Errc::malformed, "a trusted key is not text"};
        lines += *item.text() + "\n";
    }
    return parse_trust(lines);
}

Result<json::Value> receipt(const json::Value& in) {
    const Bytes bundle = SALUS_TRY(json::need_hex(in, "bundle"));
    const std::vector<VerifierKey> trust = SALUS_TRY(need_trust(in));
    const BundleClaims claims = SALUS_TRY(verify_bundle(bundle, trust));
    return json::Value(json::Object{{"position", claims.position.value},
                                    {"id", to_hex(claims.id.view())},
                                    {"height", claims.height.value},
                                    {"time", claims.time.value}});
}

Result<json::Value> membership(const json::Value& in) {
    const Bytes key = SALUS_TRY(json::need_hex(in, "key"));
    const Bytes proof = SALUS_TRY(json::need_hex(in, "proof"));
    const Digest root = SALUS_TRY(need_digest(in, "root"));
    const json::Value* given = in.find("value");
    if (given == nullptr) return Error{Errc::malformed, "missing field value"};
    if (given->is_null()) {
        SALUS_TRY(verify_state(key, std::nullopt, proof, root));
        return yes();
    }
    const Bytes value = SALUS_TRY(json::need_hex(in, "value"));
    SALUS_TRY(verify_state(key, ByteView(value), proof, root));
    return yes();
}

using Answer = Result<json::Value> (*)(const json::Value&);

Answer find_answer(std::string_view op) noexcept {
    if (op == "rfc9162.inclusion") return inclusion;
    if (op == "rfc9162.consistency") return consistency;
    if (op == "state.membership") return membership;
    if (op == "receipt.verify") return receipt;
    return nullptr;
}

}  // namespace

bool is_ledger_kat(std::string_view op) noexcept {
    return find_answer(op) != nullptr;
}

Result<json::Value> ledger_kat(std::string_view op, const json::Value& in) {
    const Answer answer = find_answer(op);
    if (answer == nullptr) return Error{Errc::not_found, "unknown op"};
    return answer(in);
}

}  // namespace salus::ledger
