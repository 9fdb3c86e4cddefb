#include "gateway/api.hpp"
#include "gateway/doors.hpp"
#include "ledger/limits.hpp"
#include "ledger/tiles.hpp"

/// What an outsider needs in order to check the log: tiles, proofs of consistency.
namespace salus::gateway {

namespace {

constexpr std::string_view tile_prefix = "/log/tile/";
constexpr std::string_view for_ever = "public, max-age=31536000, immutable";
constexpr std::string_view for_a_while = "public, max-age=3600";
/// An index of four groups of three digits reaches 256 billion lines; the width of a partial tile
/// is one more part of the path.
constexpr std::size_t tile_path_parts_max = 5;

/// Full tiles never change. A partial one does not either, but whoever caches it for ever keeps
/// what the full one will replace.
Result<Response> tile(House& house, const Request& request) {
    const std::string_view path = std::string_view(request.path).substr(tile_prefix.size());
    const ledger::TileId wanted = SALUS_TRY(ledger::parse_tile_path(path));
    Response out =
        Response::bytes(SALUS_TRY(house.node.replica().tile(wanted)), "application/octet-stream");
    out.headers.emplace_back("Cache-Control", wanted.is_full() ? for_ever : for_a_while);
    return out;
}

Result<Response> newest_checkpoint(House& house, const Request&) {
    return Response::text(SALUS_TRY(house.views->offer()));
}

Result<Response> cosigned_checkpoint(House& house, const Request&) {
    return Response::text(SALUS_TRY(house.node.cosignatures().cosigned()));
}

/// A witness brings the whole note back, so that a fork shows itself: the node sees what the
/// witness saw.
Result<Response> cosignature(House& house, const Request& request) {
    if (request.body.size() > ledger::note_bytes_max) {
        return Error{Errc::out_of_range, "a note has at most 65,536 bytes"};
    }
    SALUS_TRY(house.node.cosignatures().add(as_text(request.body)));
    house.views->cosigned();
    return Response::json(json::Object{});
}

Result<Response> consistency(House& house, const Request& request) {
    const std::uint64_t newest = house.node.replica().head().log_size;
    const std::uint64_t from = SALUS_TRY(request.query_uint("from", 0, UINT64_MAX));
    const std::uint64_t to = SALUS_TRY(request.query_uint("to", newest, UINT64_MAX));
    return Response::bytes(SALUS_TRY(house.node.replica().consistency_receipt(from, to)),
                           "application/cose");
}

}  // namespace

void add_log_api(Router& router, House& house) {
    const Doors doors(router, house, false);
    doors.quick("GET", "/api/checkpoint", "The newest signed checkpoint", newest_checkpoint);
    doors.quick("GET", "/log/checkpoint", "The newest signed checkpoint (C2SP tlog-tiles)",
                newest_checkpoint);
    doors.quick("GET", "/api/consistency", "COSE receipt of consistency between two sizes",
                consistency);
    doors.quick("GET", "/api/checkpoint/cosigned", "The newest checkpoint that a witness cosigned",
                cosigned_checkpoint);
    doors.slow("POST", "/api/checkpoint/cosignature", "Brings a witness's cosignature",
               cosignature);
    std::string pattern = std::string(tile_prefix) + "{level}";
    for (std::size_t part = 1; part <= tile_path_parts_max; ++part) {
        pattern += "/{part" + std::to_string(part) + "}";
        doors.slow("GET", pattern, "A tile of hashes or entries (C2SP tlog-tiles)", tile);
    }
}

}  // namespace salus::gateway
