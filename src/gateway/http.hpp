#pragma once

#include "base/bytes.hpp"
#include "base/json.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Requests and answers without the network library: everything the API files see of HTTP.
namespace salus::gateway {

using Header = std::pair<std::string, std::string>;

struct Request {
    std::string method;           ///< "GET", "POST", …
    std::string path;             ///< percent-decoded, without the query
    std::string query;            ///< raw, without '?'
    std::vector<Header> headers;  ///< names in lower case
    Bytes body;
    std::string peer;                     ///< address without port
    std::vector<std::string> parameters;  ///< what a route's {} matched, in order

    [[nodiscard]] std::string_view header(std::string_view lower_name) const noexcept;
    /// Percent-decoded value of a query parameter, or nothing.
    [[nodiscard]] Result<std::string> query_value(std::string_view name) const;
    /// Whole number of a query parameter, `otherwise` when absent. Errors: malformed, out_of_range
    /// above max.
    [[nodiscard]] Result<std::uint64_t> query_uint(std::string_view name, std::uint64_t otherwise,
                                                   std::uint64_t max) const;
    /// Value of a cookie, empty when absent.
    [[nodiscard]] std::string_view cookie(std::string_view name) const noexcept;
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    Bytes body;
    std::vector<Header> headers;

    static Response json(const json::Value& value, unsigned status = 200);
    static Response cbor(Bytes body);
    static Response bytes(Bytes body, std::string content_type);
    static Response text(std::string_view text,
                         std::string content_type = "text/plain; charset=utf-8");
    /// `{"error": {code, reason, message, reference}}` with the status that fits the code.
    static Response error(const Error& error, std::string_view reason = {});
};

/// Status of an error code: docs/formats/http-api.md.
unsigned http_status(Errc code) noexcept;

/// A line of server-sent events that other threads feed. Shared by the connection that writes it
/// and the hub that feeds it. At most `lines_max` events wait; a slow reader loses the oldest and
/// gets an event `gap`.
class EventStream {
  public:
    static constexpr std::size_t lines_max = 1'024;
    /// Threads: any.
    void push(std::string_view event, std::string_view json_data);
    void close();
    /// Asked before anything is handed to the reader, and at least with each heartbeat: once true,
    /// the stream closes and what waits is dropped. Given before the first event; not asked after
    /// close().
    void ends_when(std::function<bool()> over);

    /// For the server: all that waits, as bytes to write; and whom to wake when more comes.
    std::string drain();
    void on_ready(std::function<void()> wake);
    [[nodiscard]] bool closed() const;

    EventStream();
    ~EventStream();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The one answer to one request. Movable; may be kept and called later from any thread; calling
/// twice is a broken invariant; dropping it uncalled answers 503.
class Reply {
  public:
    struct Sink {
        virtual ~Sink() = default;
        virtual void answer(Response response) = 0;
        virtual void stream(std::shared_ptr<EventStream> events) = 0;
    };
    explicit Reply(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&&) noexcept = default;
    ~Reply();
    void operator()(Response response);
    void operator()(const Error& error, std::string_view reason = {});
    void stream(std::shared_ptr<EventStream> events);

  private:
    std::shared_ptr<Sink> sink_;
};

using Handler = std::function<void(Request&, Reply)>;

}  // namespace salus::gateway
