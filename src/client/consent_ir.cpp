#include "client/consent_ir.hpp"

#include "base/cbor.hpp"
#include "client/limits.hpp"

#include <algorithm>

namespace salus::client {
namespace {

constexpr std::size_t code_bytes_max = 32;

std::size_t scope_max(ScopeKind kind) noexcept {
    return kind == ScopeKind::collections ? ir_collections_max
           : kind == ScopeKind::records   ? ir_records_max
                                          : ir_categories_max;
}

Status check_count(std::size_t count, std::size_t max, const char* what) {
    if (count == 0 || count > max) {
        return Error{Errc::out_of_range,
                     std::string("a directive names 1 to ") + std::to_string(max) + " " + what};
    }
    return done;
}

Status check(const ConsentIr& ir) {
    SALUS_TRY(check_count(ir.actors.size(), ir_actors_max, "people"));
    SALUS_TRY(check_count(ir.purposes.size(), ir_purposes_max, "purposes"));
    SALUS_TRY(check_count(ir.actions.size(), ir_actions_max, "actions"));
    if (ir.scope.kind == ScopeKind::everything) {
        if (!ir.scope.ids.empty()) {
            return Error{Errc::malformed, "a directive about everything names nothing"};
        }
    } else {
        SALUS_TRY(check_count(ir.scope.ids.size(), scope_max(ir.scope.kind), "things"));
    }
    for (const auto* codes : {&ir.purposes, &ir.actions}) {
        for (const std::string& code : *codes) {
            if (code.empty() || code.size() > code_bytes_max || !is_utf8(as_bytes(code))) {
                return Error{Errc::malformed, "a code has 1 to 32 bytes of UTF-8"};
            }
        }
    }
    if (ir.from.value < 0 || ir.from >= ir.until) {
        return Error{Errc::out_of_range, "a directive ends before it begins"};
    }
    return done;
}

template <class Fixed>
void write_ids(cbor::Writer& out, std::vector<Fixed> ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    out.array(ids.size());
    for (const Fixed& id : ids) out.bytes(id.view());
}

void write_texts(cbor::Writer& out, const std::vector<std::string>& texts) {
    out.array(texts.size());
    for (const std::string& text : texts) out.text(text);
}

template <class Fixed>
Result<std::vector<Fixed>> read_ids(cbor::Reader& in, std::size_t max) {
    const std::size_t count = SALUS_TRY(in.array());
    SALUS_TRY(check_count(count, max, "ids"));
    std::vector<Fixed> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(SALUS_TRY(in.fixed<Fixed>()));
    return out;
}

Result<std::vector<std::string>> read_texts(cbor::Reader& in, std::size_t max) {
    const std::size_t count = SALUS_TRY(in.array());
    SALUS_TRY(check_count(count, max, "codes"));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.emplace_back(SALUS_TRY(in.text_max(code_bytes_max)));
    }
    return out;
}

Result<ConsentScope> read_scope(cbor::Reader& in) {
    const std::size_t items = SALUS_TRY(in.array());
    ConsentScope scope;
    scope.kind = static_cast<ScopeKind>(SALUS_TRY(in.uint_max(3)));
    const std::size_t expected = scope.kind == ScopeKind::everything ? 1 : 2;
    if (items != expected) return Error{Errc::malformed, "a scope has a kind and a list"};
    if (expected == 2) scope.ids = SALUS_TRY(read_ids<ObjectId>(in, scope_max(scope.kind)));
    return scope;
}

}  // namespace

Result<Bytes> encode(const ConsentIr& ir) {
    SALUS_TRY(check(ir));
    cbor::Writer out;
    out.map(8).uint(1).uint(1).uint(2).uint(ir.permit ? 1 : 0).uint(3);
    write_ids(out, ir.actors);
    out.uint(4).array(ir.scope.kind == ScopeKind::everything ? 1 : 2);
    out.uint(static_cast<std::uint64_t>(ir.scope.kind));
    if (ir.scope.kind != ScopeKind::everything) write_ids(out, ir.scope.ids);
    out.uint(5);
    write_texts(out, ir.purposes);
    out.uint(6);
    write_texts(out, ir.actions);
    out.uint(7).integer(ir.from.value).uint(8).integer(ir.until.value);
    return out.take();
}

Result<ConsentIr> decode_ir(ByteView bytes) {
    cbor::Reader in(bytes);
    ConsentIr ir;
    SALUS_TRY(in.map_of(8));
    SALUS_TRY(in.key(1));
    if (SALUS_TRY(in.uint()) != 1)
        return Error{Errc::malformed, "a directive of an unknown version"};
    SALUS_TRY(in.key(2));
    ir.permit = SALUS_TRY(in.uint_max(1)) == 1;
    SALUS_TRY(in.key(3));
    ir.actors = SALUS_TRY(read_ids<Label>(in, ir_actors_max));
    SALUS_TRY(in.key(4));
    ir.scope = SALUS_TRY(read_scope(in));
    SALUS_TRY(in.key(5));
    ir.purposes = SALUS_TRY(read_texts(in, ir_purposes_max));
    SALUS_TRY(in.key(6));
    ir.actions = SALUS_TRY(read_texts(in, ir_actions_max));
    SALUS_TRY(in.key(7));
    ir.from = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(8));
    ir.until = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.end());
    SALUS_TRY(check(ir));
    return ir;
}

}  // namespace salus::client
