#include "gateway/http_server.hpp"

#include "base/log.hpp"
#include "gateway/http_wire.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <atomic>
#include <mutex>
#include <optional>
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

// Everything here knows its io_context: asio's erased executors cost more than the parser.
using Executor = asio::io_context::executor_type;
using Clock = asio::steady_timer::clock_type;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;
template <class T>
using Task = asio::awaitable<T, Executor>;

Socket& socket_of(Socket& socket) {
    return socket;
}
Socket& socket_of(TlsStream& stream) {
    return stream.next_layer();
}

/// Suspends until the operation ended; `code` says how.
auto resume(error_code& code) {
    return asio::redirect_error(asio::use_awaitable_t<Executor>(), code);
}

constexpr auto idle_timeout = std::chrono::seconds(75);
constexpr auto heartbeat = std::chrono::seconds(15);
constexpr auto handshake_timeout = std::chrono::seconds(10);
constexpr auto refusal_timeout = std::chrono::seconds(2);
constexpr auto deadlines_every = std::chrono::milliseconds(500);
constexpr std::size_t linger_bytes_max = 4U << 20U;
constexpr std::size_t json_body_bytes_max = 1U << 20U;  // of everything that is not sealed
constexpr std::size_t header_read_bytes = 4U << 10U;
constexpr std::size_t body_read_bytes = 64U << 10U;
constexpr std::size_t one_write_bytes = 16U << 10U;  // a body up to here is sent with its header

/// Until when a connection may wait for its peer. Lives on the connection's thread.
class Deadline {
  public:
    using All = std::unordered_set<Deadline*>;
    Deadline(All& all, Socket& socket) : all_(all), socket_(socket) { all_.insert(this); }
    ~Deadline() { all_.erase(this); }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    void in(Clock::duration time) { until_ = Clock::now() + time; }
    void never() { until_ = Clock::time_point::max(); }
    /// What the connection waits for ends with an error when its time is up.
    void check(Clock::time_point now) {
        error_code code;
        if (now > until_) socket_.close(code);
    }

  private:
    All& all_;
    Socket& socket_;
    Clock::time_point until_ = Clock::time_point::max();
};

/// One thread with the connections that live on it.
struct Desk {
    Deadline::All deadlines;  ///< before the context: its coroutines end with it
    asio::io_context context{1};
    Timer timer{context};

    /// A timer an operation would cost more than all the rest of a small request.
    void watch_deadlines() {
        timer.expires_after(deadlines_every);
        timer.async_wait([this](error_code code) {
            if (code) return;
            for (Deadline* const deadline : deadlines) deadline->check(Clock::now());
            watch_deadlines();
        });
    }
};

/// Where a handler's answer meets the connection that waits for it. Shared by the Reply, on
/// whatever thread it is called, and the connection's coroutine.
class Exchange : public Reply::Sink, public std::enable_shared_from_this<Exchange> {
  public:
    void answer(Response r) override {
        const std::lock_guard lock(mutex_);
        response = std::move(r);
        ready_ = true;
        wake_with_lock();
    }
    void stream(std::shared_ptr<EventStream> e) override {
        const std::lock_guard lock(mutex_);
        events = std::move(e);
        ready_ = true;
        wake_with_lock();
    }
    void wake() {
        const std::lock_guard lock(mutex_);
        wake_with_lock();
    }
    bool is_ready() {
        const std::lock_guard lock(mutex_);
        return ready_;
    }
    /// Whose timer is cancelled when something comes; nobody's while nobody waits.
    void wakes(Timer* timer) {
        const std::lock_guard lock(mutex_);
        timer_ = timer;
    }

    Response response;  ///< the connection's, once ready
    std::shared_ptr<EventStream> events;

  private:
    /// The timer lives and changes on the connection's thread only.
    void wake_with_lock() {
        if (timer_ == nullptr) return;
        asio::post(timer_->get_executor(), [self = shared_from_this()] {
            if (self->timer_ != nullptr) self->timer_->cancel();
        });
    }

    std::mutex mutex_;
    bool ready_ = false;
    Timer* timer_ = nullptr;
};

