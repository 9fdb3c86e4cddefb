#pragma once

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "cometbft/abci.pb.h"
#include "cometbft/limits.hpp"
#include "cometbft/rpc.hpp"
#include "cometbft/server.hpp"
#include "cometbft/socket.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace salus::cometbft::test {

/// The engine's side of the protocol, without the engine: connections to the application's socket,
/// and an RPC socket whose mempool forgets when it is told to. Blocks are made when a test says so.
class MockComet {
  public:
    /// One connection, as each of CometBFT's four.
    class Connection {
      public:
        explicit Connection(const std::string& directory)
            : socket_(connect_unix(directory, abci_socket_name).value()),
              reader_(socket_, message_bytes_max) {}
        ~Connection() { ::close(socket_); }
        Connection(const Connection&) = delete;
        Connection& operator=(const Connection&) = delete;

        void send(const abci::Request& request) { send_bytes(encode(request)); }
        void send_bytes(const Bytes& message) {
            Bytes framed;
            append_message(framed, message);
            REQUIRE(send_all(socket_, framed).ok());
        }
        void send_raw(const Bytes& bytes) { REQUIRE(send_all(socket_, bytes).ok()); }
        void flush() {
            abci::Request request;
            request.mutable_flush();
            send(request);
        }
        /// The next answer; nothing when the application ended the connection.
        std::optional<abci::Response> receive() {
            Bytes message;
            const auto more = reader_.next(message);
            if (!more.ok() || !*more) return std::nullopt;
            abci::Response response;
            REQUIRE(response.ParseFromArray(message.data(), static_cast<int>(message.size())));
            return response;
        }
        abci::Response call(const abci::Request& request) {
            // In one piece: an application that refuses ends the connection behind its answer.
            abci::Request flush_request;
            flush_request.mutable_flush();
            Bytes framed;
            append_message(framed, encode(request));
            append_message(framed, encode(flush_request));
            REQUIRE(send_all(socket_, framed).ok());
            auto response = receive();
            REQUIRE(response.has_value());
            if (!response->has_exception()) {
                const auto flushed = receive();
                REQUIRE(flushed.has_value());
                CHECK(flushed->has_flush());
            }
            return *response;
        }
        static Bytes encode(const abci::Request& request) {
            Bytes out(request.ByteSizeLong());
            request.SerializeWithCachedSizesToArray(out.data());
            return out;
        }

      private:
        int socket_;
        MessageReader reader_;
    };

    explicit MockComet(const std::string& directory)
        : consensus(directory),
          mempool(directory),
          listener_(listen_unix(directory, rpc_socket_name).value()),
          rpc_([this] { serve_rpc(); }) {}
    ~MockComet() {
        ::shutdown(listener_, SHUT_RDWR);
        ::shutdown(serving_.load(), SHUT_RDWR);
        rpc_.join();
        ::close(listener_);
    }
    MockComet(const MockComet&) = delete;
    MockComet& operator=(const MockComet&) = delete;

