#include "gateway/http_server.hpp"

#include "base/log.hpp"
#include "gateway/portal.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

namespace salus::gateway {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr auto idle_timeout = std::chrono::seconds(75);
constexpr auto heartbeat = std::chrono::seconds(15);
constexpr auto refusal_timeout = std::chrono::seconds(2);
constexpr std::size_t linger_bytes_max = 4U << 20U;
constexpr std::size_t json_body_bytes_max = 1U << 20U;  // of everything that is not sealed

/// Where a handler's answer meets the connection that waits for it. Shared by the Reply, on
/// whatever thread it is called, and the connection's coroutine.
struct Exchange : Reply::Sink, std::enable_shared_from_this<Exchange> {
    explicit Exchange(asio::any_io_executor where) : timer(where) {
        timer.expires_at(asio::steady_timer::time_point::max());
    }
    void answer(Response r) override {
        {
            const std::lock_guard lock(mutex);
            response = std::move(r);
            ready = true;
        }
        wake();
    }
    void stream(std::shared_ptr<EventStream> e) override {
        {
            const std::lock_guard lock(mutex);
            events = std::move(e);
            ready = true;
        }
        wake();
    }
    void wake() {
        if (!waiting.load()) return;
        asio::post(timer.get_executor(), [self = shared_from_this()] { self->timer.cancel(); });
    }
    bool is_ready() {
        const std::lock_guard lock(mutex);
        return ready;
    }

    asio::steady_timer timer;
    std::atomic<bool> waiting{false};
    std::mutex mutex;
    bool ready = false;
    Response response;
    std::shared_ptr<EventStream> events;
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
}

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decode_path(std::string_view raw) {
    std::string out;
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

/// Only sealed bytes are large; JSON is not (docs/formats/http-api.md).
std::uint64_t body_limit_of(std::string_view content_type, const ServerOptions& options) {
    const bool sealed = content_type.starts_with("application/cbor") ||
                        content_type.starts_with("application/cose");
    return sealed ? options.body_bytes_max : std::min(json_body_bytes_max, options.body_bytes_max);
}

Request to_request(http::request<http::vector_body<std::uint8_t>>& in, std::string peer) {
    Request out;
    out.method = std::string(in.method_string());
    const std::string_view target(in.target().data(), in.target().size());
    const std::size_t mark = target.find('?');
    out.path = decode_path(target.substr(0, mark));
    if (mark != std::string_view::npos) out.query = std::string(target.substr(mark + 1));
    for (const auto& field : in) {
        out.headers.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                 std::string(field.value()));
    }
    out.body = std::move(in.body());
    out.peer = std::move(peer);
    return out;
}

using OutMessage = http::response<http::vector_body<std::uint8_t>>;

OutMessage to_message(Response&& response, unsigned version, bool keep_alive, bool head) {
    harden(response);
    OutMessage out{static_cast<http::status>(response.status), version};
    out.set(http::field::content_type, response.content_type);
    out.set(http::field::server, "salus");
    for (const Header& h : response.headers) out.insert(h.first, h.second);
    out.keep_alive(keep_alive);
    const std::size_t size = response.body.size();
    if (!head) out.body() = std::move(response.body);
    out.prepare_payload();
    if (head) out.content_length(size);
    return out;
}

class Server final : public HttpServer {
  public:
    Server(const ServerOptions& options, Handler handler)
        : options_(options), handler_(std::move(handler)), tls_(asio::ssl::context::tls_server) {}
    ~Server() override { stop(); }

    Status open() {
        error_code code;
        const auto address = asio::ip::make_address(options_.address, code);
        if (code) return Error{Errc::malformed, "listen address is no IP address"};
        if (options_.tls_certificate.empty() != options_.tls_key.empty()) {
            return Error{Errc::malformed, "TLS needs both a certificate and a key"};
        }
        secure_ = !options_.tls_certificate.empty();
        if (!address.is_loopback() && !secure_) {
            return Error{
                Errc::denied,
                "an address other machines reach needs TLS: set tls_certificate and tls_key"};
        }
        if (secure_) SALUS_TRY(load_tls());
        for (unsigned i = 0; i < std::max(1U, options_.threads); ++i) {
            contexts_.push_back(std::make_unique<asio::io_context>(1));
        }
        acceptor_ = std::make_unique<tcp::acceptor>(*contexts_[0]);
        const tcp::endpoint endpoint(address, options_.port);
        acceptor_->open(endpoint.protocol(), code);
        if (!code) acceptor_->set_option(asio::socket_base::reuse_address(true), code);
        if (!code) acceptor_->bind(endpoint, code);
        if (!code) acceptor_->listen(asio::socket_base::max_listen_connections, code);
        if (code) {
            return Error{Errc::unavailable, "cannot listen on " + options_.address + ":" +
                                                std::to_string(options_.port) + ": " +
                                                code.message()};
        }
        port_ = acceptor_->local_endpoint().port();
        asio::co_spawn(*contexts_[0], accept_loop(), asio::detached);
        for (auto& context : contexts_) {
            threads_.emplace_back([&context] {
                const auto work = asio::make_work_guard(*context);
                context->run();
            });
        }
        return done;
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }

