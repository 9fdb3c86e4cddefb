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

std::string decode_path(std::string_view raw) {
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        unsigned value = 0;
        if (raw[i] == '%' && i + 2 < raw.size() &&
            std::sscanf(std::string(raw.substr(i + 1, 2)).c_str(), "%2x", &value) == 1) {
            out.push_back(static_cast<char>(value));
            i += 2;
        } else {
            out.push_back(raw[i]);
        }
    }
    return out;
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

    template <class Stream>
    asio::awaitable<void> serve(Stream stream) {
        beast::flat_buffer buffer;
        error_code code;
        auto& socket = beast::get_lowest_layer(stream).socket();
        const std::string peer = socket.remote_endpoint(code).address().to_string();
        while (!stopping_) {
            http::request_parser<http::vector_body<std::uint8_t>> parser;
            parser.body_limit(options_.body_bytes_max);
            parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
            beast::get_lowest_layer(stream).expires_after(idle_timeout);
            co_await http::async_read(stream, buffer, parser,
                                      asio::redirect_error(asio::use_awaitable, code));
            if (code == http::error::body_limit) {
                co_await refuse_large(stream);
                break;
            }
            if (code) break;
            auto message = parser.release();
            const unsigned version = message.version();
            const bool keep_alive = message.keep_alive();
            const bool head = message.method() == http::verb::head;
            Request request = to_request(message, peer);
            const auto exchange = std::make_shared<Exchange>(co_await asio::this_coro::executor);
            handler_(request, Reply(exchange));
            co_await wait_for(*exchange);
            beast::get_lowest_layer(stream).expires_after(idle_timeout);
            if (exchange->events) {
                co_await stream_events(stream, *exchange);
                break;
            }
            OutMessage out = to_message(std::move(exchange->response), version, keep_alive, head);
            co_await http::async_write(stream, out,
                                       asio::redirect_error(asio::use_awaitable, code));
            if (code || !keep_alive) break;
        }
        socket.shutdown(tcp::socket::shutdown_send, code);
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
    static asio::awaitable<void> refuse_large(Stream& stream) {
        Response response =
            Response::error({Errc::out_of_range, "the body is larger than this node takes"});
        response.status = 413;
        OutMessage out = to_message(std::move(response), 11, false, false);
        error_code code;
        co_await http::async_write(stream, out, asio::redirect_error(asio::use_awaitable, code));
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
