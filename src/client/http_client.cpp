#include "client/http_client.hpp"

#include "client/limits.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace salus::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

/// A name that merely begins like an address (127.example.org) is no loopback.
bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "[::1]") return true;
    return host.starts_with("127.") &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string cookie_name(std::string_view home) {
    return "__Host-salus-" + std::string(home);
}

}  // namespace

Result<Address> Address::parse(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (url.substr(0, scheme.size()) != scheme) {
        return Error{Errc::malformed, "a node's address begins with http://"};
    }
    url.remove_prefix(scheme.size());
    while (!url.empty() && url.back() == '/') url.remove_suffix(1);
    if (url.empty() || url.find_first_of("/?#@ ") != std::string_view::npos) {
        return Error{Errc::malformed, "a node's address is http://HOST:PORT"};
    }
    Address out{std::string(url), "80"};
    const std::size_t colon = url.find_last_of(':');
    if (colon != std::string_view::npos && url.back() != ']') {
        out.host = url.substr(0, colon);
        out.port = url.substr(colon + 1);
    }
    const bool digits =
        !out.port.empty() && out.port.size() <= 5 &&
        std::all_of(out.port.begin(), out.port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return Error{Errc::malformed, "a node's port is a number"};
    if (!is_loopback(out.host)) {
        return Error{Errc::denied, "without TLS only a node on this machine is spoken to"};
    }
    if (out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
    return out;
}

struct HttpClient::Connection {
    Address address;
    std::int64_t timeout_ms;
    asio::io_context io;
    std::optional<beast::tcp_stream> stream;
    beast::flat_buffer buffer;
    std::vector<std::pair<std::string, std::string>> cookies;
    bool fresh = false;  ///< nothing was sent on this connection before

    Connection(Address a, std::int64_t timeout) : address(std::move(a)), timeout_ms(timeout) {}

    /// Runs what was started until it calls back.
    void wait() {
        io.restart();
        io.run();
    }
    Status connect();
    /// Whether the node has closed an idle connection, so that a request need not be sent twice to
    /// find out.
    bool was_closed() {
        char byte = 0;
        return recv(stream->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }
    boost::system::error_code exchange(
        const http::request<http::vector_body<std::uint8_t>>& request,
        http::response_parser<http::vector_body<std::uint8_t>>& parser);
    http::request<http::vector_body<std::uint8_t>> message_of(const HttpRequest& request) const;
    void keep_cookies(const http::fields& headers);
};

Status HttpClient::Connection::connect() {
    boost::system::error_code error;
    tcp::resolver resolver(io);
    const auto found = resolver.resolve(address.host, address.port, error);
    if (error) return Error{Errc::unavailable, "the node's host name does not resolve"};
    stream.emplace(io);
    buffer.clear();
    stream->expires_after(std::chrono::milliseconds(timeout_ms));
    stream->async_connect(found,
                          [&](boost::system::error_code e, const tcp::endpoint&) { error = e; });
    wait();
    if (error) {
        stream.reset();
        return Error{Errc::unavailable, "no node answers at " + address.host + ":" + address.port};
    }
    stream->socket().set_option(tcp::no_delay(true), error);
    fresh = true;
    return done;
}

boost::system::error_code HttpClient::Connection::exchange(
    const http::request<http::vector_body<std::uint8_t>>& request,
    http::response_parser<http::vector_body<std::uint8_t>>& parser) {
    boost::system::error_code error;
    fresh = false;
    stream->expires_after(std::chrono::milliseconds(timeout_ms));
    http::async_write(*stream, request,
                      [&](boost::system::error_code e, std::size_t) { error = e; });
    wait();
    if (error) return error;
    stream->expires_after(std::chrono::milliseconds(timeout_ms));
    http::async_read(*stream, buffer, parser,
                     [&](boost::system::error_code e, std::size_t) { error = e; });
    wait();
    return error;
}

http::request<http::vector_body<std::uint8_t>> HttpClient::Connection::message_of(
    const HttpRequest& request) const {
    http::request<http::vector_body<std::uint8_t>> message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.target);
    message.set(http::field::host, address.host + ":" + address.port);
    message.set(http::field::user_agent, "salus");
    if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
    if (!request.home.empty()) {
        message.set("Salus-Home", request.home);
        const std::string name = cookie_name(request.home);
        for (const auto& [known, value] : cookies) {
            if (known == name) message.set(http::field::cookie, name + "=" + value);
        }
    }
    message.body() = request.body;
    if (request.method != "GET") message.content_length(request.body.size());
    return message;
}

void HttpClient::Connection::keep_cookies(const http::fields& headers) {
    const auto range = headers.equal_range(http::field::set_cookie);
    for (auto one = range.first; one != range.second; ++one) {
        const std::string text(one->value());
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) continue;
        const std::size_t end = std::min(text.find(';'), text.size());
        const std::string name = text.substr(0, equals);
        std::erase_if(cookies, [&](const auto& known) { return known.first == name; });
        std::string value = text.substr(equals + 1, end - equals - 1);
        if (!value.empty()) cookies.emplace_back(name, std::move(value));
    }
}

HttpClient::HttpClient(Address address, std::int64_t timeout_ms)
    : connection_(std::make_unique<Connection>(std::move(address), timeout_ms)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpAnswer> HttpClient::send(const HttpRequest& request) {
    Connection& to = *connection_;
    const auto message = to.message_of(request);
    for (int attempt = 0;; ++attempt) {
        if (to.stream && to.was_closed()) to.stream.reset();
        if (!to.stream) SALUS_TRY(to.connect());
        const bool was_fresh = to.fresh;
        http::response_parser<http::vector_body<std::uint8_t>> parser;
        parser.body_limit(answer_bytes_max);
        parser.header_limit(header_bytes_max);
        const boost::system::error_code error = to.exchange(message, parser);
        if (error) {
            to.stream.reset();
            // A node closes idle connections; what it never began to answer may be asked again if
            // it changes nothing.
            const bool closed_idle = !was_fresh && !parser.got_some();
            if (closed_idle && attempt == 0 && request.method == "GET") continue;
            if (error == http::error::body_limit || error == http::error::header_limit) {
                return Error{Errc::out_of_range, "the node's answer is too long"};
            }
            return Error{Errc::unavailable,
                         error == beast::error::timeout
                             ? std::string("the node does not answer in time")
                             : "the connection to the node broke (" + error.message() + ")"};
        }
        to.keep_cookies(parser.get().base());
        if (!parser.get().keep_alive()) to.stream.reset();
        HttpAnswer answer;
        answer.status = parser.get().result_int();
        answer.content_type = std::string(parser.get()[http::field::content_type]);
        answer.body = std::move(parser.get().body());
        return answer;
    }
}

const std::vector<std::pair<std::string, std::string>>& HttpClient::cookies() const noexcept {
    return connection_->cookies;
}

void HttpClient::set_cookie(std::string name, std::string value) {
    std::erase_if(connection_->cookies, [&](const auto& known) { return known.first == name; });
    connection_->cookies.emplace_back(std::move(name), std::move(value));
}

const Address& HttpClient::address() const noexcept {
    return connection_->address;
}

}  // namespace salus::client