    void stop() override {
        if (threads_.empty()) return;
        stopping_ = true;
        for (auto& context : contexts_) context->stop();
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
        acceptor_.reset();
        // Coroutine frames die with their contexts; replies still held elsewhere keep only their
        // Exchange's executor.
    }

  private:
    Status load_tls() {
        error_code code;
        tls_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1,
                         code);
        tls_.use_certificate_chain_file(options_.tls_certificate, code);
        if (!code) tls_.use_private_key_file(options_.tls_key, asio::ssl::context::pem, code);
        if (code) return Error{Errc::unavailable, "cannot read the TLS certificate or key"};
        return done;
    }

    asio::awaitable<void> accept_loop() {
        for (std::size_t next = 0; !stopping_; next = (next + 1) % contexts_.size()) {
            tcp::socket socket(*contexts_[next]);
            error_code code;
            co_await acceptor_->async_accept(socket,
                                             asio::redirect_error(asio::use_awaitable, code));
            if (code == asio::error::operation_aborted) co_return;
            if (code) {
                log::warn("http.accept", {{"error", code.message()}});
                asio::steady_timer pause(co_await asio::this_coro::executor,
                                         std::chrono::milliseconds(50));
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, code));
                continue;
            }
            socket.set_option(tcp::no_delay(true), code);
            if (secure_) {
                asio::co_spawn(*contexts_[next], serve_tls(std::move(socket)), asio::detached);
            } else {
                asio::co_spawn(*contexts_[next], serve(beast::tcp_stream(std::move(socket))),
                               asio::detached);
            }
        }
    }

    asio::awaitable<void> serve_tls(tcp::socket socket) {
        beast::ssl_stream<beast::tcp_stream> stream(std::move(socket), tls_);
        beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(10));
        error_code code;
        co_await stream.async_handshake(asio::ssl::stream_base::server,
                                        asio::redirect_error(asio::use_awaitable, code));
        if (!code) co_await serve(std::move(stream));
    }

    /// One connection less when the coroutine that holds it ends.
    struct Seat {
        explicit Seat(std::atomic<std::size_t>& count) : taken(count), number(++count) {}
        ~Seat() { --taken; }
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        std::atomic<std::size_t>& taken;
        std::size_t number;
    };

    template <class Stream>
    asio::awaitable<void> serve(Stream stream) {
        const Seat seat(connections_);
        beast::flat_buffer buffer;
        error_code code;
        auto& socket = beast::get_lowest_layer(stream).socket();
        const std::string peer = socket.remote_endpoint(code).address().to_string();
        bool open = seat.number <= options_.connections_max;
        if (!open) {
            co_await refuse(stream, 503, Errc::exhausted, "too many connections; please try again");
        }
        while (open && !stopping_) open = co_await serve_one(stream, buffer, peer);
        socket.shutdown(tcp::socket::shutdown_send, code);
        co_await linger(stream);
    }

    using Parser = http::request_parser<http::vector_body<std::uint8_t>>;

    /// Reads one request and answers it. False: the connection ends.
    template <class Stream>
    asio::awaitable<bool> serve_one(Stream& stream, beast::flat_buffer& buffer,
                                    const std::string& peer) {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
        error_code code;
        co_await read(stream, buffer, parser, code);
        if (code) {
            co_await refuse_unreadable(stream, code);
            co_return false;
        }
        auto message = parser.release();
        const unsigned version = message.version();
        const bool keep_alive = message.keep_alive();
        const bool head = message.method() == http::verb::head;
        Request request = to_request(message, peer);
        if (!is_plain_path(request.path)) {
            co_await refuse(stream, 400, Errc::malformed, "this is no address of a node");
            co_return false;
        }
        const auto exchange = std::make_shared<Exchange>(co_await asio::this_coro::executor);
        handler_(request, Reply(exchange));
        co_await wait_for(*exchange);
        beast::get_lowest_layer(stream).expires_after(idle_timeout);
        if (exchange->events && !head) {
            co_await stream_events(stream, *exchange);
            co_return false;
        }
        if (exchange->events) {
            exchange->events->close();
            exchange->response = Response::text("", "text/event-stream");
        }
        OutMessage out = to_message(std::move(exchange->response), version, keep_alive, head);
        co_await http::async_write(stream, out, asio::redirect_error(asio::use_awaitable, code));
        co_return !code && keep_alive;
    }

    /// The header decides how long the body may be.
    template <class Stream>
    asio::awaitable<void> read(Stream& stream, beast::flat_buffer& buffer, Parser& parser,
                               error_code& code) {
        // Until the type is known, the larger limit: the header's own length is checked with it.
        parser.body_limit(options_.body_bytes_max);
        beast::get_lowest_layer(stream).expires_after(idle_timeout);
        co_await http::async_read_header(stream, buffer, parser,
                                         asio::redirect_error(asio::use_awaitable, code));
        if (code) co_return;
        const std::uint64_t limit =
            body_limit_of(parser.get()[http::field::content_type], options_);
        parser.body_limit(limit);
        if (const auto length = parser.content_length(); length && *length > limit) {
            code = http::error::body_limit;
            co_return;
        }
        if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(stream, asio::buffer(go_on),
                                       asio::redirect_error(asio::use_awaitable, code));
            if (code) co_return;
        }
        co_await http::async_read(stream, buffer, parser,
                                  asio::redirect_error(asio::use_awaitable, code));
    }

    template <class Stream>
    static asio::awaitable<void> refuse_unreadable(Stream& stream, error_code code) {
        if (code == http::error::body_limit) {
            co_await refuse(stream, 413, Errc::out_of_range,
                            "the body is larger than this node takes");
        } else if (code == http::error::header_limit) {
            co_await refuse(stream, 431, Errc::out_of_range,
                            "the header is larger than this node takes");
        } else if (code.category() == http::make_error_code(http::error::bad_target).category() &&
                   code != http::error::end_of_stream && code != http::error::partial_message) {
            co_await refuse(stream, 400, Errc::malformed, "this is not HTTP/1.1");
        }
    }

    template <class Stream>
    static asio::awaitable<void> refuse(Stream& stream, unsigned status, Errc error,
                                        std::string_view message) {
        // Literals only cross the call: g++ 12 destroys an aggregate made in a co_await twice.
        Response response = Response::error({error, std::string(message)});
        response.status = status;
        OutMessage out = to_message(std::move(response), 11, false, false);
        beast::get_lowest_layer(stream).expires_after(refusal_timeout);
        error_code code;
        co_await http::async_write(stream, out, asio::redirect_error(asio::use_awaitable, code));
    }

    /// Reads a little of what the peer still sends: closing on unread bytes resets the connection
    /// and may take the answer with it.
    template <class Stream>
    static asio::awaitable<void> linger(Stream& stream) {
        auto& lowest = beast::get_lowest_layer(stream);
        lowest.expires_after(refusal_timeout);
        std::vector<std::uint8_t> scrap(16U << 10U);
        error_code code;
        for (std::size_t left = linger_bytes_max; left > 0 && !code;) {
            const std::size_t got = co_await lowest.async_read_some(
                asio::buffer(scrap), asio::redirect_error(asio::use_awaitable, code));
            left -= std::min(left, got);
        }
    }

    static asio::awaitable<void> wait_for(Exchange& exchange) {
        exchange.waiting = true;
        while (!exchange.is_ready()) {
            error_code code;
            co_await exchange.timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
            exchange.timer.expires_at(asio::steady_timer::time_point::max());
        }
        exchange.waiting = false;
    }

    template <class Stream>
    asio::awaitable<void> stream_events(Stream& stream, Exchange& exchange) {
        const auto events = exchange.events;
        events->on_ready([weak = exchange.weak_from_this()] {
            if (const auto self = weak.lock()) {
                asio::post(self->timer.get_executor(), [self] { self->timer.cancel(); });
            }
        });
        error_code code;
        std::string out =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n: open\n\n";
        while (!stopping_) {
            out += events->drain();
            if (!out.empty()) {
                beast::get_lowest_layer(stream).expires_after(idle_timeout);
                co_await asio::async_write(stream, asio::buffer(out),
                                           asio::redirect_error(asio::use_awaitable, code));
                if (code) break;
                out.clear();
                continue;  // an event that came while this was written woke nobody
            }
            if (events->closed()) break;
            exchange.timer.expires_after(heartbeat);
            co_await exchange.timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
            if (!code) out = ": still here\n\n";
        }
        events->close();
    }

    ServerOptions options_;
    Handler handler_;
    asio::ssl::context tls_;
    bool secure_ = false;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> connections_{0};
    std::vector<std::unique_ptr<asio::io_context>> contexts_;
    std::unique_ptr<tcp::acceptor> acceptor_;
    std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerOptions& options,
                                                      Handler handler) {
    auto server = std::make_unique<Server>(options, std::move(handler));
    SALUS_TRY(server->open());
    return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace salus::gateway