    abci::Response::Info info() {
        abci::Request request;
        request.mutable_info()->set_version("0.38");
        return consensus.call(request).info();
    }
    abci::Response init_chain(const std::string& chain_id) {
        abci::Request request;
        request.mutable_init_chain()->set_chain_id(chain_id);
        request.mutable_init_chain()->set_initial_height(1);
        return consensus.call(request);
    }
    template <class Proposal>
    static void date(Proposal& proposal, std::int64_t height, std::int64_t time_ms) {
        proposal.set_height(height);
        proposal.mutable_time()->set_seconds(time_ms / 1'000);
        proposal.mutable_time()->set_nanos(static_cast<std::int32_t>(time_ms % 1'000) * 1'000'000);
    }
    std::vector<std::string> prepare(const std::vector<std::string>& txs, std::int64_t height,
                                     std::int64_t time_ms) {
        abci::Request request;
        auto& proposal = *request.mutable_prepare_proposal();
        date(proposal, height, time_ms);
        proposal.set_max_tx_bytes(4 << 20);
        for (const auto& tx : txs) proposal.add_txs(tx);
        const auto answer = consensus.call(request).prepare_proposal();
        return {answer.txs().begin(), answer.txs().end()};
    }
    int process(const std::vector<std::string>& txs, std::int64_t height, std::int64_t time_ms) {
        abci::Request request;
        auto& proposal = *request.mutable_process_proposal();
        date(proposal, height, time_ms);
        for (const auto& tx : txs) proposal.add_txs(tx);
        return consensus.call(request).process_proposal().status();
    }
    abci::Response finalize(const std::vector<std::string>& txs, std::int64_t height,
                            std::int64_t time_ms) {
        abci::Request request;
        auto& block = *request.mutable_finalize_block();
        date(block, height, time_ms);
        for (const auto& tx : txs) block.add_txs(tx);
        return consensus.call(request);
    }
    abci::Response commit() {
        abci::Request request;
        request.mutable_commit();
        return consensus.call(request);
    }
    /// What the mempool holds, once it holds at least `count`.
    std::vector<std::string> mempool_of(std::size_t count) {
        for (int tries = 0; tries < 2'000; ++tries) {
            {
                const std::lock_guard lock(mutex_);
                if (taken_.size() >= count) return {taken_.begin(), taken_.end()};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        FAIL("the transaction was not offered");
        return {};
    }
    void forget() {
        const std::lock_guard lock(mutex_);
        taken_.clear();
    }
    std::size_t offers() const { return offers_.load(); }

    Connection consensus;
    Connection mempool;

  private:
    std::uint32_t check(const std::string& tx) {
        abci::Request request;
        request.mutable_check_tx()->set_tx(tx);
        return mempool.call(request).check_tx().code();
    }
    /// HTTP, as far as one client needs it.
    void serve_rpc() {
        while (true) {
            const int socket = ::accept(listener_, nullptr, nullptr);
            if (socket < 0) return;
            serving_.store(socket);
            std::string text;
            while (serve_one(socket, text)) {
            }
            serving_.store(-1);
            ::close(socket);
        }
    }
    bool serve_one(int socket, std::string& text) {
        std::size_t head = std::string::npos;
        while ((head = text.find("\r\n\r\n")) == std::string::npos) {
            if (!more(socket, text)) return false;
        }
        const std::size_t field = text.find("Content-Length: ");
        REQUIRE(field < head);
        const std::size_t length = std::stoul(text.substr(field + 16));
        while (text.size() < head + 4 + length) {
            if (!more(socket, text)) return false;
        }
        const std::string body = answer(text.substr(head + 4, length));
        text.erase(0, head + 4 + length);
        const std::string answer_text =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            "Content-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body;
        return send_all(socket, as_bytes(answer_text)).ok();
    }
    static bool more(int socket, std::string& text) {
        std::array<char, 65'536> buffer;
        const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
        return got > 0;
    }
    std::string answer(const std::string& body) {
        const json::Value batch = json::parse(body).value();
        json::Array answers;
        for (const json::Value& one : *batch.array()) {
            const Bytes bytes =
                from_base64(json::need_text(*one.find("params"), "tx", 1 << 20).value()).value();
            const std::string tx(bytes.begin(), bytes.end());
            const std::uint32_t code = check(tx);
            {
                const std::lock_guard lock(mutex_);
                ++offers_;
                if (code == 0) taken_.push_back(tx);
            }
            answers.push_back(
                json::Object{{"jsonrpc", "2.0"},
                             {"id", *one.find("id")},
                             {"result", json::Object{{"code", std::uint64_t{code}}}}});
        }
        return json::write(answers);
    }

    int listener_;
    std::atomic<int> serving_{-1};
    std::mutex mutex_;
    std::deque<std::string> taken_;
    std::atomic<std::size_t> offers_{0};
    std::thread rpc_;
};

}  // namespace salus::cometbft::test
