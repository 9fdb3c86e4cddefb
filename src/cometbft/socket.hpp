#pragma once

#include "base/bytes.hpp"

#include <string>

/// The unix sockets between this process and the engine, and the messages on them.
namespace salus::cometbft {

/// Listens on `directory`/`name`, for its owner only; what was there is removed. The 108 bytes of a
/// socket's address are no limit of the directory's name. Errors: unavailable.
Result<int> listen_unix(const std::string& directory, const std::string& name);
/// Errors: unavailable — nobody listens there.
Result<int> connect_unix(const std::string& directory, const std::string& name);

/// Reads length-prefixed messages from a socket.
class MessageReader {
  public:
    MessageReader(int socket, std::size_t bytes_max) : socket_(socket), bytes_max_(bytes_max) {}
    /// False at the end of the stream, between messages. Errors: malformed — a length that is too
    /// large or no varint; unavailable — the stream broke, also within a message.
    Result<bool> next(Bytes& message);

  private:
    Result<bool> fill();
    Result<bool> read_length(std::uint64_t& length);

    int socket_;
    std::size_t bytes_max_;
    Bytes buffer_;
    std::size_t at_ = 0;
};

/// Appends a length and the message.
void append_message(Bytes& out, ByteView message);
/// Errors: unavailable.
Status send_all(int socket, ByteView bytes);

}  // namespace salus::cometbft
