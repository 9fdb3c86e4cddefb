#pragma once

#include "gateway/http.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// Requests and answers as bytes of HTTP/1.1.
namespace salus::gateway {

/// Beast reads, straight into a Request. One parser a request.
///
///     put … ──▶ is_header_done() ──▶ the body's limit is known: eager(true) ──▶ put … ──▶
///     is_done()
class RequestParser final : public boost::beast::http::basic_parser<true> {
  public:
    /// What was read so far. `path` still holds the whole target, as it was sent.
    Request request;
    unsigned version = 11;  ///< 10 or 11

  private:
    using Code = boost::beast::error_code;
    using View = boost::beast::string_view;
    void on_request_impl(boost::beast::http::verb, View method, View target, int minor,
                         Code&) override;
    void on_response_impl(int, View, int, Code&) override {}
    void on_field_impl(boost::beast::http::field, View name, View value, Code&) override;
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) override;
    std::size_t on_body_impl(View body, Code&) override;
    void on_chunk_header_impl(std::uint64_t, View, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View body, Code& code) override {
        return on_body_impl(body, code);
    }
    void on_finish_impl(Code&) override {}
};

/// Divides the target into path, percent-decoded, and query.
/// Errors: malformed — a path that climbs, or holds a control character or broken text.
Status split_target(Request& request);

struct WireOptions {
    unsigned version = 11;
    bool keep_alive = false;
    bool head = false;  ///< the length is said, the body left out
};

/// The header of an answer, ready to be sent, with what binds a browser.
std::string header_bytes(const Response& response, const WireOptions& options);

}  // namespace salus::gateway
