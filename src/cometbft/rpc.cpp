#include "cometbft/rpc.hpp"

#include "base/json.hpp"
#include "cometbft/limits.hpp"
#include "cometbft/socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <optional>

namespace salus::cometbft {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Socket = boost::asio::local::stream_protocol::socket;
using Stream = beast::basic_stream<boost::asio::local::stream_protocol>;

Error strange(const char* what) {
    return {Errc::unavailable, std::string("the engine's answer is not of its form: ") + what};
}

/// The engine has no codes for these: its sentences are all there is.
BroadcastAnswer answer_of_error(const json::Value& error) {
    std::string text;
    for (const char* field : {"message", "data"}) {
        const json::Value* part = error.find(field);
        if (part != nullptr && part->text() != nullptr) text += *part->text() + " ";
    }
    if (text.find("already exists in cache") != std::string::npos) {
        return {.kind = BroadcastAnswer::Kind::there};
    }
    return {.kind = BroadcastAnswer::Kind::full};
}

Result<BroadcastAnswer> answer_of(const json::Value& one) {
    if (const json::Value* error = one.find("error")) return answer_of_error(*error);
    const json::Value* result = one.find("result");
    if (result == nullptr) return strange("neither result nor error");
    const std::uint64_t code = SALUS_TRY(json::need_uint(*result, "code"));
    if (code == 0) return BroadcastAnswer{};
    return BroadcastAnswer{.kind = BroadcastAnswer::Kind::refused,
                           .code = static_cast<std::uint32_t>(code)};
}

}  // namespace

struct Rpc::Connection {
    boost::asio::io_context context;
    Stream stream{context};
    beast::flat_buffer buffer;

    /// Runs until what was started is over; the stream's own timer bounds it.
    void run() {
        context.restart();
        context.run();
    }
};

Rpc::Rpc(std::string directory) : directory_(std::move(directory)) {}
Rpc::~Rpc() = default;

Result<std::string> Rpc::post(const std::string& body) {
    if (!connection_) {
        const int socket = SALUS_TRY(connect_unix(directory_, rpc_socket_name));
        connection_ = std::make_unique<Connection>();
        boost::system::error_code failed;
        connection_->stream.socket().assign(boost::asio::local::stream_protocol(), socket, failed);
    }
    http::request<http::string_body> request{http::verb::post, "/", 11};
    request.set(http::field::host, "localhost");
    request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    http::response_parser<http::string_body> parser;
    parser.body_limit(rpc_answer_bytes_max);
    boost::system::error_code failed;
    connection_->stream.expires_after(std::chrono::milliseconds(rpc_timeout_ms));
    http::async_write(connection_->stream, request,
                      [&](boost::system::error_code code, std::size_t) { failed = code; });
    connection_->run();
    if (!failed) {
        http::async_read(connection_->stream, connection_->buffer, parser,
                         [&](boost::system::error_code code, std::size_t) { failed = code; });
        connection_->run();
    }
    const bool keep = !failed && parser.get().keep_alive();
    if (!keep) connection_.reset();
    if (failed) return Error{Errc::unavailable, "the engine's RPC: " + failed.message()};
    return std::move(parser.get().body());
}

Result<std::vector<BroadcastAnswer>> Rpc::broadcast(std::span<const Bytes> transactions) {
    std::string body = "[";
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        if (i != 0) body += ',';
        body += R"({"jsonrpc":"2.0","id":)" + std::to_string(i) +
                R"(,"method":"broadcast_tx_sync","params":{"tx":")" + to_base64(transactions[i]) +
                "\"}}";
    }
    body += ']';
    const std::string text = SALUS_TRY(post(body));
    const json::Value value = SALUS_TRY(json::parse(text, rpc_answer_bytes_max));
    // The answer to a batch of one may come bare.
    const json::Array bare = value.array() != nullptr ? json::Array{} : json::Array{value};
    const json::Array& answers = value.array() != nullptr ? *value.array() : bare;
    std::vector<std::optional<BroadcastAnswer>> by_id(transactions.size());
    for (const json::Value& one : answers) {
        const std::uint64_t id = SALUS_TRY(json::need_uint(one, "id"));
        if (id >= by_id.size()) return strange("an id");
        by_id[id] = SALUS_TRY(answer_of(one));
    }
    std::vector<BroadcastAnswer> out;
    for (const auto& one : by_id) {
        if (!one) return strange("a missing answer");
        out.push_back(*one);
    }
    return out;
}

}  // namespace salus::cometbft
