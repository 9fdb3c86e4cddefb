#include "cometbft/socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace salus::cometbft {

namespace {

constexpr std::size_t read_bytes = std::size_t{64} << 10U;
constexpr int backlog = 8;

Error failed(const char* what) {
    return {Errc::unavailable, std::string(what) + ": " + std::strerror(errno)};
}

/// A socket's address, and the directory that is open while it is used.
class Place {
  public:
    static Result<Place> of(const std::string& directory, const std::string& name) {
        Place place;
        std::string path = directory + "/" + name;
        if (path.size() >= sizeof place.address_.sun_path) {
            // The kernel's name of an open directory is short however long its path is.
            place.directory_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (place.directory_ < 0) return failed("the engine's directory cannot be opened");
            path = "/proc/self/fd/" + std::to_string(place.directory_) + "/" + name;
        }
        if (path.size() >= sizeof place.address_.sun_path) {
            return Error{Errc::out_of_range, "a socket's name is too long"};
        }
        place.address_.sun_family = AF_UNIX;
        std::memcpy(place.address_.sun_path, path.c_str(), path.size() + 1);
        return place;
    }
    Place(Place&& other) noexcept
        : address_(other.address_), directory_(std::exchange(other.directory_, -1)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Place& operator=(Place&&) = delete;
    ~Place() {
        if (directory_ >= 0) ::close(directory_);
    }
    [[nodiscard]] const sockaddr* address() const {
        return reinterpret_cast<const sockaddr*>(&address_);
    }
    [[nodiscard]] const char* path() const { return address_.sun_path; }

  private:
    Place() = default;
    sockaddr_un address_{};
    int directory_ = -1;
};

}  // namespace

Result<int> listen_unix(const std::string& directory, const std::string& name) {
    const Place place = SALUS_TRY(Place::of(directory, name));
    ::unlink(place.path());
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return failed("no socket");
    if (::bind(socket, place.address(), sizeof(sockaddr_un)) != 0 ||
        ::chmod(place.path(), 0600) != 0 || ::listen(socket, backlog) != 0) {
        const Error error = failed("the engine's socket cannot be made");
        ::close(socket);
        return error;
    }
    return socket;
}

Result<int> connect_unix(const std::string& directory, const std::string& name) {
    const Place place = SALUS_TRY(Place::of(directory, name));
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return failed("no socket");
    if (::connect(socket, place.address(), sizeof(sockaddr_un)) != 0) {
        const Error error = failed("nobody listens");
        ::close(socket);
        return error;
    }
    return socket;
}

Result<bool> MessageReader::fill() {
    if (at_ > 0) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ = 0;
    }
    const std::size_t had = buffer_.size();
    buffer_.resize(had + read_bytes);
    ssize_t got = -1;
    do {
        got = ::recv(socket_, buffer_.data() + had, read_bytes, 0);
    } while (got < 0 && errno == EINTR);
    buffer_.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0) return failed("the engine's connection broke");
    return got > 0;
}

Result<bool> MessageReader::read_length(std::uint64_t& length) {
    length = 0;
    std::size_t bytes = 0;
    while (true) {
        if (at_ + bytes >= buffer_.size()) {
            if (!SALUS_TRY(fill())) {
                if (bytes == 0) return false;
                return Error{Errc::unavailable, "the connection ended within a length"};
            }
            continue;
        }
        const std::uint8_t byte = buffer_[at_ + bytes];
        length |= std::uint64_t{byte & 0x7FU} << (7 * bytes);
        ++bytes;
        if ((byte & 0x80U) == 0) break;
        if (bytes == 5) return Error{Errc::malformed, "a length of more than five bytes"};
    }
    at_ += bytes;
    return true;
}

Result<bool> MessageReader::next(Bytes& message) {
    std::uint64_t length = 0;
    if (!SALUS_TRY(read_length(length))) return false;
    if (length > bytes_max_) return Error{Errc::malformed, "a message above its limit"};
    while (buffer_.size() - at_ < length) {
        if (!SALUS_TRY(fill())) {
            return Error{Errc::unavailable, "the connection ended within a message"};
        }
    }
    const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(at_);
    message.assign(begin, begin + static_cast<std::ptrdiff_t>(length));
    at_ += length;
    return true;
}

void append_message(Bytes& out, ByteView message) {
    std::uint64_t length = message.size();
    while (length >= 0x80) {
        out.push_back(static_cast<std::uint8_t>((length & 0x7FU) | 0x80U));
        length >>= 7U;
    }
    out.push_back(static_cast<std::uint8_t>(length));
    out.insert(out.end(), message.begin(), message.end());
}

Status send_all(int socket, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return failed("the engine's connection broke");
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return done;
}

}  // namespace salus::cometbft
