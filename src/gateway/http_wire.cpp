#include "gateway/http_wire.hpp"

#include "gateway/portal.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>

namespace salus::gateway {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t reserved_bytes_max = 1U << 20U;  // more is believed when it has come

std::string_view plain(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decode_path(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const int high = raw[i] == '%' && i + 2 < raw.size() ? hex_digit(raw[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(raw[i + 2]) : -1;
        if (low >= 0) {
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(raw[i]);
        }
    }
    return out;
}

/// No address of a node climbs, or holds a control character or broken text.
bool is_plain_path(std::string_view path) {
    const bool printable = std::none_of(path.begin(), path.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\';
    });
    const bool climbs = path.find("/../") != std::string_view::npos || path.ends_with("/..");
    return path.starts_with('/') && printable && !climbs && is_utf8(as_bytes(path));
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

/// RFC 9110 §8.6: informational answers and 204 have no length, and 304 has that of another answer.
bool has_length(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

void RequestParser::on_request_impl(http::verb, View method, View target, int minor, Code&) {
    request.method = plain(method);
    request.path = plain(target);
    version = static_cast<unsigned>(minor);
}

void RequestParser::on_field_impl(http::field, View name, View value, Code&) {
    Header& header = request.headers.emplace_back(plain(name), plain(value));
    for (char& c : header.first) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) {
    if (length) {
        request.body.reserve(
            static_cast<std::size_t>(std::min<std::uint64_t>(*length, reserved_bytes_max)));
    }
}

std::size_t RequestParser::on_body_impl(View body, Code&) {
    append(request.body, as_bytes(plain(body)));
    return body.size();
}

Status split_target(Request& request) {
    const std::string target = std::move(request.path);
    const std::size_t mark = target.find('?');
    request.path = decode_path(std::string_view(target).substr(0, mark));
    if (mark != std::string::npos) request.query = target.substr(mark + 1);
    if (!is_plain_path(request.path)) {
        return Error{Errc::malformed, "this is no address of a node"};
    }
    return done;
}

std::string header_bytes(const Response& response, const WireOptions& options) {
    std::string out;
    out.reserve(1'024);
    out.append(options.version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ");
    out.append(std::to_string(response.status)).append(" ");
    out.append(plain(http::obsolete_reason(static_cast<http::status>(response.status))));
    out.append("\r\n");
    add_field(out, "Content-Type", response.content_type);
    out.append("Server: salus\r\n");
    for (const Header& header : response.headers) add_field(out, header.first, header.second);
    add_binding_headers(out, response.headers);
    if (!options.keep_alive && options.version != 10) {
        out.append("Connection: close\r\n");
    } else if (options.keep_alive && options.version == 10) {
        out.append("Connection: keep-alive\r\n");
    }
    if (has_length(response.status)) {
        add_field(out, "Content-Length", std::to_string(response.body.size()));
    }
    out.append("\r\n");
    return out;
}

}  // namespace salus::gateway
