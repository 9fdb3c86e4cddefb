#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace salus::client {

/// Where a node answers.
struct Address {
    std::string host;
    std::string port;
    /// `http://host[:port][/]`. Errors: malformed — another form; denied — no TLS is spoken here,
    /// so only a loopback host is accepted.
    static Result<Address> parse(std::string_view url);
};

struct HttpRequest {
    std::string method = "GET";
    std::string target;        ///< path with query
    std::string content_type;  ///< with a body
    Bytes body;
    std::string home;  ///< of the session to use; empty: none
};

struct HttpAnswer {
    unsigned status = 0;
    std::string content_type;
    Bytes body;
};

/// HTTP/1.1 to one node over one kept-alive connection, with the cookies of its sessions. A request
/// that finds the connection closed is sent once more on a new one when nothing of an answer had
/// arrived and it changes nothing (GET). Threads: one at a time.
class HttpClient {
  public:
    explicit HttpClient(Address address, std::int64_t timeout_ms = 120'000);
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    /// Any status is an answer. Errors: unavailable — no connection, a broken one, or no answer in
    /// time; out_of_range — an answer above limits.hpp.
    Result<HttpAnswer> send(const HttpRequest& request);

    /// Cookies as name and value, so that a session can outlive the process.
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& cookies() const noexcept;
    void set_cookie(std::string name, std::string value);
    [[nodiscard]] const Address& address() const noexcept;

  private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace salus::client
