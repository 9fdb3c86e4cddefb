#include "gateway/portal.hpp"

#include <algorithm>
#include <array>

namespace salus::gateway {

namespace {

constexpr std::uint64_t asset_bytes_max = 32U << 20U;
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' "
    "data: blob:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'";

std::string type_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> types{
        {{".html", "text/html; charset=utf-8"},
         {".js", "text/javascript; charset=utf-8"},
         {".mjs", "text/javascript; charset=utf-8"},
         {".css", "text/css; charset=utf-8"},
         {".json", "application/json"},
         {".svg", "image/svg+xml"},
         {".png", "image/png"},
         {".ico", "image/x-icon"},
         {".woff2", "font/woff2"},
         {".wasm", "application/wasm"},
         {".txt", "text/plain; charset=utf-8"},
         {".webmanifest", "application/manifest+json"}}};
    for (const auto& [ending, type] : types) {
        if (name.ends_with(ending)) return std::string(type);
    }
    return "application/octet-stream";
}

}  // namespace

void add_binding_headers(std::string& out, const std::vector<Header>& given) {
    out.append(
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
        "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n");
    const auto has = [&](std::string_view name) {
        return std::any_of(given.begin(), given.end(),
                           [&](const Header& h) { return h.first == name; });
    };
    if (!has("Cache-Control")) out.append("Cache-Control: no-store\r\n");
    if (!has("Content-Security-Policy"))
        out.append("Content-Security-Policy: ").append(policy).append("\r\n");
}

Result<Portal> Portal::load(Env& env, const std::string& directory) {
    Portal portal;
    if (!directory.empty()) SALUS_TRY(read_directory(env, directory, "", portal));
    if (!portal.files_.contains("/index.html")) {
        portal.files_["/index.html"] = {
            "text/html; charset=utf-8",
            to_bytes("<!doctype html><html lang=\"en\"><title>Salus</title><h1>Salus</h1>"
                     "<p>This node serves its interface only; no portal is installed.</p></html>"),
            false};
    }
    return portal;
}

Status Portal::read_directory(Env& env, const std::string& root, const std::string& below,
                              Portal& out) {
    for (const std::string& name : SALUS_TRY(env.list(root + below))) {
        const std::string path = below + "/" + name;
        auto bytes = read_file(env, root + path, asset_bytes_max);
        if (bytes.ok()) {
            out.files_[path] = {type_of(name), std::move(*bytes), path.starts_with("/assets/")};
        } else {
            SALUS_TRY(read_directory(env, root, path, out));
        }
    }
    return done;
}

void Portal::serve(const Request& request, Reply& reply) const {
    if (request.method != "GET" && request.method != "HEAD") {
        Response refused = Response::error({Errc::malformed, "this address is read only"});
        refused.status = 405;
        return reply(std::move(refused));
    }
    auto found = files_.find(request.path);
    const bool looks_like_a_file = request.path.rfind('.') != std::string::npos &&
                                   request.path.rfind('.') > request.path.rfind('/');
    if (found == files_.end()) {
        if (looks_like_a_file) return reply(Error{Errc::not_found, "no such file"});
        found = files_.find("/index.html");
    }
    Response response = Response::bytes(found->second.bytes, found->second.type);
    if (found->second.immutable)
        response.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
    reply(std::move(response));
}

}  // namespace salus::gateway