/// A connection's wait for what comes from other threads.
class Waiting {
  public:
    Waiting(Exchange& exchange, Executor executor)
        : timer(std::move(executor), Clock::time_point::max()), exchange_(exchange) {
        exchange_.wakes(&timer);
    }
    ~Waiting() { exchange_.wakes(nullptr); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    Timer timer;

  private:
    Exchange& exchange_;
};

/// Only sealed bytes are large; JSON is not (docs/formats/http-api.md).
std::uint64_t body_limit_of(std::string_view content_type, const ServerOptions& options) {
    const bool sealed = content_type.starts_with("application/cbor") ||
                        content_type.starts_with("application/cose");
    return sealed ? options.body_bytes_max : std::min(json_body_bytes_max, options.body_bytes_max);
}

/// The header, and the body with it when that is small; what is left to send stays in `response`.
std::string first_bytes(Response& response, const WireOptions& options) {
    std::string out = header_bytes(response, options);
    if (options.head || response.body.size() <= one_write_bytes) {
        if (!options.head) out.append(as_text(response.body));
        response.body.clear();
    }
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
            desks_.push_back(std::make_unique<Desk>());
            desks_.back()->watch_deadlines();
        }
        acceptor_ = std::make_unique<Acceptor>(desks_[0]->context);
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
        asio::co_spawn(desks_[0]->context, accept_loop(), asio::detached);
        for (auto& desk : desks_) {
            threads_.emplace_back([&context = desk->context] {
                const auto work = asio::make_work_guard(context);
                context.run();
            });
        }
        return done;
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }

    void stop() override {
        if (threads_.empty()) return;
        stopping_ = true;
        for (auto& desk : desks_) desk->context.stop();
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

    using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

    Task<void> accept_loop() {
        for (std::size_t next = 0; !stopping_; next = (next + 1) % desks_.size()) {
            Desk& desk = *desks_[next];
            Socket socket(desk.context);
            error_code code;
            co_await acceptor_->async_accept(socket, resume(code));
            if (code == asio::error::operation_aborted) co_return;
            if (code) {
                log::warn("http.accept", {{"error", code.message()}});
                Timer pause(desks_[0]->context, std::chrono::milliseconds(50));
                co_await pause.async_wait(resume(code));
                continue;
            }
            socket.set_option(tcp::no_delay(true), code);
            socket.non_blocking(true, code);
            if (secure_) {
                asio::co_spawn(desk.context, serve_tls(desk, std::move(socket)), asio::detached);
            } else {
                asio::co_spawn(desk.context, serve_plain(desk, std::move(socket)), asio::detached);
            }
        }
    }

    Task<void> serve_plain(Desk& desk, Socket socket) {
        Deadline deadline(desk.deadlines, socket);
        co_await serve(socket, deadline);
    }

    Task<void> serve_tls(Desk& desk, Socket socket) {
        TlsStream stream(std::move(socket), tls_);
        Deadline deadline(desk.deadlines, stream.next_layer());
        deadline.in(handshake_timeout);
        error_code code;
        co_await stream.async_handshake(asio::ssl::stream_base::server, resume(code));
        if (!code) co_await serve(stream, deadline);
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
    Task<void> serve(Stream& stream, Deadline& deadline) {
        const Seat seat(connections_);
        beast::flat_buffer buffer;
        error_code code;
        Socket& socket = socket_of(stream);
        const std::string peer = socket.remote_endpoint(code).address().to_string();
        bool open = seat.number <= options_.connections_max;
        if (!open) {
            co_await refuse(stream, deadline, 503, Errc::exhausted,
                            "too many connections; please try again");
        }
        while (open && !stopping_) open = co_await serve_one(stream, deadline, buffer, peer);
        socket.shutdown(tcp::socket::shutdown_send, code);
        co_await linger(socket, deadline);
    }

    /// Reads one request and answers it. False: the connection ends.
    template <class Stream>
    Task<bool> serve_one(Stream& stream, Deadline& deadline, beast::flat_buffer& buffer,
                         const std::string& peer) {
        RequestParser parser;
        error_code code;
        deadline.in(idle_timeout);
        co_await read(stream, buffer, parser, code);
        if (code) {
            co_await refuse_unreadable(stream, deadline, code);
            co_return false;
        }
        Request& request = parser.request;
        const WireOptions wire{.version = parser.version,
                               .keep_alive = parser.keep_alive(),
                               .head = request.method == "HEAD"};
        if (!split_target(request).ok()) {
            co_await refuse(stream, deadline, 400, Errc::malformed, "this is no address of a node");
            co_return false;
        }
        request.peer = peer;
        const auto exchange = std::make_shared<Exchange>();
        handler_(request, Reply(exchange));
        if (!exchange->is_ready()) {
            deadline.never();
            co_await wait_for(*exchange);
        }
        deadline.in(idle_timeout);
        if (exchange->events && !wire.head) {
            co_await stream_events(stream, deadline, *exchange);
            co_return false;
        }
        if (exchange->events) {
            exchange->events->close();
            exchange->response = Response::text("", "text/event-stream");
        }
        const std::string header = first_bytes(exchange->response, wire);
        const std::string_view rest =
            std::string_view(header).substr(write_now(stream, header, code));
        const std::string_view body = as_text(exchange->response.body);
        if (!code && rest.size() + body.size() > 0) co_await write(stream, rest, body, code);
        co_return !code && wire.keep_alive;
    }

    /// What a plain socket takes at once costs no turn of the event loop. TLS cannot take half.
    static std::size_t write_now(Socket& socket, std::string_view bytes, error_code& code) {
        const std::size_t sent = socket.write_some(asio::buffer(bytes), code);
        if (code == asio::error::would_block) code = {};
        return sent;
    }
    static std::size_t write_now(TlsStream&, std::string_view, error_code&) { return 0; }

    /// Sends what is left of a header, and a body that is not in it.
    template <class Stream>
    static Task<void> write(Stream& stream, std::string_view header, std::string_view body,
                            error_code& code) {
        if (!header.empty()) {
            co_await asio::async_write(stream, asio::buffer(header), resume(code));
        }
        if (!code && !body.empty()) {
            co_await asio::async_write(stream, asio::buffer(body), resume(code));
        }
    }

    /// Reads what is missing until `parser` has its header, or all.
    template <class Stream>
    static Task<void> read_until(Stream& stream, beast::flat_buffer& buffer, RequestParser& parser,
                                 bool all, error_code& code) {
        while (!code && !(all ? parser.is_done() : parser.is_header_done())) {
            if (buffer.size() > 0) {
                buffer.consume(parser.put(buffer.data(), code));
                if (code != http::error::need_more) continue;
                code = {};
            }
            const std::size_t most = parser.is_header_done() ? body_read_bytes : header_read_bytes;
            const std::size_t got =
                co_await stream.async_read_some(buffer.prepare(most), resume(code));
            buffer.commit(got);
            if (code == asio::error::eof) {
                code = parser.got_some() || buffer.size() > 0 ? http::error::partial_message
                                                              : http::error::end_of_stream;
            }
        }
    }

    /// The header decides how long the body may be.
    template <class Stream>
    Task<void> read(Stream& stream, beast::flat_buffer& buffer, RequestParser& parser,
                    error_code& code) {
        parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
        // Until the type is known, the larger limit: the header's own length is checked with it.
        parser.body_limit(options_.body_bytes_max);
        co_await read_until(stream, buffer, parser, false, code);
        if (code || parser.is_done()) co_return;
        const std::uint64_t limit = body_limit_of(parser.request.header("content-type"), options_);
        parser.body_limit(limit);
        if (const auto length = parser.content_length(); length && *length > limit) {
            code = http::error::body_limit;
            co_return;
        }
        if (beast::iequals(parser.request.header("expect"), "100-continue")) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(stream, asio::buffer(go_on), resume(code));
            if (code) co_return;
        }
        parser.eager(true);
        co_await read_until(stream, buffer, parser, true, code);
    }

    template <class Stream>
    static Task<void> refuse_unreadable(Stream& stream, Deadline& deadline, error_code code) {
        if (code == http::error::body_limit) {
            co_await refuse(stream, deadline, 413, Errc::out_of_range,
                            "the body is larger than this node takes");
        } else if (code == http::error::header_limit) {
            co_await refuse(stream, deadline, 431, Errc::out_of_range,
                            "the header is larger than this node takes");
        } else if (code.category() == http::make_error_code(http::error::bad_target).category() &&
                   code != http::error::end_of_stream && code != http::error::partial_message) {
            co_await refuse(stream, deadline, 400, Errc::malformed, "this is not HTTP/1.1");
        }
    }

    template <class Stream>
    static Task<void> refuse(Stream& stream, Deadline& deadline, unsigned status, Errc error,
                             std::string_view message) {
        // Literals only cross the call: g++ 12 destroys an aggregate made in a co_await twice.
        Response response = Response::error({error, std::string(message)});
        response.status = status;
        const std::string bytes = first_bytes(response, {});
        deadline.in(refusal_timeout);
        error_code code;
        co_await asio::async_write(stream, asio::buffer(bytes), resume(code));
    }

    /// Reads a little of what the peer still sends: closing on unread bytes resets the connection
    /// and may take the answer with it.
    static Task<void> linger(Socket& socket, Deadline& deadline) {
        deadline.in(refusal_timeout);
        std::vector<std::uint8_t> scrap(16U << 10U);
        error_code code;
        for (std::size_t left = linger_bytes_max; left > 0 && !code;) {
            const std::size_t got =
                co_await socket.async_read_some(asio::buffer(scrap), resume(code));
            left -= std::min(left, got);
        }
    }

    static Task<void> wait_for(Exchange& exchange) {
        Waiting waiting(exchange, co_await asio::this_coro::executor);
        while (!exchange.is_ready()) {
            error_code code;
            co_await waiting.timer.async_wait(resume(code));
        }
    }

    template <class Stream>
    Task<void> stream_events(Stream& stream, Deadline& deadline, Exchange& exchange) {
        Waiting waiting(exchange, co_await asio::this_coro::executor);
        const auto events = exchange.events;
        events->on_ready([weak = exchange.weak_from_this()] {
            if (const auto self = weak.lock()) self->wake();
        });
        error_code code;
        std::string out =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n: open\n\n";
        while (!stopping_) {
            out += events->drain();
            if (!out.empty()) {
                deadline.in(idle_timeout);
                co_await asio::async_write(stream, asio::buffer(out), resume(code));
                if (code) break;
                deadline.never();
                out.clear();
                continue;  // an event that came while this was written woke nobody
            }
            if (events->closed()) break;
            waiting.timer.expires_after(heartbeat);
            co_await waiting.timer.async_wait(resume(code));
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
    std::vector<std::unique_ptr<Desk>> desks_;
    std::unique_ptr<Acceptor> acceptor_;
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
