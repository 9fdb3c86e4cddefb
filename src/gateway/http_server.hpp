#pragma once

#include "gateway/http.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace salus::gateway {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;  ///< 0: any free port
    unsigned threads = 2;       ///< one io_context each
    std::size_t body_bytes_max = 64U << 20U;
    std::size_t header_bytes_max = 16U << 10U;
    std::size_t connections_max = 1'000;  ///< more are told to come back
    std::string tls_certificate;          ///< PEM files; both or neither
    std::string tls_key;
};

/// HTTP/1.1 with keep-alive. Each connection lives on one thread; the handler runs there and must
/// not block: work that waits keeps the Reply and answers later.
///
/// Errors of start: unavailable — the address is in use or may not be bound; denied — a
/// non-loopback address without TLS (docs/operations.md).
class HttpServer {
  public:
    static Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options, Handler handler);
    virtual ~HttpServer() = default;
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    /// Stops accepting, closes connections, joins the threads.
    virtual void stop() = 0;
};

}  // namespace salus::gateway
