#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/receipt.hpp"

namespace salus::ledger {
namespace {

constexpr std::uint64_t bundle_version = 1;
constexpr std::size_t bundle_items = 9;
constexpr std::size_t salt_bytes_max = 64;

Error wrong(const char* what) {
    return Error{Errc::malformed, std::string("bundle: ") + what};
}
Error limit(const char* what) {
    return Error{Errc::out_of_range, std::string("bundle: ") + what};
}

void write_path(cbor::Writer& out, const std::vector<Digest>& path) {
    out.array(path.size());
    for (const Digest& node : path) out.bytes(node.view());
}

Result<std::vector<Digest>> read_path(cbor::Reader& in) {
    const std::size_t nodes = SALUS_TRY(in.array());
    if (nodes > proof_path_max) return limit("a path is too long");
    std::vector<Digest> path;
    for (std::size_t i = 0; i < nodes; ++i) path.push_back(SALUS_TRY(in.fixed<Digest>()));
    return path;
}

Result<std::uint32_t> read_code(cbor::Reader& in) {
    const std::uint64_t value = SALUS_TRY(in.uint());
    if (!is_operation_code(value)) return wrong("an operation code");
    return static_cast<std::uint32_t>(value);
}

void write_outcome(cbor::Writer& out, const Bundle& bundle) {
    if (bundle.kind == BundleKind::transaction) {
        out.array(bundle.codes.size());
        for (const std::uint32_t code : bundle.codes) out.uint(code);
        return;
    }
    if (is_about_state(bundle.kind)) {
        out.array(0);
        return;
    }
    const bool access = bundle.kind == BundleKind::access;
    out.array(access ? 6 : 4).uint(bundle.operation.code);
    out.uint(bundle.operation.index).uint(bundle.operation.count);
    write_path(out, bundle.operation.path);
    if (access) {
        out.bytes(bundle.access_receipt);
        write_path(out, bundle.access_path);
    }
}

Status read_codes(cbor::Reader& in, Bundle& bundle) {
    const std::size_t count = SALUS_TRY(in.array());
    if (count == 0 || count > operations_max) return limit("the number of codes");
    for (std::size_t i = 0; i < count; ++i) bundle.codes.push_back(SALUS_TRY(read_code(in)));
    return done;
}

Status read_operation(cbor::Reader& in, Bundle& bundle) {
    const bool access = bundle.kind == BundleKind::access;
    SALUS_TRY(in.array_of(access ? 6 : 4));
    bundle.operation.code = SALUS_TRY(read_code(in));
    bundle.operation.index = SALUS_TRY(in.uint());
    bundle.operation.count = SALUS_TRY(in.uint());
    bundle.operation.path = SALUS_TRY(read_path(in));
    if (access) {
        bundle.access_receipt = to_bytes(SALUS_TRY(in.bytes()));
        bundle.access_path = SALUS_TRY(read_path(in));
    }
    return done;
}

Status read_outcome(cbor::Reader& in, Bundle& bundle) {
    if (bundle.kind == BundleKind::transaction) return read_codes(in, bundle);
    if (is_about_state(bundle.kind)) return in.array_of(0);
    return read_operation(in, bundle);
}

/// A bundle about state has no line of the log, so nothing that belongs to one.
Status check_parts(const Bundle& bundle) {
    if (!is_about_state(bundle.kind)) return done;
    if (!bundle.log_entry.empty() || !bundle.receipt.empty() || !bundle.openings.empty()) {
        return wrong("one about state has no log entry, receipt or openings");
    }
    return done;
}

Status read_openings(cbor::Reader& in, Bundle& bundle) {
    const std::size_t count = SALUS_TRY(in.array());
    if (count > openings_max) return limit("openings");
    for (std::size_t i = 0; i < count; ++i) {
        SALUS_TRY(in.array_of(2));
        Opening opening;
        opening.salt = to_bytes(SALUS_TRY(in.bytes_max(salt_bytes_max)));
        opening.value = to_bytes(SALUS_TRY(in.bytes()));
        bundle.openings.push_back(std::move(opening));
    }
    return done;
}

Result<BundleKind> read_kind(cbor::Reader& in) {
    const std::uint64_t kind = SALUS_TRY(in.uint());
    if (kind < 1 || kind > 5) return wrong("unknown kind");
    return static_cast<BundleKind>(kind);
}

/// The hash over everything before it, its own CBOR head included.
Status check_end(ByteView bytes) {
    const std::size_t covered = bytes.size() - Digest::size_bytes;
    const Digest digest = crypto::sha256(bytes.first(covered));
    if (!std::equal(digest.bytes.begin(), digest.bytes.end(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(covered))) {
        return Error{Errc::integrity, "bundle: a byte was changed (the hash at its end differs)"};
    }
    return done;
}

}  // namespace

Result<Bytes> encode_bundle(const Bundle& bundle) {
    if (bundle.openings.size() > openings_max) return limit("openings");
    cbor::Writer out;
    out.array(bundle_items).uint(bundle_version).uint(static_cast<std::uint64_t>(bundle.kind));
    out.bytes(bundle.subject);
    write_outcome(out, bundle);
    out.bytes(bundle.log_entry).bytes(bundle.receipt).bytes(bundle.checkpoint);
    out.array(bundle.openings.size());
    for (const Opening& opening : bundle.openings) {
        out.array(2).bytes(opening.salt).bytes(opening.value);
    }
    out.bytes(Digest{}.view());
    Bytes bytes = out.take();
    if (bytes.size() > bundle_bytes_max) return limit("too long");
    const std::size_t covered = bytes.size() - Digest::size_bytes;
    const Digest digest = crypto::sha256(ByteView(bytes).first(covered));
    std::copy(digest.bytes.begin(), digest.bytes.end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(covered));
    return bytes;
}

Result<Bundle> decode_bundle(ByteView bytes) {
    if (bytes.size() > bundle_bytes_max) return limit("too long");
    cbor::Reader in(bytes);
    SALUS_TRY(in.array_of(bundle_items));
    if (SALUS_TRY(in.uint()) != bundle_version) return wrong("unknown version");
    Bundle bundle;
    bundle.kind = SALUS_TRY(read_kind(in));
    const std::size_t subject_max =
        is_about_state(bundle.kind) ? bundle_bytes_max : transaction_bytes_max;
    bundle.subject = to_bytes(SALUS_TRY(in.bytes_max(subject_max)));
    SALUS_TRY(read_outcome(in, bundle));
    bundle.log_entry = to_bytes(SALUS_TRY(in.bytes()));
    bundle.receipt = to_bytes(SALUS_TRY(in.bytes()));
    bundle.checkpoint = to_bytes(SALUS_TRY(in.bytes_max(note_bytes_max)));
    SALUS_TRY(read_openings(in, bundle));
    SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.end());
    SALUS_TRY(check_parts(bundle));
    SALUS_TRY(check_end(bytes));
    return bundle;
}

Result<Bytes> make_state_bundle(BundleKind kind, Bytes subject, ByteView checkpoint) {
    SALUS_ASSERT(is_about_state(kind));
    Bundle bundle;
    bundle.kind = kind;
    bundle.subject = std::move(subject);
    bundle.checkpoint = to_bytes(checkpoint);
    return encode_bundle(bundle);
}

}  // namespace salus::ledger
